# SPDX-License-Identifier: GPL-2.0-or-later
"""What livegrow does not grow: each disk says why, and not a byte of it changes.

The rows are in refusal.py. Nothing that uses a disk here writes to it, so that a
digest of the whole disk before and after, and QEMU's own count of writes, tell.
"""
import json
import string

import images
import ktap
import livegrow
import oracles
import refusal
from drive import Drive
from guest import Guest

TIMEOUT = 240


class Refused(refusal.InGuest):
    """One row on its disk."""

    def __init__(self, row, name):
        super().__init__(row, name)
        self.path = refusal.make(row, f"refused-{name}")
        self.drive = Drive(name, self.path, **row.drive)
        self.size = row.resize or row.enlarged or row.table.size

    def poke(self, g):
        if self.row.poke:
            g.sh(f"{self.command(self.row.poke)} && sync")
            self.photograph(g)

    def photograph(self, g):
        """What the disk is to hold afterwards. Holes equal zeros, so the digest may reach
        over the end that the disk has yet; of one that shrinks it takes what is left."""
        self.writes = writes(g)[self.name]
        self.before = (refusal.relocated(self.row, self.path) if self.row.relocated
                       else images.digest(self.path, 0, self.size))

    def resize(self, g):
        if self.row.resize:
            g.resize(self.name, self.row.resize)

    def judge(self, t, g):
        record = livegrow.settled(g, self.name, self.size)
        got = record["state"], record["reason"], record.get("text")
        t.equal(got, (self.row.state, self.row.reason, self.command(self.row.text)), self.row.name)

    def judge_bytes(self, t, g):
        after = images.digest(self.path, 0, self.size)
        if self.row.relocated:
            t.equal(after, self.before, f"{self.row.name}: only the backup moved")
            return
        t.equal((after, writes(g)[self.name]), (self.before, self.writes),
                f"{self.row.name}: not a byte was written")

    def grow_then(self, t, g):
        command, sectors = self.row.then
        with t.case(f"{self.row.name}: then it grows"):
            g.sh(f"{self.command(command)}")
            g.wait_for(f"[ $(cat /sys/class/block/{self.name}2/size) = {sectors} ]", 10)
            assert livegrow.settled(g, self.name, self.size)["state"] == "full"

    def judge_grown(self, t):
        parts = [(2048, 32768), (34816, self.row.then[1])]
        t.equal(oracles.table(self.path, parts), [], f"{self.row.name}: all agree on the grown table")


def writes(g):
    """{disk: writes that QEMU was asked for}"""
    stats = g.qmp.execute("query-blockstats")
    return {one.get("node-name"): one["stats"]["wr_operations"] for one in stats}


def same_by_growctl(t, g, disks):
    rows = next(iter(json.loads(g.sh("growctl status --json")).values()))
    shown = {row["name"]: (row["state"], row["reason"]) for row in rows}
    t.equal({disk.name: shown.get(disk.name) for disk in disks},
            {disk.name: (disk.row.state, disk.row.reason) for disk in disks},
            f"growctl status says the same of {len(disks)} disks")


def names(rows):
    letters = {"vd": iter(string.ascii_lowercase), "sd": iter(string.ascii_lowercase)}
    kinds = ["sd" if row.drive.get("driver") == "virtio-scsi" else "vd" for row in rows]
    return [kind + next(letters[kind]) for kind in kinds]


def refuse(t, g, disks):
    """Every disk is resized at once; then each has to have stood still."""
    for disk in disks:
        disk.poke(g)
    for disk in disks:
        disk.resize(g)
    for disk in disks:
        disk.judge(t, g)
    same_by_growctl(t, g, disks)
    for disk in disks:
        disk.judge_bytes(t, g)


def loaded(t, g, parameters, disks):
    """The rows that want the module loaded with PARAMETERS, one load for all of them. growctl's service does not run."""
    livegrow.load(g, parameters, "content_wait=0")
    livegrow.looked(g)
    refuse(t, g, disks)
    for disk in disks:
        if disk.row.then:
            disk.grow_then(t, g)
    livegrow.unload(g)


def boot(t, name, rows):
    disks = [Refused(row, disk) for row, disk in zip(rows, names(rows))]
    with Guest(name, initrd=livegrow.initrd(), drives=[d.drive for d in disks], memory=768) as g:
        for disk in disks:
            disk.hold(g)
        g.sh("sync")
        for disk in disks:
            disk.photograph(g)
        for parameters in dict.fromkeys(row.load for row in rows):
            loaded(t, g, parameters, [disk for disk in disks if disk.row.load == parameters])
        g.run("pkill -x growctl")
        g.poweroff()
    for disk in disks:
        if disk.row.then:
            disk.judge_grown(t)


def main():
    rows = refusal.TABLES + refusal.GATES
    with ktap.Report(plan=2 * len(rows) + 2 * sum(1 for row in rows if row.then) + 5) as t:
        boot(t, "refused-tables", refusal.TABLES)
        boot(t, "refused-gates", refusal.GATES)


main()
