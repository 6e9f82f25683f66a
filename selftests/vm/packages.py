#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Builds the packages of each suite and runs packages/test_*.py, each on its rows of kernels.py.

    packages.py [ROW...]        all rows without one
"""
import os
import subprocess
import sys

import kernels
import ktap
import paths
import run

HERE = paths.TESTS.parent
# The tests of each row.
PLAN = {
    "6.1": ["install", "live", "upgrade", "kernel_upgrade", "initramfs", "no_package"],
    "6.12": ["install", "upgrade", "initramfs", "no_package"],
    "5.10": ["install", "initramfs", "no_package"],
    "7": ["install"],
}


def make_trees(kernel):
    """Before the tests, whose timeouts know nothing of it."""
    subprocess.run([sys.executable, HERE / "packaging.py"], check=True, stdout=subprocess.DEVNULL,
                   env={**os.environ, "LIVEGROW_KERNEL": kernel})


def main(rows):
    paths.RESULTS.mkdir(parents=True, exist_ok=True)
    for file in paths.RESULTS.glob("*package-*.ktap"):
        file.unlink()
    built = {}
    for kernel in rows:
        suite = kernels.named(kernel).suite
        make_trees(kernel)
        if suite not in built:
            built[suite] = run.run(HERE / "deb.py", kernel, "package-build")
    run.run_jobs([(HERE / f"packages/test_{name}.py", kernel, f"package-{name}")
                  for kernel in rows if built[kernels.named(kernel).suite] for name in PLAN[kernel]])
    paths.remove_images()
    return ktap.summary(paths.RESULTS, "*package-*.ktap")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:] or PLAN))
