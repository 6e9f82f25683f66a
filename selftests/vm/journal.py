# SPDX-License-Identifier: GPL-2.0-or-later
"""A grow of an XFS that is in its journal alone: the superblock is not written in place yet.

Linux 6.1 does not stand the recovery of such a one; no livegrow is needed to see it. The mount
takes the sizes before it replays the journal: it warns of blocks that are out of range in
new allocation groups, and shuts down when a group is used that was extended (that is fixed
in 6.13 by 4a201dcfa1ff). growctl has the superblock written as soon as the ioctl is back, so
it is the time of a few writes.
"""
import os
import struct

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


def is_ahead(image, offset):
    """Is a grow of the XFS at OFFSET of IMAGE in its journal alone?"""
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
