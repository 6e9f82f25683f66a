# SPDX-License-Identifier: GPL-2.0-or-later
"""Kernel and daemon each do their part when the other comes late, and neither executes anything."""
import time

import images
import ktap
import latency
import livegrow
import oracles
import scenario
from images import GIB, MIB

TIMEOUT = 300
ALONE = True

BEFORE = [(2048, 2048), (4096, 131072)]
START = 135168
# The root disk's sectors, the root's sectors then: by turns 2, 3, 4 and 5 GiB.
DAEMON_LATE = (4194304, 4057088)
MODULE_LATE = (6291456, 6154240)
BOTH_LATE = (8388608, 8251392)
TRACED = (10485760, 10348544)
# Ten of 16 MiB each.
BURST = [TRACED[0] + 32768 * n for n in range(1, 11)]
AFTER_BURST = (10813440, 10676224)
# vdb: 1 GiB, later 2 GiB; its partition's sectors.
OTHER = (2093056, 4190208)


def root_fs(g):
    return scenario.fs_bytes(g, "ext4", "vda3", "/") // 512


def live(g):
    """(sectors of the root's partition, of its filesystem)"""
    return scenario.part_sectors(g, "vda3")[1], root_fs(g)


def table_is(g, sectors, root):
    """No judge objects to what the device holds."""
    copy = scenario.table_sectors(g, "vda", sectors)
    objections = oracles.table(copy, BEFORE + [(START, root)])
    assert not objections, objections


def kernel_alone(g, watch, sectors, root, old_fs):
    """The kernel relocates and grows the mounted partition, the filesystem waits."""
    mark = watch.mark()
    g.resize("vda", sectors * 512)
    watch.wait(event="settled", disk="vda", capacity=sectors * 512, state="full", since=mark)
    assert live(g) == (root, old_fs), live(g)
    table_is(g, sectors, root)
    return watch.events[mark:]


def daemon_late(t, g, watch):
    old = root_fs(g)
    g.sh("systemctl stop growctl.service")
    with t.case("without the daemon the kernel grows the mounted partition alone"):
        latency.record(t, kernel_alone(g, watch, *DAEMON_LATE, old))
    mark = watch.mark()
    with t.case("the filesystem has followed when the daemon is ready"):
        g.sh("systemctl start growctl.service")
        assert live(g) == (DAEMON_LATE[1],) * 2, live(g)
    with t.case("no event told the daemon"):
        watch.wait(event="filesystem-grown", disk="vda", since=mark)
        heard = {e["event"] for e in watch.events[mark:]}
        assert not heard & {"capacity-changed", "table-updated", "partition-grown"}, heard


def resize_unheard(g, watch, sectors, old):
    """A resize while the module is not there; nothing on the disk changes."""
    mark = watch.mark()
    livegrow.unload(g)
    watch.wait(event="unloaded", since=mark)
    g.resize("vda", sectors * 512)
    g.wait_for(f"[ $(cat /sys/block/vda/size) = {sectors} ]")
    assert live(g) == (old, old), live(g)
    assert gpt_end(g, sectors) < sectors - 1


def gpt_end(g, sectors):
    """The alternate LBA that the device's primary header names."""
    return scenario.gpt.Image(scenario.table_sectors(g, "vda", sectors)).table()["alternate_lba"]


def module_late(t, g, watch):
    with t.case("without the module nothing happens"):
        resize_unheard(g, watch, MODULE_LATE[0], DAEMON_LATE[1])
    with t.case("table, partition and filesystem follow when it is loaded"):
        g.sh("modprobe livegrow")
        g.wait_for(lambda: live(g) == (MODULE_LATE[1],) * 2)
        table_is(g, *MODULE_LATE)


def both_late(t, g, watch):
    g.sh("systemctl stop growctl.service")
    resize_unheard(g, watch, BOTH_LATE[0], MODULE_LATE[1])
    with t.case("the module alone, loaded late, grows table and partition"):
        g.sh("modprobe livegrow")
        g.wait_for(lambda: live(g) == (BOTH_LATE[1], MODULE_LATE[1]))
        table_is(g, *BOTH_LATE)
    with t.case("the daemon after it the filesystem"):
        g.sh("systemctl start growctl.service")
        assert live(g) == (BOTH_LATE[1],) * 2, live(g)


def mounted_late(t, g, watch, image):
    old = images.digest(image, 0, GIB)
    mark = watch.mark()
    g.resize("vdb", 2 * GIB)
    with t.case("a disk of which nothing is mounted is unused"):
        watch.wait(event="settled", disk="vdb", capacity=2 * GIB, state="unused",
                   reason="not-in-use", since=mark)
    t.equal((images.digest(image, 0, GIB), images.digest(image, GIB, GIB)),
            (old, images.digest(images.empty("blank.raw", GIB))), "and no byte of it changes")
    t.equal(scenario.part_sectors(g, "vdb1"), (2048, OTHER[0]), "nor does its partition")
    with t.case("it follows when it is mounted"):
        g.sh("mount /dev/vdb1 /mnt")
        watch.wait(event="filesystem-grown", disk="vdb", fs_size=OTHER[1] * 512, since=mark)
        assert scenario.fs_bytes(g, "xfs", "vdb1", "/mnt") == OTHER[1] * 512
        assert scenario.part_sectors(g, "vdb1") == (2048, OTHER[1])


TRACE_EXECS = """mountpoint -q /sys/kernel/tracing || mount -t tracefs tracing /sys/kernel/tracing
cd /sys/kernel/tracing && echo > trace && echo 1 > events/sched/sched_process_exec/enable"""
# The shell's own reading, so that this execution is the only one.
READ_EXECS = """cd /sys/kernel/tracing && echo 0 > events/sched/sched_process_exec/enable
while read -r line; do echo "$line"; done < trace"""


def executes_nothing(t, g, watch):
    g.sh(TRACE_EXECS)
    mark = watch.mark()
    g.resize("vda", TRACED[0] * 512)
    watch.wait(event="filesystem-grown", disk="vda", fs_size=TRACED[1] * 512, since=mark)
    lines = [line for line in g.sh(READ_EXECS).splitlines() if "sched_process_exec:" in line]
    t.ok(len(lines) == 1 and "filename=/bin/sh " in lines[0],
         "no process is executed from the resize to the grown filesystem", "\n".join(lines))
    latency.record(t, watch.events[mark:])


def burst(t, g, watch):
    mark, before = watch.mark(), g.pace.mark()
    started = time.monotonic()
    for sectors in BURST:
        g.resize("vda", sectors * 512)
    seconds = time.monotonic() - started
    t.ok(seconds < 1 * g.pace.factor(before), f"ten resizes in {seconds:.2f} s")
    with t.case("they end at the last size"):
        watch.wait(event="filesystem-grown", disk="vda", fs_size=AFTER_BURST[1] * 512, since=mark)
        assert live(g) == (AFTER_BURST[1],) * 2, live(g)
        table_is(g, *AFTER_BURST)
    latency.record(t, watch.events[mark:])


def check_images(t, disk, other):
    t.equal(oracles.table(disk.path, BEFORE + [(START, AFTER_BURST[1])]), [], "vda: the table is sound")
    t.equal(oracles.filesystem(disk.path, "ext4", START * 512, AFTER_BURST[1] * 512), [],
            "vda: e2fsck finds nothing")
    t.equal(oracles.table(other, [(2048, OTHER[1])]), [], "vdb: the table is sound")
    t.equal(oracles.filesystem(other, "xfs", 2048 * 512, OTHER[1] * 512), [],
            "vdb: xfs_repair finds nothing")


def main():
    with ktap.Report(plan=3 + 2 + 2 + 4 + 1 + 2 + 4) as t:
        disk = scenario.root_disk("root.raw", size=1500 * MIB)
        other = scenario.one_partition("other.raw", GIB)
        with scenario.installed("daemon-stopped", disk, [scenario.Drive("vdb", other)]) as g:
            watch = scenario.Watch(g)
            daemon_late(t, g, watch)
            module_late(t, g, watch)
            both_late(t, g, watch)
            mounted_late(t, g, watch, other)
            executes_nothing(t, g, watch)
            burst(t, g, watch)
            g.poweroff()
        check_images(t, disk, other)


main()
