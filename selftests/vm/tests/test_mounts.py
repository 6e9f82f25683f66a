# SPDX-License-Identifier: GPL-2.0-or-later
"""Of several mounts of one filesystem a writable one is taken, wherever the first of them is read-only."""
import json

import ktap
import livegrow
import scenario
from images import GIB, MIB
from scenario import Drive, ended

TIMEOUT = 120
KINDS = {"vda": "ext4", "vdb": "xfs"}


def filesystem(g, disk):
    """Its row in growctl status."""
    return json.loads(g.sh(f"growctl status {disk} --json"))["disks"][0]["children"][0]["children"][0]


def mount(g):
    """The filesystem's first mount is read-only, and so is the last; a part of it in between is not."""
    for disk in KINDS:
        g.sh(f"cd /mnt && mkdir {disk} {disk}-part {disk}-last && mount /dev/{disk}1 {disk} && mkdir {disk}/part && "
             f"mount --bind {disk}/part {disk}-part && mount --bind {disk} {disk}-last && "
             f"mount -o remount,bind,ro {disk} && mount -o remount,bind,ro {disk}-last")


def grows(t, g):
    for disk, kind in KINDS.items():
        row = filesystem(g, disk)
        t.equal((row["mountpoint"], row["note"]), (f"/mnt/{disk}-part", None), f"{kind}: the writable one is named")
        g.resize(disk, 2 * GIB)
        ended(t, g.run(f"growctl wait {disk} --at-least 2G", 30), 0, f"{kind}: it grows",
              f"({2 * GIB - 2 * MIB} bytes)")


def read_only(t, g):
    """Without the writable one there is no way, though the filesystem itself is writable."""
    g.sh("umount /mnt/vda-part")
    g.resize("vda", 3 * GIB)
    ended(t, g.run("growctl wait vda --at-least 3G", 30), 2, "none that is writable", "mounted read-only")
    t.ok("mounted read-only" in filesystem(g, "vda")["note"], "status says so")


def main():
    drives = [Drive(disk, scenario.one_partition(f"{disk}.raw", GIB, kind)) for disk, kind in KINDS.items()]
    with ktap.Report(plan=2 * 2 + 2) as t, scenario.tiny("mounts", drives) as g:
        mount(g)
        livegrow.load(g)
        g.start("exec growctl daemon 2>/tmp/daemon.log")
        livegrow.wait_for_listener(g)
        grows(t, g)
        read_only(t, g)
        g.poweroff()


main()
