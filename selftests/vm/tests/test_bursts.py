# SPDX-License-Identifier: GPL-2.0-or-later
"""Resizes up and down on throttled disks in use keep every table (A6); `make soak` does it 20 times."""
import random

import ktap
from bursts import Bursts

TIMEOUT = 300
BURSTS = 2


def main():
    seed = random.SystemRandom().randrange(1 << 32)
    with ktap.Report(plan=1) as t:
        t.note(f"seed {seed}")
        bursts = Bursts(BURSTS, random.Random(seed))
        bursts.run()
        t.note(f"{bursts.resizes} resizes; {bursts.by_hand} disks asked for a person's word")
        t.ok(bursts.is_good(), f"A6: {bursts.good} of {4 * BURSTS} disks keep their table and end right",
             "\n".join(bursts.objections))


main()
