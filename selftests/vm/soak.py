#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""`make soak`: what takes too long for `make check`, since it needs many tries.

    soak.py [--kernel ROW] [--kills N] [--races N] [--bursts N] [--seed SEED]

The kernel is the newest one of kernels.py: what XFS before 6.13 makes of a kill now and then
(see kills.py) is no news. Ends with a line for each, and exits 0 only if all of it held.
"""
import argparse
import os
import random
import sys
import traceback

import bursts
import kernels
import kills
import paths
import races
import run


def options():
    parser = argparse.ArgumentParser(description="kills, races and bursts")
    parser.add_argument("--kernel", default=os.environ.get("LIVEGROW_KERNEL", kernels.LINES[-1]))
    parser.add_argument("--kills", type=int, default=30)
    parser.add_argument("--races", type=int, default=200)
    parser.add_argument("--bursts", type=int, default=20)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 32))
    return parser.parse_args()


def use_kernel(name):
    """From here on, guests run it."""
    if not run.build(name):
        raise SystemExit(f"{name}: not built for")
    os.environ["LIVEGROW_KERNEL"] = name


def attempt(work):
    """What a guest that died has shown until then still counts."""
    try:
        work()
        return True
    except Exception:
        traceback.print_exc()
        return False
    finally:
        paths.remove_images(mine=True)


def main():
    wanted = options()
    use_kernel(wanted.kernel)
    print(f"kernel {wanted.kernel}, seed {wanted.seed}", flush=True)
    killing = kills.Kills(wanted.kills, random.Random(wanted.seed))
    racing = races.Races(wanted.races, random.Random(wanted.seed))
    bursting = bursts.Bursts(wanted.bursts, random.Random(wanted.seed))
    done = [attempt(killing.run), attempt(racing.run), attempt(bursting.run)]
    killing.tell()
    racing.tell()
    bursting.tell()
    print(f"kills: {killing.recovered} of {wanted.kills} recovered")
    print(f"races: {racing.valid} of {wanted.races} valid")
    print(f"bursts: {bursting.good} of {4 * wanted.bursts} disks keep their table and end right")
    return 0 if all(done) and killing.is_good() and racing.is_good() and bursting.is_good() else 1


if __name__ == "__main__":
    sys.exit(main())
