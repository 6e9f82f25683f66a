# SPDX-License-Identifier: GPL-2.0-or-later
"""A disk that does not answer, and has to be read for its policy, keeps no other one waiting for long."""
import faults
import ktap
import livegrow
import scenario
from images import GIB
from scenario import Drive

TIMEOUT = 180
LOG = "/tmp/daemon.log"
RULE = "[label=DATA]\\nkeep-free = 128M\\n"


def begin(g, silent):
    """vdb answers until the module has looked at it; then nothing of it is left in memory."""
    g.sh(f"mkdir -p /run /one /two && mount /dev/vda1 /one && mount /dev/vdb1 /two && printf '{RULE}' >/etc/growctl.conf")
    livegrow.load(g)
    for name in ("vda", "vdb"):
        livegrow.settled(g, name, GIB)
    g.sh("sync; echo 3 >/proc/sys/vm/drop_caches")
    faults.silence(g, silent)


def dead(t, g, watch):
    daemon = g.start(f"exec growctl daemon 2>{LOG}")
    with t.case("the daemon says that the disk does not answer"):
        g.wait_for(f"grep -q 'vdb: mode ask at most: .*does not answer' {LOG}", 30)
    t.equal(livegrow.status(g, "vdb")["mode"], "ask", "nothing grows on it unasked")
    g.resize("vda", 2 * GIB)
    with t.case("another disk and its filesystem grow"):
        watch.wait(event="filesystem-grown", disk="vda")
    return daemon


def alive(t, g, watch, daemon, silent):
    faults.limit(g, silent, faults.FREE)
    with t.case("when it answers again, its rule is found"):
        g.wait_for(lambda: (livegrow.status(g, "vdb")["mode"], livegrow.status(g, "vdb").get("keep-free")) ==
                   ("auto", 128 << 20), 30)
    g.resize("vdb", 2 * GIB)
    watch.wait(event="filesystem-grown", disk="vdb")
    t.equal(livegrow.sectors(g, "vdb1") * 512, 2 * GIB - (130 << 20), "and holds")
    with t.case("no process is left"):
        g.wait_for("test $(pgrep -c -f '^growctl [d]aemon') = 1")
    g.sh("pkill -TERM -x growctl")
    t.equal(daemon.wait()[0], 0, "the daemon ends as ever")


def main():
    drives = [Drive("vda", scenario.one_partition("alive.raw", GIB, "ext4")),
              Drive("vdb", scenario.one_partition("dead.raw", GIB, "ext4", label="DATA"), throttle=faults.FREE)]
    with ktap.Report(plan=3 + 4) as t, scenario.tiny("dead_disk", drives) as g:
        begin(g, drives[1])
        watch = scenario.Watch(g)
        daemon = dead(t, g, watch)
        alive(t, g, watch, daemon, drives[1])
        g.poweroff()


main()
