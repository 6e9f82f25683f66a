# SPDX-License-Identifier: GPL-2.0-or-later
"""How quick the kernel's part is: grows of one disk here, and those of the tests before."""
import json

import gpt
import images
import kernels
import ktap
import latency
import livegrow
from drive import Drive
from guest import Guest

TIMEOUT = 120
MIB = images.MIB
KERNEL_LIMIT_US = 40_000
GROWS = 12


def make():
    image = images.path("latency.raw")
    table = gpt.Table(512 * MIB, [gpt.Part(2048, 1046527)])
    table.write(image)
    images.format_partition(image, table, 1, "ext4")
    return image


def events(g):
    return livegrow.parse(g.sh("cat /tmp/events"))


def grown(g):
    return sum(event["event"] == "filesystem-grown" for event in events(g))


def grow_one_disk(t):
    """One after the other, in a guest that does nothing else."""
    with Guest("latency", initrd=livegrow.initrd(), drives=[Drive("vda", make())]) as g:
        livegrow.load(g)
        g.sh("mount /dev/vda1 /mnt")
        g.start("exec growctl daemon")
        g.start("exec growctl watch --json > /tmp/events")
        g.wait_for("grep -q subscribed /tmp/events")
        for number in range(1, GROWS + 1):
            g.resize("vda", (512 + 64 * number) * MIB)
            g.wait_for(lambda wanted=number: grown(g) == wanted)
        latency.record(t, events(g))
        t.equal(livegrow.sectors(g, "vda1"), 2617344, f"{GROWS} grows of a disk alone")
        g.poweroff()


def note_medians(t, kept, at_once):
    for stage in latency.STAGES:
        count = sum(row[stage] is not None for row in kept)
        t.note(f"{stage}: median {latency.median_us(kept, stage)} of {count} "
               f"grows of {at_once} at once")


def main():
    with ktap.Report(plan=4) as t:
        grow_one_disk(t)
        kept = [row for row in latency.load() if row["kernel"] == kernels.current().name]
        t.ok(len(kept) > GROWS, "live grows of other tests were recorded", str(latency.FILE))
        t.ok(all(set(row) == {"kernel", "test", "disk", "at_once", *latency.STAGES} for row in kept),
             "each row is whole", json.dumps(kept))
        # Several at once measure how they queue for two emulated processors and the host's disk.
        for at_once in sorted({row["at_once"] for row in kept}):
            note_medians(t, [row for row in kept if row["at_once"] == at_once], at_once)
        alone = [row for row in kept if row["at_once"] == 1]
        kernel = latency.median_us(alone, "to_partition_us")
        t.ok(kernel is not None and kernel < KERNEL_LIMIT_US,
             "the kernel's part of a disk's grow has a median under 40 ms", f"{kernel} us")


main()
