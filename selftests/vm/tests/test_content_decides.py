# SPDX-License-Identifier: GPL-2.0-or-later
"""B1 to B3: content and use of the last partition decide, where its type lets it grow."""
import dataclasses
import pathlib
import tempfile

import gpt
import images
import kernels
import ktap
import livegrow
from drive import Drive
from guest import Guest
from images import GIB, MIB

TIMEOUT = 300
OLD, NEW = 512 * MIB, 2 * GIB
USR = "8484680C-9521-48C6-9C11-B0720656F69E"
MOUNT = "mkdir -p /mnt/{d} && mount /dev/{d}"
ROOT = MOUNT + "1 /mnt/{d}"
LAST_TOO = "mkdir -p /mnt/{d}.2 && mount {options} /dev/{d}2 /mnt/{d}.2"
# What was swap once: mke2fs leaves these bytes, and the filesystem does not use them.
OLD_SWAP = "printf SWAPSPACE2 | dd of=/dev/{d}2 bs=1 seek=4086 conv=notrunc,fsync 2>/dev/null"


@dataclasses.dataclass
class Row:
    """A disk of two partitions, or of one where ONLY.

    use         commands in the guest
    verdict     (state, reason) once the disk is larger; a full one has grown
    text        of the reason, with {d}
    quiet       not a byte may be written
    """
    title: str
    content: str
    use: str
    verdict: tuple
    text: str = None
    type: str = gpt.LINUX
    options: tuple = ()
    label: str = None
    only: bool = False
    block: int = 512
    quiet: bool = False
    then: str = None


HOLDS, READ_ONLY = ("blocked", "part-holds"), ("waiting", "mounted-read-only")
FULL, CLOSED = ("full", "none"), ("waiting", "part-closed")
IS_READ_ONLY = "it is mounted read-only here: it grows once it is mounted writable"
ROWS = [
    Row("B1: active swap typed Linux filesystem", "swap", f"{ROOT}; swapon /dev/{{d}}2", HOLDS,
        "last partition {d}2 holds swap"),
    Row("B1: swap that is not active", "swap", ROOT, HOLDS, "last partition {d}2 holds swap"),
    Row("B1: swap typed root, blocks of 4096 bytes", "swap", f"{ROOT}; swapon /dev/{{d}}2", HOLDS,
        "last partition {d}2 holds swap", type=gpt.ROOT_X86_64, block=4096),
    Row("B1: a configuration drive, mounted", "vfat", f"{ROOT}; " + LAST_TOO.format(d="{d}", options=""), HOLDS,
        "last partition {d}2 holds a configuration drive", label="config-2"),
    Row("B1: closed LUKS", None, f"printf 'LUKS\\272\\276\\0\\2' | dd of=/dev/{{d}}2 conv=notrunc,fsync 2>/dev/null; {ROOT}",
        CLOSED, "its last partition holds LUKS that is not open: it grows once that is opened"),
    Row("B1: an ext4 that is mounted where swap was", "ext4",
        f"{OLD_SWAP}; {ROOT}; " + LAST_TOO.format(d="{d}", options=""), FULL, options=("-b", "4096")),
    Row("B2: squashfs usr mounted beside a writable root", "squashfs",
        f"{ROOT}; " + LAST_TOO.format(d="{d}", options="-t squashfs"), HOLDS,
        "last partition {d}2 holds a read-only image", type=USR),
    Row("B2: EROFS usr mounted beside a writable root", "erofs",
        f"{ROOT}; " + LAST_TOO.format(d="{d}", options="-t erofs"), HOLDS,
        "last partition {d}2 holds a read-only image", type=USR),
    Row("B2: squashfs that is not mounted", "squashfs", ROOT, HOLDS,
        "last partition {d}2 holds a read-only image"),
    Row("B2: ISO 9660 that is not mounted", None,
        f"printf CD001 | dd of=/dev/{{d}}2 bs=1 seek=32769 conv=notrunc,fsync 2>/dev/null; {ROOT}", HOLDS,
        "last partition {d}2 holds a read-only image"),
    Row("B2: squashfs that is the disk's only use", "squashfs", LAST_TOO.format(d="{d}", options="-t squashfs"), HOLDS,
        "last partition {d}2 holds a read-only image", quiet=True),
    Row("B3: ext4 mounted read-only without its journal", "ext4", "mkdir -p /mnt/{d} && mount -o ro,noload /dev/{d}1 /mnt/{d}",
        READ_ONLY, IS_READ_ONLY, only=True, quiet=True, then="mount -o remount,rw /mnt/{d}"),
    Row("B3: XFS mounted read-only without recovery", "xfs", "mkdir -p /mnt/{d} && mount -o ro,norecovery /dev/{d}1 /mnt/{d}",
        READ_ONLY, IS_READ_ONLY, only=True, quiet=True, then="lgnl grow {d} asked"),
    Row("B3: the first partition read-only, the last not mounted", "ext4",
        "mkdir -p /mnt/{d} && mount -o ro,noload /dev/{d}1 /mnt/{d}", READ_ONLY, IS_READ_ONLY, quiet=True,
        then="umount /mnt/{d}; mount /dev/{d}2 /mnt/{d} && lgnl grow {d}"),
    Row("B3: the first partition read-only, swap last that is not active", "swap",
        "mkdir -p /mnt/{d} && mount -o ro,noload /dev/{d}1 /mnt/{d}", HOLDS, "last partition {d}2 holds swap", quiet=True),
    Row("B3: the last partition read-only, the first writable", "ext4",
        f"{ROOT}; " + LAST_TOO.format(d="{d}", options="-o ro"), READ_ONLY, IS_READ_ONLY,
        then="mount -o remount,rw /mnt/{d}.2 && lgnl grow {d}"),
    Row("B3: a mount that is read-only, of a writable superblock", "ext4",
        "mkdir -p /mnt/{d} && mount /dev/{d}1 /mnt/{d} && mount -o remount,bind,ro /mnt/{d}", FULL, only=True),
    Row("B1: exFAT", None, f"printf 'EXFAT   ' | dd of=/dev/{{d}}2 bs=1 seek=3 conv=notrunc,fsync 2>/dev/null; {ROOT}", HOLDS,
        "last partition {d}2 holds a filesystem that cannot grow"),
    Row("B1: the external journal of an ext4", "ext4", ROOT, HOLDS, "last partition {d}2 holds the journal of an ext4 that lies elsewhere",
        options=("-O", "journal_dev")),
    Row("A2: HFS+, whose second header Linux finds by the partition's end", None,
        f"printf 'H+\\0\\4' | dd of=/dev/{{d}}2 bs=1 seek=1024 conv=notrunc,fsync 2>/dev/null; {ROOT}", HOLDS,
        "last partition {d}2 holds a filesystem that cannot grow"),
]


def parts(row):
    first = gpt.Part(2048 * 512 // row.block, (206848 * 512 // row.block) - 1)
    end = (OLD - MIB) // row.block - 1
    if row.only:
        return [gpt.Part(first.first, end, row.type)]
    return [first, gpt.Part(first.last + 1, end, row.type)]


def make(number, row, tree):
    image = images.path(f"decides-{number}.raw")
    table = gpt.Table(OLD, parts(row), block=row.block)
    table.write(image)
    if not row.only:
        images.format_partition(image, table, 1, "ext4", options=("-b", "4096"))
    if row.content:
        image_tree = tree if row.content in ("squashfs", "erofs") else None
        images.format_partition(image, table, len(table.parts), row.content, tree=image_tree,
                                label=row.label, options=row.options)
    return image


class Disk:
    def __init__(self, number, row, tree):
        self.row, self.name = row, f"vd{chr(ord('a') + number)}"
        self.path = make(number, row, tree)
        self.drive = Drive(self.name, self.path, logical=row.block, physical=row.block)
        self.device = f"{self.name}{1 if row.only else 2}"

    def command(self, text):
        return text.replace("{d}", self.name)

    def judge(self, t, g):
        old = parts(self.row)[-1]
        livegrow.settled(g, self.name, NEW)
        g.wait_for(lambda: livegrow.status(g, self.name)["reason"] not in ("content-awaited", "use-awaited"))
        record = livegrow.status(g, self.name)
        grown = livegrow.sectors(g, self.device) * 512 > (old.last - old.first + 1) * self.row.block
        text = self.row.text and self.command(self.row.text)
        t.equal(((record["state"], record["reason"]), record.get("text") or None, grown),
                (self.row.verdict, text, self.row.verdict == FULL), self.row.title)
        if self.row.quiet:
            t.equal(images.digest(self.path, 0, OLD), self.before, f"{self.row.title}: not a byte is written")

    def grows(self, t, g):
        with t.case(f"{self.row.title}: then it grows"):
            g.sh(self.command(self.row.then))
            g.wait_for(f"[ $(cat /sys/class/block/{self.device}/size) -gt 3900000 ]", 60)


def start_growctl(g):
    g.start("exec growctl daemon")
    livegrow.wait_for_listener(g)


def load(g):
    """Where the kernel shows no mounts, growctl answers, and the verdicts are the same."""
    livegrow.load(g, "content_wait=10")
    if not kernels.current().shows_mounts:
        start_growctl(g)


def with_growctl(t, g):
    if kernels.current().shows_mounts:
        start_growctl(g)
    for command in ("growctl grow vda", "growctl plan vda", "growctl doctor vda", "growctl status vda"):
        text = g.run(command)[1]
        t.ok("last partition vda2 holds swap" in text, f"B1: {command} says what lies there", text)
    text = g.run("growctl grow vdg")[1]
    t.ok("holds a read-only image" in text, "B2: growctl grow says what lies there", text)


def main():
    quiet, then = [row for row in ROWS if row.quiet], [row for row in ROWS if row.then]
    with ktap.Report(plan=len(ROWS) + len(quiet) + len(then) + 6) as t, tempfile.TemporaryDirectory() as tree:
        pathlib.Path(tree, "file").write_bytes(bytes(100000))
        disks = [Disk(number, row, pathlib.Path(tree)) for number, row in enumerate(ROWS)]
        with Guest("content-decides", initrd=livegrow.initrd(), drives=[d.drive for d in disks], memory=1024) as g:
            g.sh("modprobe -a squashfs erofs")
            for disk in disks:
                g.sh(disk.command(disk.row.use))
            g.sh("sync")
            for disk in disks:
                disk.before = images.digest(disk.path, 0, OLD)
            load(g)
            for disk in disks:
                g.resize(disk.name, NEW)
            for disk in disks:
                disk.judge(t, g)
            for disk in disks:
                if disk.row.then:
                    disk.grows(t, g)
            with_growctl(t, g)
            old = parts(ROWS[0])[-1]
            t.equal(livegrow.sectors(g, "vda2"), old.last - old.first + 1, "B1: active swap does not grow while the daemon runs either")
            g.run("pkill -x growctl")
            livegrow.unload(g)
            g.poweroff()


main()
