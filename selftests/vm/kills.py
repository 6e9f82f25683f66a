# SPDX-License-Identifier: GPL-2.0-or-later
"""QEMU is killed (-9) at random moments of grows under a writer.

After each kill the next boot checks and mounts the filesystems, as Debian does; the grow is to complete by itself, what
was fsynced is to be there, and every judge is to be content.

Kernels before 6.13 have an XFS that shuts down when it uses the last allocation group after
the recovery of a log in which that group was grown (their commit 4a201dcfa1ff mends it; no
livegrow is needed to see it). growctl leaves it the time of a few writes; a kill that meets
that is not made good, and counts as such.
"""
import time
import traceback

import gpt
import livegrow
import scenario
from guest import Guest
from volume import MIB, Volume

# Many blocks are written, and so the first of them are surely on the disk.
ENOUGH_BYTES = 2 << 20
COMPLETE_TIMEOUT = 30
MOMENTS = ("before a commit", "in a commit", "after a commit")


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
        volume.check(g)
        volume.attach(g)
    for volume in volumes:
        g.wait_for(lambda v=volume: v.is_complete(g), COMPLETE_TIMEOUT)


def judge(g, volumes):
    for volume in volumes:
        g.sh(f"[ ! -d {volume.mount}/load ] || writer --verify {volume.mount}/load", 120)
        livegrow.unmount(g, volume.mount)
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

    def run(self):
        while self.pending or self.killed < self.wanted:
            try:
                self.boot()
            except Exception:
                # On disks that nothing happened to, it is no matter of a kill.
                if not self.pending:
                    raise
                print(f"kill {self.killed} was not made good:\n{traceback.format_exc()}", flush=True)
                self.volumes, self.pending = None, False

    def boot(self):
        self.volumes = self.volumes or new_volumes()
        found = [moment(volume) for volume in self.volumes] if self.pending else []
        drives = [volume.drive for volume in self.volumes]
        with Guest(f"soak-{self.killed}", initrd=livegrow.initrd(), drives=drives) as g:
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

    def is_good(self):
        return self.recovered == self.wanted and self.moments["in a commit"] >= self.wanted // 10

    def tell(self):
        """Where the kills met the grows."""
        print("disks at the kill: " + ", ".join(f"{n} {name}" for name, n in self.moments.items()))
