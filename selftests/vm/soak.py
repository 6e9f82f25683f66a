#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""`make soak`: QEMU is killed (-9) at random moments of grows under a writer.

    soak.py [KILLS [SEED]]

After each kill the next boot mounts the filesystems; the grow is to complete by itself, what
was fsynced is to be there, and every judge is to be content. Exits 0 only if all of it held.

Kernels before 6.13 have an XFS that shuts down when it uses the last allocation group after
the recovery of a log in which that group was grown (their commit 4a201dcfa1ff mends it; no
livegrow is needed to see it). One more boot makes that good, and is told of and counted.
"""
import random
import re
import sys
import time
import traceback

import gpt
import images
import livegrow
import oracles
import paths
import scenario
from drive import Drive
from guest import Guest

MIB = images.MIB
KILLS = 30
SIZE = 384 * MIB
ARRAY = 32
# Many blocks are written, and so the first of them are surely on the disk.
ENOUGH_BYTES = 2 << 20
COMPLETE_TIMEOUT = 30
XFS_BUG = re.compile(r"XFS \(vdb1\): Starting recovery.*Freespace BTree record corruption in AG", re.S)
MOMENTS = ("before a commit", "in a commit", "after a commit")


class Volume:
    """A disk whose last partition grows with it; OTHERS lie in front of it."""

    def __init__(self, name, kind, others):
        self.name, self.kind = name, kind
        self.others = [(part.first, part.last - part.first + 1) for part in others]
        self.number = len(others) + 1
        self.start = others[-1].last + 1 if others else 2048
        self.mount, self.device = f"/mnt/{name}", f"{name}{self.number}"
        self.path = images.path(f"soak-{name}.raw")
        table = gpt.Table(SIZE, [*others, gpt.Part(self.start, self.end(SIZE))])
        table.write(self.path)
        images.format_partition(self.path, table, self.number, kind)
        self.drive = Drive(name, self.path)

    @staticmethod
    def end(size):
        """The LBA that a grown partition ends at: the last whole MiB in front of the backup."""
        return (size // 512 - ARRAY - 1) // 2048 * 2048 - 1

    @property
    def size(self):
        return self.path.stat().st_size

    @property
    def part(self):
        """(start, size) in sectors of the partition that fills the disk."""
        return self.start, self.end(self.size) + 1 - self.start

    def attach(self, g):
        g.sh(f"mkdir -p {self.mount} && mount -t {self.kind} /dev/{self.device} {self.mount}")

    def is_complete(self, g):
        return (livegrow.status(g, self.name)["state"] == "full"
                and livegrow.live(g, self.name) == self.others + [self.part]
                and scenario.fs_bytes(g, self.kind, self.device, self.mount) == self.part[1] * 512)

    def judge(self):
        """Objections to the image, nothing of it being mounted."""
        return (oracles.table(self.path, self.others + [self.part])
                + oracles.filesystem(self.path, self.kind, self.start * 512, self.part[1] * 512))


def new_volumes():
    root_like = [gpt.Part(2048, 4095, gpt.BIOS_BOOT), gpt.Part(4096, 20479, gpt.ESP)]
    return [Volume("vda", "ext4", root_like), Volume("vdb", "xfs", [])]


def moment(volume):
    """Where in a commit the kill came; raises when a stock kernel would find no table."""
    image = gpt.Image(volume.path)
    table, backup = image.both()
    assert table and table["crc_ok"] and table["array_ok"], f"{volume.name}: {table}"
    ends = [part["last"] for part in table["parts"]]
    assert len(ends) == volume.number and ends[-1] < image.blocks, table
    if not image.problems():
        return "after a commit"
    old = table["alternate_lba"] != image.blocks - 1
    return "before a commit" if old and not (backup and backup["crc_ok"]) else "in a commit"


def recover(g, volumes):
    """The boot after a kill: nobody asks for anything."""
    livegrow.load(g)
    g.start("exec growctl daemon")
    for volume in volumes:
        volume.attach(g)
    for volume in volumes:
        g.wait_for(lambda v=volume: v.is_complete(g), COMPLETE_TIMEOUT)


def judge(g, volumes):
    for volume in volumes:
        g.sh(f"[ ! -d {volume.mount}/load ] || writer --verify {volume.mount}/load", 120)
        g.sh(f"umount {volume.mount}")
    g.sh("sync")
    objections = [text for volume in volumes for text in volume.judge()]
    assert not objections, objections
    for volume in volumes:
        volume.attach(g)


def start_writers(g, volumes):
    scenario.start_writers(g, [f"{volume.mount}/load" for volume in volumes])
    for volume in volumes:
        g.wait_for(f"[ $(stat -c %s {volume.mount}/load/writer.0) -ge {ENOUGH_BYTES} ]")


def grow_and_kill(g, volumes, dice):
    """Resizes, by much and by little, and then no more."""
    for _ in range(dice.randint(1, 6)):
        for volume in dice.sample(volumes, len(volumes)):
            more = dice.choice((512 * dice.randint(1, 64), MIB * dice.randint(1, 8)))
            g.resize(volume.name, volume.size + more)
        time.sleep(dice.uniform(0, 0.06))
    g.kill()


class Kills:
    """WANTED kills, each made good by the boot that ends with the next one."""

    def __init__(self, wanted, dice):
        self.wanted, self.dice = wanted, dice
        self.killed = self.recovered = 0
        self.moments = dict.fromkeys(MOMENTS, 0)
        self.volumes, self.pending = None, False
        self.second_boots, self.again = 0, False

    def run(self):
        while self.pending or self.killed < self.wanted:
            try:
                self.boot()
            except Exception:
                # On disks that nothing happened to, it is no matter of a kill.
                if not self.pending:
                    raise
                print(f"kill {self.killed} was not made good:\n{traceback.format_exc()}", flush=True)
                self.volumes, self.pending, self.again = None, False, False

    def boot(self):
        self.volumes = self.volumes or new_volumes()
        found = [moment(volume) for volume in self.volumes] if self.pending else []
        drives = [volume.drive for volume in self.volumes]
        with Guest(f"soak-{self.killed}", initrd=livegrow.initrd(), drives=drives) as g:
            try:
                self.work(g, found)
                self.again = False
            except Exception:
                if self.again or not XFS_BUG.search(g.console.read_text(errors="replace")):
                    raise
                self.again = True
                self.second_boots += 1
                print(f"kill {self.killed}: XFS does not stand its own recovery, again", flush=True)

    def work(self, g, found):
        recover(g, self.volumes)
        judge(g, self.volumes)
        if self.pending:
            self.count(found)
        if self.killed < self.wanted:
            self.kill(g)
        else:
            g.poweroff()

    def count(self, found):
        self.pending = False
        self.recovered += 1
        for name in found:
            self.moments[name] += 1
        print(f"kill {self.killed}: {', '.join(found)}; recovered", flush=True)

    def kill(self, g):
        start_writers(g, self.volumes)
        self.killed, self.pending = self.killed + 1, True
        grow_and_kill(g, self.volumes, self.dice)


def main(arguments):
    wanted = int(arguments[0]) if arguments else KILLS
    seed = int(arguments[1]) if arguments[1:] else random.SystemRandom().randrange(1 << 32)
    print(f"seed {seed}", flush=True)
    kills = Kills(wanted, random.Random(seed))
    try:
        kills.run()
    finally:
        paths.remove_images(mine=True)
    print("disks at the kill: " + ", ".join(f"{n} {name}" for name, n in kills.moments.items()))
    print(f"second boots for XFS's sake: {kills.second_boots}")
    print(f"kills: {kills.recovered} of {wanted} recovered")
    return 0 if kills.recovered == wanted else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
