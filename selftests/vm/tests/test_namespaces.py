# SPDX-License-Identifier: GPL-2.0-or-later
"""A filesystem that is mounted in another mount namespace alone is seen, and grows."""
import json

import ktap
import livegrow
import overlay
import root
import scenario
from images import GIB, MIB
from scenario import Drive, ended

TIMEOUT = 120
LOG = "/tmp/daemon.log"
KINDS = {"vda": "ext4", "vdb": "xfs", "vdc": "btrfs"}
NOBODY = "setpriv --reuid=65534 --regid=65534 --clear-groups"


def part(gib):
    return gib * GIB - 2 * MIB


def filesystem(g, disk):
    """Its row in growctl status."""
    found = json.loads(g.sh(f"growctl status {disk} --json"))["disks"][0]
    return found["children"][0]["children"][0]


def enter(g):
    """Two processes whose namespaces have all of them, the second one with users of its own; their numbers."""
    mounts = " && ".join(f"mount /dev/{disk}1 /mnt/{disk}" for disk in KINDS)
    g.start(f"exec unshare -m sh -c '{mounts} && {{ unshare -U -m sleep 1000 & }} && echo $$ $! >/tmp/inner && exec sleep 1000'")
    g.wait_for("test -s /tmp/inner")
    pids = g.sh("cat /tmp/inner").split()
    # Each is in its namespace when it sleeps.
    g.wait_for(" && ".join(f"grep -qx sleep /proc/{pid}/comm" for pid in pids))
    return pids


def seen(t, g, pid):
    t.equal(g.run("grep -c /dev/vd /proc/self/mountinfo")[1].strip(), "0", "here none is mounted")
    for disk in KINDS:
        row = filesystem(g, disk)
        t.equal((row["type"], row["mountpoint"]), ("fs", f"/proc/{pid}/root/mnt/{disk}"), f"status: {KINDS[disk]}")
    t.ok('"fs"' not in g.sh(f"{NOBODY} growctl status --json"), "who may not look there sees none")


def by_a_person(t, g):
    for disk in KINDS:
        g.resize(disk, 2 * GIB)
        livegrow.settled(g, disk, 2 * GIB)
    ended(t, g.run("growctl grow vda"), 0, "a person's word", "vda1: ext4 on /proc/", "grown")
    t.equal(filesystem(g, "vda")["size"], part(2), "it has the size")


def by_the_daemon(t, g, watch):
    g.start(f"exec growctl daemon 2>{LOG}")
    for disk in ("vdb", "vdc"):
        with t.case(f"the daemon: {KINDS[disk]}"):
            watch.wait(event="filesystem-grown", disk=disk)
    ended(t, g.run("growctl wait vdb --at-least 2G", 30), 0, "growctl wait knows", f"({part(2)} bytes)")


def main():
    drives = [Drive(disk, scenario.one_partition(f"{disk}.raw", GIB, kind)) for disk, kind in KINDS.items()]
    files = {f"/usr/bin/{tool}": overlay.inside(root.tree(), f"/usr/bin/{tool}") for tool in ("setpriv", "unshare")}
    with ktap.Report(plan=1 + 3 + 1 + 2 + 3 + 4) as t:
        with scenario.tiny("namespaces", drives, files={**files, **scenario.kernel_modules("btrfs")}) as g:
            g.sh(f"modprobe btrfs; mkdir -p {' '.join(f'/mnt/{disk}' for disk in KINDS)}")
            pid, stranger = enter(g)
            livegrow.load(g)
            seen(t, g, pid)
            by_a_person(t, g)
            by_the_daemon(t, g, scenario.Watch(g))
            g.sh(f"pkill -TERM -x growctl; kill {pid}")
            with t.case("where other users than the system's have it alone, nobody goes"):
                g.wait_for(f"! test -e /proc/{pid}")
                g.sh(f"ls /sys/fs/ext4 | grep -q vda1 && grep -q vda1 /proc/{stranger}/mountinfo")
                assert filesystem(g, "vda")["type"] == "content", filesystem(g, "vda")
            ended(t, g.run("growctl doctor vda"), 1, "as doctor says", "vda1: its filesystem cannot be reached", "when it is mounted here too")
            t.ok("where growctl does not go" in filesystem(g, "vda")["note"], "and status", filesystem(g, "vda"))
            g.sh(f"kill {stranger}")
            with t.case("when that namespace has ended, none is mounted"):
                g.wait_for("! ls /sys/fs/ext4 | grep -q vda1")
                assert filesystem(g, "vda")["type"] == "content", filesystem(g, "vda")
            g.poweroff()


main()
