# SPDX-License-Identifier: GPL-2.0-or-later
"""growctl grow --all passes over a disk whose last partition waits for its content or its mount; its name makes it grow."""
import gpt
import images
import ktap
import livegrow
import scenario
from drive import Drive
from gpt import Part, Table
from images import MIB

TIMEOUT = 180
OLD, NEW = 256 * MIB, 512 * MIB
FIRST = Part(2048, 34815)
LUKS2 = "printf 'LUKS\\272\\276\\0\\2' | dd of=/dev/{d}2 conv=notrunc,fsync status=none"
NOISE = "dd if=/dev/urandom of=/dev/{d}2 bs=64k count=2 conv=fsync status=none"
READ_ONLY = "mount -o ro,noload /dev/{d}2 /mnt/{d}.2"
# Each disk has a writable ext4 in front: what its last partition holds, its type, how it is used, and why it waits.
ROWS = {
    "mounted writable": ("ext4", gpt.LINUX, "mount /dev/{d}2 /mnt/{d}.2", None),
    "mounted read-only": ("ext4", gpt.LINUX, READ_ONLY, "it is mounted read-only here"),
    "unknown content": (None, gpt.LINUX, NOISE, "nothing that is known to use more space was found"),
    "closed LUKS": (None, gpt.LINUX, LUKS2, "holds LUKS that is not open"),
    "a type that does not tell, unknown content": (None, gpt.MICROSOFT_BASIC, NOISE, "type"),
    "a filesystem that is not mounted": ("ext4", gpt.LINUX, "true", None),
}


def make(name, content, kind):
    image = images.path(f"all-{name}.raw")
    table = Table(OLD, [FIRST, Part(34816, OLD // 512 - 2049, kind)], guid=gpt.guid_of(f"all-{name}"))
    table.write(image)
    images.format_partition(image, table, 1, "ext4")
    if content:
        images.format_partition(image, table, 2, content)
    return Drive(name, image)


def use(g, name, how):
    g.sh(f"mkdir -p /mnt/{name} /mnt/{name}.2 && mount /dev/{name}1 /mnt/{name} && {how.replace('{d}', name)}")


def grown(g, name):
    return livegrow.sectors(g, f"{name}2") * 512 > OLD


def main():
    # In mode auto, and in mode ask.
    disks = {f"vd{chr(ord('a') + number)}": (what, mode, *row) for number, (what, mode, row) in
             enumerate((what, mode, row) for mode in ("auto", "ask") for what, row in ROWS.items())}
    waiting = [name for name, row in disks.items() if row[-1]]
    drives = [make(name, content, kind) for name, (_, _, content, kind, _, _) in disks.items()]
    with ktap.Report(plan=2 + len(disks) + 1 + len(waiting)) as t, scenario.tiny("grow-all", drives, memory=512) as g:
        for name, row in disks.items():
            use(g, name, row[4])
        livegrow.load(g)
        for name, row in disks.items():
            if row[1] == "ask":
                livegrow.set_policy(g, name, "ask")
        for name in disks:
            g.resize(name, NEW)
            livegrow.settled(g, name, NEW)
        before = [name for name in disks if grown(g, name)]
        planned = g.run("growctl grow --all --dry-run", 60)[1]
        t.equal(([name for name in disks if grown(g, name)], planned.count("left alone")), (before, len(waiting)),
                "a dry run grows none, and says which are left alone")
        status, text = g.run("growctl grow --all", 60)
        t.equal(status, 0, "the command ends well")
        lines = {line.split(":")[0]: line for line in text.splitlines() if "left alone" in line}
        for name, (what, mode, *_, why) in disks.items():
            t.equal((grown(g, name), bool(why and why in lines.get(name, ""))), (not why, bool(why)),
                    f"mode {mode}, {what}: {'is left alone' if why else 'grows'}")
        scenario.ended(t, g.run("growctl grow --all", 60), 3, "once more, there is nothing to do")
        for name in waiting:
            what, mode, content, kind, *_ = disks[name]
            g.run(f"growctl grow {name}")
            t.equal(grown(g, name), kind != gpt.MICROSOFT_BASIC, f"mode {mode}, {what}: its name decides")
        g.poweroff()


main()
