# SPDX-License-Identifier: GPL-2.0-or-later
"""A tree of hard links with some files of its own: how a test changes a guest's root.

Nothing that is laid over a tree may be written in place, or it would change the
cached original: every file is unlinked before it is written.
"""
import contextlib
import os
import pathlib
import shutil
import subprocess
import tempfile

import paths


def inside(tree, name):
    """Where the guest's NAME lies below TREE: the guest's symlinks stay in the guest."""
    done = pathlib.PurePosixPath("/")
    todo = list(pathlib.PurePosixPath("/", name).parts[1:])
    while todo:
        part = todo.pop(0)
        done = done.parent if part == ".." else done / part
        here = pathlib.Path(f"{tree}{done}")
        if here.is_symlink():
            target = pathlib.PurePosixPath(os.readlink(here))
            start = pathlib.PurePosixPath("/") if target.is_absolute() else done.parent
            todo = [p for p in target.parts if p != "/"] + todo
            done = start
    return pathlib.Path(f"{tree}{done}")


def parent_of(tree, name):
    """The directory that is to hold NAME, made when missing."""
    parent = inside(tree, pathlib.PurePosixPath("/", name).parent)
    parent.mkdir(parents=True, exist_ok=True)
    return parent


def place(tree, name, source):
    """Puts SOURCE at the guest's NAME: bytes, a host's file, or a host's directory merged in."""
    if not isinstance(source, bytes) and os.path.isdir(source) and not os.path.islink(source):
        for entry in sorted(os.listdir(source)):
            place(tree, pathlib.PurePosixPath(name, entry), os.path.join(source, entry))
        inside(tree, name).mkdir(parents=True, exist_ok=True)
        return
    target = parent_of(tree, name) / pathlib.PurePosixPath(name).name
    target.unlink(missing_ok=True)
    if isinstance(source, bytes):
        target.write_bytes(source)
        target.chmod(0o755 if source.startswith(b"#!") else 0o644)
    else:
        shutil.copy2(source, target, follow_symlinks=False)
        if not target.is_symlink():
            os.chown(target, 0, 0)


def symlink(tree, name, target):
    link = parent_of(tree, name) / pathlib.PurePosixPath(name).name
    link.unlink(missing_ok=True)
    link.symlink_to(target)


def depmod(tree, kver):
    """modprobe must find a module that was laid over; the index files are links to the cache."""
    modules = inside(tree, f"/lib/modules/{kver}")
    for index in modules.glob("modules.*"):
        if index.name not in ("modules.order", "modules.builtin", "modules.builtin.modinfo"):
            index.unlink()
    subprocess.run(["depmod", "-b", tree, kver], check=True)


@contextlib.contextmanager
def merged(base, files, kver=None):
    """A throw-away copy of BASE with FILES {guest's name: bytes or host's path} laid over.

    It lies beside BASE, since hard links do not cross filesystems.
    """
    holder = pathlib.Path(tempfile.mkdtemp(prefix="merged-", dir=paths.cache()))
    tree = holder / "root"
    try:
        subprocess.run(["cp", "-al", base, tree], check=True)
        for name, source in files.items():
            place(tree, name, source)
        if kver and any("/lib/modules" in str(n) or n == "/" for n in files):
            depmod(tree, kver)
        yield tree
    finally:
        shutil.rmtree(holder, ignore_errors=True)
