# SPDX-License-Identifier: GPL-2.0-or-later
"""A tool that read the table before a grow writes it after the grow: the entry follows the partition.

The old table comes out of sgdisk's own backup. With the old end of the disk in it, as from a
tool that was started before the resize, or with the new one. And where that tool has the
kernel take its table over, the mounted partition has become smaller than its filesystem,
and nothing announces it: the daemon has the disk looked at again.
"""
import gpt
import images
import ktap
import livegrow
import oracles
import scenario
from drive import Drive

TIMEOUT = 120
START, OLD, NEW = 2048, 384 * images.MIB, 397 * images.MIB


def last(size):
    return (size // 512 - 33) // 2048 * 2048 - 1


def make(name, kind):
    image = images.path(f"taken-back-{name}.raw")
    table = gpt.Table(OLD, [gpt.Part(START, last(OLD), name="data")])
    table.write(image)
    images.format_partition(image, table, 1, kind)
    return Drive(name, image)


def attach(g, name, kind):
    g.sh(f"mkdir /mnt/{name} && mount -t {kind} /dev/{name}1 /mnt/{name}")


def look(g, watch, name):
    """What udev's watch does when somebody closes a disk that it wrote to."""
    mark = watch.mark()
    g.sh(f"echo change >/sys/block/{name}/uevent")
    return watch.wait(event="settled", disk=name, since=mark)


def take_back(t, g, watch, name, kind, options):
    attach(g, name, kind)
    g.sh(f"sgdisk --backup=/tmp/{name} /dev/{name}")
    g.resize(name, NEW)
    watch.wait(event="filesystem-grown", disk=name)
    g.sh(f"sgdisk --load-backup=/tmp/{name} {options} /dev/{name}")
    end = look(g, watch, name)
    t.equal((end["state"], end["reason"]), ("full", "none"),
            f"{kind}, sgdisk --load-backup {options}: it is made good")


def take_back_live(t, g, watch, name, kind, options):
    attach(g, name, kind)
    g.sh(f"sgdisk --backup=/tmp/{name} /dev/{name}")
    g.resize(name, NEW)
    watch.wait(event="filesystem-grown", disk=name)
    mark, daemon = watch.mark(), livegrow.stop(g, "-o -x growctl")
    g.sh(f"sgdisk --load-backup=/tmp/{name} {options} /dev/{name} && "
         f"partx --update --nr 1 /dev/{name}")
    t.ok(livegrow.sectors(g, f"{name}1") < last(NEW) + 1 - START, "the partition is smaller live")
    g.sh(f"kill -CONT {daemon}")
    with t.case(f"{kind}, sgdisk --load-backup {options}, partx: made good, nobody asks for it"):
        watch.wait(30, mark, event="partition-grown", disk=name)


def judge(t, drive, kind):
    part = START, last(NEW) + 1 - START
    t.equal(oracles.table(drive.path, [part])
            + oracles.filesystem(drive.path, kind, START * 512, part[1] * 512), [],
            f"{drive.name}: all agree on the table, and fsck finds nothing")


def not_ours(t, g, watch):
    """A partition that never grew here: that its entry is smaller is somebody's business."""
    attach(g, "vdd", "ext4")
    g.sh(f"sgdisk -d 1 -n 1:{START}:+300M /dev/vdd; sync")
    before = images.digest(g.drives[3].path)
    end = look(g, watch, "vdd")
    t.equal((end["state"], end["reason"]), ("blocked", "table-differs"),
            "an entry made smaller than a partition that livegrow did not grow is left alone")
    t.equal(images.digest(g.drives[3].path), before, "and nothing is written")


def main():
    kinds = ["ext4", "xfs", "ext4", "ext4", "ext4", "xfs"]
    drives = [make(f"vd{letter}", kind) for letter, kind in zip("abcdef", kinds)]
    with ktap.Report(plan=14) as t:
        with scenario.tiny("taken-back", drives) as g:
            g.sh("modprobe livegrow")
            g.start("exec growctl daemon")
            watch = scenario.Watch(g)
            for drive, kind, options in zip(drives, kinds, ("", "", "--move-second-header")):
                take_back(t, g, watch, drive.name, kind, options)
            not_ours(t, g, watch)
            take_back_live(t, g, watch, "vde", "ext4", "")
            take_back_live(t, g, watch, "vdf", "xfs", "--move-second-header")
            livegrow.unmount(g)
            g.poweroff()
        for drive, kind in zip(drives, kinds):
            if drive.name != "vdd":
                judge(t, drive, kind)


main()
