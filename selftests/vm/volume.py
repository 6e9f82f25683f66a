# SPDX-License-Identifier: GPL-2.0-or-later
"""A disk whose last partition grows with it, and the filesystem there."""
import copy

import gpt
import images
import livegrow
import oracles
import scenario
from drive import Drive

MIB = images.MIB
SIZE = 384 * MIB
ARRAY = 32
# Where the first partition starts, at the earliest.
FIRST = 2048


class Volume:
    """A disk whose last partition grows with it; OTHERS lie in front of it."""

    def __init__(self, name, kind, others, **drive):
        self.name, self.kind = name, kind
        self.others = [(part.first, part.last - part.first + 1) for part in others]
        self.number = len(others) + 1
        self.start = others[-1].last + 1 if others else FIRST
        self.mount, self.device = f"/mnt/{name}", f"{name}{self.number}"
        self.path = images.path(f"soak-{name}.raw")
        table = gpt.Table(SIZE, [*others, gpt.Part(self.start, self.end(SIZE))])
        table.write(self.path)
        images.format_partition(self.path, table, self.number, kind)
        self.starts = [(number, part.first) for number, part in enumerate(table.parts, 1)]
        self.drive = Drive(name, self.path, **drive)

    def on(self, name, path):
        """The same as the disk NAME, of another image."""
        other = copy.copy(self)
        other.name, other.path, other.drive = name, path, Drive(name, path)
        other.mount, other.device = f"/mnt/{name}", f"{name}{self.number}"
        return other

    @staticmethod
    def end(size):
        """The LBA that a grown partition ends at: the last whole MiB in front of the backup."""
        return (size // 512 - ARRAY - 1) // 2048 * 2048 - 1

    @property
    def size(self):
        return self.path.stat().st_size

    @property
    def part(self):
        """(start, size) in sectors of the partition that fills the disk."""
        return self.start, self.end(self.size) + 1 - self.start

    def check(self, g):
        """What a boot of Debian does before it mounts: e2fsck -p by the initramfs or by
        systemd-fsck, nothing of an XFS. An ext4 of Linux 6.1 needs it: mounted with a grow
        in its journal alone, it goes on with the old number of groups."""
        if self.kind == "ext4":
            status, text = g.run(f"e2fsck -p /dev/{self.device}", 120)
            assert status in (0, 1), text

    def attach(self, g):
        g.sh(f"mkdir -p {self.mount} && mount -t {self.kind} /dev/{self.device} {self.mount}")

    def is_complete(self, g):
        return (livegrow.status(g, self.name)["state"] == "full"
                and livegrow.live(g, self.name) == self.others + [self.part]
                and scenario.fs_bytes(g, self.kind, self.device, self.mount) == self.part[1] * 512)

    def judge(self):
        """Objections to the image, nothing of it being mounted."""
        return (oracles.table(self.path, self.others + [self.part])
                + oracles.filesystem(self.path, self.kind, self.start * 512, self.part[1] * 512))
