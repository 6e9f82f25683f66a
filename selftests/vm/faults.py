# SPDX-License-Identifier: GPL-2.0-or-later
"""A disk that answers with EIO: QEMU's blkdebug, put under a running guest's disk and taken away.

    faults = Faults(g, drive)
    faults.nth("write", 3)              # the third write from now on fails, once
    faults.nth("flush", 3, times=2)     # and the fourth too
    faults.at("read", 1, once=False)    # every read of sector 1 fails
    faults.clear()

Of flushes only those count that have something to flush.
"""
import itertools

from qmp import QmpError

EIO = 5
EVENTS = {"read": "read_aio", "write": "write_aio", "flush": "flush_to_disk"}


def nth_rules(kind, number, times):
    """blkdebug counts by its states, from 1; each operation leads to the next."""
    event, last = EVENTS[kind], number + times - 1
    rules = {"inject-error": [{"event": event, "iotype": kind, "state": state, "errno": EIO,
                               "once": True} for state in range(number, last + 1)]}
    if last > 1:
        rules["set-state"] = [{"event": event, "state": state, "new_state": state + 1}
                              for state in range(1, last)]
    return rules


def at_rules(kind, sector, once):
    return {"inject-error": [{"event": EVENTS[kind], "iotype": kind, "sector": sector,
                              "errno": EIO, "once": once}]}


class Faults:
    """The faults of one raw Drive without filters; nothing is between while none is set."""

    def __init__(self, g, drive):
        self.g, self.drive = g, drive
        *_, self.file, self.top = drive.nodes()
        self.numbers = itertools.count(1)
        self.filter = None

    def nth(self, kind, number, times=1):
        self._put(nth_rules(kind, number, times))

    def at(self, kind, sector, once=True):
        self._put(at_rules(kind, sector, once))

    def clear(self):
        if self.filter:
            self._reopen(self.file["node-name"])
            self.g.qmp.execute("blockdev-del", node_name=self.filter)
            self.filter = None

    def failed(self):
        """How many operations of the disk failed since the boot."""
        stats = next(one["stats"] for one in self.g.qmp.execute("query-blockstats")
                     if one.get("node-name") == self.drive.name)
        return sum(stats[f"failed_{kind}_operations"] for kind in ("rd", "wr", "flush"))

    def _put(self, rules):
        self.clear()
        self.filter = f"{self.drive.name}-fault-{next(self.numbers)}"
        node = {"driver": "blkdebug", "node-name": self.filter, "image": self.file["node-name"],
                "cache": self.file["cache"], **rules}
        self.g.qmp.send({"execute": "blockdev-add", "arguments": node})
        self._reopen(self.filter)

    def _reopen(self, child):
        """QEMU flushes first, and may itself meet a rule that is left."""
        for tries_left in (2, 1, 0):
            try:
                self.g.qmp.send({"execute": "blockdev-reopen",
                                 "arguments": {"options": [{**self.top, "file": child}]}})
                return
            except QmpError:
                if not tries_left:
                    raise
