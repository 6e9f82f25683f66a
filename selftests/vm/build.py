# SPDX-License-Identifier: GPL-2.0-or-later
"""Builds for a kernel, in a chroot of its suite, what guests with it get. Prints KTAP.

    LIVEGROW_KERNEL=6.12 build.py

For this machine's own kernel `make guest-tree` does that.
"""
import os
import shutil
import subprocess
import sys

import built
import chroot
import kernels
import ktap
import paths
import root

# Newer headers are not fit for Debian's sparse.
SPARSE = ("5.10-release", "5.10", "6.1-generic", "6.12-bookworm", "6.12")
DEST = "/dest"


def quiet(t, c, command, name):
    """A result that is good when COMMAND succeeds without a warning; sparse's errors end no build."""
    done = c.run(f"({command}) 2>&1", check=False, stdout=subprocess.PIPE, text=True)
    found = [line for line in done.stdout.splitlines() if "warning:" in line or "error:" in line]
    t.ok(done.returncode == 0 and not found, name, "\n".join(found[:50]) + f"\n{done.stdout[-8000:]}")


def checkpatch(t, c, name):
    """Its script is kept: it comes out of the kernel's whole source."""
    kept = paths.cache() / f"checkpatch-{root.kernel_version()}"
    inside = c.inside(f"/cache/livegrow/{kept.name}")
    if kept.exists():
        shutil.copytree(kept, inside)
    else:
        c.run("apt-get -q update >&2")
    quiet(t, c, f"XDG_CACHE_HOME=/cache /src/selftests/checks/checkpatch.sh {root.kernel_version()}",
          f"{name}: its checkpatch --strict finds nothing")
    if not kept.exists() and inside.exists():
        partial = kept.with_suffix(f".{os.getpid()}.partial")
        shutil.copytree(inside, partial)
        partial.rename(kept)


def take(c):
    """What the chroot built becomes the kernel's tree."""
    shutil.rmtree(built.directory(), ignore_errors=True)
    built.directory().mkdir(parents=True)
    shutil.copy2(c.inside("/src/livegrow.ko"), built.module())
    shutil.copy2(c.inside("/src/build/failcall/failcall.ko"), built.failcall())
    shutil.copytree(c.inside(DEST), built.tree(), symlinks=True)


def build(t, c, name):
    kdir = f"KDIR=/lib/modules/{root.kernel_version()}/build"
    checkpatch(t, c, name)
    if name in SPARSE:
        quiet(t, c, f"make -C /src module {kdir} C=2 CF=-D__CHECK_ENDIAN__",
              f"{name}: sparse finds nothing in the module, endianness included")
        c.run(f"make -C /src module-clean {kdir} >&2")
    quiet(t, c, f"make -C /src module {kdir} W=1", f"{name}: the module builds without a warning at W=1")
    quiet(t, c, "make -C /src ctl WERROR=1", f"{name}: growctl builds without a warning")
    c.run(f"make -C /src failcall {kdir} >&2")
    with t.case(f"{name}: both install"):
        c.run(f"make -C /src install module-install {kdir} DESTDIR={DEST} >&2")
        take(c)


def main():
    name = kernels.current().name
    with ktap.Report(plan=5 if name in SPARSE else 4) as t:
        t.note(f"{name}: {root.kernel_version()}")
        with chroot.Chroot(root.build_tree()) as c:
            c.copy(paths.TOP, "/src")
            build(t, c, name)


if __name__ == "__main__":
    sys.exit(main())
