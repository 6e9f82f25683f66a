# SPDX-License-Identifier: GPL-2.0-or-later
"""The power is cut while ext4 and XFS grow under a writer, and the guest boots again.

QEMU logs the writes of two disks that are resized again and again. What a power cut leaves
after any of them is replayed into an image: all up to the last flush, and of the rest what
chance wants. The grow is to complete by itself, what was fsynced before the cut is to be
there, all space is to be usable, and every judge is to be content. Half of the cuts lie
inside a commit.

A grow of the XFS that stands in the journal alone is left out and counted, since the kernel
is known not to stand it (journal.py). REPLAY_BUG=1 boots such a one too.

REPLAY_SEED repeats the choices, though not the guest's pace. So a run that fails leaves the
logs and the images from before in build/vm/logs, and names each cut's place and seed: with
them Cut makes it again.
"""
import os
import random
import struct

import gpt
import images
import journal
import ktap
import livegrow
import oracles
import paths
import scenario
from guest import Guest
from volume import ARRAY, Volume
from writelog import LoggedDrive, WriteLog, entries_so_far

TIMEOUT = 600
MIB = images.MIB
CUTS = 30  # of each disk
INSIDE = 15  # of these, inside a commit
RESIZES = 10
LETTERS = "abcdefghijklmno"  # a boot's disks
DRAWS = 500
ROOT_LIKE = [gpt.Part(2048, 4095, gpt.BIOS_BOOT), gpt.Part(4096, 20479, gpt.ESP)]
BACKUP = (ARRAY + 1) * 512
STATE = struct.Struct("<QQQ")
WRITER, STATE_SLOT, STATE_BYTES = 0x776F72677665696C, (1 << 64) - 1, 4096
FSYNCED_ONCE = 128 * 4096  # bytes of the writer's first file: it fsyncs every 64 blocks
COMPLETE_TIMEOUT = 30


# The run that is cut afterwards

class Run:
    """A disk, its image from before, and the log of all that was written to it."""

    def __init__(self, name, kind, others):
        self.volume = Volume(name, kind, others)
        self.volume.drive = LoggedDrive(name, self.volume.path,
                                        log=images.path(f"replay-{name}.log"))
        self.base = images.empty(f"replay-{name}-base.raw", self.volume.size)
        images.copy_data(self.volume.path, self.base)
        self.sizes = [(0, self.volume.size)]

    def resize(self, g, size):
        """What comes later in the log may already go by the new size."""
        self.sizes.append((entries_so_far(self.volume.drive.log), size))
        g.resize(self.volume.name, size)

    def size(self, position):
        return max(size for at, size in self.sizes if at <= position)

    def read(self):
        self.log = WriteLog(self.volume.drive.log)
        self.commits = list(commits(self.log))
        self.durable = list(durable(self.log))

    def durable_before(self, position):
        """How many of the writer's blocks an fsync had made durable."""
        return max(count for at, count in self.durable if at < position)


def commits(log):
    """(position of the first write, of the last one) of each commit that was completed."""
    first = None
    for number, entry in enumerate(log.entries):
        if entry.length == BACKUP and log.data(entry, BACKUP - 512, 8) == gpt.SIGNATURE:
            first = number if first is None else first
        elif entry.length == 512 and entry.offset == 0 and first is not None:
            yield first, number
            first = None


def durable(log):
    """(position, blocks) of each time that the writer wrote down what its fsyncs had done."""
    for number, entry in enumerate(log.entries):
        if entry.length == STATE_BYTES:
            magic, slot, count = STATE.unpack(log.data(entry, 0, STATE.size))
            if (magic, slot) == (WRITER, STATE_SLOT) and count:
                yield number, count


def grow_under_writers(runs, dice):
    volumes = [run.volume for run in runs]
    with Guest("replay-boot", initrd=livegrow.initrd(), drives=[v.drive for v in volumes]) as g:
        livegrow.load(g)
        g.start("exec growctl daemon")
        for one in volumes:
            one.attach(g)
        scenario.start_writers(g, [f"{one.mount}/load" for one in volumes])
        for one in volumes:
            g.wait_for(f"[ $(stat -c %s {one.mount}/load/writer.0) -ge {FSYNCED_ONCE} ]")
        for _ in range(RESIZES):
            for run in dice.sample(runs, len(runs)):
                more = dice.choice((512 * dice.randint(1, 64), MIB * dice.randint(1, 8)))
                run.resize(g, run.volume.size + more)
                livegrow.settled(g, run.volume.name, run.volume.size)
        for one in volumes:
            g.wait_for(lambda v=one: v.is_complete(g), COMPLETE_TIMEOUT)
        g.kill()
    for run in runs:
        run.read()


# The cuts

def draw(run, inside, dice):
    """A position in one of the commits, or else after the writer's first fsync."""
    if inside:
        first, last = dice.choice(run.commits)
        return dice.randint(first + 1, last)
    while True:
        position = dice.randint(run.durable[0][0] + 1, len(run.log.entries))
        if not any(first < position <= last for first, last in run.commits):
            return position


class Cut:
    """What a cut leaves of a run, as the disk NAME."""

    def __init__(self, run, position, seed, name):
        self.run, self.position, self.seed = run, position, seed
        image = images.empty(f"replay-{name}.cut", run.size(position))
        images.copy_data(run.base, image)
        self.volume = run.volume.on(name, image)
        self.start = self.volume.start * 512
        self.kept, self.lost = run.log.replay(image, position, random.Random(seed), self.start)

    def __str__(self):
        inside = any(first < self.position <= last for first, last in self.run.commits)
        return (f"{self.volume.kind} cut after {self.position} entries, seed {self.seed}"
                f"{', inside a commit' if inside else ''}")

    def meets_bug(self):
        return self.volume.kind == "xfs" and journal.is_ahead(self.volume.path, self.start)

    def survive(self, g):
        """Nobody asks for anything. Other cuts have the same UUID, so nothing stays mounted."""
        self.volume.check(g)
        self.volume.attach(g)
        try:
            return self.check(g)
        finally:
            livegrow.unmount(g, self.volume.mount)

    def has_copies(self):
        """Has growctl mended what the cut took of the copies of an XFS's superblock?"""
        one = self.volume
        return (one.kind != "xfs" or
                set(oracles.xfs_sizes(one.path, self.start)) == {one.part[1] * 512})

    def check(self, g):
        one, least = self.volume, self.run.durable_before(self.position)
        g.wait_for(lambda: one.is_complete(g) and self.has_copies(), COMPLETE_TIMEOUT)
        text = g.sh(f"writer --verify {one.mount}/load {least}", 120)
        use_all(g, one)
        return (f"{self.kept} unflushed pieces kept, {self.lost} lost; {least} blocks fsynced, "
                f"writer: {text}")


def use_all(g, one):
    """All allocation groups take blocks, the last one's new ones too."""
    status, text = g.run(f"fallocate -l {one.size} {one.mount}/all")
    assert status == 1 and "No space left" in text, (status, text)
    g.sh(f"rm {one.mount}/all")


class Lottery:
    """Draws cuts, each once, that the kernel is to stand."""

    def __init__(self, runs, dice):
        self.dice = dice
        self.wanted = [(run, number < INSIDE) for run in runs for number in range(CUTS)]
        self.drawn, self.left_out = set(), []

    def cut(self, name):
        run, inside = self.wanted.pop()
        for _ in range(DRAWS):
            position = draw(run, inside, self.dice)
            if (run, position) in self.drawn:
                continue
            self.drawn.add((run, position))
            cut = Cut(run, position, self.dice.getrandbits(32), name)
            if not cut.meets_bug() or "REPLAY_BUG" in os.environ:
                return cut
            self.left_out.append(cut)
        raise AssertionError(f"no {DRAWS}th try at a cut of {run.volume.kind}")

    def told(self):
        return (f"{len(self.left_out)} of {len(self.drawn)} cuts were left out, since the kernel "
                "does not stand an XFS's grow in the journal alone (REPLAY_BUG=1 boots them): "
                f"{'; '.join(map(str, self.left_out)) or 'none'}")


def boot(t, number, cuts):
    drives = [cut.volume.drive for cut in cuts]
    with Guest(f"replay-boot-{number}", initrd=livegrow.initrd(), drives=drives, memory=768) as g:
        livegrow.load(g)
        g.start("exec growctl daemon")
        for cut in cuts:
            with t.case(f"{cut}: it grows by itself, and what was fsynced is there"):
                t.note(cut.survive(g))
        g.poweroff()
    for cut in cuts:
        t.equal(cut.volume.judge(), [], f"{cut}: nobody objects to what is on the disk")


def keep(runs):
    for run in runs:
        for path in (run.base, run.volume.drive.log):
            images.run("cp", "--sparse=always", path, paths.LOGS)


def main():
    seed = int(os.environ.get("REPLAY_SEED") or random.SystemRandom().randrange(1 << 32))
    dice = random.Random(seed)
    with ktap.Report(plan=2 + 2 * 2 * CUTS) as t:
        t.note(f"REPLAY_SEED={seed}")
        runs = [Run("vda", "ext4", ROOT_LIKE), Run("vdb", "xfs", [])]
        grow_under_writers(runs, dice)
        for run in runs:
            t.note(f"{run.volume.kind}: {len(run.log.entries)} entries, {len(run.commits)} "
                   f"commits, {run.durable[-1][1]} blocks fsynced")
            t.ok(len(run.commits) >= RESIZES - 1, f"{run.volume.kind}: the log has the commits")
        lottery = Lottery(runs, dice)
        for number in range(-(-2 * CUTS // len(LETTERS))):
            letters = LETTERS[:len(lottery.wanted)]
            boot(t, number, [lottery.cut(f"vd{letter}") for letter in letters])
        t.note(lottery.told())
        if t.failed:
            keep(runs)


main()
