# SPDX-License-Identifier: GPL-2.0-or-later
"""Twenty resizes of a mounted root in a row, by much, by little and to odd sizes, under a writer."""
import gpt
import images
import ktap
import latency
import oracles
import scenario
from images import MIB

TIMEOUT = 300
ALONE = True

BEFORE = [(2048, 2048), (4096, 131072)]
ROOT = 135168
FIRST = (3072000, 2934784)  # 1500 MiB
# The disk's sectors; the last partition's sectors then; the backup header's LBA.
# Worked out by hand: the partition ends on the last whole MiB in front of the 32
# sectors of the backup array; where that is where it ended before, only the
# backup moves.
STEPS = [
    ("1 GiB", 5169152, 5031936, 5169151),
    ("64 MiB", 5300224, 5163008, 5300223),
    ("512 KiB, and a MiB becomes whole", 5301248, 5165056, 5301247),
    ("33 sectors", 5301281, 5165056, 5301280),
    ("1 sector", 5301282, 5165056, 5301281),
    ("512 KiB, with a sector to spare", 5302306, 5167104, 5302305),
    ("1 sector", 5302307, 5167104, 5302306),
    ("33 sectors", 5302340, 5167104, 5302339),
    ("64 MiB and 7 sectors, to no multiple of 4 KiB", 5433419, 5298176, 5433418),
    ("512 KiB, and no MiB becomes whole", 5434443, 5298176, 5434442),
    ("1 GiB, from and to an odd size", 7531595, 7395328, 7531594),
    ("33 sectors", 7531628, 7395328, 7531627),
    ("510 KiB, to a multiple of 4 KiB and not of 1 MiB", 7532648, 7397376, 7532647),
    ("1 sector", 7532649, 7397376, 7532648),
    ("31 sectors, fewer than the array has", 7532680, 7397376, 7532679),
    ("64 MiB", 7663752, 7528448, 7663751),
    ("1945 sectors, so that the array fits exactly", 7665697, 7530496, 7665696),
    ("2047 sectors, one too few for a MiB", 7667744, 7530496, 7667743),
    ("1 sector, the missing one", 7667745, 7532544, 7667744),
    ("1 GiB, so that the array fits exactly", 9764897, 9629696, 9764896),
]


def check_table(g, sectors, root, backup):
    """What the device holds, read around the guest's page cache, as every judge sees it."""
    copy = scenario.table_sectors(g, "vda", sectors)
    objections = oracles.table(copy, BEFORE + [(ROOT, root)])
    assert not objections, objections
    assert gpt.Image(copy).table()["alternate_lba"] == backup, gpt.Image(copy).table()
    header = gpt.parse_header(gpt.Image(copy).read(backup))
    assert header["my_lba"] == backup and header["crc_ok"], header


def step(g, watch, before, sectors, root, backup):
    """One resize, waited for by its events, and judged."""
    mark = watch.mark()
    g.resize("vda", sectors * 512)
    watch.wait(event="settled", disk="vda", capacity=sectors * 512, state="full", since=mark)
    assert watch.find(mark, event="table-updated", capacity=sectors * 512), "no table-updated"
    grown = watch.find(mark, event="partition-grown", part=3)
    assert bool(grown) == (root > before), grown
    if grown:
        watch.wait(event="filesystem-grown", disk="vda", fs_size=root * 512, since=mark)
    assert scenario.part_sectors(g, "vda3") == (ROOT, root)
    assert scenario.fs_bytes(g, "ext4", "vda3", "/") == root * 512
    check_table(g, sectors, root, backup)


def twenty(t, g, watch):
    good, before = 0, FIRST[1]
    for number, (what, *expected) in enumerate(STEPS, 1):
        with t.case(f"resize {number}, by {what}"):
            step(g, watch, before, *expected)
            good += 1
        before = expected[1]
    t.ok(good == 20, f"{good} of 20 ended at the expected sectors")


def check_afterwards(t, volume):
    _, sectors, root, _ = STEPS[-1]
    with scenario.afterwards("twenty", [volume]) as g:
        t.equal([scenario.part_sectors(g, f"vda{n}") for n in (1, 2, 3)],
                BEFORE + [(ROOT, root)], "a stock kernel sees the last sizes")
        with t.case("every checksum is right"):
            t.note(scenario.verify_writer(g, volume))
    image = volume.drive.path
    t.equal(image.stat().st_size, sectors * 512, "the image has its last size")
    t.equal(oracles.table(image, BEFORE + [(ROOT, root)]), [], "sfdisk and sgdisk agree")
    t.equal(oracles.filesystem(image, "ext4", ROOT * 512, root * 512), [], "e2fsck finds nothing")


def main():
    with ktap.Report(plan=20 + 1 + 5) as t:
        disk = scenario.root_disk("root.raw", size=1500 * MIB)
        volume = scenario.Volume(scenario.Drive("vda", disk.path), 3, "ext4", "/")
        with scenario.installed("twenty", disk) as g:
            watch = scenario.Watch(g)
            writers = scenario.start_writers(g, [volume.load])
            assert scenario.part_sectors(g, "vda3") == (ROOT, FIRST[1])
            twenty(t, g, watch)
            t.note(f"blocks written: {scenario.stop_writers(g, writers)}")
            latency.record(t, watch.update())
            g.poweroff()
        check_afterwards(t, volume)


main()
