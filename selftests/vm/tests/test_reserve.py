# SPDX-License-Identifier: GPL-2.0-or-later
"""B4: a last usable LBA that is set short keeps the space after it from partitions, until a person gives it away."""
import dataclasses
import json

import gpt
import images
import ktap
import livegrow
import oracles
import scenario
from drive import Drive
from images import GIB, MIB

TIMEOUT = 180
OLD, NEW = GIB, 2 * GIB
START = MIB
# A last usable LBA of 1998847 on a disk of 2097152 sectors.
RESERVE = (2097118 - 1998847) * 512
WAITS, FULL = ("waiting", "free-tail"), ("full", "none")
# In sectors of 512 bytes, from START up to the last whole MiB.
GROWN = (NEW - MIB - START) // 512


def usual_end(size, block):
    """Where a partition may end on a disk of SIZE bytes, in bytes."""
    return (gpt.Table(size, [], block=block).last_usable + 1) * block


@dataclasses.dataclass
class Row:
    """The last usable LBA is this many bytes in front of its usual place.

    off     the host enlarges the disk while the guest is off
    torn    the backup's array is damaged
    given   a person then runs growctl grow
    """
    title: str
    reserve: int
    block: int = 512
    state: tuple = WAITS
    kind: str = "ext4"
    off: bool = False
    torn: bool = False
    given: bool = False

    def table(self):
        last_usable = (usual_end(OLD, self.block) - self.reserve) // self.block - 1
        end = (last_usable + 1) * self.block // MIB * MIB
        return gpt.Table(OLD, [gpt.Part(START // self.block, end // self.block - 1)], block=self.block, last_usable=last_usable)


ROWS = [
    Row("48 MiB", RESERVE, given=True),
    Row("48 MiB, blocks of 4096 bytes", RESERVE, block=4096, given=True),
    Row("48 MiB, XFS, enlarged while off", RESERVE, kind="xfs", off=True),
    Row("48 MiB, XFS, a damaged backup", RESERVE, kind="xfs", torn=True),
    Row("1 MiB and a block", MIB + 512),
    Row("1 MiB and a block, blocks of 4096 bytes", MIB + 4096, block=4096),
    Row("1 MiB", MIB, state=FULL),
    Row("1 MiB, blocks of 4096 bytes", MIB, block=4096, state=FULL),
    Row("1000 KiB", 1000 << 10, state=FULL),
]


class Disk:
    def __init__(self, number, row):
        self.row, self.name = row, f"vd{chr(ord('a') + number)}"
        self.table = row.table()
        self.path = images.path(f"reserve-{number}.raw")
        damage = ((self.table.backup_array * row.block + 56, b"x"),) if row.torn else ()
        self.table.write(self.path, damage=damage)
        images.format_partition(self.path, self.table, 1, row.kind, options=("-b", "4096") if row.kind == "ext4" else ())
        self.reserve = (self.table.last_usable + 1) * row.block
        self.fill()
        if row.off:
            images.resize(self.path, NEW)
        self.drive = Drive(self.name, self.path, logical=row.block, physical=row.block)
        self.old = self.table.offset(1)[1] // 512
        self.before = self.digests()

    @property
    def grows(self):
        return self.row.given or self.row.state == FULL

    def fill(self):
        """Another program keeps something in all of the reserve."""
        with open(self.path, "r+b") as file:
            file.seek(self.reserve)
            file.write(b"not free" * ((usual_end(OLD, self.row.block) - self.reserve) // 8))

    def digests(self):
        """Of everything but the partition, which is mounted: the first MiB, the reserve with the backup, the new space.

        A backup that is damaged may be mended.
        """
        end = usual_end(OLD, self.row.block) if self.row.torn else OLD
        ranges = (0, START), (self.reserve, end - self.reserve), (OLD, NEW - OLD)
        return [images.digest(self.path, *one) for one in ranges]

    def mount(self, g):
        g.sh(f"mkdir -p /mnt/{self.name} && mount -t {self.row.kind} /dev/{self.name}1 /mnt/{self.name}")

    def title(self, words):
        return f"B4: {self.row.title} after the last usable LBA: {words}"

    def judge(self, t, g):
        record = livegrow.settled(g, self.name, NEW)
        waits = self.row.state == WAITS
        t.equal(((record["state"], record["reason"]), scenario.part_sectors(g, f"{self.name}1")),
                (self.row.state, (START // 512, self.old if waits else GROWN)),
                self.title("it waits" if waits else "it grows"))
        if waits:
            changed = [now != then for now, then in zip(self.digests(), self.before)]
            t.equal(changed, [False] * 3, self.title("not a byte is written but for the partition's"))

    def give(self, t, g):
        """A person's word takes the reserve, too."""
        status, text = g.run(f"growctl grow {self.name}")
        got = status, scenario.part_sectors(g, f"{self.name}1")
        t.ok(got == (0, (START // 512, GROWN)), self.title("growctl grow takes it"), f"{got}\n{text}")

    def follow(self, g):
        place = self.row.kind, f"{self.name}1", f"/mnt/{self.name}"
        g.wait_for(lambda: scenario.fs_bytes(g, *place) == GROWN * 512)

    def check(self, t):
        image = gpt.Image(self.path, self.row.block)
        usual = usual_end(NEW, self.row.block) // self.row.block - 1
        objections = oracles.table(self.path, [(START // 512, GROWN)], self.row.block)
        objections += oracles.filesystem(self.path, self.row.kind, START, GROWN * 512)
        t.equal((image.table()["last_usable"], oracles.filesystem_size(self.path, self.row.kind, START), objections),
                (usual, GROWN * 512, []), self.title("then the table is as usual, and the filesystem fills the partition"))


def doctor(t, g, disk):
    found = json.loads(g.run(f"growctl doctor --json {disk.name}")[1])["findings"]
    said = next((f["remedy"] for f in found if f["where"] == disk.name), "")
    before, command, _ = said.partition(f"growctl grow {disk.name}")
    t.ok(command and "destroys" in before and "last usable LBA" in before,
         "B4: doctor names growctl grow, and in front of it what that destroys", said)


def a_wider_limit(t, g, disk):
    """The limit never left anything: what lies behind the partition is the table's reserve."""
    for value in (NEW // 2, NEW):
        g.sh(f"growctl policy set {disk.name} max={value}")
        g.wait_for(lambda: livegrow.status(g, disk.name).get("max") == value)
    livegrow.grow(g, disk.name)
    record = livegrow.status(g, disk.name)
    t.equal(((record["state"], record["reason"]), [now != then for now, then in zip(disk.digests(), disk.before)]),
            (WAITS, [False] * 3), disk.title("a limit that becomes wider does not take it"))


def main():
    disks = [Disk(number, row) for number, row in enumerate(ROWS)]
    waiting, given = sum(row.state == WAITS for row in ROWS), sum(row.given for row in ROWS)
    with ktap.Report(plan=len(ROWS) + waiting + 2 + given + sum(disk.grows for disk in disks)) as t:
        with scenario.tiny("reserve", [disk.drive for disk in disks], memory=768) as g:
            for disk in disks:
                disk.mount(g)
            livegrow.load(g)
            g.start("exec growctl daemon")
            livegrow.wait_for_listener(g)
            for disk in disks:
                if not disk.row.off:
                    g.resize(disk.name, NEW)
            for disk in disks:
                disk.judge(t, g)
            doctor(t, g, disks[0])
            a_wider_limit(t, g, disks[1])
            for disk in disks:
                if disk.row.given:
                    disk.give(t, g)
            for disk in disks:
                if disk.grows:
                    disk.follow(g)
            g.sh("pkill -x growctl")
            livegrow.unmount(g)
            g.poweroff()
        for disk in disks:
            if disk.grows:
                disk.check(t)


main()
