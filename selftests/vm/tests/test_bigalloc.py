# SPDX-License-Identifier: GPL-2.0-or-later
"""ext4 that counts in clusters, on a partition that ends within one: it grows to its last whole cluster, once."""
import json

import ktap
import livegrow
import oracles
import scenario
from drive import Drive
from images import GIB, MIB

TIMEOUT = 120
LOG = "/tmp/daemon.log"
KIB = 1024
CLUSTER = 64 * KIB
# The table's end leaves 24 KiB of a cluster to a partition that ends at a page.
LARGE = 2 * GIB + 44 * KIB
PART, FS = 2 * GIB - MIB + 24 * KIB, 2 * GIB - MIB


def rows(g):
    """{row's name: the row} of vda."""
    def all_of(row):
        yield row["name"], row
        for child in row.get("children", []):
            yield from all_of(child)
    return dict(all_of(json.loads(g.sh("growctl status vda --json"))["disks"][0]))


def grown(t, g, watch):
    g.resize("vda", LARGE)
    event = watch.wait(event="filesystem-grown", disk="vda")
    t.equal(event["fs_size"], FS, "it grows to its last whole cluster")
    livegrow.settled(g, "vda", LARGE)
    t.equal(livegrow.sectors(g, "vda1") * 512, PART, "of a partition that ends within one")
    found = rows(g)
    t.equal((found["vda"]["state"], found["ext4"]["size"], found["ext4"]["reach"], found["ext4"]["note"]),
            ("full", FS, FS, None), "status: full, with nothing that it could still reach")
    t.equal(g.run("growctl grow vda")[0], 3, "growctl grow has nothing to do")


def left(t, g, watch):
    """The daemon compares all disks when anything is mounted, and before it follows the other one."""
    g.sh("mount -t tmpfs more /tmp/more")
    g.resize("vdb", LARGE)
    watch.wait(event="filesystem-grown", disk="vdb")
    # The daemon logs it after everybody else has been told.
    g.wait_for(f"grep -q 'vdb1: ext4 grown' {LOG}")
    told = [e["event"] for e in watch.update() if e.get("disk") == "vda" and e["event"] in ("filesystem-grown", "failed")]
    log = g.sh(f"cat {LOG}")
    t.ok(told == ["filesystem-grown"] and log.count("ext4") == 2 and "did not grow" not in log,
         "nothing is tried again", f"{told} {log}")


def judge(t, path):
    t.equal(oracles.filesystem(path, "ext4", MIB, PART), [], "e2fsck has no objection")
    t.equal(oracles.filesystem_size(path, "ext4", MIB), FS, "and it is that large on the disk")


def main():
    bigalloc = ("-O", "bigalloc", "-C", CLUSTER)
    drives = [Drive("vda", scenario.one_partition("bigalloc.raw", GIB, "ext4", options=bigalloc)),
              Drive("vdb", scenario.one_partition("plain.raw", GIB, "ext4"))]
    with ktap.Report(plan=4 + 1 + 2) as t:
        with scenario.tiny("bigalloc", drives) as g:
            g.sh("for d in vda vdb; do mkdir -p /mnt/$d && mount /dev/${d}1 /mnt/$d; done; mkdir -p /tmp/more /etc")
            g.sh("printf '[name=vda]\\nalign = 4K\\n' >/etc/growctl.conf")
            livegrow.load(g)
            g.start(f"exec growctl daemon 2>{LOG}")
            livegrow.wait_for_listener(g)
            watch = scenario.Watch(g)
            grown(t, g, watch)
            left(t, g, watch)
            g.poweroff()
        judge(t, drives[0].path)


main()
