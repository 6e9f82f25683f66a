# SPDX-License-Identifier: GPL-2.0-or-later
"""A primary GPT that is dead comes back from its backup, or the disk says why it does not.

Live, where the growth was heard, by itself; else by growctl grow --recover. Each refusal
is held to not a byte written.
"""
import dataclasses
import string

import gpt
import images
import ktap
import livegrow
import oracles
from drive import Drive
from guest import Guest

TIMEOUT = 300
MIB = images.MIB
OLD = 128 * MIB
FIRST = gpt.Part(2048, 34815, name="first")
LAST = gpt.Part(34816, 260095, name="last")
TABLE = gpt.Table(OLD, [FIRST, LAST])
# What the last partition has when the disk is larger by so many bytes.
GROWN = {0: 225280, 512: 225280, 8 * 512: 225280, 32 * 512: 225280, 33 * 512: 227328,
         2048 * MIB - OLD: 4157440}

HEADER_CRC = ((512 + 16, b"\xff\xff\xff\xff"),)
ARRAY_BYTE = ((1024 + 56, b"\xff"),)
NO_HEADER = ((512, bytes(512)),)
NO_ARRAY_EITHER = ((512, bytes(33 * 512)),)
NO_MBR = ((0, bytes(512)),)
DAMAGE = {"its header's CRC": HEADER_CRC, "a byte of its array": ARRAY_BYTE,
          "its header zeroed": NO_HEADER, "header and array zeroed": NO_ARRAY_EITHER}
MAY = "the primary GPT is damaged: growctl grow --recover takes its backup"
DIFFERS = "the primary GPT is damaged, and its backup has other partitions than the kernel"
STALE = "the primary GPT is damaged, and the backup found is of an older, smaller table"


@dataclasses.dataclass
class Disk:
    """A disk that dies: live while it is mounted, or before the boot.

    more      bytes that it grows by
    damage    what is written over it
    prepare   changes the image first
    says      (state, reason, text) where it is not recovered
    flags     of growctl grow
    """
    what: str
    more: int = 0
    damage: tuple = HEADER_CRC
    prepare: callable = None
    says: tuple = None
    flags: str = "--recover"
    name: str = ""

    def make(self):
        self.path = images.path(f"recover-{self.name}.raw")
        TABLE.write(self.path)
        for number in (1, 2):
            images.format_partition(self.path, TABLE, number, "ext4")
        if self.prepare:
            self.prepare(self.path)
        self.drive = Drive(self.name, self.path)
        return self

    @property
    def parts(self):
        return [(2048, 32768), (34816, GROWN[self.more])]

    def break_image(self):
        """Before the boot, with the growth."""
        with open(self.path, "r+b") as image:
            for at, data in self.damage:
                image.seek(at)
                image.write(data)
        images.resize(self.path, OLD + self.more)

    def mount(self, g):
        g.sh(f"mkdir -p /mnt/{self.name} && mount /dev/{self.name}2 /mnt/{self.name}")

    def break_live(self, g):
        """While it is in use, through the disk's node as any tool would."""
        for at, data in self.damage:
            unit = 512 if at % 512 == 0 else 1
            g.sh(f"dd of=/dev/{self.name} bs={unit} seek={at // unit} conv=notrunc,fsync 2>&1",
                 stdin=data)

    def grow(self, g):
        g.resize(self.name, OLD + self.more)

    def recover(self, g):
        return g.run(f"growctl grow {self.flags} {self.name}")

    def record(self, g):
        return livegrow.settled(g, self.name, OLD + self.more)

    def judge(self, t):
        t.equal(oracles.table(self.path, self.parts)
                + oracles.filesystem(self.path, "ext4", 34816 * 512, self.parts[1][1] * 512), [],
                f"{self.what}: the table, its backup and the filesystem are sound")


def named(disks):
    for disk, letter in zip(disks, string.ascii_lowercase):
        disk.name = f"vd{letter}"
        disk.make()
    return disks


def heard():
    """Mounted, dead, and then larger: nobody asks for anything."""
    rows = [Disk(f"in use, {what}, then {more} bytes more", more, damage)
            for (what, damage), more in zip(DAMAGE.items(), (512, 8 * 512, 32 * 512, 33 * 512))]
    return rows + [Disk("in use, its header zeroed, then 1920 MiB more", 1920 * MIB, NO_HEADER)]


def unheard():
    """Dead before the boot: the kernel finds no partition."""
    rows = [Disk(f"at boot, {what}, {more} bytes more", more, damage)
            for more, (what, damage) in zip(GROWN, 2 * list(DAMAGE.items()))]
    return rows + [Disk("at boot, its header zeroed, 1920 MiB more", 1920 * MIB, NO_HEADER)]


def by_itself(t):
    disks = named(heard())
    with Guest("recover-live", initrd=livegrow.initrd(), drives=[d.drive for d in disks]) as g:
        for disk in disks:
            disk.mount(g)
        livegrow.load(g)
        g.start("exec growctl daemon")
        watch = g.start("exec growctl watch --json > /tmp/events")
        g.wait_for("grep -q subscribed /tmp/events")
        for disk in disks:
            disk.break_live(g)
            disk.grow(g)
        for disk in disks:
            alive(t, g, disk)
        g.sh("pkill -x growctl")
        livegrow.unmount(g)
        watch.wait(10)
        events = livegrow.parse(g.sh("cat /tmp/events"))
        g.poweroff()
    for disk in disks:
        told = [e["event"] for e in events if e.get("disk") == disk.name]
        t.ok(told.count("recovered") == 1 and "failed" not in told, f"{disk.what}: told once", told)
        disk.judge(t)


def is_done(g, disk):
    """Its state is that of before it died until a look has seen the growth."""
    record = livegrow.status(g, disk.name)
    return (record["state"], record["capacity"]) == ("full", OLD + disk.more)


def alive(t, g, disk):
    with t.case(f"{disk.what}: recovered and grown by itself"):
        g.wait_for(lambda: is_done(g, disk), 30)
        assert livegrow.live(g, disk.name) == disk.parts, livegrow.live(g, disk.name)
        g.wait_for(f"[ $(stat -f -c %b /mnt/{disk.name}) -gt 0 ]")


def on_command(t):
    disks = named(unheard())
    for disk in disks:
        disk.break_image()
    with Guest("recover-boot", initrd=livegrow.initrd(), drives=[d.drive for d in disks]) as g:
        livegrow.load(g)
        for disk in disks:
            commanded(t, g, disk)
        g.poweroff()
    for disk in disks:
        # Nothing was mounted, so only table and partition have grown.
        t.equal(oracles.table(disk.path, disk.parts)
                + oracles.filesystem(disk.path, "ext4", 34816 * 512, 225280 * 512), [],
                f"{disk.what}: the table, its backup and the filesystem are sound")


def commanded(t, g, disk):
    record = disk.record(g)
    t.equal((record["state"], record["reason"], record["text"]), ("blocked", "primary-damaged", MAY),
            f"{disk.what}: says what to do")
    before = images.digest(disk.path)
    status, text = g.run(f"growctl grow --recover --dry-run {disk.name}")
    t.ok(status == 0 and "recover-header" in text and "the primary GPT would be recovered" in text and
         images.digest(disk.path) == before, f"{disk.what}: a dry run says so and writes nothing", f"{status} {text}")
    status, text = disk.recover(g)
    t.ok(status == 0 and "the primary GPT was recovered" in text, f"{disk.what}: recovered", text)
    t.equal(livegrow.live(g, disk.name), disk.parts, f"{disk.what}: its partitions are back, and grown")


# Refusals

def other_backup():
    """A backup of a table whose first partition is another."""
    other = gpt.Table(OLD, [dataclasses.replace(FIRST, last=32767), LAST])
    return tuple((lba * 512, other.sectors()[lba]) for lba in (other.backup_array, other.backup))


def later_mbr(path):
    """The protective MBR tells of a later table, of which nothing is left."""
    with open(path, "r+b") as image:
        image.write(gpt.protective_mbr((OLD + 8 * MIB) // 512))


def second_backup(path):
    """The disk had the coming end in an earlier life, and a table there."""
    images.resize(path, OLD + 8 * MIB)
    ghost = gpt.Table(OLD + 8 * MIB, [FIRST])
    with open(path, "r+b") as image:
        for lba in (ghost.backup_array, ghost.backup):
            image.seek(lba * 512)
            image.write(ghost.sectors()[lba])


def whole_filesystem(path):
    """An ext4 over all of it; LBA 0 and the backup GPT are what it left."""
    with open(path, "r+b") as image:
        image.seek(512)
        image.write(bytes(100 * MIB))
    images.format_range(path, 0, 100 * MIB, "ext4")
    with open(path, "r+b") as image:
        image.write(TABLE.mbr)


LIVE_REFUSALS = [
    Disk("the backup has other partitions than the kernel", 8 * MIB, HEADER_CRC + other_backup(),
         says=("blocked", "backup-differs", DIFFERS)),
    Disk("dead, and no growth was heard", 0, says=("blocked", "primary-damaged", MAY), flags=None),
]
BOOT_REFUSALS = [
    Disk("a backup that is older than the MBR", 16 * MIB, prepare=later_mbr,
         says=("blocked", "backup-stale", STALE)),
    Disk("two backups and nothing that names one", 8 * MIB, NO_HEADER, prepare=second_backup,
         says=("blocked", "backup-stale", STALE)),
    Disk("a filesystem on the whole disk", 0, NO_HEADER, prepare=whole_filesystem,
         says=("blocked", "primary-damaged", MAY)),
    Disk("no protective MBR", 8 * MIB, HEADER_CRC + NO_MBR,
         says=("no-table", "no-table", "no partition table")),
    Disk("no backup either", 8 * MIB, HEADER_CRC + ((OLD - 512 + 16, b"\xff\xff\xff\xff"),),
         says=("blocked", "both-damaged",
               "the primary GPT is damaged, and no backup header was found")),
]


def refused(t, g, disk):
    record = disk.record(g)
    before = images.digest(disk.path)
    if disk.flags:
        status, text = disk.recover(g)
        t.ok(status == 2, f"{disk.what}: growctl grow --recover is refused", text)
        record = livegrow.status(g, disk.name)
    t.equal((record["state"], record["reason"], record.get("text")), disk.says,
            f"{disk.what}: says why")
    t.equal(images.digest(disk.path), before, f"{disk.what}: not a byte was written")


def refuse_live(t):
    disks = named(LIVE_REFUSALS)
    with Guest("recover-no-live", initrd=livegrow.initrd(), drives=[d.drive for d in disks]) as g:
        for disk in disks:
            g.sh(f"mkdir -p /mnt/{disk.name} && "
                 f"mount -o ro,noload /dev/{disk.name}2 /mnt/{disk.name}")
        livegrow.load(g)
        for disk in disks:
            disk.break_live(g)
            livegrow.grow(g, disk.name)
            disk.grow(g)
            refused(t, g, disk)
        says_why(t, g, disks[1])
        still_recovers(t, g, disks[1])
        g.poweroff()


def says_why(t, g, disk):
    """What keeps it from being written, not that it is dead."""
    g.sh(f"blockdev --setro /dev/{disk.name}")
    for dry in ("", " --dry-run"):
        status, text = g.run(f"growctl grow --recover{dry} {disk.name}")
        t.ok(status == 2 and "not recovered: the disk is read-only" in text,
             f"{disk.what}: read-only, growctl grow --recover{dry} is refused", f"{status} {text}")
    g.sh(f"blockdev --setrw /dev/{disk.name}")


def still_recovers(t, g, disk):
    """Its live partitions vouch for the backup, and a person has said so."""
    status, text = g.run(f"growctl grow --recover {disk.name}")
    t.ok(status == 0 and livegrow.status(g, disk.name)["state"] == "full",
         f"{disk.what}: recovered on command", text)
    t.equal(oracles.table(disk.path, disk.parts), [], f"{disk.what}: the table is sound")


def refuse_boot(t):
    disks = named(BOOT_REFUSALS)
    for disk in disks:
        disk.break_image()
    with Guest("recover-no-boot", initrd=livegrow.initrd(), drives=[d.drive for d in disks]) as g:
        livegrow.load(g)
        for disk in disks:
            refused(t, g, disk)
        g.poweroff()


def main():
    live, boot = heard(), unheard()
    refusals = LIVE_REFUSALS + BOOT_REFUSALS
    plan = 3 * len(live) + 5 * len(boot) + sum(2 + bool(d.flags) for d in refusals) + 4
    with ktap.Report(plan=plan) as t:
        by_itself(t)
        on_command(t)
        refuse_live(t)
        refuse_boot(t)


main()
