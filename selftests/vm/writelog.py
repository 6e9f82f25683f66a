# SPDX-License-Identifier: GPL-2.0-or-later
"""A disk whose writes and flushes QEMU logs, and that log.

    drive = LoggedDrive("vda", path, log=images.path("vda.log"))

The log has dm-log-writes' format. A write is in it when QEMU has completed it, before the
guest hears of that; until the next flush any part of it may be lost in a power cut.
"""
import dataclasses
import struct

from drive import Drive

SUPER = struct.Struct("<QQQI")
ENTRY = struct.Struct("<QQQQ")
MAGIC, VERSION = 0x6a736677736872, 1
FLUSH, FUA, DISCARD = 1, 2, 4


@dataclasses.dataclass
class LoggedDrive(Drive):
    """LOG is a raw file, begun anew when the guest starts; up to date after each write."""
    log: str = None

    def layers(self):
        yield from super().layers()
        yield {"driver": "blklogwrites", "log": f"{self.name}-log", "log-super-update-interval": 1}

    def nodes(self):
        open(self.log, "wb").close()
        yield {"driver": "file", "node-name": f"{self.name}-log", "filename": str(self.log)}
        yield from super().nodes()
