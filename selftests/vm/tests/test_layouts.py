# SPDX-License-Identifier: GPL-2.0-or-later
"""Tables as others lay them out: all grow, and nothing but the last partition's end changes."""
import dataclasses
import json
import os

import gpt
import images
import ktap
import latency
import livegrow
import oracles
from drive import Drive
from guest import Guest

TIMEOUT = 240
ALONE = True
MIB = images.MIB
OLD, NEW = 512 * MIB, 640 * MIB
BOOT = gpt.Part(2048, 34815, gpt.BIOS_BOOT, name="boot \u00fc", attrs=1 << 2)
SRV = gpt.Part(34816, 67583, gpt.ESP, name="second", attrs=1 << 63)
LAST = gpt.Part(67584, 1046527, gpt.LINUX, name="last", attrs=1 << 59)
GROWN = (67584, 1241088)
OTHERS = [(2048, 32768), (34816, 32768)]


@dataclasses.dataclass
class Layout:
    """A table and what it is to become; EXPECTED is [(start, size)] in sectors of 512 bytes.

    headers     sectors of the last partition where a header of the table is left
    """
    name: str
    table: gpt.Table
    kind: str
    backup_array: int
    expected: list
    size: int = NEW
    last: int = 3
    tool: tuple = ()
    headers: tuple = ()
    writer: bool = False


LAYOUTS = [
    Layout("128 entries", gpt.Table(OLD, [BOOT, SRV, LAST]), "ext4", 1310687, [*OTHERS, GROWN]),
    Layout("256 entries", gpt.Table(OLD, [BOOT, SRV, LAST], entries=256), "xfs", 1310755,
           [*OTHERS, (67584, 1243136)], size=NEW + 100 * 512),
    Layout("64 entries at LBA 16",
           gpt.Table(OLD, [BOOT, SRV, LAST], entries=64, array=16), "ext4",
           1310703, [*OTHERS, GROWN]),
    Layout("blocks of 4096 bytes",
           gpt.Table(OLD, [gpt.Part(256, 4351, gpt.BIOS_BOOT), gpt.Part(4352, 8447, gpt.ESP),
                           gpt.Part(8448, 130815)], block=4096), "xfs", 163835, [*OTHERS, GROWN]),
    Layout("partition at LBA 34, written to",
           gpt.Table(OLD, [gpt.Part(34, 34815), SRV, LAST]), "ext4", 1310687,
           [(34, 34782), OTHERS[1], GROWN], writer=True),
    Layout("partition 1 last by offset",
           gpt.Table(OLD, [dataclasses.replace(LAST, number=1), dataclasses.replace(SRV, number=2),
                           dataclasses.replace(BOOT, number=7)]), "xfs", 1310687,
           [GROWN, OTHERS[1], OTHERS[0]], last=1),
    Layout("moved by sgdisk -e", gpt.Table(OLD, [BOOT, SRV, LAST]), "ext4", 1310687,
           # sgdisk leaves the backup at the old end, and then nothing on the disk names it.
           [*OTHERS, GROWN], tool=("-e",), headers=(OLD // 512 - 1,)),
    Layout("backup array right behind the last usable LBA, then a gap",
           gpt.Table(OLD, [BOOT, SRV, LAST], backup_array=1046528, last_usable=1046527), "ext4",
           1310687, [*OTHERS, GROWN]),
]


def fill(image, offset, size):
    with open(image, "r+b") as file:
        file.seek(offset)
        file.write(os.urandom(size))


def numbers(layout):
    return [part.number or slot for slot, part in enumerate(layout.table.parts, 1)]


def others(layout):
    return [number for number in numbers(layout) if number != layout.last]


def make(layout, letter):
    image = images.path(f"layout-{letter}.raw")
    layout.table.write(image)
    images.format_partition(image, layout.table, layout.last, layout.kind)
    for number in others(layout):
        fill(image, *layout.table.offset(number))
    if layout.tool:
        os.truncate(image, OLD + MIB)
        images.sgdisk(image, *layout.tool)
    return Drive(f"vd{letter}", image, logical=layout.table.block)


def kept_fields(image, layout):
    """What is the same before and after, the growing partition's end left out."""
    header = gpt.Image(image, layout.table.block).table()
    parts = [{**part, "raw": part["raw"][:40] + part["raw"][48:],
              "last": None if part["number"] == layout.last else part["last"]}
             for part in header["parts"]]
    fields = ("revision", "header_size", "first_usable", "guid", "entries_lba", "entries", "entry_size")
    return {**{field: header[field] for field in fields}, "parts": parts}


def contents(image, layout):
    """Digests of every other partition that nobody writes to, and of what is below the array."""
    quiet = others(layout)[1:] if layout.writer else others(layout)
    below = 2 * layout.table.block, (layout.table.array - 2) * layout.table.block
    return [images.digest(image, *range_) for range_ in
            [layout.table.offset(number) for number in quiet] + [below]]


def photograph(drive, layout):
    return kept_fields(drive.path, layout), contents(drive.path, layout)


def headers(image, start, size):
    """The sectors of this range that begin like a GPT header."""
    found = []
    with open(image, "rb") as file:
        for at, count in images.data_ranges(file.fileno(), start * 512, (start + size) * 512):
            data = os.pread(file.fileno(), count, at)
            found += [(at + within) // 512 for within in range(0, len(data), 512)
                      if data.startswith(b"EFI PART", within)]
    return tuple(found)


def mount_all(g, drives):
    for drive, layout in zip(drives, LAYOUTS):
        g.sh(f"mkdir -p /mnt/{drive.name} && mount -t {layout.kind} "
             f"/dev/{drive.name}{layout.last} /mnt/{drive.name}")


def filesystem_rows(g, name):
    """growctl's own view of the filesystems on a disk."""
    def walk(rows):
        for row in rows:
            yield row
            yield from walk(row.get("children", []))
    text = json.loads(g.sh(f"growctl status {name} --json"))
    return [row for row in walk(next(iter(text.values()))) if row.get("type") == "fs"]


def follow(g, drives):
    """Waits until no filesystem is smaller than its partition."""
    def all_full():
        return all(row["state"] == "full" for drive in drives for row in filesystem_rows(g, drive.name))
    g.wait_for(all_full, 30)


def grow_all(t, g, drives):
    writing = [g.start(f"exec writer --raw /dev/{drive.name}1 until-stopped")
               for drive, layout in zip(drives, LAYOUTS) if layout.writer]
    for drive, layout in zip(drives, LAYOUTS):
        g.resize(drive.name, layout.size)
    for drive, layout in zip(drives, LAYOUTS):
        record = livegrow.settled(g, drive.name, layout.size)
        t.equal((record["state"], record["reason"]), ("full", "none"), f"{layout.name}: state")
        t.equal(livegrow.live(g, drive.name), layout.expected, f"{layout.name}: live partitions")
        t.equal(sfdisk_sees(g, drive.name, layout.table.block), layout.expected,
                f"{layout.name}: sfdisk sees no stale page")
    with t.case("every filesystem follows"):
        follow(g, drives)
    g.sh("pkill -x writer")
    for writer in writing:
        t.equal(writer.wait(30)[0], 0, "the writer at LBA 34 ended well")


def sfdisk_sees(g, name, block):
    """[(start, size)] in sectors of 512 bytes by sfdisk in the guest, or its complaints."""
    text = g.sh(f"sfdisk --json /dev/{name}")
    try:
        parts = json.loads(text)["partitiontable"]["partitions"]
    except ValueError:
        return text
    return [(part["start"] * block // 512, part["size"] * block // 512) for part in parts]


def first_boot(t, drives):
    with Guest("layouts", initrd=livegrow.initrd(), drives=drives, memory=1024) as g:
        livegrow.load(g)
        mount_all(g, drives)
        # What is read now stays in the disk's page cache while something of it is mounted.
        for drive in drives:
            g.sh(f"sfdisk --json /dev/{drive.name}")
        daemon = g.start("exec growctl daemon")
        g.start("exec growctl watch --json > /tmp/events")
        g.wait_for("grep -q subscribed /tmp/events")
        grow_all(t, g, drives)
        latency.record(t, livegrow.parse(g.sh("cat /tmp/events")))
        for drive, layout in zip(drives, LAYOUTS):
            if layout.writer:
                t.equal(g.run(f"writer --verify-raw /dev/{drive.name}1")[0], 0,
                        f"{layout.name}: its content")
        livegrow.unmount(g)
        t.ok(not daemon.finished(), "the daemon still runs")
        g.sh("pkill -x growctl")
        livegrow.unload(g)
        g.poweroff()


def kernel_and_sfdisk(t, drives):
    """A new boot, without livegrow: what a stock kernel and sfdisk find, on 4096-byte blocks too."""
    with Guest("layouts-stock", initrd=livegrow.initrd(), drives=drives) as g:
        for drive, layout in zip(drives, LAYOUTS):
            t.equal(livegrow.live(g, drive.name), layout.expected, f"{layout.name}: a stock kernel's view")
            t.equal(sfdisk_sees(g, drive.name, layout.table.block), layout.expected,
                    f"{layout.name}: sfdisk's view in the guest")
        g.poweroff()


def judge(t, drive, layout, before):
    image, block = gpt.Image(drive.path, layout.table.block), layout.table.block
    t.equal(kept_fields(drive.path, layout), before[0], f"{layout.name}: nothing else in the table changed")
    t.equal(contents(drive.path, layout), before[1], f"{layout.name}: the other partitions' content")
    t.equal((image.table()["alternate_lba"], image.both()[1]["entries_lba"]),
            (layout.size // block - 1, layout.backup_array), f"{layout.name}: the backup's place")
    t.equal(oracles.table(drive.path, layout.expected, block), [], f"{layout.name}: all agree on the table")
    start, size = layout.expected[numbers(layout).index(layout.last)]
    t.equal(headers(drive.path, start, size), layout.headers, f"{layout.name}: headers in the partition")
    t.equal(oracles.filesystem(drive.path, layout.kind, start * 512, size * 512), [], f"{layout.name}: fsck")
    t.equal(oracles.filesystem_size(drive.path, layout.kind, start * 512), size * 512,
            f"{layout.name}: the filesystem fills its partition")


def is_as_sgdisk_leaves_it(t, drive):
    primary, backup = gpt.Image(drive.path).both()
    t.equal((primary["alternate_lba"], primary["last_usable"], backup["entries_lba"]),
            (1050623, 1050590, 1050591), "sgdisk -e puts the array right behind the last usable LBA")


def main():
    with ktap.Report(plan=12 * len(LAYOUTS) + 5) as t:
        drives = [make(layout, letter) for letter, layout in zip("abcdefgh", LAYOUTS)]
        is_as_sgdisk_leaves_it(t, drives[6])
        before = [photograph(drive, layout) for drive, layout in zip(drives, LAYOUTS)]
        first_boot(t, drives)
        kernel_and_sfdisk(t, drives)
        for drive, layout, old in zip(drives, LAYOUTS, before):
            judge(t, drive, layout, old)


main()
