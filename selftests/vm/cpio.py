# SPDX-License-Identifier: GPL-2.0-or-later
"""Writes a tree as a cpio archive of the "newc" kind, which the kernel unpacks at boot."""
import os
import stat


def entry(ino, name, mode, data=b"", rdev=(0, 0)):
    fields = [ino, mode, 0, 0, 1, 0, len(data), 0, 0, *rdev, len(name) + 1, 0]
    head = b"070701" + b"".join(b"%08X" % f for f in fields) + name + b"\0"
    return head + bytes(-len(head) % 4) + data + bytes(-len(data) % 4)


def contents(path, mode):
    if stat.S_ISLNK(mode):
        return os.fsencode(os.readlink(path))
    if stat.S_ISREG(mode):
        with open(path, "rb") as file:
            return file.read()
    return b""


def names(tree):
    for directory, subdirs, files in os.walk(tree):
        subdirs.sort()
        for name in sorted(subdirs + files):
            yield os.path.join(directory, name)


def write(tree, out):
    """The whole of TREE, owned by root, plus /dev/console, without which init is mute."""
    with open(out, "wb") as archive:
        archive.write(entry(1, b"dev", stat.S_IFDIR | 0o755))
        archive.write(entry(2, b"dev/console", stat.S_IFCHR | 0o600, rdev=(5, 1)))
        for ino, path in enumerate(names(tree), 3):
            mode = os.lstat(path).st_mode
            name = os.fsencode(os.path.relpath(path, tree))
            archive.write(entry(ino, name, mode, contents(path, mode)))
        archive.write(entry(0, b"TRAILER!!!", 0))
