# SPDX-License-Identifier: GPL-2.0-or-later
"""A disk that says yes to every write and keeps none: nothing is reported done, LBA 1 is not touched.

It is a quorum of two files that reads the first alone, where every write fails; that the second
keeps what was written is enough for it to say that all is well.
"""
import json
import shutil

import gpt
import images
import ktap
import scenario
from drive import Drive

TIMEOUT = 120
OLD, NEW = 384 * images.MIB, 397 * images.MIB
EIO = 5


class Forgetful(Drive):
    """What it was told to write is in the file LOG."""

    def __init__(self, name, path, log):
        super().__init__(name, path)
        self.log = log

    def nodes(self):
        first, second = Drive("first", self.path), Drive("second", self.log)
        yield from first.nodes()
        yield from second.nodes()
        yield {"driver": "blkdebug", "node-name": "forgets", "image": "first",
               "inject-error": [{"event": "none", "iotype": "write", "errno": EIO}]}
        yield {"driver": "quorum", "node-name": self.name, "read-pattern": "fifo",
               "vote-threshold": 1, "children": ["forgets", "second"]}


def make():
    """Enlarged while nobody looked: QEMU cannot resize such a disk."""
    image, log = images.path("forgetful.raw"), images.path("forgetful.log")
    gpt.Table(OLD, [gpt.Part(2048, OLD // 512 - 34, name="data")]).write(image)
    images.resize(image, NEW)
    shutil.copyfile(image, log)
    return Forgetful("vda", image, log)


def main():
    drive = make()
    with ktap.Report(plan=5) as t:
        before = open(drive.path, "rb").read()
        with scenario.tiny("forgetful", [drive]) as g:
            g.sh("modprobe livegrow")
            told = g.run("growctl grow vda")
            t.equal(told, (2, "growctl: vda: failed: writing the new backup failed with errno 5\n"),
                    "the step whose blocks are not there is told")
            disk = json.loads(g.sh("growctl status vda --json"))["disks"][0]
            t.equal((disk["state"], disk["reason"]), ("failed", "step-failed"), "and stays in status")
            t.equal(scenario.part_sectors(g, "vda1"), (2048, OLD // 512 - 34 + 1 - 2048),
                    "no partition is grown")
            g.poweroff()
        written = gpt.Image(drive.log)
        t.ok(written.read(written.blocks - 33) != bytes(512), "it was told to write a backup")
        t.ok(open(drive.path, "rb").read() == before and
             written.read(1) == before[512:1024], "and no primary")


main()
