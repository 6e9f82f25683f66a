# SPDX-License-Identifier: GPL-2.0-or-later
"""What `make crash` believes of a kernel and of the module, asked of a kernel and of the module.

Disks of what a power cut can leave of a grow: a stock kernel finds the partitions that the
enumerator's replica of it finds, then the module resumes each to the enumerator's bytes. And
disks that the parser takes or refuses by a single rule, or that other tools leave, to look at.
A disk that is not as expected is told with the command that makes it again.
"""
import collections
import contextlib
import json
import pathlib
import re
import subprocess

import ktap
import livegrow
import paths
from drive import Drive
from guest import Guest

TIMEOUT = 600
CUTS = 240
STEPS = ["1", "1b", "2", "3", "4", "5"]
A_BOOT = 24
NAMES = [f"vd{letter}" for letter in "abcdefghijklmnopqrstuvwx"]
CRASH = paths.TOP / "selftests/crash"
EXPORT = paths.BUILD / "crash/export"
# Nobody cuts these guests' power: what they flush may stay in the host's cache.
UNSAFE = {"cache": {"direct": False, "no-flush": True}}


# The disks

def export(kind, first, count):
    """(the disks of a KIND from number FIRST on, as dicts; how many there are, and the seed)"""
    done = subprocess.run([EXPORT, paths.disk_image(f"{kind}-"), kind, str(first), str(count)],
                          check=True, stdout=subprocess.PIPE, text=True)
    *disks, total = map(json.loads, done.stdout.splitlines())
    for disk in disks:
        disk["title"] = (f"{disk['name']}\n  CRASH_SEED={total['seed']} "
                         f"export PREFIX {kind} {disk['number']} 1")
    return disks, total


@contextlib.contextmanager
def exported(t, kind, number):
    """The disks of a boot with their drives, and no longer than that."""
    t.note(f"{kind}, boot {number + 1}: export PREFIX {kind} {number * A_BOOT} {A_BOOT}")
    disks, _ = export(kind, number * A_BOOT, A_BOOT)
    try:
        yield [(disk, Drive(name, disk["image"], logical=disk["lba_size"], file_props=UNSAFE))
               for name, disk in zip(NAMES, disks)]
    finally:
        for disk in disks:
            for file in ("image", "final"):
                pathlib.Path(disk.get(file, disk["image"])).unlink(missing_ok=True)


class Tally:
    """How many disks are as expected; what is wrong with the others, in a boot and in all."""

    def __init__(self, t):
        self.t, self.good, self.wrong = t, 0, {}

    def take(self, disk, complaint):
        if complaint:
            self.wrong[disk["title"]] = complaint
        self.good += not complaint

    def tell(self, count, name):
        """The result of a boot's COUNT disks."""
        wrong, self.wrong = self.wrong, {}
        self.t.ok(not wrong, f"{name}: {count - len(wrong)} of {count}",
                  "\n".join(f"{title}\n  {complaint}" for title, complaint in wrong.items()))


# In the guest

def partitions(g):
    """{disk: [[number, start, size]]} of all, in sectors of 512 bytes."""
    text = g.sh("cd /sys/block && for p in vd*/vd*/partition; do "
                "if [ -e $p ]; then cd ${p%/*} && echo ${p%%/*} $(cat partition start size) && "
                "cd /sys/block; fi; done")
    found = collections.defaultdict(list)
    for line in text.splitlines():
        disk, *numbers = line.split()
        found[disk].append([int(number) for number in numbers])
    return {disk: sorted(parts) for disk, parts in found.items()}


def compare(found, drive, expected):
    """What is wrong with the partitions that the kernel has; None of EXPECTED is no table."""
    parts = found.get(drive.name, [])
    return None if parts == (expected or []) else f"the kernel has {parts}, expected {expected}"


def look(g, batch, tally):
    """What a stock kernel finds: without livegrow, and not told to look for a backup."""
    assert "gpt" not in g.sh("cat /proc/cmdline").split()
    g.sh("test ! -e /sys/module/livegrow")
    found = partitions(g)
    for disk, drive in batch:
        tally.take(disk, compare(found, drive, disk["parts"]))


def judge_end(end, full):
    """What is wrong with the event that a look ended with: FULL, or something is left to do."""
    good = end and (end["state"] == "full") == full
    return None if good else f"it ended with {end}, expected {'full' if full else 'a refusal'}"


def flags(disk):
    """What the enumerator's grow was asked for with, and that nothing here uses the disk."""
    return "unused content free-tail" if disk["free_tail"] else "unused content"


def resume(g, batch):
    """{disk's name: what was wrong while it was resumed}; each is waited for by its event."""
    livegrow.load(g)
    commands = [f"lgnl grow {drive.name} {flags(disk)}" for disk, drive in batch]
    text = g.run("\n".join(commands), 120)[1]
    ends = {end.get("disk"): end for end in livegrow.parse(text)}
    found = partitions(g)
    return {drive.name: judge_end(ends.get(drive.name), disk["full"])
            or compare(found, drive, disk["final_parts"]) for disk, drive in batch}


# And afterwards

def differing(disk):
    """Where the image is not what the enumerator's run ends with, in logical blocks."""
    block = disk["lba_size"]
    image, final = (pathlib.Path(disk[file]).read_bytes() for file in ("image", "final"))
    if image == final:
        return None
    if len(image) != len(final):
        return f"{len(image)} bytes, expected {len(final)}"
    lbas = [at // block for at in range(0, len(final), block)
            if image[at:at + block] != final[at:at + block]]
    return f"{len(lbas)} sectors differ: {lbas[:20]}"


def booted(batch, initrd):
    return Guest("replica", initrd=initrd, drives=[drive for _, drive in batch])


def boot_cuts(t, number, initrd, looked, resumed):
    """Returns the names of the states, which tell layout and step."""
    with exported(t, "cuts", number) as batch:
        with booted(batch, initrd) as g:
            look(g, batch, looked)
            wrong = resume(g, batch)
            g.poweroff()
        for disk, drive in batch:
            resumed.take(disk, wrong[drive.name] or differing(disk))
        where = f"cuts, boot {number + 1}"
        looked.tell(len(batch), f"{where}: the kernel finds the same")
        resumed.tell(len(batch), f"{where}: resumed to the expected sectors")
        return [disk["name"] for disk, _ in batch]


def try_cuts(t, initrd, total):
    looked, resumed = Tally(t), Tally(t)
    names = [name for number in range(boots(total))
             for name in boot_cuts(t, number, initrd, looked, resumed)]
    told = [re.match(r"(.*): write \d+ \(step (\w+)", name).groups() for name in names]
    layouts, steps = zip(*told)
    t.note(f"{len(set(layouts))} layouts, states in {dict(collections.Counter(steps))}")
    t.equal(sorted(set(steps)), STEPS, "cuts: inside or behind every step's writes")
    t.ok(looked.good == total >= CUTS, f"cuts: the kernel agrees on {looked.good} of {total}")
    t.ok(resumed.good == total >= CUTS, f"cuts: the module resumes {resumed.good} of {total}")


def try_others(t, initrd, kind, total):
    """To look at only; some of them have no table, and some have."""
    looked, tables = Tally(t), collections.Counter()
    for number in range(boots(total)):
        with exported(t, kind, number) as batch:
            with booted(batch, initrd) as g:
                look(g, batch, looked)
                g.poweroff()
            tables.update(disk["parts"] is not None for disk, _ in batch)
            looked.tell(len(batch), f"{kind}, boot {number + 1}: the kernel finds the same")
    t.ok(looked.good == total, f"{kind}: the kernel agrees on {looked.good} of {total}")
    t.ok(min(tables[True], tables[False]) >= total // 5,
         f"{kind}: {tables[True]} with a table, {tables[False]} without", str(tables))


def boots(total):
    return -(-total // A_BOOT)


def main():
    subprocess.run(["make", "-s", "-C", CRASH, f"O={EXPORT.parent}", "export"], check=True,
                   stdout=subprocess.DEVNULL)
    totals = {kind: export(kind, 0, 0)[1] for kind in ("cuts", "damages", "tools")}
    cuts, damages, tools = (total["total"] for total in totals.values())
    with ktap.Report(plan=2 * boots(cuts) + 3 + boots(damages) + 2 + boots(tools) + 2) as t:
        t.note(f"CRASH_SEED={totals['cuts']['seed']}")
        initrd = livegrow.initrd()
        try_cuts(t, initrd, cuts)
        try_others(t, initrd, "damages", damages)
        try_others(t, initrd, "tools", tools)


main()
