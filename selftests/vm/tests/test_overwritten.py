# SPDX-License-Identifier: GPL-2.0-or-later
"""Another tool overwrites the new backup array while a commit is on its way to LBA 1.

LBA 1 then must not name that array: the primary would be invalid for as long as that tool
takes to write its own, and for good where it never does. QEMU holds the commit's second write
meanwhile.
"""
import gpt
import images
import ktap
import oracles
import scenario
from drive import Drive
from faults import Faults

TIMEOUT = 120
START, OLD, NEW = 2048, 384 * images.MIB, 397 * images.MIB
ARRAY = 32


def last(size):
    return (size // 512 - 33) // 2048 * 2048 - 1


def make():
    image = images.path("overwritten.raw")
    table = gpt.Table(OLD, [gpt.Part(START, last(OLD), name="data")])
    table.write(image)
    images.format_partition(image, table, 1, "ext4")
    return Drive("vda", image)


def is_written(image):
    """Whether the commit's first step is on the disk."""
    backup = image.table(image.blocks - 1)
    return bool(backup and backup["crc_ok"] and backup["array_ok"])


def overwrite(g, watch, drive, image):
    faults, mark = Faults(g, drive), watch.mark()
    faults.hold("write")
    g.resize("vda", NEW)
    faults.wait_held()
    assert not is_written(image), "it was no write of the commit that was held"
    faults.hold_next("write")
    faults.wait_held()
    assert is_written(image), "it was not the commit's first write that was held"
    g.sh(f"dd if=/dev/zero of=/dev/vda bs=512 seek={image.blocks - 1 - ARRAY} count=1 "
         "oflag=direct conv=notrunc status=none")
    assert image.table()["alternate_lba"] == OLD // 512 - 1, "too late: LBA 1 was written"
    faults.let_go()
    return watch.wait(60, mark, event="settled", disk="vda", capacity=NEW)


def main():
    drive = make()
    image, part = gpt.Image(drive.path), (START, last(NEW) + 1 - START)
    with ktap.Report(plan=2) as t:
        with scenario.tiny("overwritten", [drive]) as g:
            # Nothing else is to write meanwhile.
            g.sh("mount -t ext4 -o noatime,noinit_itable /dev/vda1 /mnt && sync && modprobe livegrow")
            watch = scenario.Watch(g)
            end = overwrite(g, watch, drive, image)
            t.equal((end["state"], end["reason"]), ("full", "none"), "the commit starts over")
            g.sh("umount /mnt")
            g.poweroff()
        t.equal(oracles.table(drive.path, [part]), [], "all agree on the table")


main()
