#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""`make check-beside-load`: test files again and again while a second guest keeps both processors busy.

    beside.py [--times N] [--forget] [NAME...]      NAME is that of tests/test_NAME.py; all without one

A test that holds the moments that it needs passes every time. The output of each run is in
build/results/beside; the last lines say how many runs of each file passed. All runs take hours: the
outcome of each, passed or failed, is kept in the cache for this tree (kept.py), and a run that is
stopped is taken up there. --forget removes the outcomes of the files that are named.
"""
import argparse
import contextlib
import json
import os
import sys

import initramfs
import kept
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
    parser.add_argument("--forget", action="store_true")
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


class Outcomes:
    """Whether each run of a file passed, in the order of the runs, as far as this tree has run it."""

    def __init__(self):
        self.row = kept.Row(kernels.HOST, run.make_trees(kernels.HOST))

    def file(self, name):
        return self.row.file(f"beside-{name}")

    def of(self, name):
        return json.loads(self.file(name).read_text()) if self.row.has(f"beside-{name}") else []

    def add(self, name, good):
        """A run counts only if the tree is still the one that it began with."""
        if "LIVEGROW_KO" in os.environ or kept.work_tree() != self.row.tree:
            raise SystemExit("the module or the work tree is another one: runs from here on do not count")
        partial = self.file(name).with_suffix(f".{os.getpid()}.partial")
        partial.write_text(json.dumps([*self.of(name), good]))
        partial.rename(self.file(name))

    def forget(self, name):
        self.file(name).unlink(missing_ok=True)


def run_missing(outcomes, name, times):
    for number in range(len(outcomes.of(name)) + 1, times + 1):
        outcomes.add(name, passes(name, number))


def main():
    wanted = options()
    names = wanted.names or run.names_for(kernels.HOST)
    outcomes = Outcomes()
    for name in names if wanted.forget else ():
        outcomes.forget(name)
    with busy_guest():
        for name in names:
            run_missing(outcomes, name, wanted.times)
    passed = {name: sum(outcomes.of(name)[:wanted.times]) for name in names}
    for name, good in passed.items():
        print(f"{name}: {good} of {wanted.times}")
    return 0 if all(good == wanted.times for good in passed.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
