# SPDX-License-Identifier: GPL-2.0-or-later
"""Grows that are in a filesystem's journal alone: its superblock is not written in place yet.

Linux 6.1 does not stand the recovery of such a one; no livegrow is needed to see it.

ext4    with new block groups: the mount counts the groups before it replays the journal, and
        the old number stays: the next grow ends in "block_group >= groups_count", fallocate
        in EUCLEAN, and fsck finds bitmaps that are wrong
XFS     the mount takes the sizes before it replays the journal: it warns of blocks that are
        out of range in new allocation groups, and shuts down when a group is used that was
        extended (that is fixed in 6.13 by 4a201dcfa1ff)

The kernel writes the superblock of a grown ext4 before the ioctl returns, and growctl has
it write that of an XFS; so it is the time of a few writes.
"""
import math
import os
import struct

import images

SUPERBLOCK = struct.Struct(">4sIQQQ16sQ")
GROUP_BLOCKS_AT, LOG_BLOCKS_AT, GROUP_SHIFT_AT = 84, 96, 124
RECORD = struct.Struct(">IIII")
RECORD_MAGIC = b"\xfe\xed\xba\xbe"
CYCLES_AT, CYCLES = 44, 64
BASIC_BLOCK = 512


def xfs_blocks(block):
    """The blocks by the superblock BLOCK."""
    magic, _, blocks, *_ = SUPERBLOCK.unpack_from(block)
    if magic != b"XFSB":
        raise ValueError("not an XFS")
    return blocks


def xfs_journal(block):
    """(offset, length) of the journal in the filesystem, by its superblock."""
    size, start = SUPERBLOCK.unpack_from(block)[1], SUPERBLOCK.unpack_from(block)[6]
    group_blocks, = struct.unpack_from(">I", block, GROUP_BLOCKS_AT)
    blocks, = struct.unpack_from(">I", block, LOG_BLOCKS_AT)
    shift = block[GROUP_SHIFT_AT]
    group, inside = start >> shift, start & ((1 << shift) - 1)
    return (group * group_blocks + inside) * size, blocks * size


def payload(record):
    """What a record holds; the first bytes of each of its blocks stand in the header."""
    data = bytearray(record[BASIC_BLOCK:])
    for number in range(min(-(-len(data) // BASIC_BLOCK), CYCLES)):
        at = CYCLES_AT + 4 * number
        data[BASIC_BLOCK * number:BASIC_BLOCK * number + 4] = record[at:at + 4]
    return bytes(data)


def logged_sizes(record):
    """The blocks of each superblock that a record holds."""
    data, at = payload(record), -1
    while (at := data.find(b"XFSB", at + 1)) >= 0:
        yield struct.unpack_from(">Q", data, at + 8)[0]


def xfs_is_ahead(image, offset):
    with open(image, "rb") as file:
        block = os.pread(file.fileno(), BASIC_BLOCK, offset)
        start, length = xfs_journal(block)
        records = os.pread(file.fileno(), length, offset + start)
    found, at = [xfs_blocks(block)], -1
    while (at := records.find(RECORD_MAGIC, at + 1)) >= 0:
        if at % BASIC_BLOCK == 0:
            end = at + BASIC_BLOCK + RECORD.unpack_from(records, at)[3]
            found += logged_sizes(records[at:end])
    return max(found) > found[0]


def ext4_groups(file):
    with open(file, "rb") as image:
        superblock = image.read(2048)[1024:]
    low, = struct.unpack_from("<I", superblock, 4)
    first, = struct.unpack_from("<I", superblock, 0x14)
    of_group, = struct.unpack_from("<I", superblock, 0x20)
    high, = struct.unpack_from("<I", superblock, 0x150)
    return math.ceil((low + (high << 32) - first) / of_group)


def ext4_is_ahead(image, offset):
    """By e2fsck, which replays the journal of a copy and does nothing else."""
    with images.extract(image, offset, os.stat(image).st_size - offset) as file:
        before = ext4_groups(file)
        images.run("e2fsck", "-y", "-E", "journal_only", file)
        return ext4_groups(file) > before


IS_AHEAD = {"ext4": ext4_is_ahead, "xfs": xfs_is_ahead}


def is_ahead(image, kind, offset):
    """Is a grow of the filesystem at OFFSET of IMAGE in its journal alone?"""
    return IS_AHEAD[kind](image, offset)
