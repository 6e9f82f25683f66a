#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""`make soak`: what takes too long for `make check`, since it needs many tries.

    soak.py [--kills N] [--races N] [--seed SEED]

Ends with a line for each, and exits 0 only if all of it held.
"""
import argparse
import random
import sys
import traceback

import kills
import paths
import races


def options():
    parser = argparse.ArgumentParser(description="kills and races")
    parser.add_argument("--kills", type=int, default=30)
    parser.add_argument("--races", type=int, default=200)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(1 << 32))
    return parser.parse_args()


def attempt(run):
    """What a guest that died has shown until then still counts."""
    try:
        run()
        return True
    except Exception:
        traceback.print_exc()
        return False
    finally:
        paths.remove_images(mine=True)


def main():
    wanted = options()
    print(f"seed {wanted.seed}", flush=True)
    killing = kills.Kills(wanted.kills, random.Random(wanted.seed))
    racing = races.Races(wanted.races, random.Random(wanted.seed))
    done = [attempt(killing.run), attempt(racing.run)]
    killing.tell()
    racing.tell()
    print(f"kills: {killing.recovered} of {wanted.kills} recovered")
    print(f"races: {racing.valid} of {wanted.races} valid")
    return 0 if all(done) and killing.is_good() and racing.is_good() else 1


if __name__ == "__main__":
    sys.exit(main())
