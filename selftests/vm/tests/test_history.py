# SPDX-License-Identifier: GPL-2.0-or-later
"""growctl history: what grew when, how long it took and who asked, over the daemon's end and a full store."""
import json
import time

import ktap
import livegrow
import overlay
import root
import scenario
from images import GIB, MIB
from scenario import Drive, ended

TIMEOUT = 120
FILE = "/var/lib/livegrow/history"
# A rollback of one disk is not to be taken for the other's.
OTHER = "4C495645-4752-4F57-8000-000000000002"
PART = {gib: gib * GIB - 2 * MIB for gib in (1, 2, 3, 4, 5, 6, 7)}

def start(g):
    daemon = g.start("exec growctl daemon >/tmp/log 2>&1")
    # A socket alone tells nothing: both it and growctl watch have others, too.
    g.wait_for("grep -q 'connected to the livegrow module' /tmp/log")
    return daemon

def stop(g, daemon):
    # Not growctl watch, and not the shell that says this.
    g.sh("pkill -TERM -f '^growctl [d]aemon'")
    assert daemon.wait(10)[0] == 0, g.sh("cat /tmp/log")

def rows(g, disk=""):
    return json.loads(g.sh(f"growctl history --json {disk}"))["history"]

def stored(g, number, timeout=20):
    g.wait_for(lambda: len(rows(g)) == number, timeout)
    return rows(g)

def told(row):
    return row["disk"], row["partition"], row["event"], row["fstype"], row["from"], row["to"], row["by"]

def grown(t, g):
    before = time.time()
    g.resize("vda", 2 * GIB)
    part, fs = stored(g, 2)
    t.equal([told(part), told(fs)], [("vda", 1, "partition-grown", None, PART[1], PART[2], "auto"),
                                     ("vda", 1, "filesystem-grown", "ext4", PART[1], PART[2], "auto")],
            "partition and filesystem, unasked")
    t.ok(0 < part["table_us"] <= part["partition_us"] <= part["total_us"] <= fs["total_us"],
         "with how long each stage took", f"{part} {fs}")
    t.ok(all(abs(row["time"] - before) < 60 for row in (part, fs)), "and when", f"{before} {part}")
    t.equal(part["guid"], g.sh("blkid -p -s PTUUID -o value /dev/vda").strip().upper(), "on which disk")
    for line in g.sh(f"cat {FILE}").splitlines():
        json.loads(line)
    t.equal(g.sh(f"stat -c %a {FILE}").strip(), "600", "the file is root's alone")

def asked(t, g):
    livegrow.set_policy(g, "vdb", "ask")
    g.resize("vdb", 2 * GIB)
    livegrow.settled(g, "vdb", 2 * GIB)
    g.sh("growctl grow vdb")
    row, = stored(g, 3)[2:]
    t.equal(told(row), ("vdb", 1, "partition-grown", None, PART[1], PART[2], "person"), "what a person asked for")
    g.sh("growctl rollback vdb")
    row, = stored(g, 4)[3:]
    t.equal(told(row), ("vdb", 1, "rolled-back", None, PART[2], PART[1], "person"), "and took back")
    t.equal([row["event"] for row in rows(g, "vdb")], ["partition-grown", "rolled-back"], "of one disk alone")
    ended(t, g.run("growctl history vdz"), 0, "of another one there is nothing, by its name", "vdz: nothing has grown")
    text = g.sh("growctl history vda").splitlines()
    t.ok(text[0].split()[:3] == ["TIME", "DEVICE", "EVENT"] and len(text) == 3 and " vda1 " in text[1],
         "for people", f"{text}")

def at_its_end(t, g, daemon):
    """It has heard of the growth, and has not stored it yet: for that it waits until the module has had no event for a second."""
    watch = scenario.Watch(g)
    busy = g.start("until [ -e /tmp/enough ]; do lgnl grow vdb dry-run; done >/dev/null")
    g.resize("vda", 3 * GIB)
    watch.wait(event="filesystem-grown", disk="vda")
    t.note(f"{len(rows(g)) - 4} of 2 entries were stored before its end")
    stop(g, daemon)
    g.sh("touch /tmp/enough")
    busy.wait(20)
    t.equal([row["to"] for row in stored(g, 6)[4:]], [PART[3]] * 2, "what the daemon has not stored at its end is stored")

def without_space(t, g):
    """Returns the daemon that it started."""
    g.sh("mount -t tmpfs -o size=8k,mode=700 tmpfs /var/lib/livegrow && "
         "! dd if=/dev/zero of=/var/lib/livegrow/full bs=4096 2>/dev/null")
    daemon = start(g)
    g.resize("vda", 4 * GIB)
    g.wait_for("grep -q 'cannot add to the history' /tmp/log", 20)
    t.ok(g.sh("cat /tmp/log").count("cannot add") == 1, "a full store is told")
    g.sh("umount /var/lib/livegrow")
    t.equal([row["to"] for row in stored(g, 8, 40)[6:]], [PART[4]] * 2, "and what was heard is stored when there is room")
    return daemon

def without_daemon(t, g, daemon):
    """What grows while it is not there it has from the module, once."""
    stop(g, daemon)
    g.resize("vda", 5 * GIB)
    livegrow.settled(g, "vda", 5 * GIB)
    before = time.time()
    daemon = start(g)
    new = stored(g, 10)[8:]
    t.equal([told(row) for row in new], [("vda", 1, "partition-grown", None, PART[4], PART[5], "auto"),
                                         ("vda", 1, "filesystem-grown", "ext4", PART[4], PART[5], "auto")],
            "what grew without it is there, and what it grew itself")
    t.ok(abs(new[0]["time"] - before) < 60, "with its time", f"{before} {new[0]}")
    stop(g, daemon)
    daemon = start(g)
    t.equal(len(stored(g, 10)), 10, "and not once more after another start")
    return daemon

def asked_afterwards(t, g, daemon):
    """The partition grew by itself while the daemon was not there; that the filesystem followed a person asked for."""
    stop(g, daemon)
    g.resize("vda", 6 * GIB)
    livegrow.settled(g, "vda", 6 * GIB)
    g.sh("growctl grow vda")
    start(g)
    t.equal([told(row) for row in stored(g, 12)[10:]],
            [("vda", 1, "partition-grown", None, PART[5], PART[6], "auto"),
             ("vda", 1, "filesystem-grown", "ext4", PART[5], PART[6], "person")],
            "who asked for the filesystem alone is not told to have asked for the partition")

def refused(t, g):
    nobody = "setpriv --reuid=65534 --regid=65534 --clear-groups"
    ended(t, g.run(f"{nobody} growctl history"), 2, "it is root's alone", "root")
    g.sh(f"printf 'no line of ours\\n{{\"time\":' >>{FILE}")
    g.resize("vda", 7 * GIB)
    t.equal([row["to"] for row in stored(g, 14)[12:]], [PART[7]] * 2, "a damaged line hides no other")

def main():
    drives = [Drive("vda", scenario.one_partition("one.raw", GIB, "ext4")),
              Drive("vdb", scenario.one_partition("two.raw", GIB, "ext4", guid=OTHER))]
    tools = {f"/usr/bin/{name}": overlay.inside(root.tree(), f"/usr/bin/{name}") for name in ("setpriv",)}
    with ktap.Report(plan=1 + 5 + 5 + 1 + 2 + 3 + 1 + 2) as t, scenario.tiny("history", drives, files=tools) as g:
        g.sh("mkdir -p /var/lib && mount /dev/vda1 /mnt")
        ended(t, g.run("growctl history"), 0, "at first there is none", "nothing has grown")
        livegrow.load(g)
        daemon = start(g)
        grown(t, g)
        asked(t, g)
        at_its_end(t, g, daemon)
        asked_afterwards(t, g, without_daemon(t, g, without_space(t, g)))
        refused(t, g)
        g.poweroff()

main()
