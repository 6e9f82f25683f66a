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
# More disks than this at once measure how two emulated processors queue.
FEW = 3
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


def main():
    with ktap.Report(plan=4) as t:
        grow_one_disk(t)
        kept = [row for row in latency.load() if row["kernel"] == kernels.current().name]
        t.ok(len(kept) > GROWS, "live grows of other tests were recorded", str(latency.FILE))
        t.ok(all(set(row) == {"kernel", "test", "disk", "at_once", *latency.STAGES} for row in kept),
             "each row is whole", json.dumps(kept))
        few = [row for row in kept if row["at_once"] <= FEW]
        many = [row for row in kept if row["at_once"] > FEW]
        for stage in latency.STAGES:
            count = sum(row[stage] is not None for row in few)
            t.note(f"{stage}: median {latency.median_us(few, stage)} of {count}, "
                   f"with more than {FEW} disks at once {latency.median_us(many, stage)}")
        kernel = latency.median_us(few, "to_partition_us")
        t.ok(kernel is not None and kernel < KERNEL_LIMIT_US,
             "the kernel's part has a median under 40 ms", f"{kernel} us")


main()
