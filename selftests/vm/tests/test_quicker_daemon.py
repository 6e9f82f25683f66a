# SPDX-License-Identifier: GPL-2.0-or-later
"""growctl grow has a disk grown, and the daemon lets the filesystem follow before it gets to that."""
import ktap
import livegrow
import scenario
from images import MIB
from scenario import Drive

TIMEOUT = 120
OLD, NEW = 384 * MIB, 448 * MIB
# The commit takes seconds, in which growctl grow sleeps and can be stopped.
SLOW, QUICK = {"iops-total": 8}, {"iops-total": 10000}


def main():
    drive = Drive("vda", scenario.one_partition("data.raw", OLD, "ext4"), throttle=SLOW)
    with ktap.Report(plan=1) as t, scenario.tiny("quicker-daemon", [drive]) as g:
        g.sh("mount -o noatime /dev/vda1 /mnt")
        livegrow.load(g, "mode=ask")
        g.start("exec growctl daemon")
        livegrow.wait_for_listener(g, 2)
        watch = scenario.Watch(g)
        g.resize("vda", NEW)
        livegrow.settled(g, "vda", NEW)
        command = g.start("exec growctl grow vda")
        g.wait_for("growctl status vda --json | grep -q growing")
        g.sh("kill -STOP $(pgrep -n -x growctl)")
        livegrow.set_policy(g, "vda", "auto")
        g.qmp.execute("qom-set", path="/objects/vda-limit", property="limits", value=QUICK)
        watch.wait(event="filesystem-grown", disk="vda")
        g.sh("kill -CONT $(pgrep -n -x growctl)")
        status, text = command.wait(30)
        t.ok(status == 0 and f"ext4 on /mnt grown from {OLD // MIB - 2} MiB to {NEW // MIB - 2} MiB" in text,
             "that is its doing all the same", f"{status} {text}")
        g.poweroff()


main()
