# SPDX-License-Identifier: GPL-2.0-or-later
"""How quick the kernel's part is: grows of one disk here, and those of the tests before."""
import json

import gpt
import images
import kernels
import ktap
import latency
import livegrow
import scenario
from drive import Drive

TIMEOUT = 120
ALONE = True
MIB = images.MIB
KERNEL_LIMIT_US = 40_000
GROWS = 12


def make():
    image = images.path("latency.raw")
    table = gpt.Table(512 * MIB, [gpt.Part(2048, 1046527)])
    table.write(image)
    images.format_partition(image, table, 1, "ext4")
    return Drive("vda", image)


def grow_one_disk(t):
    """One after the other, in a guest that does nothing else: whoever asks it how far it is takes
    a processor from what is measured. Returns how much slower than on an idle machine that was."""
    with scenario.tiny("latency", [make()]) as g:
        g.sh("modprobe livegrow && mount /dev/vda1 /mnt")
        g.start("exec growctl daemon")
        watch, before = scenario.Watch(g), g.pace.mark()
        for number in range(1, GROWS + 1):
            mark = watch.mark()
            g.resize("vda", (512 + 64 * number) * MIB)
            watch.wait(event="filesystem-grown", disk="vda", since=mark)
        factor = g.pace.factor(before)
        latency.record(t, watch.events)
        t.equal(livegrow.sectors(g, "vda1"), 2617344, f"{GROWS} grows of a disk alone")
        g.poweroff()
    return factor


def note_medians(t, kept, at_once):
    for stage in latency.STAGES:
        count = sum(row[stage] is not None for row in kept)
        t.note(f"{stage}: median {latency.median_us(kept, stage)} of {count} "
               f"grows of {at_once} at once")


def main():
    with ktap.Report(plan=4) as t:
        factor = grow_one_disk(t)
        t.note(f"this machine is {factor:.1f} times as slow as an idle one")
        kept = [row for row in latency.load() if row["kernel"] == kernels.current().name]
        t.ok(len(kept) > GROWS, "live grows of other tests were recorded", str(latency.FILE))
        t.ok(all(set(row) == {"kernel", "test", "disk", "at_once", *latency.STAGES} for row in kept),
             "each row is whole", json.dumps(kept))
        # The others had a writer, a booting system or each other on the same two processors.
        for at_once in sorted({row["at_once"] for row in kept}):
            note_medians(t, [row for row in kept if row["at_once"] == at_once], at_once)
        kernel = latency.median_us([row for row in kept if row["test"] == latency.this_test()],
                                   "to_partition_us")
        t.ok(kernel is not None and kernel < KERNEL_LIMIT_US * factor,
             "the kernel's part of a disk's grow alone has a median under 40 ms", f"{kernel} us")


main()
