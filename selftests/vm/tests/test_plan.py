# SPDX-License-Identifier: GPL-2.0-or-later
"""growctl plan: what it says of a disk, and of its image, is what the module then writes."""
import json
import os
import shutil
import struct
import zlib

import gpt
import images
import ktap
import livegrow
import scenario
from images import GIB, MIB
from scenario import ended, growctl_on_host
from writelog import LoggedDrive, WriteLog

TIMEOUT = 180


def plan_of(text):
    return json.loads(text)["plan"]


class Disk:
    """IMAGE as the host hands it over: already larger than its table."""

    def __init__(self, name, image, block=512, part=1):
        self.name, self.image, self.block = name, image, block
        self.before = image.with_suffix(".before")
        shutil.copyfile(image, self.before)
        self.drive = LoggedDrive(name, image, logical=block, log=images.path(f"plan-{name}.log"))
        self.part = f"{name}{part}"
        self.skip, self.plan = 0, None

    def writes_so_far(self):
        """The writes up to the last flush."""
        if not os.path.getsize(self.drive.log):
            return []
        log = WriteLog(self.drive.log)
        return log.writes(0, len(log.entries))

    def writes(self):
        """[(offset, data)] as QEMU saw them, in bytes."""
        log = WriteLog(self.drive.log)
        return [(entry.offset, log.data(entry)) for entry in log.writes(0, len(log.entries))][self.skip:]


def displaced(name, size, **options):
    """Made for a smaller disk."""
    image = images.path(name)
    table = gpt.Table(512 * MIB, [gpt.Part(256, 512 * MIB // options.get("block", 512) - 257)], **options)
    table.write(image)
    images.format_partition(image, table, 1, "ext4", options=("-b", "4096"))
    os.truncate(image, size)
    return image


def with_tail(name, blocks=GIB // 512):
    """Its backup is where it belongs, and its end free; its MBR is for a disk of so many BLOCKS."""
    image = images.path(name)
    gpt.Table(GIB, [gpt.Part(2048, 1050623)], mbr=gpt.protective_mbr(blocks)).write(image)
    return image


def with_swap(name):
    image = images.path(name)
    gpt.Table(512 * MIB, [gpt.Part(2048, 1046527, gpt.SWAP)]).write(image)
    os.truncate(image, GIB)
    return image


def full_disk(name):
    return scenario.one_partition(name, GIB, "ext4")


def steps_of(rows):
    """[(offset, length)] of the rows that are writes, in blocks."""
    return [(row["lba"], row["blocks"]) for row in rows if row["lba"] is not None]


def written(t, disk, plan):
    t.equal([(offset // disk.block, len(data) // disk.block) for offset, data in disk.writes()], steps_of(plan),
            f"{disk.name}: what was planned was written, block for block")
    sizes = [row["to"] for row in plan if row["step"] == "partition"]
    after = gpt.Image(disk.image, disk.block).table()["parts"][-1]
    if sizes:
        t.equal(sizes, [(after["last"] - after["first"] + 1) * disk.block],
                f"{disk.name}: and the partition has the size that was planned")


def same_but_names(rows, disk, image):
    """What IMAGE's rows would say of DISK, but for who follows."""
    return [{**row, "device": row["device"].replace(image, disk), "what": None}
            for row in rows if row["step"] != "filesystem"]


def planned(g, disk, *options):
    """(exit code, the rows) of the plan in the guest."""
    status, text = g.run(f"growctl plan --json {' '.join(options)} {disk}")
    return status, plan_of(text)


def in_the_guest(t, disks):
    """{disk's name: its plan's rows}; and grows them."""
    plans = {}
    with scenario.tiny("plan", [disk.drive for disk in disks]) as g:
        ended(t, g.run("growctl plan vda"), 0, "without the module the table alone is gone by", "not loaded", "switch")
        g.sh("modprobe livegrow")
        for disk in disks[:3]:
            _, plans[disk.name] = planned(g, disk.part)
            for how in ("", "--json", "-v"):
                t.equal(g.sh(f"growctl grow --dry-run {disk.name} {how}"), g.sh(f"growctl plan {disk.name} {how}"),
                        f"{disk.name}: grow --dry-run {how} says the same")
        ended(t, g.run("growctl plan"), 2, "all of them, of which none is in use", "nothing", "vdc", "left alone: unused",
              "vde1 is swap")
        ended(t, g.run("growctl plan vda --auto"), 0, "new space would be taken unasked", "partition")
        ended(t, g.run("growctl plan vdc --auto"), 2, "what was free before would not", "refused",
              "was free before")
        hidden_tail(t, g, disks[3])
        blocked(t, g, disks[4])
        for disk in disks[:3]:
            g.sh(f"growctl grow {disk.name}")
        ended(t, g.run("growctl plan vda"), 3, "afterwards there is nothing to do", "nothing", "nothing to do")
        g.poweroff()
    return plans


def hidden_tail(t, g, disk):
    """Its MBR wants a write, and its tail somebody's word: the one hides nothing of the other."""
    status, disk.plan = planned(g, disk.name, "--auto")
    t.equal((status, [row["step"] for row in disk.plan]), (2, ["mbr", "refused"]), f"{disk.name}: the MBR, and no more")
    g.run(f"growctl grow --auto {disk.name}")


def blocked(t, g, disk):
    """Swap at its end: what is written all the same is planned."""
    status, disk.plan = planned(g, disk.name)
    t.equal((status, disk.plan[-1]["step"]), (2, "refused"), f"{disk.name}: swap does not grow")
    g.run(f"growctl grow {disk.name}")


def again_in_the_guest(t, disks, cut_short):
    """What a crash left of a grow, on a disk that is larger again; and a backup that another tool moved."""
    with scenario.tiny("plan-again", [disk.drive for disk in disks + [cut_short]]) as g:
        g.sh("modprobe livegrow mode=ask")
        g.resize("vdb", 2 * GIB)
        livegrow.settled(g, "vdb", 2 * GIB)
        g.sh("sgdisk -e /dev/vdb")
        for disk in disks:
            disk.skip = len(disk.writes_so_far())
            status, disk.plan = planned(g, disk.name)
            t.ok(status == 0 and disk.plan[-1]["step"] == "partition", f"{disk.name}: planned up to the partition",
                 f"{status} {disk.plan}")
            g.sh(f"growctl grow {disk.name}")
        recovered(t, g, cut_short)
        g.poweroff()


def blocks_said(block, image, writes):
    """[(LBA, words)] of each block that is written, by a comparison of its own."""
    said = []
    with open(image, "r+b") as file:
        for offset, data in writes:
            old = os.pread(file.fileno(), len(data), offset)
            for at in range(0, len(data), block):
                differ = [i for i in range(block) if old[at + i] != data[at + i]]
                words = (f"{len(differ)} bytes change, between {differ[0]} and {differ[-1]}" if len(differ) > 1
                         else f"byte {differ[0]} changes" if differ else "stays as it is")
                said.append(((offset + at) // block, words))
            os.pwrite(file.fileno(), data, offset)
    return said


def held_together(t, disk, plan):
    """The image's plan, the guest's, and what was written."""
    status, text = growctl_on_host("plan", "--json", disk.before)
    rows = plan_of(text)
    t.ok(status == 0 and same_but_names(rows, disk.name, disk.before.name) ==
         same_but_names(plan, disk.name, disk.name), f"{disk.name}: its image's plan is its own", f"{rows} {plan}")
    written(t, disk, plan)
    verbose = plan_of(growctl_on_host("plan", "-vJ", disk.before)[1])
    t.equal([(row["lba"], row["what"]) for row in verbose if row["lba"] is not None],
            blocks_said(disk.block, disk.before, disk.writes()), f"{disk.name}: and with --verbose each block's bytes")
    t.equal(steps_of(plan_of(growctl_on_host("plan", "--json", disk.before)[1])), [],
            f"{disk.name}: after these writes its image needs no more")


def unfinished(t, disk, before, plan):
    """The power was cut right after the switch."""
    steps = [row["step"] for row in plan]
    done = steps.index("switch") + 1
    with open(before, "r+b") as file:
        for offset, data in disk.writes()[:done]:
            os.pwrite(file.fileno(), data, offset)
    status, text = growctl_on_host("plan", "--json", before)
    t.equal((status, steps_of(plan_of(text))), (0, steps_of(plan)[done:]), "an unfinished commit: the steps that are left")
    os.truncate(before, 2 * GIB)


def withdrawn(disk, plan):
    """The power was cut right after the switch, and the host took the enlargement back."""
    image = images.path("plan-withdrawn.raw")
    shutil.copyfile(disk.before, image)
    with open(image, "r+b") as file:
        for offset, data in disk.writes()[:[row["step"] for row in plan].index("switch") + 1]:
            os.pwrite(file.fileno(), data, offset)
    os.truncate(image, 512 * MIB)
    return Disk("vdc", image)


def recovered(t, g, disk):
    """No kernel finds its partitions: a person has the table recovered."""
    ended(t, growctl_on_host("plan", disk.before), 0, "a growth that the host took back: how it is recovered",
          "writing the new backup", "switching to the new table", "only with --recover")
    ended(t, growctl_on_host("plan", "--auto", disk.before), 2, "not unasked", "growctl grow --recover")
    disk.plan = plan_of(growctl_on_host("plan", "--json", disk.before)[1])
    status, text = g.run(f"growctl grow --recover {disk.name}")
    t.ok(status in (0, 3) and "recovered" in text, "in the guest it is recovered", f"{status} {text}")


def made(name, make):
    image = images.empty(name, 64 * MIB)
    make(image)
    return image


def broken(image):
    gpt.Table(64 * MIB, [gpt.Part(2048, 100000)]).write(image, damage=[(512 + 16, b"\xff\xff\xff\xff")])


def ending_with(of_type, image, **options):
    table = gpt.Table(48 * MIB, [gpt.Part(2048, 48 * 2048 - 2049, of_type, **options)])
    table.write(image)
    return table


def with_ext4(of_type, image):
    images.format_partition(image, ending_with(of_type, image), 1, "ext4")


def full(image):
    table = gpt.Table(64 * MIB, [gpt.Part(2048, 64 * 2048 - 2049)])
    table.write(image)
    return table


def with_smaller(image, kind):
    """The partition has grown already, and what is on it not."""
    full(image)
    with images.temporary(32 * MIB) as file:
        images.mkfs(file, kind)
        images.copy_data(file, image, to=MIB)


def with_lvm(image):
    """A label is all that libblkid asks for; LVM's CRC begins with a number of its own, and is not inverted."""
    ending_with(gpt.LVM, image)
    rest = (struct.pack("<I8s", 32, b"LVM2 001") + b"a" * 32 + struct.pack("<Q", 46 * MIB)).ljust(512 - 20, b"\0")
    crc = zlib.crc32(rest, 0xf597a6cf ^ 0xffffffff) ^ 0xffffffff
    label = b"LABELONE" + struct.pack("<QI", 1, crc) + rest
    with open(image, "r+b") as file:
        os.pwrite(file.fileno(), label, MIB + 512)


# Name, how it is made, exit code, words.
WHOLE = ["ext4", "xfs", "btrfs"]


def whole(image, kind):
    os.truncate(image, 512 * MIB)
    images.mkfs(image, kind)


def larger(image, kind):
    whole(image, kind)
    os.truncate(image, GIB)


IMAGES = [
    ("an image that is full", full, 3, ["nothing to do"]),
    ("ext4 in the partition", lambda image: with_ext4(gpt.LINUX, image), 0, ["ext4 follows when the guest mounts it"]),
    ("basic data with ext4 in it", lambda image: with_ext4(gpt.MICROSOFT_BASIC, image), 0, ["switch", "ext4 follows"]),
    ("basic data with nothing in it", lambda image: ending_with(gpt.MICROSOFT_BASIC, image), 2,
     ["refused", "1 is of a type that does not tell", "nothing that is known"]),
    ("swap", lambda image: ending_with(gpt.SWAP, image), 2, ["refused", "1 is swap", "writing the new backup"]),
    ("a partition that is read-only", lambda image: ending_with(gpt.LINUX, image, attrs=1 << 60), 2,
     ["refused", "has the attribute read-only"]),
    ("a dead primary", broken, 2, ["refused", "the primary GPT is damaged: growctl grow --recover"]),
    ("a table of MBR", lambda image: images.sfdisk(image, "label: dos\n,"), 2, ["refused", "is not a GPT"]),
    ("nothing at all", lambda image: None, 2, ["refused", "neither a partition table nor a filesystem"]),
    ("swap on all of it", lambda image: images.mkfs(image, "swap"), 2, ["refused", "all of it is swap"]),
    ("LVM in the partition", with_lvm, 0, ["partition", "LVM2_member follows by pvresize in the guest"]),
    *((f"{kind} on all of it", lambda image, kind=kind: larger(image, kind), 0, ["filesystem", f"{kind} follows"])
      for kind in WHOLE),
    *((f"{kind} that takes all of it", lambda image, kind=kind: whole(image, kind), 3, [f"nothing to do: {kind} takes all"])
      for kind in WHOLE),
    ("a full partition with a smaller ext4", lambda image: with_smaller(image, "ext4"), 0, ["filesystem", "ext4 follows"]),
    ("a full partition with as large an ext4", lambda image: images.format_partition(image, full(image), 1, "ext4"), 3,
     ["nothing to do"]),
    ("one block", lambda image: os.truncate(image, 512), 2, ["refused", "neither a partition table"]),
    ("a disk that is too small for its table", lambda image: (full(image), os.truncate(image, 32 * MIB)), 2,
     ["refused", "smaller than its table"]),
]


def of_images(t):
    for number, (name, make, status, words) in enumerate(IMAGES):
        ended(t, growctl_on_host("plan", made(f"plan-{number}.raw", make)), status, f"{name}: {words[-1]}", *words)
    ended(t, growctl_on_host("plan", images.to_qcow2(made("plan-inside.raw", full))), 2, "a qcow2 file is no raw image",
          "refused", "qcow2", "qemu-img convert")
    ended(t, growctl_on_host("plan", "/nonexistent/disk.raw"), 2, "no such image", "/nonexistent/disk.raw")
    ended(t, growctl_on_host("plan", "nonexistent.raw"), 2, "nor one without a path", "neither a disk", "nor an image's file")
    ended(t, growctl_on_host("plan", with_tail("plan-tail.raw"), "--auto"), 2, "a tail that would not be taken unasked",
          "was free before")
    ended(t, growctl_on_host("plan", "--recover", images.empty("plan-none.raw", MIB)), 1, "an image is not recovered", "--recover")
    ended(t, growctl_on_host("plan", "--recover"), 1, "nor all disks", "--recover takes one disk")
    ended(t, growctl_on_host("plan", made("plan-a\nb.raw", lambda image: None)), 2, "a name with a newline stays on its line",
          "a\\x0ab.raw")


def main():
    with ktap.Report(plan=1 + 3 + 4 + 2 + 3 * 7 + 1 + 2 + 3 + 2 + 4 + 1 + len(IMAGES) + 7) as t:
        disks = [Disk("vda", displaced("plan-vda.raw", GIB)),
                 Disk("vdb", displaced("plan-vdb.raw", GIB, block=4096), 4096),
                 Disk("vdc", with_tail("plan-vdc.raw")),
                 Disk("vdd", with_tail("plan-vdd.raw", 1 << 20)),
                 Disk("vde", with_swap("plan-vde.raw"))]
        cut = images.path("plan-cut.raw")
        shutil.copyfile(disks[0].before, cut)
        plans = in_the_guest(t, disks)
        for disk in disks[:3]:
            held_together(t, disk, plans[disk.name])
        unfinished(t, disks[0], cut, plans["vda"])
        cut_short = withdrawn(disks[0], plans["vda"])
        again = [Disk("vda", cut), Disk("vdb", full_disk("plan-heard.raw"))]
        again_in_the_guest(t, again, cut_short)
        for disk in disks[3:] + again + [cut_short]:
            written(t, disk, disk.plan)
        of_images(t)


main()
