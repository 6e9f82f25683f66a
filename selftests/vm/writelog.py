# SPDX-License-Identifier: GPL-2.0-or-later
"""A disk whose writes and flushes QEMU logs, and that log.

    drive = LoggedDrive("vda", path, log=images.path("vda.log"))

The log has dm-log-writes' format. A write is in it when QEMU has completed it, before the
guest hears of that; until the next flush any part of it may be lost in a power cut.
"""
import dataclasses
import mmap
import os
import struct

from drive import Drive

SUPER = struct.Struct("<QQQI")
ENTRY = struct.Struct("<QQQQ")
MAGIC, VERSION = 0x6a736677736872, 1
FLUSH, DISCARD = 1, 4
SECTOR, PAGE = 512, 4096
UNFLUSHED = {"direct": False, "no-flush": True}


@dataclasses.dataclass
class LoggedDrive(Drive):
    """LOG is a raw file, begun anew when the guest starts; up to date after each flush.

    The log is what counts, so the host's own disk is spared the flushes.
    """
    log: str = None
    file_props: dict = dataclasses.field(default_factory=lambda: {"cache": UNFLUSHED})

    def layers(self):
        yield from super().layers()
        yield {"driver": "blklogwrites", "log": f"{self.name}-log"}

    def nodes(self):
        open(self.log, "wb").close()
        yield {"driver": "file", "node-name": f"{self.name}-log", "filename": str(self.log),
               "cache": UNFLUSHED}
        yield from super().nodes()


def entries_so_far(path):
    """How many entries a log has that is being written, up to the last flush."""
    with open(path, "rb") as file:
        return SUPER.unpack(file.read(SUPER.size))[2]


@dataclasses.dataclass(frozen=True)
class Entry:
    """In bytes; AT is where the log has the data. A flush has none."""
    offset: int
    length: int
    flags: int
    at: int


def read_entries(data):
    magic, version, count, sector = SUPER.unpack_from(data)
    if (magic, version) != (MAGIC, VERSION):
        raise ValueError("not a log of writes")
    at = sector
    for _ in range(count):
        first, sectors, flags, _ = ENTRY.unpack_from(data, at)
        at += sector
        yield Entry(first * sector, sectors * sector, flags, at)
        if not flags & DISCARD:
            at += sectors * sector


class WriteLog:
    """A whole log; positions in it are numbers of entries from its start."""

    def __init__(self, path):
        with open(path, "rb") as file:
            self.file = mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ)
        self.entries = list(read_entries(self.file))

    def data(self, entry, start=0, length=None):
        end = entry.length if length is None else start + length
        return self.file[entry.at + start:entry.at + end]

    def writes(self, start, end):
        """The entries between two positions that have data. Discards leave the old bytes there."""
        return [e for e in self.entries[start:end] if e.length and not e.flags & DISCARD]

    def flushed(self, position):
        """The position before which all was flushed when the log had POSITION entries."""
        return max((n for n, e in enumerate(self.entries[:position]) if e.flags & FLUSH), default=0)

    def replay(self, image, position, dice, start=0):
        """Writes to IMAGE what a power cut after POSITION entries leaves.

        Of what was not flushed any part is lost. A table's writes, in front of START, tear
        between sectors, a filesystem's into pages, so that none of its blocks and none of the
        writer's is torn. Returns (pieces kept, pieces lost).
        """
        flushed = self.flushed(position)
        with open(image, "r+b") as file:
            for entry in self.writes(0, flushed):
                os.pwrite(file.fileno(), self.data(entry), entry.offset)
            pieces = [piece for entry in self.writes(flushed, position)
                      for piece in tear(entry, start)]
            share = dice.random()
            kept = [piece for piece in pieces if dice.random() < share]
            for entry, start, length in kept:
                os.pwrite(file.fileno(), self.data(entry, start, length), entry.offset + start)
        return len(kept), len(pieces) - len(kept)


def tear(entry, start):
    """(entry, its byte, length) of what of a write is on the disk or is not."""
    size = SECTOR if entry.offset < start else PAGE
    return [(entry, at, min(size, entry.length - at)) for at in range(0, entry.length, size)]
