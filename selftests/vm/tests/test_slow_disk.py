# SPDX-License-Identifier: GPL-2.0-or-later
"""A disk that is slow, or answers nothing any more: who waits for a look at it, and who does not."""
import json

import gpt
import images
import ktap
import scenario
from drive import Drive

TIMEOUT = 180
START, OLD, NEW = 2048, 384 * images.MIB, 397 * images.MIB
LARGER = 400 * images.MIB
# A commit takes longer than growctl's patience with a silent module, two seconds.
SLOW = {"iops-total": 8}
# Whoever comes after a read of the array waits for 16 seconds.
STUCK = {"bps-total": 1024}


def last(size):
    return (size // 512 - 33) // 2048 * 2048 - 1


def make(name, **options):
    image = images.path(f"slow-{name}.raw")
    gpt.Table(OLD, [gpt.Part(START, last(OLD), name="data")]).write(image)
    return Drive(name, image, **options)


def grow_slowly(t, g):
    """Between its first write and the last the commit says nothing."""
    command = g.start("exec growctl grow vda")
    g.wait_for("growctl status vda --json | grep -q growing")
    status, text = command.wait(60)
    state = json.loads(g.sh("growctl status vda --json"))["disks"][0]["state"]
    t.ok(status == 0 and "vda1: grown" in text, "growctl grow waits for the end of a slow commit",
         f"{status} {text}")
    t.equal((state, scenario.part_sectors(g, "vda1")), ("full", (START, last(NEW) + 1 - START)),
            "and that is the end")


def unplug_stuck(t, g):
    """Its driver waits for the requests under way; what other disks need of the kernel is free."""
    g.qmp.execute("qom-set", path="/objects/vda-limit", property="limits", value=STUCK)
    read = "$(awk '{ print $3 }' /sys/block/vda/stat)"
    before = int(g.sh(f"echo {read}"))
    g.resize("vda", LARGER)
    # LBA 0, LBA 1 and the array; the backup's read waits for its share.
    g.wait_for(f"[ {read} -ge {before + 34} ] && grep -q [1-9] /sys/block/vda/inflight")
    g.qmp.execute("device_del", id="dev-vda")
    # Not every kernel takes the node away before it waits.
    g.wait_for("grep -q virtblk_remove /proc/[0-9]*/stack")
    t.equal(g.run("blockdev --rereadpt /dev/vdb && [ -e /sys/block/vdb/vdb1 ]", 5), (0, ""),
            "partitions come and go while a look at a disk that goes is stuck")
    t.ok(not gone(g), "which is still there")
    with t.case("with its last request answered it goes"):
        g.wait_for(lambda: gone(g), 60)
        g.sh("! growctl status vda")


def gone(g):
    return "dev-vda" not in [device["name"] for device in
                             g.qmp.execute("qom-list", path="/machine/peripheral")]


def main():
    with ktap.Report(plan=5) as t:
        with scenario.tiny("slow", [make("vda", throttle=SLOW), make("vdb")]) as g:
            g.sh("modprobe livegrow")
            g.resize("vda", NEW)
            g.wait_for("growctl status vda --json | grep -q unused")
            grow_slowly(t, g)
            unplug_stuck(t, g)
            g.poweroff()


main()
