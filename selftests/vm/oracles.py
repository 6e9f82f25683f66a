# SPDX-License-Identifier: GPL-2.0-or-later
"""Other people's tools as judges of an image; the exit codes alone of most say nothing.

Each returns a list of objections, empty when it has none.
"""
import json
import os
import re
import struct
import subprocess

import gpt
import images


def tool(*command):
    done = subprocess.run([str(c) for c in command], capture_output=True, text=True)
    return done.returncode, done.stdout, done.stderr


def sgdisk(image):
    """sgdisk exits 0 whatever it finds, and warns of what is merely unusual."""
    status, out, err = tool("sgdisk", "-v", image)
    text = out + err
    if status == 0 and "No problems found" in text and not re.search(r"CRC|Problem:", text):
        return []
    return [f"sgdisk -v: {text.strip()}"]


def sfdisk(image, expected=None):
    """sfdisk takes the backup silently, but says so on stderr. EXPECTED: [(start, size)] in sectors."""
    status, out, err = tool("sfdisk", "--json", image)
    if status or err.strip():
        return [f"sfdisk --json: {status} {err.strip()}"]
    found = [(p["start"], p["size"]) for p in json.loads(out)["partitiontable"]["partitions"]]
    if expected is not None and found != list(expected):
        return [f"sfdisk sees {found}, expected {list(expected)}"]
    return []


def table(image, expected=None, block=512):
    """Every judge that can read this block size (sfdisk and sgdisk take a file for 512)."""
    found = [f"gpt.py: {p}" for p in gpt.Image(image, block).problems()]
    if block == 512:
        found += sgdisk(image) + sfdisk(image, expected)
    return found


def e2fsck(file):
    status, out, err = tool("e2fsck", "-fn", file)
    return [f"e2fsck: {status} {out} {err}"] if status else []


def xfs_repair(file):
    status, out, err = tool("xfs_repair", "-n", "-f", file)
    return [f"xfs_repair: {status} {out} {err}"] if status else []


def btrfs_check(file):
    """Of several devices the others may be missing, where the metadata are on each."""
    status, out, err = tool("btrfs", "check", file)
    return [f"btrfs check: {status} {out} {err}"] if status or "no error found" not in out + err else []


FSCK = {"ext2": e2fsck, "ext3": e2fsck, "ext4": e2fsck, "xfs": xfs_repair, "btrfs": btrfs_check}


def filesystem(image, kind, offset=0, size=None):
    """Checks the filesystem at OFFSET of the raw IMAGE, the whole image without SIZE."""
    if size is None:
        return FSCK[kind](image)
    with images.extract(image, offset, size) as file:
        return FSCK[kind](file)


def ext_size(superblock):
    blocks, = struct.unpack_from("<I", superblock, 1024 + 4)
    log, = struct.unpack_from("<I", superblock, 1024 + 24)
    high, = struct.unpack_from("<I", superblock, 1024 + 0x150)
    return (blocks + (high << 32)) << (10 + log)


def xfs_size(superblock):
    block, blocks = struct.unpack_from(">IQ", superblock, 4)
    return block * blocks


def xfs_sizes(image, offset):
    """The bytes that the superblock of each allocation group says the XFS at OFFSET has."""
    with open(image, "rb") as file:
        first = os.pread(file.fileno(), 512, offset)
        block, = struct.unpack_from(">I", first, 4)
        length, groups = struct.unpack_from(">II", first, 84)
        return [xfs_size(os.pread(file.fileno(), 512, offset + group * length * block))
                for group in range(groups)]


def btrfs_size(start):
    """What it takes of this one device."""
    total, = struct.unpack_from("<Q", start, 65536 + 0xc9 + 8)
    return total


def nilfs_size(start):
    """Its magic number, and its device's bytes: struct nilfs_super_block of the kernel's nilfs2_ondisk.h."""
    magic, size = struct.unpack_from("<6xH24xQ", start, 1024)
    assert magic == 0x3434, magic
    return size


SIZE = {"ext2": ext_size, "ext3": ext_size, "ext4": ext_size, "xfs": xfs_size, "btrfs": btrfs_size, "nilfs2": nilfs_size}


def filesystem_size(image, kind, offset=0):
    """The bytes that the superblock at OFFSET says it has: no tool between."""
    with open(image, "rb") as file:
        file.seek(offset)
        return SIZE[kind](file.read(65536 + 4096))
