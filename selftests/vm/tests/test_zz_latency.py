# SPDX-License-Identifier: GPL-2.0-or-later
"""The latencies that the tests before kept: how quick the kernel's part is."""
import json

import ktap
import latency

KERNEL_LIMIT_US = 40_000


def main():
    with ktap.Report(plan=3) as t:
        kept = latency.load()
        t.ok(kept, "live grows were recorded", f"run the other tests first: {latency.FILE}")
        t.ok(all(set(row) == {"test", "disk", *latency.STAGES} for row in kept),
             "each row is whole", json.dumps(kept))
        for stage in latency.STAGES:
            count = sum(row[stage] is not None for row in kept)
            t.note(f"{stage}: median {latency.median_us(kept, stage)} of {count}")
        kernel = latency.median_us(kept, "to_partition_us")
        t.ok(kernel is not None and kernel < KERNEL_LIMIT_US,
             "the kernel's part has a median under 40 ms", f"{kernel} us")


main()
