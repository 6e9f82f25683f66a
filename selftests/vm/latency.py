# SPDX-License-Identifier: GPL-2.0-or-later
"""How long each live grow took, by the guest's monotonic clock: build/results/latency.json.

    latency.record(t, watch.events)

A list of rows {kernel, test, disk, at_once, to_table_us, to_partition_us, to_filesystem_us}: how
many disks the host enlarged together, and the microseconds from the uevent of a capacity change to the last time of each stage, null
where a change did not get there. Only hand it events of disks that were free to grow
at once.
"""
import contextlib
import fcntl
import json
import os
import pathlib
import statistics
import sys

import kernels
import paths

FILE = paths.RESULTS / "latency.json"
STAGES = ("to_table_us", "to_partition_us", "to_filesystem_us")
TOLD_BY = {"table-updated": "time_table", "partition-grown": "time_part", "filesystem-grown": "time"}


def this_test():
    return pathlib.Path(sys.argv[0]).stem.removeprefix("test_")


def rows(events, test):
    """A row for every capacity change that a stage followed, in their order."""
    found, disks = {}, {event["disk"] for event in events if event["event"] in TOLD_BY}
    for event in events:
        when = TOLD_BY.get(event["event"])
        if when is None or "time_changed" not in event:
            continue
        row = found.setdefault((event["disk"], event["time_changed"]),
                               {"kernel": kernels.current().name, "test": test, "disk": event["disk"], "at_once": len(disks),
                                **dict.fromkeys(STAGES)})
        stage = STAGES[list(TOLD_BY).index(event["event"])]
        # A change heard during a commit sees that one's partition grow, then its own.
        row[stage] = (event[when] - event["time_changed"]) // 1000
    return list(found.values())


def load():
    return json.loads(FILE.read_text()) if FILE.exists() else []


@contextlib.contextmanager
def changed():
    """The rows, to be changed in place; other tests may do the same at that moment."""
    paths.RESULTS.mkdir(parents=True, exist_ok=True)
    with open(FILE.with_suffix(".lock"), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        kept = load()
        yield kept
        partial = FILE.with_suffix(f".{os.getpid()}.partial")
        partial.write_text("[\n" + ",\n".join(json.dumps(row) for row in kept) + "\n]\n")
        partial.rename(FILE)


def record(t, events):
    """Keeps the latencies of EVENTS and prints each as a note."""
    new = rows(events, this_test())
    with changed() as kept:
        kept.extend(new)
    for row in new:
        t.note(f"{row['disk']}: us from the uevent to table durable {row['to_table_us']}, "
               f"partition grown {row['to_partition_us']}, "
               f"filesystem grown {row['to_filesystem_us']}")


def rows_of(kernel, test):
    """What a run of TEST on KERNEL has left."""
    return [row for row in load() if (row["kernel"], row["test"]) == (kernel, test)]


def replace(kernel, test, new=()):
    """Puts NEW in the place of what an earlier run of TEST on KERNEL left."""
    with changed() as kept:
        kept[:] = [row for row in kept if (row["kernel"], row["test"]) != (kernel, test)] + list(new)


def median_us(kept, stage):
    """The median of STAGE over the rows that reached it; None where none did."""
    reached = [row[stage] for row in kept if row[stage] is not None]
    return statistics.median(reached) if reached else None
