# SPDX-License-Identifier: GPL-2.0-or-later
"""The host takes an enlargement back while a commit is under way: no table is lost (A6).

A write of the commit fails, and all later ones, so that the commit stands after step k.
Then the disk becomes smaller, the writes succeed again, and the module looks. A
device-mapper device holds the partition, so that only the module reads and writes.
"""
import dataclasses
import json
import os

import gpt
import images
import ktap
import livegrow
import oracles
import scenario
from drive import Drive
from faults import Faults

TIMEOUT = 300
MIB = images.MIB
OLD, MID, NEW, MORE = 64 * MIB, 72 * MIB, 80 * MIB, 96 * MIB
START = 2048
# The new backup, the old one's array and header, the switch, home array, home header, MBR.
WRITES = 7
SWITCH = 4


def last_end(size):
    """The LBA that a grown partition ends at: the last whole MiB in front of the backup."""
    return (size // 512 - 33) // 2048 * 2048 - 1


@dataclasses.dataclass
class Case:
    """The disk becomes SIZE bytes large after write number AFTER; BLOCK is its logical block."""
    name: str
    after: int
    size: int
    block: int = 512


def cases():
    sizes = {"to its old size": OLD, "by one sector": NEW - 512, "by half": (OLD + NEW) // 2}
    found = [(f"after write {k} of {WRITES}, {words}", k, size)
             for k in range(WRITES + 1) for words, size in sizes.items()
             if words == "to its old size" or k in (SWITCH, SWITCH + 1)]
    # The partition ends at 63 MiB.
    found += [(f"after write {k}, below its old size", k, OLD - 8 * 512) for k in (2, 4, 5, 7)]
    found += [(f"after write {k}, into the partition", k, OLD - 2 * MIB) for k in (4, 5)]
    return [Case(*row) for row in found]


def small(size):
    """Is something lost that was in use?"""
    return size < OLD


class Disk:
    def __init__(self, g, watch, drive, case):
        self.g, self.watch, self.drive, self.name, self.case = g, watch, drive, drive.name, case
        self.faults = Faults(g, drive)
        g.sh(f"dmsetup create {self.name} --table '0 {last_end(OLD) + 1 - START} linear /dev/{self.name}1 0'")

    def look(self, act, **fields):
        """What the look that follows ACT settles on."""
        mark = self.watch.mark()
        act()
        return self.watch.wait(event="settled", disk=self.name, since=mark, **fields)

    def resize(self, size):
        return self.look(lambda: self.g.resize(self.name, size), capacity=size)

    def touch(self):
        return self.look(lambda: self.g.sh(f"echo change > /sys/block/{self.name}/uevent"))

    def stop_after(self, write):
        """A grow that stands after this write; after the last one it is complete."""
        if write < WRITES:
            self.faults.nth("write", write + 1)
        return self.resize(NEW)


def withdraw(disk):
    """The grow stops, the disk becomes smaller, and then the module can write again."""
    case = disk.case
    end = disk.stop_after(case.after)
    assert end["state"] == ("full" if case.after == WRITES else "failed"), end
    disk.resize(case.size)
    disk.faults.clear()
    return disk.touch()


def ends(disk):
    """The last LBAs that the partition may have on the smaller disk."""
    return {last_end(OLD), last_end(disk.case.size)}


def check_small(disk, end):
    case, image = disk.case, gpt.Image(disk.drive.path)
    table = image.table()
    assert table and table["crc_ok"] and table["array_ok"], "no table"
    if case.after == WRITES or small(case.size):
        assert end["state"] == "shrunk", end
        return
    (part,) = table["parts"]
    assert table["last_usable"] < case.size // 512, table
    assert part["last"] in ends(disk), (part, ends(disk))
    objections = oracles.table(disk.drive.path, [(START, part["last"] + 1 - START)])
    assert not objections, objections
    assert (end["state"], end["reason"]) == ("full", "none"), end


def check_large(disk, size):
    end = disk.resize(size)
    if disk.case.after == WRITES or small(disk.case.size):
        assert (end["state"], end["reason"]) == ("shrunk", "was-shrunk"), end
        status, text = disk.g.run(f"growctl grow {disk.name}")
        assert status in (0, 3), (status, text)
        end = livegrow.status(disk.g, disk.name)
    assert (end["state"], end["reason"]) == ("full", "none"), end
    part = START, last_end(size) + 1 - START
    assert livegrow.live(disk.g, disk.name) == [part], livegrow.live(disk.g, disk.name)
    objections = oracles.table(disk.drive.path, [part])
    assert not objections, objections


def run_case(t, disk):
    with t.case(f"A6: withdrawn {disk.case.name}: a table, and it grows again"):
        check_small(disk, withdraw(disk))
        check_large(disk, MORE)


def make(name, block=512):
    image = images.path(f"withdrawn-{name}.raw")
    part = gpt.Part(START * 512 // block, (last_end(OLD) + 1) * 512 // block - 1, name="data")
    table = gpt.Table(OLD, [part], block=block)
    table.write(image)
    images.label_partition(image, table, 1)
    return Drive(name, image, logical=block, physical=block)


def names(number):
    return [f"vd{chr(ord('a') + i)}" for i in range(number)]


# The disk keeps its size, but the array at its end cannot be read

READ_ERROR = "the entry array that LBA 1 named is unreadable or damaged"
WITHDRAWN = "the disk is smaller than its table said"


def logged(g, name):
    """Which of the two causes the kernel's log has for the disk."""
    text = g.console.read_text(errors="replace")
    return [words for words in (READ_ERROR, WITHDRAWN) if f"livegrow: {name}: {words}: " in text]


def unreadable(t, disk):
    array = NEW // 512 - 33
    with t.case("A6: the entry array at the end cannot be read after write 5: LBA 1 names the one at LBA 2"):
        assert disk.stop_after(SWITCH + 1)["state"] == "failed"
        disk.faults.at("read", array, once=False)
        disk.touch()
        table = gpt.Image(disk.drive.path).table()
        assert (table["entries_lba"], table["crc_ok"], table["array_ok"]) == (2, True, True), table
        assert logged(disk.g, disk.name) == [READ_ERROR], logged(disk.g, disk.name)
    with t.case("A6: it grows further once the array can be read, and no header stays in the partition"):
        disk.faults.clear()
        check_large(disk, MORE)
        assert no_header_at(disk.drive.path, NEW // 512 - 1)


def no_header_at(path, lba):
    with open(path, "rb") as file:
        return os.pread(file.fileno(), 8, lba * 512) != b"EFI PART"


# A person asks for the growth, and is not there to ask for its second half

def ordered(t, disk, write, step):
    """WRITE of a grow in mode ask fails until it was reported."""
    begun = write > SWITCH
    words = "the module finishes it by itself" if begun else "a person has to ask again"
    with t.case(f"E2: growctl grow in mode ask fails at {step}: {words}"):
        livegrow.set_policy(disk.g, disk.name, "ask")
        assert disk.resize(NEW)["reason"] == "mode-ask"
        disk.faults.nth("write", write)
        status, text = disk.g.run(f"growctl grow {disk.name}")
        mark = disk.watch.mark()
        disk.faults.clear()
        assert status == 2 and "failed" in text, (status, text)
        # The size in the protective MBR waits for a person: no boot depends on it.
        disk.watch.wait(10, event="settled", disk=disk.name, since=mark, reason="mode-ask")
        end = last_end(NEW if begun else OLD)
        assert livegrow.live(disk.g, disk.name) == [(START, end + 1 - START)]
        table = gpt.Image(disk.drive.path).table()
        assert (table["entries_lba"], table["parts"][0]["last"]) == (2, end), table


ORDERED = {SWITCH: "the switch", SWITCH + 1: "the array at home", SWITCH + 2: "the header at home",
           WRITES: "the protective MBR"}


def rolled_back(t, disk):
    """The partition goes back to its old size; the fault is at the array's home."""
    with t.case("E2: a rollback fails when the entry array at LBA 2 is written: the module finishes the table, and the command can be repeated"):
        disk.resize(NEW)
        order = disk.name, 1, START * 512, (last_end(OLD) + 1 - START) * 512
        disk.faults.nth("write", 3)
        assert livegrow.roll_back(disk.g, *order)["state"] == "failed"
        mark = disk.watch.mark()
        disk.faults.clear()
        disk.watch.wait(10, event="settled", disk=disk.name, since=mark, reason="table-differs")
        table = gpt.Image(disk.drive.path).table()
        assert (table["entries_lba"], table["parts"][0]["last"]) == (2, last_end(OLD)), table
        end = livegrow.roll_back(disk.g, *order)
        assert end["state"] != "failed", end
        assert livegrow.live(disk.g, disk.name) == [(START, last_end(OLD) + 1 - START)]


# The module knows no more of the commit

def planned(t, g, disk):
    with t.case("A6: withdrawn after the switch, the module loaded again in mode ask: growctl plan has the steps of growctl grow"):
        disk.stop_after(SWITCH)
        disk.resize(OLD)
        livegrow.unload(g)
        disk.faults.clear()
        livegrow.load(g, "mode=ask", "content_wait=0")
        livegrow.settled(g, disk.name, OLD)
        assert livegrow.status(g, disk.name)["reason"] == "mode-ask"
        status, text = g.run(f"growctl plan --json {disk.name}")
        assert (status, [row["step"] for row in json.loads(text)["plan"]]) == (0, ["backup", "switch"]), (status, text)
        status, text = g.run(f"growctl grow {disk.name}")
        assert status == 0, (status, text)
        part = START, last_end(OLD) + 1 - START
        objections = oracles.table(disk.drive.path, [part])
        assert not objections, objections


# The power goes as well

@dataclasses.dataclass
class Boot:
    """The disk becomes SIZE bytes large after write number AFTER, and has FOUND at the next boot."""
    after: int
    size: int
    found: int = None
    block: int = 512

    def __post_init__(self):
        self.found = self.found or self.size

    def __str__(self):
        short = f", {(NEW - self.found) // 512} sectors less than it was to have" if NEW - 512 <= self.found < NEW else ""
        return f"write {self.after}, rebooted with {self.found // MIB} MiB{short}, blocks of {self.block}"

    def is_complete(self):
        """Does LBA 1 name the array at its home?"""
        return self.after > SWITCH + 1

    def is_whole(self):
        """Does the kernel find the partitions at the boot?"""
        return self.found == NEW - 512


BOOTS = [
    Boot(SWITCH, OLD), Boot(SWITCH, OLD, NEW), Boot(SWITCH + 1, OLD), Boot(SWITCH + 1, OLD, NEW),
    Boot(SWITCH + 1, MID), Boot(SWITCH + 1, OLD + 17 * 512), Boot(SWITCH + 1, NEW - 512),
    Boot(SWITCH + 2, OLD), Boot(SWITCH + 2, MID), Boot(SWITCH + 2, NEW - 512),
    Boot(WRITES, OLD), Boot(WRITES, MID), Boot(WRITES, OLD - 2 * MIB), Boot(WRITES, OLD, block=4096),
]
RECOVERED, FITTED, GREW = "the primary GPT was recovered", "the table was fitted to the smaller disk", "the table was made to fit the disk"


def stand(g, watch, drive, boot):
    disk = Disk(g, watch, drive, Case("", boot.after, boot.size))
    disk.stop_after(boot.after)
    disk.resize(boot.size)


def content(path, size):
    """The digest of the partition's old bytes, up to where a backup may lie at the disk's end."""
    return images.digest(path, START * 512, min(last_end(OLD) + 1, size // 512 - 33) * 512 - START * 512)


def asked(g, name, boot, path):
    """Without the word for a recovery a disk whose partitions no kernel has stays as it is."""
    before = images.digest(path)
    status, text = g.run(f"growctl grow {name}")
    assert status == 2 and images.digest(path) == before, (status, text)


def recover(t, g, drive, boot, was):
    """A person asks for the recovery."""
    name, path = drive.name, drive.path
    with t.case(f"A6: withdrawn after {boot}: recovered on command"):
        assert (livegrow.live(g, name) == []) == (not boot.is_whole()), livegrow.live(g, name)
        if not boot.is_whole():
            asked(g, name, boot, path)
        status, text = g.run(f"growctl grow --recover {name}")
        words = (RECOVERED, GREW, FITTED) if boot.is_whole() else (FITTED if boot.is_complete() else RECOVERED,)
        assert status in (0, 3) and any(one in text for one in words), (status, text)
        ((start, sectors),) = livegrow.live(g, name)
        assert start == START and sectors % 8 == 0, (start, sectors)
        assert sectors >= min(last_end(OLD), last_end(boot.found) - 2048) + 1 - START, sectors
        end = livegrow.status(g, name)
        assert (end["state"], end["reason"]) == ("full", "none"), end
        objections = oracles.table(path, [(start, sectors)], boot.block)
        assert not objections, objections
        assert content(path, boot.found) == was


def rebooted(t):
    drives = [make(name, boot.block) for name, boot in zip(names(len(BOOTS)), BOOTS)]
    digests = [content(drive.path, boot.found) for drive, boot in zip(drives, BOOTS)]
    with scenario.tiny("withdrawn-cut", drives) as g:
        g.sh("modprobe livegrow content_wait=0 && modprobe dm_mod")
        watch = scenario.Watch(g)
        for drive, boot in zip(drives, BOOTS):
            stand(g, watch, drive, boot)
        g.kill()
    for drive, boot in zip(drives, BOOTS):
        images.resize(drive.path, boot.found)
    with scenario.tiny("withdrawn-recover", drives) as g:
        g.sh("modprobe livegrow")
        for drive, boot, was in zip(drives, BOOTS, digests):
            recover(t, g, drive, boot, was)
        g.poweroff()


def main():
    all_cases = cases()
    drives = [make(name) for name in names(len(all_cases) + 3 + len(ORDERED))]
    with ktap.Report(plan=len(all_cases) + 2 + 1 + len(ORDERED) + 1 + len(BOOTS)) as t:
        with scenario.tiny("withdrawn", drives) as g:
            g.sh("modprobe livegrow content_wait=0 && modprobe dm_mod")
            watch = scenario.Watch(g)
            for drive, case in zip(drives, all_cases):
                run_case(t, Disk(g, watch, drive, case))
            more = [Disk(g, watch, drive, Case("", SWITCH + 1, NEW)) for drive in drives[len(all_cases):]]
            last = more.pop()
            unreadable(t, more.pop())
            rolled_back(t, more.pop())
            for disk, (write, step) in zip(more, ORDERED.items()):
                ordered(t, disk, write, step)
            planned(t, g, last)
            g.poweroff()
        rebooted(t)


main()
