# SPDX-License-Identifier: GPL-2.0-or-later
"""Remedies that growctl prints are safe to paste, or say what they destroy, or have no command."""
import dataclasses
import json
import os
import pathlib
import re
import struct

import gpt
import images
import ktap
import livegrow
import overlay
import refusal
import remedies
import root
import scenario
from drive import Drive
from gpt import Part, Table
from images import GIB, MIB

TIMEOUT = 240
OLD, NEW = 128 * MIB, 192 * MIB
FIRST = Part(2048, 34815)
GROWPART = pathlib.Path("/usr/bin/growpart")
MADE_QUIET = "PATH=/run/quiet:$PATH "


def quiet(g):
    """growpart waits for udev's events, and the tiny guest has no udev."""
    g.sh("mkdir -p /run/quiet && ln -s /bin/true /run/quiet/udevadm")


def remedy_of(g, disk):
    """What growctl doctor prints about the disk itself."""
    found = json.loads(g.run(f"growctl doctor --json {disk}")[1])["findings"]
    return next((f["remedy"] for f in found if f["where"] == disk), None)


@dataclasses.dataclass
class Disk:
    """A disk that is enlarged, and where bytes of it have to stay: (offset, length) each."""
    what: str
    image: os.PathLike
    use: str
    kept: list
    old: int = OLD
    new: int = NEW
    logical: int = 512
    before: list = None
    drive: Drive = None

    def begin(self, name):
        self.before = self.digests()
        self.drive = Drive(name, self.image, logical=self.logical)
        return self.drive

    def digests(self):
        return [images.digest(self.image, *part) for part in self.kept]

    def enlarge(self, g):
        name = self.drive.name
        g.sh(self.use.format(d=name))
        g.resize(name, self.new)
        livegrow.settled(g, name, self.new)


# A3

def last_of(kind, content=None, size=OLD, last=None, block=512):
    """Root in front, and what is never to grow at the end."""
    def make(image):
        parts = [Part(2048 * 512 // block, 34815 // (block // 512)),
                 last or Part(34816 * 512 // block, 260095 // (block // 512), kind)]
        table = Table(size, parts, block=block, guid=gpt.guid_of(str(image)))
        table.write(image)
        images.format_partition(image, table, 1, "ext4", options=("-b", 4096))
        at, length = table.offset(len(parts))
        if isinstance(content, str):
            images.format_partition(image, table, len(parts), content)
        elif content:
            write_at(image, at + content[0](length), content[1])
        return table
    return make


def write_at(image, at, data):
    with open(image, "r+b") as file:
        file.seek(at)
        file.write(data)


def at_1_0(length):
    """Where md has its superblock of version 1.0 in so many bytes."""
    return (length // 512 - 16 & ~7) * 512


def at_0_90(length):
    return (length & ~0xffff) - 0x10000


MD_1_0, MD_0_90 = (at_1_0, refusal.MD_1_0), (at_0_90, refusal.MD_0_90)
STAYS = {
    "an ESP": (gpt.ESP, "vfat"),
    "an ESP of 4096-byte blocks": (gpt.ESP, "vfat", 4096),
    "a BIOS boot partition": (gpt.BIOS_BOOT, None),
    "Linux RAID": (gpt.RAID, MD_1_0),
    "a member of md 1.0 typed Linux": (gpt.LINUX, MD_1_0),
    "a member of md 0.90 typed Linux": (gpt.LINUX, MD_0_90),
    "ext4 typed swap": (gpt.SWAP, "ext4"),
    "nothing typed swap": (gpt.SWAP, None),
    "swap typed ESP": (gpt.ESP, None),
}
ROOT_IN_USE = "mkdir -p /mnt/{d} && mount /dev/{d}1 /mnt/{d} && echo data >/mnt/{d}/file && sync"


def stay_disk(number, what):
    kind, content, *block = STAYS[what]
    image = images.path(f"stays-{number}.raw")
    table = last_of(kind, content, block=block[0] if block else 512)(image)
    return Disk(what, image, ROOT_IN_USE, [table.offset(2)], logical=table.block)


def swap_disk(number, what):
    image = images.path(f"swap-{number}.raw")
    table = last_of(gpt.SWAP, "swap")(image)
    use = ROOT_IN_USE + (" && swapon /dev/{d}2" if what == "swap in use" else "")
    return Disk(what, image, use, [] if what == "swap in use" else [table.offset(2)])


def a3(t, g, disks, swaps):
    for disk in disks:
        disk.enlarge(g)
        name = disk.drive.name
        said = remedy_of(g, name)
        t.ok(said and "has to stay as it is" in said and not remedies.has_command(said),
             f"A3: {disk.what} is last: a sentence without a command", f"{said}")
    for disk in swaps:
        disk.enlarge(g)
    used, unused = (disk.drive.name for disk in swaps)
    for name in (used, unused):
        said = remedy_of(g, name)
        before, _, command = said.partition(f": swapoff /dev/{name}2 && ")
        t.ok(command and f"This destroys the partition {name}2" in before,
             f"A3: swap is last on {name}: in front of the command stands what it destroys", said)
    commands = {name: swap_command(remedy_of(g, name)) for name in (used, unused)}
    t.equal(pasted_elsewhere(g, commands[used], used, [d.drive.name for d in (*disks, swaps[1])]), [],
            "A3: pasted when the name is another disk's, the command for swap changes no table")
    g.run(commands[used])
    t.equal((g.run(f"test -e /sys/block/{used}/{used}2")[0], scenario.part_sectors(g, f"{used}1")[1]),
            (1, NEW // 512 - 2048 - 2048), "A3: pasted as printed, it has the partition in front of the swap grow")
    t.equal(pasted_elsewhere(g, commands[used], used, [used]), [], "A3: pasted once more, it changes nothing")


def swap_command(said):
    found = re.search(r"swapoff .*?; }", said)
    return found[0] if found else "false"


def pasted_elsewhere(g, command, name, others):
    """Those of OTHERS whose table the command for NAME changes when it is run on them."""
    changed = []
    for other in others:
        before = g.sh(f"sfdisk -d /dev/{other} && md5sum </proc/partitions")
        g.run(command.replace(name, other))
        if g.sh(f"sfdisk -d /dev/{other} && md5sum </proc/partitions") != before:
            changed.append(other)
    return changed


def a3_kept(t, disks):
    for disk in disks:
        t.equal(disk.digests(), disk.before, f"A3: {disk.what} has every byte afterwards")


# A4

def mbr(records, code=bytes(range(1, 256)) + bytes(range(1, 186))):
    """An MBR with (type, first, count) records behind a boot loader's first bytes."""
    entries = [struct.pack("<B3sB3sII", 0, b"\0\2\0", kind, b"\xff\xff\xff", first, count)
               for kind, first, count in records]
    return code[:440].ljust(446, b"\0") + b"".join(entries).ljust(64, b"\0") + b"\x55\xaa"


@dataclasses.dataclass
class Mbr:
    """A disk with an MBR, and CONTENT in its partition NUMBER. Without GROWS, no command is printed."""
    what: str
    records: list
    content: object = "ext4"
    number: int = 1
    grows: bool = True
    block: int = 512
    old: int = 128 * MIB
    new: int = 192 * MIB
    kept: int = 128 * MIB
    chain: tuple = ()
    use: str = ROOT_IN_USE

    def disk(self, index):
        image = images.empty(f"mbr-{index}.raw", self.old)
        write_at(image, 0, mbr(self.records))
        # What GRUB has there.
        write_at(image, 512, bytes(7 * n % 251 for n in range(MIB - 512)))
        for lba, records in self.chain:
            write_at(image, lba * 512, mbr(records, b""))
        kind, first, count = self.records[self.number - 1]
        at, length = first * self.block, count * self.block
        if isinstance(self.content, str):
            images.format_range(image, at, length, self.content, block=self.block, options=("-b", 4096) if self.content == "ext4" else ())
        elif self.content:
            write_at(image, at + self.content[0](length), self.content[1])
        kept = [(0, 440), (self.block, MIB - self.block)]
        if not self.grows:
            kept.append((0, self.kept))
        return Disk(self.what, image, self.use, kept, self.old, self.new, self.block)


# What libblkid knows LUKS by: (where, its bytes).
LUKS1, LUKS2 = ((lambda length: 0, b"LUKS\xba\xbe\0" + bytes([version]) + bytes(504)) for version in (1, 2))
LINUX, EXTENDED, SWAP, RAID, LVM = 0x83, 5, 0x82, 0xfd, 0x8e
WHOLE = 128 * 2048 - 2048
LABEL = "mkdir -p /tmp/{d} && lvm pvcreate -q /dev/{d}1 && lvm vgcreate -q vg-{d} /dev/{d}1 && lvm lvcreate -q -l 5 -n lv vg-{d}"
MBRS = [
    Mbr("ext4", [(LINUX, 2048, WHOLE)]),
    Mbr("xfs last of two", [(0xef, 2048, 8192), (LINUX, 10240, 700 * 2048)], "xfs", 2, old=800 * MIB, new=900 * MIB,
        use=ROOT_IN_USE.replace("/dev/{d}1", "/dev/{d}2")),
    Mbr("LVM", [(LVM, 2048, WHOLE)], None, use=LABEL),
    Mbr("ext4, of a disk that ends at no whole MiB", [(LINUX, 2048, WHOLE)], new=192 * MIB + 33 * 512),
    Mbr("LUKS2", [(LINUX, 2048, WHOLE)], LUKS2, grows=False, use="true"),
    Mbr("LUKS1", [(LINUX, 2048, WHOLE)], LUKS1, grows=False, use="true"),
    Mbr("LUKS2 on blocks of 4096 bytes", [(LINUX, 256, WHOLE // 8)], LUKS2, block=4096, grows=False, use="true"),
    Mbr("LUKS2 behind ext4", [(LINUX, 2048, 100 * 2048), (LINUX, 101 * 2048, 20 * 2048)], LUKS2, 2, grows=False, use="true"),
    Mbr("ext4 on blocks of 4096 bytes", [(LINUX, 256, WHOLE // 8)], block=4096),
    Mbr("a disk of 3 TiB", [(LINUX, 2048, WHOLE)], new=3 << 40, grows=False, content=None, use="true"),
    Mbr("a disk of 3 TiB with blocks of 4096 bytes", [(LINUX, 256, WHOLE // 8)], block=4096, new=3 << 40, grows=False,
        content=None, use="true"),
    Mbr("swap in an extended partition", [(LINUX, 2048, 100 * 2048), (EXTENDED, 101 * 2048, 20 * 2048)], grows=False,
        chain=[(101 * 2048, [(SWAP, 2048, 18 * 2048)])], kept=102 * MIB, use="mkswap /dev/{d}5 && swapon /dev/{d}5"),
    Mbr("a member of md 1.0", [(LINUX, 2048, 100 * 2048), (RAID, 101 * 2048, 20 * 2048)], MD_1_0, 2, grows=False, use="true"),
    Mbr("an ESP", [(LINUX, 2048, 100 * 2048), (0xef, 101 * 2048, 20 * 2048)], "vfat", 2, grows=False, use="true"),
]


def a4(t, g, rows):
    for row, disk in rows:
        disk.enlarge(g)
        name = disk.drive.name
        said = remedy_of(g, name)
        if not row.grows:
            t.ok(said and not remedies.has_command(said) and ("BIOS boot partition" in said) == (row.new > 2 << 40),
                 f"A4: MBR, {row.what}: a sentence without a command, of GPT beyond 2 TiB only", f"{said}")
            continue
        part = f"{name}{len(row.records)}"
        command = f"growpart /dev/{name} {len(row.records)}" + ("" if row.content else f" && pvresize /dev/{part}")
        t.ok(said and said.endswith(f": {command}") and "GPT" not in said,
             f"A4: MBR, {row.what}: growpart is named, and no conversion", f"{said}")
        done = g.run(MADE_QUIET + command)
        scenario.ended(t, done, 0, f"A4: MBR, {row.what}: pasted as printed, it succeeds")
        end = row.new // 512
        start, sectors = scenario.part_sectors(g, part)
        t.ok(start == row.records[-1][1] * row.block // 512 and end - 4096 < start + sectors <= end,
             f"A4: MBR, {row.what}: pasted as printed, the partition takes the disk", f"{start}+{sectors} of {end}; {done}")


def a4_followed(t, g, rows):
    """The filesystems that lie on them directly."""
    for row, disk in rows:
        if not row.grows or not row.content:
            continue
        name = f"{disk.drive.name}{len(row.records)}"
        disk_name = disk.drive.name
        scenario.ended(t, g.run(f"growctl wait {disk_name} --timeout 60", 90), 0, f"A4: MBR, {row.what}: growctl wait ends well", f"{name}: ")
        t.equal(remedy_of(g, disk_name), None, f"A4: MBR, {row.what}: doctor has no remedy for the disk any more")
        scenario.ended(t, g.run(f"growctl grow {disk_name}"), 3, f"A4: MBR, {row.what}: growctl grow has nothing to do", "nothing to do")
        size = scenario.fs_bytes(g, row.content, name, f"/mnt/{disk.drive.name}")
        t.ok(size > scenario.part_sectors(g, name)[1] * 512 - MIB and g.sh(f"cat /mnt/{disk.drive.name}/file") == "data",
             f"A4: MBR, {row.what}: the filesystem follows", f"{size}")


def a4_kept(t, rows):
    for row, disk in rows:
        t.equal(disk.digests(), disk.before, f"A4: MBR, {row.what}: the boot loader's code and gap have every byte afterwards")


def main():
    stays = [stay_disk(number, what) for number, what in enumerate(STAYS)]
    swaps = [swap_disk(number, what) for number, what in enumerate(("swap in use", "swap not in use"))]
    rows = [(row, row.disk(number)) for number, row in enumerate(MBRS)]
    disks = [*stays, *swaps, *(disk for _, disk in rows)]
    drives = [disk.begin(f"vd{chr(ord('a') + number)}") for number, disk in enumerate(disks)]
    files = {**scenario.LVM_CONF, str(GROWPART): GROWPART, "/usr/bin/flock": overlay.inside(root.tree(), "/usr/bin/flock")}
    grow = [row for row in MBRS if row.grows]
    plan = 2 * len(stays) + 2 + 3 + 1 + len(MBRS) + 2 * len(grow) + 4 * sum(bool(row.content) for row in grow) + len(MBRS)
    with ktap.Report(plan=plan) as t:
        with scenario.tiny("remedies", drives, files=files) as g:
            quiet(g)
            livegrow.load(g)
            a3(t, g, stays, swaps)
            g.sh("for tool in pvresize vgs; do ln -sf lvm /usr/sbin/$tool; done")
            g.start("exec growctl daemon")
            livegrow.wait_for_listener(g)
            a4(t, g, rows)
            a4_followed(t, g, rows)
            g.poweroff()
        a3_kept(t, [*stays, swaps[1]])
        a4_kept(t, rows)


main()
