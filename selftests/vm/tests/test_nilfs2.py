# SPDX-License-Identifier: GPL-2.0-or-later
"""NILFS2 follows its disk: in a partition and on a whole disk, by the daemon and by a person."""
import json

import images
import ktap
import livegrow
import oracles
import overlay
import root
import scenario
from images import GIB, MIB
from scenario import Drive, ended

TIMEOUT = 180
# No kernel for clouds has it.
KERNEL = "6.1-generic"
LOG = "/tmp/daemon.log"


def part(gib):
    """The bytes of the one partition on a disk of GIB."""
    return gib * GIB - 2 * MIB


def whole(name, size):
    image = images.empty(name, size)
    images.mkfs(image, "nilfs2")
    return image


def blocks(g, place):
    """What it has room for, by statfs."""
    return int(g.sh(f"stat -f -c %b {place}"))


def row(g, disk):
    """The filesystem's row of growctl status."""
    def walk(row):
        yield row
        for child in row.get("children", []):
            yield from walk(child)
    return next(r for r in walk(json.loads(g.sh(f"growctl status {disk} --json"))["disks"][0]) if r["name"] == "nilfs2")


def by_the_daemon(t, g, watch):
    for disk, place, size in (("vda", "/one", part(2)), ("vdb", "/whole", 2 * GIB)):
        since, before = watch.mark(), blocks(g, place)
        g.resize(disk, 2 * GIB)
        event = watch.wait(since=since, event="filesystem-grown", disk=disk)
        t.equal((event["fs_type"], event["fs_size"], row(g, disk)["size"], row(g, disk)["state"]),
                ("nilfs2", size, size, "full"), f"the daemon grows it: {place}")
        t.ok(blocks(g, place) > 1.9 * before, "it has room for more", f"{before}, then {blocks(g, place)}")


def hindered(t, g):
    g.sh("mount -o remount,ro /one")
    g.resize("vda", 3 * GIB)
    g.wait_for("lgnl get vda | grep -q mounted-read-only")
    livegrow.grow(g, "vda", "asked")
    with t.case("mounted read-only: the daemon says so"):
        g.wait_for(f"grep -q 'vda1: nilfs2 on /one did not grow: mounted read-only' {LOG}", 20)
    g.sh("mount -o remount,rw /one")
    ended(t, g.run("growctl wait vda --at-least 3G", 30), 0, "and it grows when it is writable", f"({part(3)} bytes)")
    g.sh("fsfreeze -f /whole")
    g.resize("vdb", 3 * GIB)
    with t.case("frozen: the daemon asks whether it is"):
        g.wait_for(f"grep -q 'vdb: nilfs2 on /whole does not answer; is it frozen' {LOG}", 30)
    g.sh("fsfreeze -u /whole")
    ended(t, g.run("growctl wait vdb --at-least 3G", 30), 0, "and it grows when it is thawed", f"({3 * GIB} bytes)")


def by_a_person(t, g):
    g.sh("pkill -TERM -x growctl; while pgrep -x growctl; do sleep 0.05; done")
    g.resize("vda", 4 * GIB)
    # The module does not see how it is mounted, and waits for an answer first.
    g.wait_for(lambda: livegrow.sectors(g, "vda1") * 512 == part(4))
    livegrow.unmount(g, "/one")
    with t.case("it can be mounted while only its partition has grown, which hides its spare superblock"):
        g.sh("mount -t nilfs2 /dev/vda1 /one")
    t.equal((row(g, "vda")["size"], row(g, "vda")["state"]), (part(3), "could-grow"), "without the daemon status knows")
    ended(t, g.run("growctl plan vda"), 0, "as a plan does", "nilfs2 on /one")
    ended(t, g.run("growctl grow vda"), 0, "a person's word", "vda1: nilfs2 on /one grown")
    ended(t, g.run("growctl grow vda"), 3, "a second time there is nothing", "nothing to do")


def elsewhere(t, g):
    """Where another mount namespace alone has it, sysfs is what tells of it."""
    g.start("exec unshare -m sh -c 'mount -t nilfs2 /dev/vda1 /one && echo $$ >/tmp/inner && exec sleep 1000'")
    g.wait_for("test -s /tmp/inner")
    pid = g.sh("cat /tmp/inner").strip()
    t.equal(row(g, "vda")["mountpoint"], f"/proc/{pid}/root/one", "mounted in another namespace alone, status finds it")
    g.sh(f"kill {pid}")
    g.wait_for("! ls /sys/fs/nilfs2 | grep -q vda1")


def judge(t, drives):
    for drive, offset, size in zip(drives, (MIB, 0), (part(4), 3 * GIB)):
        t.equal(oracles.filesystem_size(drive.path, "nilfs2", offset), size, f"{drive.name}: its superblock says so too")


def main():
    drives = [Drive("vda", scenario.one_partition("one.raw", GIB, "nilfs2")), Drive("vdb", whole("whole.raw", GIB))]
    tools = {"/usr/bin/unshare": overlay.inside(root.tree(), "/usr/bin/unshare")}
    with ktap.Report(plan=4 + 4 + 5 + 1 + 1 + 2) as t:
        with scenario.tiny("nilfs2", drives, files={**tools, **scenario.kernel_modules("nilfs2")}) as g:
            g.sh("modprobe nilfs2 && mkdir -p /one /whole && mount -t nilfs2 /dev/vda1 /one && mount -t nilfs2 /dev/vdb /whole")
            g.sh("for d in /one /whole; do dd if=/dev/urandom of=$d/data bs=1M count=40 status=none; done; "
                 "sync; md5sum /one/data /whole/data >/tmp/sums")
            livegrow.load(g)
            g.start(f"exec growctl daemon 2>{LOG}")
            livegrow.wait_for_listener(g, 2)
            by_the_daemon(t, g, scenario.Watch(g))
            hindered(t, g)
            by_a_person(t, g)
            livegrow.unmount(g, "/one", "/whole")
            elsewhere(t, g)
            with t.case("mounted again, every file is as it was"):
                g.sh("mount -t nilfs2 /dev/vda1 /one && mount -t nilfs2 /dev/vdb /whole && md5sum -c /tmp/sums")
            livegrow.unmount(g, "/one", "/whole")
            g.poweroff()
        judge(t, drives)


main()
