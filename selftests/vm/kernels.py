# SPDX-License-Identifier: GPL-2.0-or-later
"""The kernels that livegrow is tested on, each with the Debian that ships it.

A row is what a user has who installs linux-image-FLAVOUR of the suite. LIVEGROW_KERNEL in the
environment names the row that guests run; without it, it is HOST, the one kernel
that is built for on this machine and not in a chroot.
"""
import dataclasses
import os

MIRROR = "http://deb.debian.org"
HOST = "6.1"


def main(suite):
    return f"deb {MIRROR}/debian {suite} main"


def security(suite):
    return f"deb {MIRROR}/debian-security {suite}-security main"


def backports(suite):
    return f"deb {MIRROR}/debian {suite}-backports main"


@dataclasses.dataclass(frozen=True)
class Kernel:
    """FLAVOUR is the end of linux-image-FLAVOUR; FROM is the archive that its packages are pinned to."""
    name: str
    suite: str
    sources: tuple
    flavour: str = "cloud-amd64"
    pinned: str = ""
    # Whether a module can see how an ext4 or XFS is mounted.
    shows_mounts: bool = True

    def preferences(self):
        """What apt is told, so that the kernel comes from there and nothing else does."""
        return f"Package: linux-*\nPin: release n={self.pinned}\nPin-Priority: 600\n" if self.pinned else ""


ROWS = [
    Kernel("5.10-release", "bullseye", (main("bullseye"),)),
    Kernel("5.10", "bullseye", (main("bullseye"), security("bullseye"))),
    Kernel("6.1", "bookworm", (main("bookworm"), security("bookworm"))),
    Kernel("6.1-generic", "bookworm", (main("bookworm"), security("bookworm")), "amd64"),
    Kernel("6.12-bookworm", "bookworm", (main("bookworm"), security("bookworm")), "6.12-cloud-amd64"),
    Kernel("6.12", "trixie", (main("trixie"), security("trixie"))),
    Kernel("7", "trixie", (main("trixie"), security("trixie"), backports("trixie")),
           pinned="trixie-backports", shows_mounts=False),
]


# One of each line that the host's is not of.
LINES = ["5.10", "6.12", "7"]


def named(name):
    found = [row for row in ROWS if row.name == name]
    if not found:
        raise SystemExit(f"no kernel {name}: one of {', '.join(row.name for row in ROWS)}")
    return found[0]


def current():
    return named(os.environ.get("LIVEGROW_KERNEL", HOST))


def is_host(kernel):
    return kernel.name == HOST
