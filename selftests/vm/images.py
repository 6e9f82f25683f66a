# SPDX-License-Identifier: GPL-2.0-or-later
"""Disk images without loop devices and mounts: everything is written into plain files.

A filesystem is made in a file of its own and its data, not its holes, copied to
where the partition lies. Images lie in the clone's build directory, on a real disk.
"""
import contextlib
import hashlib
import os
import pathlib
import subprocess
import tempfile

import gpt
import paths

MIB = 1 << 20
GIB = 1 << 30


def run(*command, **options):
    return subprocess.run([str(c) for c in command], check=True, capture_output=True,
                          text=True, **options)


def path(name):
    """Where a test's image NAME lies; what an earlier run left there is gone."""
    image = paths.disk_image(name)
    image.unlink(missing_ok=True)
    return image


def empty(name, size, format="raw"):
    image = path(name)
    if format == "raw":
        with open(image, "wb") as file:
            file.truncate(size)
    else:
        run("qemu-img", "create", "-f", format, image, size)
    return image


def sfdisk(image, script):
    """Partitions by an sfdisk SCRIPT; 512-byte blocks (gpt.Table does the others)."""
    run("sfdisk", "--quiet", "--no-reread", "--no-tell-kernel", image, input=script)


def sgdisk(image, *arguments):
    run("sgdisk", *arguments, image)


@contextlib.contextmanager
def temporary(size=0):
    handle, name = tempfile.mkstemp(prefix=paths.disk_image("").name, dir=paths.DISKS)
    os.ftruncate(handle, size)
    os.close(handle)
    try:
        yield pathlib.Path(name)
    finally:
        os.unlink(name)


def data_ranges(fd, start, end):
    """(offset, length) of what is not a hole in START..END."""
    while start < end:
        try:
            start = os.lseek(fd, start, os.SEEK_DATA)
        except OSError:
            return
        hole = min(os.lseek(fd, start, os.SEEK_HOLE), end)
        if start < end:
            yield start, hole - start
        start = hole


def copy_range(source, target, start, length, to):
    while length:
        done = os.copy_file_range(source, target, min(length, GIB), start, to)
        if not done:
            raise OSError("short copy")
        start, to, length = start + done, to + done, length - done


def copy_data(source, target, start=0, length=None, to=0):
    """Copies the data of SOURCE (bytes START, LENGTH) into TARGET at TO, holes left alone."""
    with open(source, "rb") as src, open(target, "r+b") as dst:
        end = os.fstat(src.fileno()).st_size if length is None else start + length
        for at, count in data_ranges(src.fileno(), start, end):
            copy_range(src.fileno(), dst.fileno(), at, count, to + at - start)


def mkfs(file, kind, tree=None, label=None, block=512, options=()):
    """Makes a filesystem over the whole of FILE; TREE's files go into it (ext, vfat and read-only images)."""
    if kind.startswith("ext"):
        command = ["mke2fs", "-q", "-F", "-t", kind, *(["-L", label] if label else []),
                   *(["-d", tree] if tree else []), *options, file]
    elif kind == "xfs":
        command = ["mkfs.xfs", "-q", "-f", "-s", f"size={block}",
                   *(["-L", label] if label else []), *options, file]
    elif kind == "btrfs":
        command = ["mkfs.btrfs", "-q", "-f", *(["-L", label] if label else []), *options, file]
    elif kind == "nilfs2":
        command = ["mkfs.nilfs2", "-q", "-f", *(["-L", label] if label else []), *options, file]
    elif kind == "vfat":
        command = ["mkfs.vfat", "-S", block, *(["-n", label] if label else []), *options, file]
    elif kind == "squashfs":
        command = ["mksquashfs", tree, file, "-quiet", "-no-progress", "-noappend", *options]
    elif kind == "erofs":
        command = ["mkfs.erofs", "--quiet", *options, file, tree]
    elif kind == "swap":
        command = ["mkswap", "-q", *(["-L", label] if label else []), *options, file]
    else:
        raise ValueError(f"no way to make {kind}")
    run(*command)
    if kind == "vfat" and tree:
        run("mcopy", "-s", "-i", file, *sorted(tree.iterdir()), "::")


def format_range(image, offset, size, kind, **options):
    """A filesystem of SIZE bytes at OFFSET of the raw IMAGE; options as mkfs()."""
    with temporary(size) as file:
        mkfs(file, kind, **options)
        copy_data(file, image, to=offset)


def format_partition(image, table, number, kind, **options):
    """The same for partition NUMBER of a gpt.Table."""
    offset, size = table.offset(number)
    format_range(image, offset, size, kind, block=table.block, **options)


def label_partition(image, table, number):
    """LVM's label in partition NUMBER of a gpt.Table: what the module grows whatever holds it. No tool takes it for LVM."""
    with open(image, "r+b") as file:
        file.seek(table.offset(number)[0] + 512)
        file.write(b"LABELONE")


def partitions(image):
    """[(offset, size)] of the raw IMAGE's GPT, by slot, 512-byte blocks."""
    parts = gpt.Image(image).table()["parts"]
    return [(p["first"] * 512, (p["last"] - p["first"] + 1) * 512) for p in parts]


def to_qcow2(image):
    """The raw IMAGE as qcow2, which takes its place under the name NAME.qcow2."""
    target = image.with_suffix(".qcow2")
    run("qemu-img", "convert", "-f", "raw", "-O", "qcow2", image, target)
    image.unlink()
    return target


@contextlib.contextmanager
def raw(image, format="raw"):
    """The image's content as a raw file; for a qcow2, a copy that is gone afterwards."""
    if format == "raw":
        yield pathlib.Path(image)
        return
    with temporary() as copy:
        run("qemu-img", "convert", "-f", format, "-O", "raw", image, copy)
        yield copy


@contextlib.contextmanager
def extract(image, offset, size):
    """A sparse copy of one partition: fsck and blkid look at it like at a disk."""
    with temporary(size) as file:
        copy_data(image, file, offset, size)
        yield file


def data_pieces(fd, start, end):
    """The offsets of the MiB pieces of START..END that hold any data, counted from START."""
    numbers = set()
    for at, count in data_ranges(fd, start, end):
        numbers.update(range((at - start) // MIB, (at - start + count - 1) // MIB + 1))
    return [start + number * MIB for number in sorted(numbers)]


def digest(image, offset=0, size=None):
    """A sha256 over SIZE bytes of the raw IMAGE at OFFSET; to its end without SIZE.

    Pieces of zeros are left out, be they holes or data, or a mostly empty disk would
    take seconds a GiB; so it compares with other digests of this function only.
    """
    with open(image, "rb") as file:
        fd = file.fileno()
        end = os.fstat(fd).st_size if size is None else offset + size
        total = hashlib.sha256(b"%d" % (end - offset))
        for at in data_pieces(fd, offset, end):
            data = os.pread(fd, min(MIB, end - at), at)
            if data != bytes(len(data)):
                total.update(b"%d:" % (at - offset) + data)
    return total.hexdigest()


def differences(one, other):
    """The sectors of 512 bytes in which two raw images of the same size differ."""
    found = []
    with open(one, "rb") as a, open(other, "rb") as b:
        size = os.fstat(a.fileno()).st_size
        if os.fstat(b.fileno()).st_size != size:
            raise ValueError(f"{one} and {other} are not of the same size")
        pieces = {*data_pieces(a.fileno(), 0, size), *data_pieces(b.fileno(), 0, size)}
        for at in sorted(pieces):
            left, right = os.pread(a.fileno(), MIB, at), os.pread(b.fileno(), MIB, at)
            if left != right:
                found += [(at + n) // 512 for n in range(0, len(left), 512)
                          if left[n:n + 512] != right[n:n + 512]]
    return found


def resize(image, size, format="raw"):
    """What a host does with a guest that is off."""
    run("qemu-img", "resize", "-q", "-f", format, image, size)
