# SPDX-License-Identifier: GPL-2.0-or-later
"""A filesystem whose grow meets EIO: it is told, with what to do, and the next command grows it.

The kernel reads the last block that a filesystem is to have before it changes anything.
"""
import json

import ktap
import livegrow
import oracles
import scenario
from drive import Drive
from faults import Faults
from images import GIB, MIB
from scenario import ended

TIMEOUT = 120
LOG = "/tmp/daemon.log"
KINDS = {"vda": "ext4", "vdb": "xfs"}
PART = 2 * GIB - 2 * MIB
LAST = (MIB + PART) // 512 - 1
WHY = {"ext4": "the kernel could not read its new end", "xfs": "the kernel could not read or write it: see dmesg"}


def note(g, name, kind):
    """What status says of the filesystem."""
    disk, = json.loads(g.sh(f"growctl status {name} --json"))["disks"]
    part, = disk["children"]
    fs, = (row for row in part["children"] if row["name"] == kind)
    return fs["note"]


def fails(t, g, watch, name, kind):
    mark = watch.mark()
    g.resize(name, 2 * GIB)
    event = watch.wait(event="failed", disk=name, since=mark)
    t.ok(event["fs_type"] == kind and WHY[kind] in event["reason_text"], f"{kind}: the event says why", f"{event}")
    t.equal(livegrow.sectors(g, f"{name}1") * 512, PART, f"{kind}: its partition has grown")
    with t.case(f"{kind}: the log says so"):
        g.wait_for(f"grep -q '{kind} on /mnt/{name} did not grow: {WHY[kind]}' {LOG}")
    ended(t, g.run(f"growctl grow {name}"), 2, f"{kind}: a command meets it too", WHY[kind])
    ended(t, g.run(f"growctl wait {name}", 30), 2, f"{kind}: wait ends by what failed before it", WHY[kind])
    t.ok(WHY[kind] in note(g, name, kind), f"{kind}: status remembers why", note(g, name, kind))


def mended(t, g, name, kind):
    ended(t, g.run(f"growctl grow {name}"), 0, f"{kind}: the next one grows it", f"{kind} on /mnt/{name} grown from")
    t.equal(note(g, name, kind), None, f"{kind}: and nothing is left to say")


def main():
    drives = {name: Drive(name, scenario.one_partition(f"fs-errors-{kind}.raw", GIB, kind)) for name, kind in KINDS.items()}
    with ktap.Report(plan=2 * 8 + 2) as t:
        with scenario.tiny("fs-errors", list(drives.values())) as g:
            for name in KINDS:
                g.sh(f"mkdir -p /mnt/{name} && mount /dev/{name}1 /mnt/{name}")
            livegrow.load(g)
            g.start(f"exec growctl daemon 2>{LOG}")
            livegrow.wait_for_listener(g)
            watch = scenario.Watch(g)
            for name, kind in KINDS.items():
                faults = Faults(g, drives[name])
                faults.at("read", LAST, once=False)
                fails(t, g, watch, name, kind)
                faults.clear()
                mended(t, g, name, kind)
            livegrow.unmount(g, *(f"/mnt/{name}" for name in KINDS))
            g.poweroff()
        for name, kind in KINDS.items():
            t.equal(oracles.filesystem(drives[name].path, kind, MIB, PART), [], f"{kind}: its checker has no objection")


main()
