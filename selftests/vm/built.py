# SPDX-License-Identifier: GPL-2.0-or-later
"""Where the built module and growctl are, for the kernel that guests run.

LIVEGROW_KO in the environment names another module, such as one that is broken on purpose.
"""
import os
import pathlib

import kernels
import paths


def directory():
    kernel = kernels.current()
    return paths.BUILD if kernels.is_host(kernel) else paths.BUILD / "kernels" / kernel.name


def tree():
    """What `make install module-install` installed: a DESTDIR for the guest."""
    return directory() / "dest"


def growctl_of_host():
    """Runs on this machine, whose libraries may be older than those of the guests'."""
    return paths.BUILD / "dest/usr/sbin/growctl"


def module():
    other = os.environ.get("LIVEGROW_KO")
    if other:
        return pathlib.Path(other)
    return (paths.TOP if kernels.is_host(kernels.current()) else directory()) / "livegrow.ko"


def failcall():
    """The test module that makes calls of livegrow fail."""
    return paths.BUILD / "failcall/failcall.ko" if kernels.is_host(kernels.current()) else directory() / "failcall.ko"


def growctl():
    return tree() / "usr/sbin/growctl"
