# SPDX-License-Identifier: GPL-2.0-or-later
"""The tables that commits replaced are kept until userspace has them, and a partition goes back.

growctl's daemon does not run here: what it would do with either is done by hand.
"""
import dataclasses

import gpt
import images
import ktap
import livegrow
import oracles
import scenario
from drive import Drive
from faults import EIO, Faults

TIMEOUT = 240
MIB = images.MIB
OLD = 64 * MIB
START = MIB
ENOENT, ENOSPC = 2, 28


def last_end(size, block=512, array=16384):
    """The byte that a grown partition ends before: the last whole MiB in front of the backup."""
    return (size - array - block) // MIB * MIB


def part_bytes(size):
    return last_end(size) - START


def make(name, parts=1, kind=None, block=512, entries=128):
    """A raw disk of which the last of PARTS partitions reaches the end; the first has a MiB."""
    image = images.path(f"old-tables-{name}.raw")
    ends = [START + MIB] * (parts - 1) + [last_end(OLD, block, entries * 128)]
    starts = [START, *ends][:parts]
    table = gpt.Table(OLD, [gpt.Part(start // block, end // block - 1)
                            for start, end in zip(starts, ends)], block=block, entries=entries)
    table.write(image)
    if kind:
        images.format_partition(image, table, 1, kind)
    else:
        images.label_partition(image, table, parts)
    return Drive(name, image, logical=block)


@dataclasses.dataclass
class Disk:
    """A disk of make() in a guest, and what is asked of it."""
    g: object
    watch: object
    drive: Drive
    size: int = OLD

    @property
    def name(self):
        return self.drive.name

    def resize(self, more):
        """How the look ended that saw the new size."""
        mark = self.watch.mark()
        self.size += more
        self.g.resize(self.name, self.size)
        return self.watch.wait(event="settled", disk=self.name, since=mark, capacity=self.size)

    def look(self):
        """How a look for no new reason ended."""
        mark = self.watch.mark()
        self.g.sh(f"echo change > /sys/block/{self.name}/uevent")
        return self.watch.wait(event="settled", disk=self.name, since=mark)

    def grow(self):
        return livegrow.grow(self.g, self.name, "asked", "unused")

    def roll_back(self, size, *flags):
        return livegrow.roll_back(self.g, self.name, 1, START, size, *flags)

    def kept(self):
        """The old tables' data, oldest first."""
        return [bytes(data) for _, data in livegrow.old_tables(self.g, self.name).values()]

    def take_all(self):
        for number in livegrow.old_tables(self.g, self.name):
            livegrow.taken(self.g, self.name, number)

    def digest(self):
        return images.digest(self.drive.path, 0, self.size)

    def live(self):
        """The bytes of the last live partition."""
        return livegrow.live(self.g, self.name)[-1][1] * 512

    def table(self):
        """The table's blocks as the image has them, in the order of an old table's data."""
        image = gpt.Image(self.drive.path, self.drive.logical)
        header = gpt.parse_header(image.read(1))
        array = header["entries"] * header["entry_size"] // image.block
        return (image.read(0, 2) + image.read(header["alternate_lba"])
                + image.read(header["entries_lba"], array))

    def wrong(self, size):
        """What there is to object, where the one partition has SIZE bytes."""
        block = self.drive.logical
        found = oracles.table(self.drive.path, [(START // 512, size // 512)], block)
        last = gpt.Image(self.drive.path, block).table()["parts"][0]["last"]
        return found + [f"{what}: {bytes} bytes" for what, bytes in
                        (("live", self.live()), ("table", (last + 1) * block - START))
                        if bytes != size]


def hold(disk):
    """In use, and open: as it is by a mount, but nobody reads or writes."""
    disk.g.sh(f"dmsetup create {disk.name} "
              f"--table '0 {part_bytes(OLD) // 512} linear /dev/{disk.name}1 0'")


# What is kept

def last_four(t, disk):
    before, sizes, began = [], [], int(disk.g.sh("date +%s"))
    for _ in range(5):
        before.append(disk.table())
        sizes.append(disk.size)
        assert disk.resize(2 * MIB)["state"] == "full"
    tables = livegrow.old_tables(disk.g, disk.name)
    t.equal(disk.kept(), before[1:], "five grows: the last four tables are kept, oldest first")
    t.equal([(first["capacity"], first["lba-size"]) for first, _ in tables.values()],
            [(size, 512) for size in sizes[1:]], "each with the disk that it was made for")
    ids, times = list(tables), [first["backup-time"] for first, _ in tables.values()]
    t.equal((sorted(ids), sorted(times)), (ids, times), "ids and times count up")
    now = int(disk.g.sh("date +%s"))
    t.ok(began <= times[0] // 10**9 <= times[-1] // 10**9 <= now, "the times are of the day")
    return ids


def said(disk):
    status = livegrow.status(disk.g, disk.name)
    return status.get("backups"), status.get("backup-errno")


def take(t, disk, ids):
    mark = disk.watch.mark()
    livegrow.taken(disk.g, disk.name, ids[1], ENOSPC)
    disk.watch.wait(event="backup-failed", disk=disk.name, since=mark, backup_errno=ENOSPC,
                    backups=4)
    t.equal(said(disk), (4, ENOSPC), "one could not be stored: it is kept, event and status say why")
    livegrow.taken(disk.g, disk.name, ids[0])
    t.equal(said(disk), (3, ENOSPC), "an earlier one was stored: it goes, the errno stays")
    livegrow.taken(disk.g, disk.name, ids[2])
    t.equal(said(disk), (2, None), "a later one was stored: the errno goes")
    status, text = livegrow.taken(disk.g, disk.name, ids[0])
    t.ok(status == 2 and f'"error": -{ENOENT}' in text, "none is taken twice", text)
    t.equal(list(livegrow.old_tables(disk.g, disk.name)), [ids[1], ids[3]],
            "what was not taken is still kept")
    disk.take_all()
    t.equal((said(disk), disk.kept()), ((None, None), []), "all are taken")


def long_array(t, disk, other):
    """A table of many messages; and one that goes while it is being handed out."""
    before = disk.table()
    disk.resize(8 * MIB)
    disk.grow()
    (number, (first, data)), = livegrow.old_tables(disk.g, disk.name).items()
    t.equal((bytes(data) == before, first["lba-size"], len(data)), (True, 4096, (3 + 128) * 4096),
            "a table of 512 KiB, in every byte")
    t.equal(sorted(livegrow.old_tables(disk.g)),
            sorted([number, *livegrow.old_tables(disk.g, other.name)]),
            "without a disk's name, those of all disks")
    disk.resize(8 * MIB)
    disk.grow()
    torn = livegrow.kept(livegrow.parse(disk.g.sh(f"lgnl tear {disk.name} {number}")))
    lengths = [len(data) for _, data in torn.values()]
    t.ok(0 < lengths[0] < len(data) == lengths[1],
         "taken while it is handed out, it ends early, and the next one is whole", lengths)


def not_twice(t, disk):
    """Tried again after an error, a commit replaces the same table."""
    before, faults = disk.table(), Faults(disk.g, disk.drive)
    disk.resize(2 * MIB)
    for number in (1, 3, 4):
        faults.nth("write", number)
        assert disk.grow()["state"] == "failed"
        faults.clear()
    t.equal(disk.kept(), [before], "three grows that failed: the table is kept once")
    disk.take_all()
    disk.grow()
    t.equal((disk.kept(), disk.wrong(part_bytes(disk.size))), ([], []),
            "and not again when it was taken before the one that succeeded")


# Back to an old size

def mounted(t, disk):
    """Nobody grew the filesystem, so that nothing reaches behind the old end; it is frozen."""
    old = disk.live()
    assert disk.resize(16 * MIB)["state"] == "full"
    grown, before, mark = disk.live(), disk.table(), disk.watch.mark()
    dry = disk.roll_back(old, "dry-run")
    t.equal((dry["state"], dry["reason"], dry["mode"]), ("waiting", "none", "auto"),
            "a dry run says that it would")
    t.equal((disk.table(), disk.live()), (before, grown), "and nothing is changed by it")
    disk.g.sh("fsfreeze -f /mnt")
    end = disk.roll_back(old)
    disk.g.sh("fsfreeze -u /mnt")
    t.equal((end["part-size"], end["mode"], disk.wrong(old)), (old, "ask", []),
            "a mounted partition goes back, in the table and live, and the mode is ask")
    event = disk.watch.find(mark, event="rolled-back", disk=disk.name)
    t.equal((event["part_old_size"], event["part_size"]), (grown, old), "the event says so")
    t.equal(disk.kept()[-1], before, "the table with the larger partition is kept")
    with t.case("what is mounted can be written and read"):
        disk.g.sh("dd if=/dev/urandom of=/mnt/more bs=1M count=8 conv=fsync && sha1sum /mnt/more "
                  "> /tmp/sum && echo 3 > /proc/sys/vm/drop_caches && sha1sum -c /tmp/sum")


def later(t, disk):
    size = disk.live()
    end = disk.resize(16 * MIB)
    t.equal((end["state"], end["reason"], disk.live()), ("waiting", "mode-ask", size),
            "a later growth of the disk waits for somebody's word")
    mark = disk.watch.mark()
    livegrow.set_policy(disk.g, disk.name, "auto")
    end = disk.watch.wait(event="settled", disk=disk.name, since=mark)
    t.equal((end["state"], end["mode"], disk.wrong(part_bytes(disk.size))), ("full", "auto", []),
            "set to auto again, it takes all there is")


def set_modes(t, disk):
    for mode, state in (("off", "off"), ("ask", "full"), ("auto", "full")):
        mark = disk.watch.mark()
        livegrow.set_policy(disk.g, disk.name, mode)
        end = disk.watch.wait(event="settled", disk=disk.name, since=mark)
        t.equal((end["mode"], end["state"]), (mode, state), f"set to {mode}, and looked at")


def parameter_off(t, g):
    livegrow.load(g, "mode=off")
    livegrow.set_policy(g, "vda", "auto")
    t.equal(livegrow.status(g, "vda")["mode"], "off", "the parameter's off is stronger")
    livegrow.unload(g)


def unused(t, disk):
    """Blocks of 4096 bytes; only commanded, since nothing uses the disk."""
    old = last_end(OLD, 4096, 1 << 19) - START
    end = disk.roll_back(old)
    t.equal((end["part-size"], disk.wrong(old)), (old, []), "blocks of 4096 bytes, not in use: back")
    end = disk.roll_back(old)
    t.equal((end["state"], end["part-size"], disk.wrong(old)), ("full", old, []),
            "ordered once more: there is nothing to do")


# Pages behind the new end

MARK, HOST = b"dirty".ljust(4096, b"."), b"of the host".ljust(4096, b".")


def write_behind(disk, old):
    """A dirty page of the partition, 1 MiB behind its OLD end; returns where it is on the disk."""
    disk.g.sh(f"dd of=/dev/{disk.name}1 bs=4096 count=1 seek={(old + MIB) // 4096} conv=notrunc "
              "iflag=fullblock", stdin=MARK)
    return START + old + MIB


def on_disk(disk, at):
    with open(disk.drive.path, "rb") as image:
        image.seek(at)
        return image.read(4096)


def pages(t, disk):
    old = disk.live()
    disk.resize(16 * MIB)
    at = write_behind(disk, old)
    before = on_disk(disk, at)
    disk.roll_back(old)
    t.equal((before == MARK, on_disk(disk, at) == MARK), (False, True),
            "a dirty page behind the new end is on the disk")
    with open(disk.drive.path, "r+b") as image:
        image.seek(at)
        image.write(HOST)
    livegrow.grow(disk.g, disk.name, "asked", "free-tail")
    data = disk.g.run_bytes(f"dd if=/dev/{disk.name}1 bs=4096 count=1 "
                            f"skip={(old + MIB) // 4096} status=none")[1]
    t.equal((disk.wrong(part_bytes(disk.size)), data == HOST), ([], True),
            "grown again, it shows what the disk holds there")


# What stops half-way

@dataclasses.dataclass
class Stop:
    """The write of SECTOR fails; what the next look says, of what lies there then.

    Behind the switch the module makes a look of its own, and finishes the table.
    """
    step: str
    sector: object
    state: str
    reason: str
    is_finished: bool = False


STOPS = [
    Stop("backup", lambda disk, behind: disk.size // 512 - 1, "full", "none"),
    Stop("switch", lambda disk, behind: 1, "waiting", "mode-ask"),
    Stop("home-array", lambda disk, behind: 2, "blocked", "table-differs", True),
    Stop("partition", lambda disk, behind: behind // 512, "blocked", "table-differs", True),
]


def stop(t, disk, row):
    old, faults = part_bytes(OLD), Faults(disk.g, disk.drive)
    grown, behind = disk.live(), write_behind(disk, old)
    faults.at("write", row.sector(disk, behind))
    end = disk.roll_back(old)
    faults.clear()
    t.equal((end["state"], end.get("step"), end.get("errno"), disk.live()),
            ("failed", row.step, EIO, grown), f"an error in step {row.step} is told")
    if row.is_finished:
        disk.g.wait_for(lambda: livegrow.status(disk.g, disk.name)["reason"] == row.reason)
    digest, end = disk.digest(), disk.look()
    t.equal((end["state"], end["reason"], disk.digest() == digest, disk.live()),
            (row.state, row.reason, True, grown), f"{row.step}: the next look writes nothing")
    end = disk.roll_back(old)
    t.equal((end["part-size"], disk.wrong(old)), (old, []), f"{row.step}: ordered again, it is done")
    livegrow.grow(disk.g, disk.name, "asked", "free-tail")


# What is refused

LAST = 2 * MIB
LAST_SIZE = last_end(OLD) - LAST
REFUSED = [
    ("a partition that is not the last", (1, START, MIB // 2)),
    ("a partition that is not there", (3, LAST, MIB)),
    ("another start", (2, LAST - 512, MIB)),
    ("a larger size", (2, LAST, LAST_SIZE + 512)),
    ("a size that is no whole blocks", (2, LAST, MIB + 100)),
    ("no size", (2, LAST, 0)),
]
SHUT = [
    ("the whole disk is held", "dmsetup create whole --table '0 8 linear /dev/vdd 0'",
     "dmsetup remove whole", ("held", "held-whole")),
    ("the disk is read-only", "blockdev --setro /dev/vdd", "blockdev --setrw /dev/vdd",
     ("blocked", "read-only")),
    ("its mode is off", "lgnl set vdd off", "lgnl set vdd auto", ("off", "mode-off")),
]


def refusals(t, disk):
    digest, live = disk.digest(), livegrow.live(disk.g, "vdd")
    for name, order in REFUSED:
        end = livegrow.roll_back(disk.g, "vdd", *order)
        t.equal((end["state"], end["reason"]), ("blocked", "rollback"), f"refused: {name}")
    for name, shut, reopen, verdict in SHUT:
        disk.g.sh(shut)
        end = livegrow.roll_back(disk.g, "vdd", 2, LAST, MIB)
        disk.g.sh(reopen)
        t.equal((end["state"], end["reason"]), verdict, f"refused: {name}")
    status = livegrow.status(disk.g, "vdd")
    t.equal((disk.digest() == digest, livegrow.live(disk.g, "vdd"), status["mode"]),
            (True, live, "auto"), "a refusal writes nothing, and the mode stays")


def run(t, g, watch, drives):
    vda, vdb, vdc, vdd = [Disk(g, watch, drive) for drive in drives]
    g.sh("mount -t ext4 /dev/vda1 /mnt")
    ids = last_four(t, vda)
    long_array(t, vdb, vda)
    take(t, vda, ids)
    not_twice(t, vdc)
    mounted(t, vda)
    later(t, vda)
    set_modes(t, vda)
    unused(t, vdb)
    hold(vdc)
    pages(t, vdc)
    for row in STOPS:
        stop(t, vdc, row)
    refusals(t, vdd)
    g.sh("umount /mnt && dmsetup remove vdc")
    livegrow.unload(g)
    parameter_off(t, g)


def main():
    drives = [make("vda", kind="ext4"), make("vdb", block=4096, entries=4096), make("vdc"),
              make("vdd", parts=2)]
    with ktap.Report(plan=4 + 3 + 6 + 2 + 6 + 2 + 3 + 2 + 2 + 3 * len(STOPS)
                     + len(REFUSED) + len(SHUT) + 1 + 1 + 1) as t:
        with scenario.tiny("old-tables", drives) as g:
            livegrow.load(g, "content_wait=0")
            run(t, g, scenario.Watch(g), drives)
            g.poweroff()
        t.equal(oracles.filesystem(drives[0].path, "ext4", START, part_bytes(OLD)), [],
                "fsck finds nothing in what was mounted all the while")


main()
