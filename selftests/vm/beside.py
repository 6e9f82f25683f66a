#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""`make check-beside-load`: test files again and again while a second guest keeps both processors busy.

    beside.py [--times N] [NAME...]     NAME is that of tests/test_NAME.py; all without one

A test that holds the moments that it needs passes every time. What each run said is in
build/results/beside; the last lines say how many runs of each file passed.
"""
import argparse
import contextlib
import os
import sys

import initramfs
import kernels
import ktap
import paths
import run
from guest import Guest

# The processors that are kept busy, by as many shells.
BUSY = os.cpu_count()
LOOP = "while :; do :; done"


def options():
    parser = argparse.ArgumentParser(description="tests beside a busy guest")
    parser.add_argument("--times", type=int, default=10)
    parser.add_argument("names", nargs="*", metavar="NAME")
    return parser.parse_args()


@contextlib.contextmanager
def busy_guest():
    with Guest("beside-load", initrd=initramfs.tiny(), smp=BUSY) as g:
        for _ in range(BUSY):
            g.start(LOOP)
        yield g
        assert g.qemu.poll() is None, f"the busy guest has ended\n{g.console_tail()}"


def passes(name, number):
    """Whether the file passes this time."""
    result = paths.RESULTS / "beside" / f"{name}.{number}.ktap"
    result.parent.mkdir(parents=True, exist_ok=True)
    bad = run.run_into(result, run.file_of(name), kernels.HOST)
    text = result.read_text(errors="replace")
    count = ktap.count(text)
    good = not bad and not count.failed
    print(f"{name}, run {number}: {'passed' if good else f'failed: {bad}, {count}'}", flush=True)
    if not good:
        print(*(line for line in text.splitlines() if line.startswith(("#", "not ok"))), sep="\n", flush=True)
    return good


def main():
    wanted = options()
    names = wanted.names or run.names_for(kernels.HOST)
    passed = {}
    with busy_guest():
        for name in names:
            passed[name] = sum(passes(name, number) for number in range(1, wanted.times + 1))
    for name, good in passed.items():
        print(f"{name}: {good} of {wanted.times}")
    return 0 if all(good == wanted.times for good in passed.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
