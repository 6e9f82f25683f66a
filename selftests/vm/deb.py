#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Builds the packages of a suite, in a chroot of it, into build/deb/SUITE. Prints KTAP.

    LIVEGROW_KERNEL=6.12 deb.py     for the suite of that row of kernels.py

Also those of an older version, into build/deb/SUITE/older, which tests upgrade from.
"""
import shutil
import subprocess
import sys

import chroot
import kernels
import ktap
import packaging
import paths

OLDER = "0.0.1"
BUILD = "cd /build/livegrow && dpkg-buildpackage -us -uc"
LINTIAN = "lintian --allow-root --fail-on error,warning --info /build/*.changes"
AGE = rf"""cd /build/livegrow
version=$(sed -n 's/^VERSION := //p' Makefile)
sed -i "s/$version/{OLDER}/" Makefile ctl/Makefile dkms.conf debian/changelog"""


def take(c, directory):
    """Moves what was built to the host's DIRECTORY."""
    shutil.rmtree(directory, ignore_errors=True)
    directory.mkdir(parents=True)
    for file in c.inside("/build").glob("*.*"):
        shutil.move(file, directory)


def build(t, c, name, directory, checks=()):
    """A result for the build of /build/livegrow, and one for each command of CHECKS."""
    done = c.run(f"({BUILD}) 2>&1", check=False, stdout=subprocess.PIPE, text=True)
    built = t.ok(done.returncode == 0 and "warning:" not in done.stdout, f"{name} is built",
                 done.stdout[-8000:])
    for title, command in checks:
        done = c.run(f"({command}) 2>&1", check=False, stdout=subprocess.PIPE, text=True)
        t.ok(built and done.returncode == 0, f"{name}: {title}", done.stdout[-8000:])
    if built:
        take(c, directory)


def main():
    suite = kernels.current().suite
    with ktap.Report(plan=3) as t, chroot.Chroot(packaging.build_tree()) as c:
        c.copy(paths.TOP, "/build/livegrow")
        build(t, c, f"{suite}: livegrow-dkms and growctl", packaging.directory(),
              [("lintian finds no error and no warning", LINTIAN)])
        c.run(AGE)
        build(t, c, f"{suite}: an older version", packaging.directory() / "older")


if __name__ == "__main__":
    sys.exit(main())
