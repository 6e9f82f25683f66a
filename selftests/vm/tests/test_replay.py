# SPDX-License-Identifier: GPL-2.0-or-later
"""The writes that the module makes in a guest, each cut as a power cut may cut it.

selftests/crash makes the disks of its layouts, and judges the log of what was written to
them as it judges the plan: the old table or the new one, no write to a partition, resumed
to the plan's bytes. The module is the only one that writes: a device mapper's table holds
each disk, and nothing is mounted.
"""
import json
import subprocess

import images
import ktap
import livegrow
import paths
from guest import Guest
from writelog import LoggedDrive

TIMEOUT = 120
REPLAY = paths.BUILD / "crash/replay"
# The module's own alignment; the enumerator also tries disks that grow by less.
ALIGN = images.MIB
# Its backup is mended as soon as the disk is in use, before it grows: that is not one plan.
MENDED_FIRST = "the backup header names an array inside a partition"


def build():
    subprocess.run(["make", "-s", "-C", paths.TOP / "selftests/crash", f"O={REPLAY.parent}",
                    "replay"], check=True, stdout=subprocess.DEVNULL)


def layouts():
    text = subprocess.run([REPLAY, "--list"], check=True, capture_output=True, text=True).stdout
    return [layout for layout in map(json.loads, text.splitlines())
            if layout["align"] == ALIGN and layout["grows"] and layout["name"] != MENDED_FIRST]


class Disk:
    """A layout's disk before it grew; what lies behind its end is put there when it grows."""

    def __init__(self, number, layout):
        self.layout = layout
        self.name = "vd" + "a" * (number // 26) + chr(ord("a") + number % 26)
        path = images.path(f"replay-{self.name}.raw")
        subprocess.run([REPLAY, "--disk", layout["name"], path], check=True)
        with open(path, "r+b") as file:
            file.seek(layout["old"])
            self.behind = file.read()
            file.truncate(layout["old"])
        self.drive = LoggedDrive(self.name, path, logical=layout["block"],
                                 log=images.path(f"replay-{self.name}.log"))

    def hold(self, g):
        """Something uses a partition, and writes nothing to it."""
        if self.layout["parts"]:
            part = f"{self.name}{self.layout['parts'][0]}"
            g.sh(f"dmsetup create {part} --table "
                 f"\"0 $(cat /sys/class/block/{part}/size) linear /dev/{part} 0\"")

    def enlarge(self, g):
        """As a host's volume may grow: by space that somebody has used before."""
        with open(self.drive.path, "ab") as file:
            file.write(self.behind)
        if self.behind:
            g.resize(self.name, self.layout["new"])

    def grow(self, g):
        """What does not grow by itself is told to."""
        record = livegrow.settled(g, self.name, self.layout["new"])
        tail = ["free-tail"] if self.layout["tail"] else []
        if tail or not self.behind or not self.layout["parts"]:
            livegrow.grow(g, self.name, "asked", "unused", *tail)
        elif record["reason"] == "content-awaited":
            livegrow.grow(g, self.name, "content")

    def judge(self):
        """(the judge's counts, what it says of what is bad)"""
        done = subprocess.run([REPLAY, self.layout["name"], self.drive.log, self.drive.path],
                              capture_output=True, text=True)
        return json.loads(done.stdout or "{}"), done.stderr


def grow_all(disks):
    with Guest("replay", initrd=livegrow.initrd(), drives=[disk.drive for disk in disks]) as g:
        g.sh("modprobe dm-mod")
        for disk in disks:
            disk.hold(g)
        livegrow.load(g, "content_wait=0")
        for disk in disks:
            disk.enlarge(g)
        for disk in disks:
            disk.grow(g)
        g.sh("dmsetup remove_all")
        livegrow.unload(g)
        g.poweroff()


def report(t, disk):
    counts, objections = disk.judge()
    name = disk.layout["name"]
    t.note(f"{name}: {counts}")
    t.ok(counts and not counts["bad"] and counts["states"] == counts["identical"] != 0,
         f"{name}: every cut is lawful, and resumed to the plan's bytes", objections)
    t.equal(counts.get("unflushed"), 0, f"{name}: each write is flushed before the next")
    t.ok(counts.get("plan"), f"{name}: the writes make of the disk what was planned")
    t.ok(counts.get("guest"), f"{name}: and what the guest has left")
    return counts.get("states", 0)


def main():
    build()
    disks = [Disk(number, layout) for number, layout in enumerate(layouts())]
    with ktap.Report(plan=4 * len(disks) + 1) as t:
        t.ok(len(disks) >= 6, "layouts")
        grow_all(disks)
        states = sum(report(t, disk) for disk in disks)
        t.note(f"{len(disks)} layouts, {states} states")


main()
