# SPDX-License-Identifier: GPL-2.0-or-later
"""Debian trees in the cache, made by mmdebstrap.

Each lies outside the clone, as a tarball and as the tree unpacked from it, under a
name that changes with everything that made it; nothing is ever repaired in place.
"""
import contextlib
import fcntl
import os
import shutil
import subprocess
import sys

import paths


@contextlib.contextmanager
def locked(name):
    """Two tests that start on an empty cache must not both build it."""
    with open(paths.cache() / f"{name}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


# As Debian 11's installer does; its packages do not yet.
MERGE_USR = 'for d in bin sbin lib lib32 lib64 libx32; do mkdir -p "$1/usr/$d"; ln -s "usr/$d" "$1/$d"; done'


def options(kernel, customize):
    result = ["--quiet", "--variant=minbase", '--aptopt=Acquire::Check-Valid-Until "false"']
    result += [f"--dpkgopt=path-exclude=/usr/share/{name}/*" for name in ("doc", "man", "locale")]
    if kernel.suite == "bullseye":
        result.append(f"--setup-hook={MERGE_USR}")
    if kernel.preferences():
        text = kernel.preferences().replace("\n", "\\n")
        result.append(f"--setup-hook=printf '{text}' > \"$1/etc/apt/preferences.d/kernel\"")
    return result + ([f"--customize-hook={customize.strip()}"] if customize else [])


# Guests here have initramfs of their own, and to make one takes as long as all the rest.
NO_INITRD = {**os.environ, "INITRD": "No"}


def make_tarball(kernel, packages, arguments, tar):
    partial = tar.with_suffix(f".{os.getpid()}.partial.tar")
    try:
        subprocess.run(["mmdebstrap", *arguments, "--include=" + ",".join(packages), kernel.suite,
                        str(partial), *kernel.sources],
                       check=True, stdin=subprocess.DEVNULL, stdout=sys.stderr, env=NO_INITRD)
        partial.rename(tar)
    finally:
        partial.unlink(missing_ok=True)


def unpack(tar, tree):
    partial = tree.with_suffix(f".{os.getpid()}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir()
    subprocess.run(["tar", "--numeric-owner", "--xattrs", "--xattrs-include=*",
                    "-C", partial, "-xf", tar], check=True)
    partial.rename(tree)


def tree(name, kernel, packages, customize):
    """The tree NAME of KERNEL's suite with PACKAGES, made when missing. Nobody writes into it.

    NAME has a hash of everything that makes it. CUSTOMIZE is a script that is run with the tree as $1.
    """
    directory, tar = paths.cache() / name, paths.cache() / f"{name}.tar"
    if directory.exists():
        return directory
    with locked(name):
        if not tar.exists():
            print(f"# making {name}, once ...", file=sys.stderr, flush=True)
            make_tarball(kernel, packages, options(kernel, customize), tar)
        if not directory.exists():
            unpack(tar, directory)
    return directory
