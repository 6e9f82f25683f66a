# SPDX-License-Identifier: GPL-2.0-or-later
"""growctl grow has a disk grown, and the daemon lets the filesystem follow before it gets to that."""
import ktap
import livegrow
import scenario
from faults import Faults
from images import MIB
from scenario import Drive

TIMEOUT = 120
OLD, NEW = 384 * MIB, 448 * MIB


def main():
    drive = Drive("vda", scenario.one_partition("data.raw", OLD, "ext4"))
    with ktap.Report(plan=1) as t, scenario.tiny("quicker-daemon", [drive]) as g:
        g.sh("mount -o noatime,noinit_itable /dev/vda1 /mnt")
        livegrow.load(g, "mode=ask")
        g.start("exec growctl daemon")
        livegrow.wait_for_listener(g, 2)
        watch = scenario.Watch(g)
        g.resize("vda", NEW)
        livegrow.settled(g, "vda", NEW)
        g.sh("sync")
        faults = Faults(g, drive)
        faults.hold("write")
        command = g.start("exec growctl grow vda")
        # It sleeps until the commit has ended.
        faults.wait_held()
        pid = livegrow.stop(g, "-n -x growctl")
        livegrow.set_policy(g, "vda", "auto")
        faults.let_go()
        watch.wait(event="filesystem-grown", disk="vda")
        g.sh(f"kill -CONT {pid}")
        status, text = command.wait(30)
        t.ok(status == 0 and f"ext4 on /mnt grown from {OLD // MIB - 2} MiB to {NEW // MIB - 2} MiB" in text,
             "that is its doing all the same", f"{status} {text}")
        g.poweroff()


main()
