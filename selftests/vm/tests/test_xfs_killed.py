# SPDX-License-Identifier: GPL-2.0-or-later
"""QEMU is killed (-9) as soon as growctl tells that an XFS has grown: the next mount is to stand it.

Kernels before 6.13 do not recover the extension of an XFS's last allocation group from the log
alone, so growctl has the superblock written in place before it calls the filesystem grown.

Where the kill came before its copies were written, no recovery writes them: the daemon of
the next boot has that done, or xfs_repair would go by the copies.
"""
import struct

import gpt
import livegrow
import images
import ktap
import oracles
import scenario
from drive import Drive

TIMEOUT = 120
START, OLD, NEW = 2048, 384 * images.MIB, 397 * images.MIB
GROUP, GROUPS = 160 * images.MIB, 3


def make():
    """One disk; the growth extends the last allocation group and adds none."""
    image = images.path("xfs-killed.raw")
    table = gpt.Table(OLD, [gpt.Part(START, last(OLD))])
    table.write(image)
    images.format_partition(image, table, 1, "xfs", label="twelve bytes",
                            options=("-d", "agsize=160m"))
    return Drive("vda", image)


def last(size):
    return (size // 512 - 33) // 2048 * 2048 - 1


def superblock(drive):
    """(blocks, allocation groups, label) as they are on the disk."""
    with open(drive.path, "rb") as image:
        image.seek(START * 512)
        block = image.read(512)
    size, blocks = struct.unpack_from(">IQ", block, 4)
    return blocks * size, struct.unpack_from(">I", block, 88)[0], block[108:120]


def grow_and_kill(drive):
    """Returns the superblock from before and from the moment of the kill."""
    with scenario.tiny("xfs-killed", [drive]) as g:
        g.sh("mount -t xfs /dev/vda1 /mnt && modprobe livegrow")
        before = superblock(drive)
        g.start("exec growctl daemon")
        watch = scenario.Watch(g)
        g.resize("vda", NEW)
        watch.wait(event="filesystem-grown", disk="vda")
        g.kill()
    return before, superblock(drive)


def use(drive):
    """The boot after the kill takes all of the space, and so the last group's too."""
    with scenario.tiny("xfs-killed-again", [drive]) as g:
        g.sh("mount -t xfs /dev/vda1 /mnt")
        status, text = g.run("dd if=/dev/zero of=/mnt/full bs=1M oflag=direct", 60)
        assert status == 1 and "No space left" in text, (status, text)
        g.sh("umount /mnt")
        g.poweroff()
        assert "Starting recovery" in g.console.read_text(errors="replace"), "there was no log"


def copy_at(group):
    """The superblock of the allocation group GROUP, in bytes."""
    return START * 512 + group * GROUP


def forget(drive, group):
    """The copy is that of before the grow, as a kill in the middle of it leaves it."""
    with open(drive.path, "r+b") as image:
        image.seek(copy_at(group) + 8)
        image.write(struct.pack(">Q", (last(OLD) + 1 - START) // 8))


def mend(drive, group):
    with scenario.tiny(f"xfs-copies-{group}", [drive]) as g:
        g.sh("mount -t xfs /dev/vda1 /mnt && modprobe livegrow")
        g.start("exec growctl daemon")
        size = (last(NEW) + 1 - START) * 512
        g.wait_for(lambda: oracles.xfs_sizes(drive.path, START * 512)[group] == size)
        g.sh("pkill -x growctl")
        livegrow.unmount(g)
        g.poweroff()


def main():
    with ktap.Report(plan=8) as t:
        drive = make()
        before, killed = grow_and_kill(drive)
        part = START, last(NEW) + 1 - START
        t.equal(killed[0], part[1] * 512, "the superblock in place has the new size at once")
        t.equal(killed[1:], before[1:], "no group was added, and the label is as it was")
        with t.case("the filesystem stands the recovery of its log, and being filled"):
            use(drive)
        t.equal(oracles.filesystem(drive.path, "xfs", START * 512, part[1] * 512), [],
                "xfs_repair finds nothing")
        for group in 1, GROUPS - 1:
            forget(drive, group)
            with t.case(f"the old superblock that a kill left in group {group} is written again"):
                mend(drive, group)
            t.equal(oracles.filesystem(drive.path, "xfs", START * 512, part[1] * 512), [],
                    f"and xfs_repair finds nothing after that of group {group}")


main()
