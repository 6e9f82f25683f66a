# SPDX-License-Identifier: GPL-2.0-or-later
"""A disk that answers late, or nothing any more: who waits for a look at it, and who does not."""
import json

import gpt
import images
import ktap
import scenario
from drive import Drive
from faults import Faults

TIMEOUT = 180
START, OLD, NEW = 2048, 384 * images.MIB, 397 * images.MIB
LARGER = 400 * images.MIB
# Longer than growctl's patience with a silent module, two seconds.
SILENT_SECONDS = 3


def last(size):
    return (size // 512 - 33) // 2048 * 2048 - 1


def make(name):
    image = images.path(f"slow-{name}.raw")
    gpt.Table(OLD, [gpt.Part(START, last(OLD), name="data")]).write(image)
    return Drive(name, image)


def grow_slowly(t, g, faults):
    """Between its first write and the last the commit says nothing."""
    faults.hold("write")
    command = g.start("exec growctl grow vda")
    faults.wait_held()
    g.sh(f"growctl status vda --json | grep -q growing && sleep {SILENT_SECONDS}")
    t.ok(not command.finished(), "growctl grow waits while the commit waits for the disk")
    faults.let_go()
    status, text = command.wait(60)
    state = json.loads(g.sh("growctl status vda --json"))["disks"][0]["state"]
    t.ok(status == 0 and "vda1: grown" in text, "and for the end of a slow commit", f"{status} {text}")
    t.equal((state, scenario.part_sectors(g, "vda1")), ("full", (START, last(NEW) + 1 - START)),
            "and that is the end")


def unplug_stuck(t, g, faults):
    """Its driver waits for the requests under way; what other disks need of the kernel is free."""
    faults.hold("read")
    g.resize("vda", LARGER)
    faults.wait_held()
    g.qmp.execute("device_del", id="dev-vda")
    # Not every kernel takes the node away before it waits.
    g.wait_for("grep -q virtblk_remove /proc/[0-9]*/stack")
    t.equal(g.run("blockdev --rereadpt /dev/vdb && [ -e /sys/block/vdb/vdb1 ]", 20), (0, ""),
            "partitions come and go while a look at a disk that goes is stuck")
    t.ok(not gone(g), "which is still there")
    faults.let_go()
    with t.case("with its last request answered it goes"):
        g.wait_for(lambda: gone(g), 60)
        g.sh("! growctl status vda")


def gone(g):
    return "dev-vda" not in [device["name"] for device in
                             g.qmp.execute("qom-list", path="/machine/peripheral")]


def main():
    with ktap.Report(plan=6) as t:
        drives = [make("vda"), make("vdb")]
        with scenario.tiny("slow", drives) as g:
            g.sh("modprobe livegrow")
            g.resize("vda", NEW)
            g.wait_for("growctl status vda --json | grep -q unused")
            faults = Faults(g, drives[0])
            grow_slowly(t, g, faults)
            unplug_stuck(t, g, faults)
            g.poweroff()


main()
