# SPDX-License-Identifier: GPL-2.0-or-later
"""A disk that answers with EIO: QEMU's blkdebug, put under a running guest's disk and taken away.

    faults = Faults(g, drive)
    faults.nth("write", 3)              # the third write from now on fails, once
    faults.nth("flush", 3, times=2)     # and the fourth too
    faults.at("read", 1, once=False)    # every read of sector 1 fails
    faults.clear()

    faults.hold("write")                # the next write is not answered
    faults.wait_held()                  # it has been sent
    faults.let_go()

Of flushes only those count that have something to flush. While an operation is held, QEMU must
not be asked to resize that disk: it would wait for the operation, and answer nothing else.
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

    def hold(self, kind):
        """Holds the next operation of KIND; the others pass."""
        self._put({})
        self._qemu_io(f"break {EVENTS[kind]} held")
        self.held = kind

    def wait_held(self):
        """Waits until the read or write that hold() meant is under way."""
        column = {"read": 1, "write": 2}[self.held]
        self.g.wait_for(f"[ $(awk '{{print ${column}}}' /sys/block/{self.drive.name}/inflight) -gt 0 ]")

    def let_go(self):
        self._qemu_io("resume held")
        self.clear()

    def _qemu_io(self, command):
        text = self.g.qmp.execute("human-monitor-command", command_line=f'qemu-io {self.filter} "{command}"')
        if text.strip():
            raise QmpError(f"{command}: {text.strip()}")

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
