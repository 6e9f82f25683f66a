# SPDX-License-Identifier: GPL-2.0-or-later
"""Bursts of resizes up and down, on throttled disks that are in use, while other programs are at work.

In a burst 4 disks are resized 200 times in 20 seconds, 28 times of these down, never below the
size at which the burst began: the host takes an enlargement back. Meanwhile the module is
unloaded and loaded, the filesystems are frozen and thawed, and tables and states are dumped. The
disks are throttled, so that a commit takes as long as several resizes. At last each disk becomes
larger than ever. Then each has to keep its table and its partitions, and to end with a last
partition that fills it; if the module says that an end was lost or that table and kernel
differ, after `growctl grow` by a person.
"""
import time

import gpt
import livegrow
import oracles
import scenario
from volume import MIB, Volume

RESIZES, DOWN = 200, 28
SECONDS = 20
# Operations a second, of each disk: a commit is some 35 of them.
LIMITS = (20, 40, 80, 160)
# A person is asked only for these.
BY_HAND = {("shrunk", "was-shrunk"), ("blocked", "table-differs"), ("waiting", "free-tail")}
QUIET_TIMEOUT = 60


def new_volumes():
    front = [gpt.Part(2048, 4095, gpt.BIOS_BOOT)]
    return [Volume(f"vd{letter}", kind, others, throttle={"iops-total": 0})
            for letter, kind, others in zip("abcd", ["ext4", "xfs"] * 2, [[], front] * 2)]


def limit(g, volume, operations):
    g.qmp.execute("qom-set", path=f"/objects/{volume.name}-limit", property="limits",
                  value={"iops-total": operations})


# What other programs do meanwhile; the frozen filesystem is thawed in any case.
BESIDE = [
    "rmmod livegrow 2>/dev/null; modprobe livegrow",
    "sfdisk -d /dev/{disk} >/dev/null 2>&1",
    "fsfreeze -f {mount} && (sleep 0.3; fsfreeze -u {mount})",
    "lgnl dump >/dev/null 2>&1; growctl status >/dev/null 2>&1",
]


def start_beside(g, volumes):
    """A loop for each of them, until /run/bursts/stop is there."""
    g.sh("rm -rf /run/bursts; mkdir /run/bursts")
    return [g.start("; ".join(["until [ -e /run/bursts/stop ]; do true",
                               command.format(disk=volume.name, mount=volume.mount),
                               "sleep 0.5; done"]))
            for command, volume in zip(BESIDE, volumes)]


def sizes(dice, base):
    """The sizes of one disk in a burst, in order: more and more, and now and then less."""
    ups = RESIZES // len(LIMITS)
    down = set(dice.sample(range(1, ups - 1), DOWN // len(LIMITS)))
    size, found = base, []
    for number in range(ups):
        if number in down:
            size = dice.choice((base, dice.randrange(base // 512, size // 512 + 1) * 512))
        else:
            size += 512 * dice.choice((1, 33, 34, 2048, 4096, dice.randint(1, 4096)))
        found.append(size)
    # Larger than ever: a partition may have grown to any of them.
    return [*found[:-1], max(found) + MIB]


class Bursts:
    """WANTED bursts on the same disks, which grow from one to the next."""

    def __init__(self, wanted, dice):
        self.wanted, self.dice = wanted, dice
        self.good, self.by_hand, self.resizes, self.objections = 0, 0, 0, []

    def run(self):
        volumes = new_volumes()
        with scenario.tiny("bursts", [volume.drive for volume in volumes], memory=768) as g:
            livegrow.load(g)
            for volume in volumes:
                volume.attach(g)
            for number in range(1, self.wanted + 1):
                self.burst(g, volumes)
                print(f"burst {number}: {self.good} of {number * len(volumes)} disks in order", flush=True)
            for volume in volumes:
                status, text = g.run(f"growctl grow {volume.name}", 120)
                assert status in (0, 3), text
            livegrow.unmount(g)
            g.poweroff()
        for volume in volumes:
            self.objections += [f"{volume.name}, afterwards: {text}" for text in volume.judge()]

    def burst(self, g, volumes):
        beside = start_beside(g, volumes)
        for volume, operations in zip(volumes, self.dice.sample(LIMITS, len(LIMITS))):
            limit(g, volume, operations)
        self.resize(g, volumes)
        g.sh("touch /run/bursts/stop")
        for loop in beside:
            loop.wait(60)
        livegrow.load(g)
        for volume in volumes:
            limit(g, volume, 0)
            found = self.judge(g, volume)
            self.objections += [f"{volume.name}: {text}" for text in found]
            self.good += not found

    def resize(self, g, volumes):
        plans = [(volume, size) for steps in
                 zip(*(sizes(self.dice, volume.size) for volume in volumes))
                 for volume, size in zip(volumes, steps)]
        started = time.monotonic()
        for number, (volume, size) in enumerate(plans):
            # The pace of the load, not a wait for something to happen.
            time.sleep(max(0, started + number * SECONDS / len(plans) - time.monotonic()))
            g.resize(volume.name, size)
            self.resizes += 1

    def judge(self, g, volume):
        """Objections to a disk, once the module has nothing left to do there."""
        end = livegrow.settled(g, volume.name, volume.size, QUIET_TIMEOUT)
        if (end["state"], end["reason"]) in BY_HAND:
            self.by_hand += 1
            status, text = g.run(f"growctl grow {volume.name}", 120)
            if status not in (0, 3):
                return [f"growctl grow: {status}: {text}"]
            end = livegrow.status(g, volume.name)
        if (end["state"], end["reason"]) != ("full", "none"):
            return [f"it ends {end['state']}, {end['reason']}"]
        if livegrow.live(g, volume.name) != volume.others + [volume.part]:
            return [f"its partitions are {livegrow.live(g, volume.name)}"]
        g.sh("sync")
        return oracles.table(volume.path, volume.others + [volume.part])

    def is_good(self):
        return self.good == self.wanted * len(LIMITS) and not self.objections

    def tell(self):
        print("\n".join(self.objections))
        print(f"{self.resizes} resizes; {self.by_hand} disks asked for a person's word")
