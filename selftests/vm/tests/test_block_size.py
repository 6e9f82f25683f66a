# SPDX-License-Identifier: GPL-2.0-or-later
"""A table that was made for another block size than the disk is attached with: named, and never written to."""
import json

import gpt
import images
import ktap
import livegrow
import remedies
import scenario
from drive import Drive
from gpt import Part, Table
from images import MIB
from scenario import ended

TIMEOUT = 180
OLD, NEW = 128 * MIB, 192 * MIB
MOUNT = "mkdir -p /mnt/{d} && mount /dev/{d}1 /mnt/{d}"


def table(block, **options):
    size = OLD // block
    return Table(OLD, [Part(MIB // block, size - MIB // block - 1)], block=block, **options)


def image_of(name, block, damage=(), **options):
    image = images.path(f"block-{name}.raw")
    made = table(block, guid=gpt.guid_of(name), **options)
    made.write(image, damage=damage)
    images.format_partition(image, made, 1, "ext4", options=("-b", 4096))
    return image


def over(name, old, new, **options):
    """A fresh table of NEW over a stale one of OLD, of which what NEW does not need survives."""
    image = image_of(name, old)
    stale = image.read_bytes()[:MIB]
    made = table(new, guid=gpt.guid_of(name), **options)
    made.write(image)
    if new > 512:
        # Some tools leave all of LBA 0 as it was, but for the MBR.
        with open(image, "r+b") as file:
            file.seek(512)
            file.write(stale[512:min(new, MIB)])
    return image


def whole_below(name, old, new, nr_old, nr_new):
    """A damaged table of NEW, whose backup is good, and below it a whole older one of OLD."""
    image = image_of(name, old, entries=nr_old)
    stale = image.read_bytes()[:MIB]
    table(new, guid=gpt.guid_of(name), entries=nr_new).write(image)
    with open(image, "r+b") as file:
        # The newer table has written its own LBA 0 in part, LBA 1 and its array.
        file.seek(512)
        file.write(stale[512:new])
        file.seek(new + 16)
        file.write(b"\xff\xff")
        end = 2 * new + nr_new * 128
        file.seek(end)
        file.write(stale[end:MIB])
    return image


def backup_too(name):
    """A whole table of 4096, and the backup of an older one of 512 at the end, with a right CRC."""
    image = image_of(name, 4096)
    old = table(512).sectors()
    with open(image, "r+b") as file:
        for lba in (OLD // 512 - 33, OLD // 512 - 1):
            file.seek(lba * 512)
            file.write(old[lba])
    return image


def dead(name):
    """LBA 1 is gone, where an older table of 4096 had its header there is a signature, and the backup is good."""
    return image_of(name, 512, damage=((512, bytes(512)), (4096, b"EFI PART")))


# Name, the image, the table's block size, the disk's.
FOREIGN = [
    ("vda", image_of, 4096, 512), ("vdb", image_of, 512, 4096), ("vdc", image_of, 2048, 512), ("vdd", image_of, 1024, 4096),
    ("vde", lambda name, block: image_of(name, block, damage=((2 * 4096 + 40, b"\xff"),)), 4096, 512),
    ("vdf", lambda name, block: image_of(name, block, damage=((512 + 16, b"\xff\xff"),)), 512, 4096),
    ("vdg", lambda name, block: backup_too(name), 4096, 512),
]
# Name, the image, the disk's block size, what it is.
DAMAGED = [
    ("vdm", whole_below("vdm", 512, 4096, 4, 128), 4096, "a damaged table of 4096 with a whole older one of 512 in LBA 0"),
    ("vdn", whole_below("vdn", 4096, 512, 128, 4), 512, "a damaged table of 512 with a short array over a whole one of 4096"),
    ("vdo", whole_below("vdo", 512, 2048, 4, 128), 2048, "a damaged table of 2048 with a whole older one of 512 in LBA 0"),
]
# Name, the image, the block size of both, what it is.
SOUND = [
    ("vdh", over("vdh", 4096, 512), 512, "a table of 512 over a stale one of 4096"),
    ("vdi", over("vdi", 4096, 512, entries=4), 512, "a table of 512 whose short array leaves a stale one of 4096 whole"),
    ("vdj", over("vdj", 512, 4096), 4096, "a table of 4096 with a stale header of 512 in front of it"),
    ("vdk", image_of("vdk", 2048), 2048, "a table of 2048 on a disk of 2048"),
]


def words(of, at):
    return f"the table was made for {of}-byte blocks, but the host attaches the disk with {at}"


def foreign(t, g, name, of, at):
    what = f"A5: a table of {of} on a disk of {at} ({name})"
    disk, = json.loads(g.sh(f"growctl status {name} --json"))["disks"]
    t.equal((disk["state"], disk["reason"], disk["reason_text"]), ("blocked", "block-size", words(of, at)), f"{what}: status")
    finding, = [f for f in json.loads(g.run(f"growctl doctor {name} --json")[1])["findings"] if f["where"] == name]
    t.ok(words(of, at) in finding["what"] and "damaged" not in str(finding) and not remedies.has_command(finding["remedy"]),
         f"{what}: doctor, without a command", f"{finding}")
    for command in ("plan", "plan --recover", "wait --timeout 20", "grow", "grow --recover"):
        ended(t, g.run(f"growctl {command} {name}", 40), 2, f"{what}: {command}", words(of, at))


def enlarged(t, g):
    """A host that enlarges such a disk as it is makes it no other's."""
    for name, _, of, at in FOREIGN:
        g.resize(name, NEW)
        said = livegrow.settled(g, name, NEW)
        t.equal((said["state"], said["reason"]), ("blocked", "block-size"), f"A5: {name} enlarged: it is still refused")


def sound(t, g, name, block, what):
    g.sh(MOUNT.format(d=name))
    g.resize(name, NEW)
    said = livegrow.settled(g, name, NEW)
    start, sectors = scenario.part_sectors(g, f"{name}1")
    t.ok(said["state"] == "full" and (start + sectors) * 512 > NEW - 2 * MIB, f"A5: {what}: is sound, and grows", f"{said} {start} {sectors}")


def recovered(t, g):
    """What is left of a table of another size does not stand in the way of a backup that is good."""
    t.equal(livegrow.status(g, "vdl")["reason"], "primary-damaged", "A5: a dead primary, a stale signature of 4096: the backup is found")
    ended(t, g.run("growctl grow --recover vdl"), 0, "A5: the backup is recovered by command", "was recovered")
    for name, _, _, what in DAMAGED:
        t.equal(livegrow.status(g, name)["reason"], "primary-damaged", f"A5: {what}: it is the disk's own")
        ended(t, g.run(f"growctl grow --recover {name}"), 0, f"A5: {what}: is recovered", "was recovered")


def on_host(t):
    """An image is planned by the block size that its table has."""
    for block in (512, 1024, 2048, 4096):
        image = image_of(f"image-{block}", block)
        images.resize(image, NEW)
        ended(t, scenario.growctl_on_host("plan", image), 0, f"A5: an image of {block} is planned", "partition")
    image = image_of("image-bad", 4096, damage=((4096 + 16, b"\xff\xff"),))
    ended(t, scenario.growctl_on_host("plan", image), 2, "A5: so is one with a damaged header", "primary GPT is damaged")


def main():
    made = [(name, make(name, of), of, at) for name, make, of, at in FOREIGN]
    before = {name: images.digest(image, 0, OLD) for name, image, _, _ in made}
    drives = [Drive(name, image, logical=at) for name, image, _, at in made]
    drives += [Drive(name, image, logical=block) for name, image, block, _ in SOUND] + [Drive("vdl", dead("vdl"))]
    drives += [Drive(name, image, logical=block) for name, image, block, _ in DAMAGED]
    with ktap.Report(plan=2 + 9 * len(FOREIGN) + len(SOUND) + 2 + 2 * len(DAMAGED) + 2 + 5) as t:
        with scenario.tiny("block-size", drives) as g:
            for name, of, at in (("vda", 4096, 512), ("vdb", 512, 4096)):
                ended(t, g.run(f"growctl plan {name}"), 2, f"A5: {name}: without the module", words(of, at))
            for name, what in (("vdl", "a stale signature"), ("vdm", DAMAGED[0][3])):
                ended(t, g.run(f"growctl plan {name}"), 2, f"A5: {what}: without the module", "the primary GPT is damaged")
            livegrow.load(g)
            for name, _, of, at in FOREIGN:
                livegrow.settled(g, name, OLD)
                foreign(t, g, name, of, at)
            enlarged(t, g)
            for row in SOUND:
                sound(t, g, row[0], *row[2:])
            recovered(t, g)
            g.poweroff()
        for name, image, of, at in made:
            t.equal(images.digest(image, 0, OLD), before[name], f"A5: a table of {of} on a disk of {at} ({name}): every byte is as it was")
        on_host(t)


main()
