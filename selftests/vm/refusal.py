# SPDX-License-Identifier: GPL-2.0-or-later
"""The disks that livegrow refuses to grow: how each is made and used, and what it is to say."""
import dataclasses
import struct

import gpt
import images
from gpt import Part, Table

MIB = images.MIB
OLD, NEW = 128 * MIB, 192 * MIB
FIRST = Part(2048, 34815, name="first")
LAST = Part(34816, 260095, name="last")
PLAIN = Table(OLD, [FIRST, LAST])
WITH_TAIL = Table(256 * MIB, [FIRST, Part(34816, 366591, name="last")])
BROKEN = b"\xff\xff\xff\xff"
MD_1_0 = struct.pack("<II136xQ", 0xa92b4efc, 1, 225264)
MD_0_90 = struct.pack("<III", 0xa92b4efc, 0, 90)
PRIMARY_CRC, ARRAY, BACKUP_CRC = 512 + 16, 1024 + 56, 262143 * 512 + 16

# {d} is the disk's name. None of these writes a byte.
# A mapping uses its disk, where a filesystem that is mounted read-only permits nothing.
MOUNT_LAST = "mkdir -p /mnt/{d} && mount -t ext4 -o ro,noload /dev/{d}2 /mnt/{d}"
MOUNT_VFAT = "mkdir -p /mnt/{d} && mount -t vfat -o ro /dev/{d}2 /mnt/{d}"
MAP_FIRST = "dmsetup create {d} --table '0 32768 linear /dev/{d}1 0'"
MAP_LAST = "dmsetup create {d} --table '0 225280 linear /dev/{d}2 0'"
MAP_WHOLE = "dmsetup create {d} --table '0 262144 linear /dev/{d} 0'"

# What another tool does behind the kernel's back: its table, and the row's own again.
OTHER = "dd if=/tmp/{d}.other of=/dev/{d} conv=notrunc,fsync 2>&1"
OWN = OTHER.replace("other", "own")
FOLLOW = "partx --update --nr 2 /dev/{d}"


def last_of(**changes):
    return Table(OLD, [FIRST, dataclasses.replace(LAST, **changes)])


@dataclasses.dataclass
class Row:
    """One disk that is refused.

    damage, primary   of gpt.Table.write()
    other             a table that the command "poke" may write, as /tmp/DISK.other
    hold, poke        commands in the guest, before and after the module is loaded
    resize            the disk's size from the host, None: it stays
    enlarged          the image is longer before the boot
    relocated         the backup goes to the new end, and not a byte else changes
    load              parameters of the module
    then              what makes it grow: a command, and the last partition's sectors
    """
    name: str
    state: str
    reason: str
    text: str
    table: Table = dataclasses.field(default_factory=lambda: PLAIN)
    damage: tuple = ()
    primary: dict = None
    content: dict = dataclasses.field(default_factory=lambda: {1: "ext4", 2: "ext4"})
    other: Table = None
    hold: str = MAP_LAST
    poke: str = None
    resize: int = NEW
    enlarged: int = None
    load: str = "mode=auto"
    drive: dict = dataclasses.field(default_factory=dict)
    relocated: bool = False
    then: tuple = None


DAMAGED = "the primary GPT is damaged: growctl grow --recover takes its backup"
BEHIND = "{d}2 is smaller in the kernel than in the table, as after an interrupted growth: growctl grow {d}"
DIFFERS = "table and kernel differ: another tool is at work, or has left them so"
MEMBER = "last partition {d}2 is a member of an md array with its superblock at the end"
TAIL = "space after the last partition was free before or is reserved: growctl grow takes it"

# One virtio-scsi disk in each boot, since several get their names in any order.
TABLES = [
    Row("both headers damaged", "blocked", "both-damaged",
        "the primary GPT is damaged, and no backup header was found",
        damage=((PRIMARY_CRC, BROKEN), (BACKUP_CRC, BROKEN)), hold="true"),
    Row("primary header damaged", "blocked", "primary-damaged", DAMAGED,
        damage=((PRIMARY_CRC, BROKEN),), hold="true"),
    Row("primary array damaged", "blocked", "primary-damaged", DAMAGED,
        damage=((ARRAY, BROKEN),), hold="true"),
    Row("overlapping entries", "blocked", "entry-overlap", "partitions overlap",
        table=Table(OLD, [FIRST, Part(30720, 260095)]), content={2: "ext4"}),
    Row("an entry past the disk", "blocked", "entry-past-disk", "a partition ends behind the disk",
        table=last_of(last=600000), content={1: "ext4"}, hold=MAP_FIRST),
    Row("an entry past the last usable LBA", "blocked", "entry-range",
        "a partition lies outside of the usable LBAs",
        table=last_of(last=262120), content={1: "ext4"}, hold=MAP_FIRST),
    Row("a partition that would lie over the new backup", "blocked", "no-room",
        "a partition lies where the new backup would", resize=OLD + 16 * 512,
        table=Table(OLD, [FIRST, Part(34816, 262142)], first_usable=2048, last_usable=262142,
                    backup_array=64)),
    Row("array behind the last usable LBA, no marker", "blocked", "array-place",
        "the entry array lies behind the first usable LBA, and nothing says why",
        primary={"entries_lba": 262111}),
    Row("a hybrid MBR", "blocked", "hybrid-mbr", "hybrid MBR: its other partitions would not follow",
        table=Table(OLD, [FIRST, LAST], mbr=gpt.protective_mbr(262144, [(0x83, 2048, 32768)]))),
    Row("an MBR and no GPT", "blocked", "not-gpt", "its partition table is not a GPT",
        damage=((450, b"\x83"), (454, b"\0\x08\0\0\0\x80\0\0")), hold=MAP_FIRST),
    Row("table changed behind the kernel", "blocked", "table-differs", DIFFERS,
        other=Table(OLD, [dataclasses.replace(FIRST, last=32767), LAST]), poke=OTHER),
    Row("a partition the kernel does not have", "blocked", "table-differs", DIFFERS,
        poke="partx --delete --nr 1 /dev/{d}"),
    Row("a live partition that is smaller", "blocked", "table-differs", BEHIND,
        other=last_of(last=258047), poke=f"{OTHER} && {FOLLOW} && {OWN}"),
    Row("a disk that shrank", "shrunk", "shrunk", "the disk is smaller than its table says",
        hold=MAP_FIRST, resize=OLD - 16 * MIB),
    Row("neither table nor filesystem", "no-table", "no-table", "no partition table",
        table=None, hold="true"),
    Row("a read-only disk that refuses to be opened for writing", "blocked", "read-only",
        "the disk is read-only", enlarged=NEW, resize=None, load="drivers=sd",
        drive={"driver": "virtio-scsi", "readonly": True}, hold=MOUNT_LAST),
]

GATES = [
    Row("a disk that the host has read-only", "blocked", "read-only", "the disk is read-only",
        enlarged=NEW, resize=None, drive={"readonly": True}, hold=MOUNT_LAST),
    Row("a disk that the guest has read-only", "blocked", "read-only", "the disk is read-only",
        poke="blockdev --setro /dev/{d}",
        then=("blockdev --setrw /dev/{d} && lgnl grow {d} content", 356352)),
    Row("a driver that is not named", "unmanaged", "driver",
        "driver sd is not named in livegrow.drivers", drive={"driver": "virtio-scsi"}),
    Row("a free tail, nothing new", "waiting", "free-tail", TAIL, table=WITH_TAIL, resize=None,
        then=("lgnl grow {d} content free-tail", 487424)),
    Row("a free tail, then new space", "waiting", "free-tail", TAIL, table=WITH_TAIL,
        resize=320 * MIB, then=("lgnl grow {d} content free-tail", 618496)),
    Row("nothing of it mounted", "unused", "not-in-use",
        "nothing on it is mounted or otherwise used here", hold="true",
        then=("growctl daemon & " + MOUNT_LAST.replace("-o ro,noload ", ""), 356352)),
    Row("nothing of it mounted, then a plain look", "unused", "not-in-use",
        "nothing on it is mounted or otherwise used here", hold="true",
        then=(MAP_LAST + " && lgnl grow {d}", 356352)),
    Row("held whole by dm", "held", "held-whole",
        "the disk as a whole is held, by a filesystem, dm or md", hold=MAP_WHOLE,
        then=("dmsetup remove {d} && " + MAP_LAST + " && lgnl grow {d}", 356352)),
    Row("ext4 in a Microsoft basic data partition", "waiting", "part-content",
        "last partition {d}2 is of a type that does not tell its content",
        table=last_of(type=gpt.MICROSOFT_BASIC), then=("lgnl grow {d} content", 356352)),
    Row("swap in use", "blocked", "part-type", "last partition {d}2 is swap",
        table=last_of(type=gpt.SWAP), content={2: "swap"}, hold="swapon /dev/{d}2", relocated=True),
    Row("ESP mounted", "blocked", "part-type", "last partition {d}2 is an EFI system partition",
        table=last_of(type=gpt.ESP), content={2: "vfat"}, hold=MAP_FIRST + " && " + MOUNT_VFAT, relocated=True),
    Row("Linux RAID", "blocked", "part-type", "last partition {d}2 is Linux RAID",
        table=last_of(type=gpt.RAID), hold=MAP_LAST, relocated=True),
    # As mdadm writes them, as far as libblkid asks: it calls both linux_raid_member.
    Row("a member of an md array, version 1.0", "blocked", "part-metadata", MEMBER,
        damage=(((34816 + 225264) * 512, MD_1_0),), relocated=True),
    Row("a member of an md array, version 0.90", "blocked", "part-metadata", MEMBER,
        damage=(((34816 + 225152) * 512, MD_0_90),), relocated=True),
    Row("attribute bit 60", "blocked", "part-read-only",
        "last partition {d}2 has the attribute read-only",
        table=last_of(attrs=1 << 60), relocated=True),
    Row("mode ask by parameter", "waiting", "mode-ask", "the mode is ask: say growctl grow",
        load="mode=ask", then=("lgnl grow {d} asked", 356352)),
    Row("mode off by parameter", "off", "mode-off", "the mode is off", load="mode=off"),
]


def make(row, name):
    """The row's image."""
    size = row.table.size if row.table else OLD
    image = images.empty(f"{name}.raw", size)
    if row.table:
        row.table.write(image)
        for number, kind in row.content.items():
            images.format_partition(image, row.table, number, kind)
        row.table.write(image, primary=row.primary, damage=row.damage)
    if row.enlarged:
        images.resize(image, row.enlarged)
    return image


def head(table):
    """The first 34 sectors of a table: MBR, header and array."""
    sectors = table.sectors()
    return sectors[0] + sectors[1] + sectors[2]


def relocated(row, image):
    """The digest of IMAGE after nothing but its backup went to the new end."""
    moved = dataclasses.replace(row.table, size=row.resize, backup=None, backup_array=None,
                                last_usable=None, mbr=None)
    with images.temporary(row.resize) as copy:
        images.copy_data(image, copy)
        old_backup = {lba * 512: bytes(len(data)) for lba, data in row.table.sectors().items()
                      if lba >= row.table.backup_array}
        moved.write(copy, damage=[(offset, zeros) for offset, zeros in old_backup.items()])
        return images.digest(copy)


class InGuest:
    """A row on the disk NAME of a guest."""

    def __init__(self, row, name):
        self.row, self.name = row, name

    def command(self, text):
        return text.replace("{d}", self.name)

    def hold(self, g):
        if self.row.other:
            g.push(head(self.row.table), f"/tmp/{self.name}.own")
            g.push(head(self.row.other), f"/tmp/{self.name}.other")
        g.sh(self.command(self.row.hold))
