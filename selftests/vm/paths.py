# SPDX-License-Identifier: GPL-2.0-or-later
"""Where things lie: in the clone's build directory and in the user's cache."""
import os
import pathlib

TOP = pathlib.Path(__file__).resolve().parents[2]
BUILD = TOP / "build"
VM = BUILD / "vm"
LOGS = VM / "logs"
RESULTS = BUILD / "results"
GUEST_PROGRAMS = BUILD / "guest"
GUEST_SOURCES = TOP / "selftests" / "guest"
TESTS = TOP / "selftests" / "vm" / "tests"


def cache():
    """Outlives the clone: a guest root costs half a minute and a download."""
    base = os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache"
    path = pathlib.Path(base) / "livegrow"
    path.mkdir(parents=True, exist_ok=True)
    return path


def scratch(*parts):
    """A path under build/vm whose parent directory exists."""
    path = VM.joinpath(*parts)
    path.parent.mkdir(parents=True, exist_ok=True)
    return path
