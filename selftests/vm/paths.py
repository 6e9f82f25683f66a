# SPDX-License-Identifier: GPL-2.0-or-later
"""Where things lie: in the clone's build directory and in the user's cache."""
import os
import pathlib

TOP = pathlib.Path(__file__).resolve().parents[2]
BUILD = TOP / "build"
VM = BUILD / "vm"
DISKS = VM / "disks"
LOGS = VM / "logs"
RESULTS = BUILD / "results"
GUEST_PROGRAMS = BUILD / "guest"
CRASH_PROGRAMS = BUILD / "crash"
CRASH_SOURCES = TOP / "selftests" / "crash"
GUEST_SOURCES = TOP / "selftests" / "guest"
TESTS = TOP / "selftests" / "vm" / "tests"


def cache():
    """Outlives the clone: a guest root costs half a minute and a download."""
    base = os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache"
    path = pathlib.Path(base) / "livegrow"
    path.mkdir(parents=True, exist_ok=True)
    return path


def disk_image(name):
    """Where this process's image NAME lies: on a real disk, or flushes would cost nothing."""
    DISKS.mkdir(parents=True, exist_ok=True)
    return DISKS / f"{os.getpid()}-{name}"


def remove_images(mine=False):
    """Removes images whose process is gone; its own too when MINE."""
    for image in DISKS.glob("*"):
        owner = image.name.split("-")[0]
        # A test's temporary directory goes with its process, not here beside it.
        if not owner.isdigit():
            continue
        if mine and owner == str(os.getpid()) or not os.path.exists(f"/proc/{owner}"):
            image.unlink(missing_ok=True)
