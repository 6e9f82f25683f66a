# SPDX-License-Identifier: GPL-2.0-or-later
"""A disk that answers with EIO: QEMU's blkdebug, put under a running guest's disk and taken away.

    faults = Faults(g, drive)
    faults.nth("write", 3)              # the third write from now on fails, and all after it
    faults.at("read", 1)                # the next read of sector 1 fails
    faults.at("read", 1, once=False)    # each does
    faults.clear()

    faults.hold("write")                # the next write will not be answered
    faults.wait_held()                  # it is here
    faults.hold_next("write")           # it is carried out, and the one after it held
    faults.let_go()

Of flushes only those count that have something to flush. livegrow looks again 1 s after a
failure, so what is to be seen of that has to be a fault that lasts. While an operation is held,
QEMU must not be asked to resize that disk: it would wait for the operation, and answer nothing else.
"""
import itertools

from qmp import QmpError

EIO = 5
# QEMU itself flushes before it takes a fault away, and fails with it, so that flushes fail so often only.
FLUSHES = 8
EVENTS = {"read": "read_aio", "write": "write_aio", "flush": "flush_to_disk"}


def nth_rules(kind, number):
    """blkdebug counts by its states, from 1; each operation leads to the next."""
    event, last = EVENTS[kind], number
    error = {"event": event, "iotype": kind, "errno": EIO}
    errors = [{**error, "state": number, "once": False}]
    if kind == "flush":
        last += FLUSHES - 1
        errors = [{**error, "state": state, "once": True} for state in range(number, last + 1)]
    steps = [{"event": event, "state": state, "new_state": state + 1} for state in range(1, last)]
    # QEMU takes no empty list.
    return {"inject-error": errors, **({"set-state": steps} if steps else {})}


# Of a throttle group, in QEMU's words: no limit, and one that an operation exceeds for as many seconds as it has bytes.
FREE = {"iops-total": 0, "bps-total": 0}
SILENT = {"iops-total": 0, "bps-total": 1}


def limit(g, drive, limits):
    """Sets the limits of a Drive that has a throttle. What waits by the old ones goes on when QEMU opens the disk again."""
    g.qmp.execute("qom-set", path=f"/objects/{drive.name}-limit", property="limits", value=limits)
    *_, top = drive.nodes()
    g.qmp.send({"execute": "blockdev-reopen", "arguments": {"options": [top]}})


def silence(g, drive):
    """From now on the Drive, which has a throttle, answers nothing, until limit() lets it: the one read that passes is spent."""
    limit(g, drive, SILENT)
    g.sh(f"dd if=/dev/{drive.name} of=/dev/null bs=4096 count=1 iflag=direct 2>&1")


def at_rules(kind, sector, once):
    return {"inject-error": [{"event": EVENTS[kind], "iotype": kind, "sector": sector,
                              "errno": EIO, "once": once}]}


class Faults:
    """The faults of one raw Drive without filters; nothing is between while none is set."""

    def __init__(self, g, drive):
        self.g, self.drive = g, drive
        *_, self.file, self.top = drive.nodes()
        self.numbers = itertools.count(1)
        self.filter = self.held = None

    def nth(self, kind, number):
        self._put(nth_rules(kind, number))

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
        self._break(kind)

    def hold_next(self, kind):
        """Lets go of what is held, and holds the next operation of KIND."""
        held = self.held
        self._break(kind)
        self._qemu_io(f"resume {held}")

    def wait_held(self):
        """Waits until the operation is there that hold() meant."""
        self.g.wait_for(lambda: f"Suspended request '{self.held}'" in self.g.said.read_text(), every=0.005)

    def let_go(self):
        self._qemu_io(f"resume {self.held}")
        self.clear()

    def _break(self, kind):
        self.held = f"{self.drive.name}-held-{next(self.numbers)}"
        self._qemu_io(f"break {EVENTS[kind]} {self.held}")

    def _qemu_io(self, command):
        """By the device: a node that is opened for a command is drained after it, which waits for what is held."""
        device = f"/machine/peripheral/dev-{self.drive.name}/virtio-backend"
        text = self.g.qmp.execute("human-monitor-command", command_line=f'qemu-io -d {device} "{command}"')
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
        for tries_left in reversed(range(FLUSHES + 1)):
            try:
                self.g.qmp.send({"execute": "blockdev-reopen",
                                 "arguments": {"options": [{**self.top, "file": child}]}})
                return
            except QmpError:
                if not tries_left:
                    raise
