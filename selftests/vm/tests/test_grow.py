# SPDX-License-Identifier: GPL-2.0-or-later
"""growctl grow: by a disk's, a partition's or a mountpoint's name, or all; and twice is once."""
import gpt
import images
import ktap
import livegrow
import scenario
from images import GIB
from scenario import Drive, ended

TIMEOUT = 120
BOOT = gpt.Part(2048, 264191)
# The last partition's sectors on a disk of so many GiB: its start, and its size.
LAST = {gib: (264192, gib * GIB // 512 - 264192 - 2048) for gib in (1, 2, 3, 4, 5)}
ALONE = {gib: (2048, gib * GIB // 512 - 4096) for gib in (1, 2)}

# What the partition has of a disk of 1 GiB whose end is free.
TAILED = (2048, 1400832)


def two_partitions():
    image = images.path("two.raw")
    table = gpt.Table(GIB, [BOOT, gpt.Part(264192, GIB // 512 - 2049)])
    table.write(image)
    for number in (1, 2):
        images.format_partition(image, table, number, "ext4")
    return image


def with_tail():
    image = images.path("tail.raw")
    table = gpt.Table(GIB, [gpt.Part(TAILED[0], sum(TAILED) - 1)])
    table.write(image)
    images.format_partition(image, table, 1, "ext4")
    return image


def grow(g, arguments):
    return g.run(f"growctl grow {arguments}", 30)


def has(t, g, part, sectors, name):
    t.equal(scenario.part_sectors(g, part), sectors, name)


def resize(g, gib, *names):
    """The module has looked at it, and waits for a person."""
    for name in names:
        g.resize(name, gib * GIB)
        livegrow.settled(g, name, gib * GIB)


def by_name(t, g):
    resize(g, 2, "vda")
    for name in ("vda1", "/dev/vda1", "/boot"):
        ended(t, grow(g, name), 2, f"not the last partition: {name}", "vda1: only the last", "which is vda2")
    has(t, g, "vda2", LAST[1], "so that nothing grew")
    for name in ("/etc", "/tmp"):
        ended(t, grow(g, name), 2, f"nothing of a disk: {name}", f"{name}: neither a disk")
    ended(t, grow(g, "/data --dry-run"), 0, "a mountpoint, as a dry run", "vda2", "ext4 on /data")
    has(t, g, "vda2", LAST[1], "which grows nothing")
    ended(t, grow(g, "/data"), 0, "a mountpoint", "vda2: grown", "vda2: ext4 on /data grown")
    t.equal((scenario.part_sectors(g, "vda2"), scenario.fs_bytes(g, "ext4", "vda2", "/data")),
            (LAST[2], LAST[2][1] * 512), "partition and filesystem have the new size")
    ended(t, grow(g, "/data"), 3, "once more", "vda: nothing to do")
    resize(g, 3, "vda")
    g.sh("ln -s /dev/vda2 /tmp/link")
    ended(t, grow(g, "/tmp/link"), 0, "a link to a partition", "vda2: grown")
    has(t, g, "vda2", LAST[3], "which has the new size")


def all_of_them(t, g):
    resize(g, 4, "vda")
    resize(g, 2, "vdb", "vdd")
    ended(t, grow(g, "--all --dry-run"), 0, "all, as a dry run", "growing the live partition", "xfs on /srv", "left alone: unused")
    has(t, g, "vda2", LAST[3], "which grows nothing of them")
    ended(t, grow(g, "--all"), 0, "all", "vda2: grown", "vdb: xfs on /srv grown",
          "vdc: left alone: no-table", "vdd: left alone: unused", "vde: left alone: waiting: ")
    has(t, g, "vda2", LAST[4], "a partition")
    t.equal(scenario.fs_bytes(g, "xfs", "vdb", "/srv"), 2 * GIB, "and a whole disk")
    has(t, g, "vde1", TAILED, "nor the tail that somebody left")
    livegrow.set_policy(g, "vdd", "auto")
    grow(g, "--all --auto")
    has(t, g, "vdd1", ALONE[1], "but not what nobody uses: that takes its name")
    ended(t, grow(g, "--all"), 3, "once more all", "vda: nothing to do")
    ended(t, grow(g, "vdd"), 0, "by its name", "vdd1: grown")
    has(t, g, "vdd1", ALONE[2], "it grows")


def one_fails(t, g):
    g.sh("mount -o remount,ro /data && blockdev --setro /dev/vda")
    resize(g, 5, "vda")
    resize(g, 3, "vdb")
    ended(t, grow(g, "--all"), 2, "one of all fails", "vda: blocked: the disk is read-only", "vdb: xfs on /srv grown")
    t.equal(scenario.fs_bytes(g, "xfs", "vdb", "/srv"), 3 * GIB, "and the next one grows all the same")


def main():
    drives = [Drive("vda", two_partitions()), Drive("vdb", scenario.whole_xfs("whole.raw", GIB), "qcow2"),
              Drive("vdc", images.empty("blank.raw", GIB)),
              Drive("vdd", scenario.one_partition("unused.raw", GIB, "ext4")), Drive("vde", with_tail())]
    with ktap.Report(plan=13 + 10 + 2) as t, scenario.tiny("grow", drives) as g:
        g.sh("mkdir -p /boot /data /srv /tail && mount /dev/vda1 /boot && mount /dev/vda2 /data && "
             "mount /dev/vdb /srv && mount /dev/vde1 /tail")
        livegrow.load(g, "mode=ask")
        by_name(t, g)
        all_of_them(t, g)
        one_fails(t, g)
        g.poweroff()


main()
