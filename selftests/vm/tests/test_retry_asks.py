# SPDX-License-Identifier: GPL-2.0-or-later
"""A growth that growctl permitted fails, and is retried: the permission was about the moment of then.

A btrfs, whose mounts the module does not see. To hold the failure, the module's own function that
writes a table is made to fail.
"""
import failcall
import gpt
import images
import ktap
import livegrow
import scenario
from drive import Drive

TIMEOUT = 200
MIB = images.MIB
OLD, NEW = 160 * MIB, 320 * MIB
NAMES = ("vda", "vdb")
EIO = 5


def make(name):
    return Drive(name, scenario.one_partition(f"retry-{name}.raw", OLD, "btrfs", guid=gpt.guid_of(name)))


def settles(watch, name, mark):
    return [e for e in watch.update()[mark:] if e["event"] == "settled" and e["disk"] == name and e["state"] == "failed"]


def grown(g, name):
    return livegrow.sectors(g, f"{name}1") * 512 > NEW - 4 * MIB


def fails(t, g, watch):
    """Both disks grow by growctl's answer, fail, and go on failing."""
    mark = watch.mark()
    for name in NAMES:
        g.resize(name, NEW)
    g.wait_for(lambda: all(len(settles(watch, name, mark)) >= 3 for name in NAMES), 60)
    events = [e for e in watch.update()[mark:] if e["disk"] == "vda"]
    t.equal([e["event"] for e in events if e["event"] not in ("settled", "capacity-changed")].count("failed"), 1,
            "E2: a failure is reported once, though each retry asks growctl again")
    g.sh("mount -o remount,ro /mnt/vda")
    g.wait_for("grep -q ' /mnt/vda btrfs ro' /proc/mounts")


def run(t, g):
    g.sh("modprobe btrfs")
    for name in NAMES:
        g.sh(f"mkdir -p /mnt/{name} && mount -t btrfs /dev/{name}1 /mnt/{name}")
    livegrow.load(g)
    watch = scenario.Watch(g)
    daemon = g.start("exec growctl daemon")
    livegrow.wait_for_listener(g, 2)
    before = livegrow.sectors(g, "vda1")
    with failcall.Calls(g, "lg_commit", value=-EIO) as calls:
        calls.fail(1, 1000)
        fails(t, g, watch)
        with t.case("a retry finds that its filesystem was mounted read-only meanwhile, and waits"):
            g.wait_for(lambda: livegrow.status(g, "vda")["reason"] == "mounted-read-only", 70)
    with t.case("the other one grows once it can be written to"):
        g.wait_for(lambda: grown(g, "vdb"), 70)
    t.equal((livegrow.status(g, "vda")["reason"], livegrow.sectors(g, "vda1")), ("mounted-read-only", before),
            "the one that is mounted read-only does not grow by the old answer")
    g.sh("mount -o remount,rw /mnt/vda")
    with t.case("it grows once it is mounted writable"):
        g.wait_for(lambda: grown(g, "vda"), 20)
    t.ok(not daemon.finished(), "the daemon still runs")
    g.sh("pkill -x growctl")
    livegrow.unmount(g)
    livegrow.unload(g)


def main():
    with ktap.Report(plan=6) as t:
        with scenario.tiny("retry-asks", [make(name) for name in NAMES], {**failcall.files(), **scenario.kernel_modules("btrfs")}) as g:
            run(t, g)
            g.poweroff()


main()
