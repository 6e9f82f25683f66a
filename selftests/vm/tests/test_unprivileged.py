# SPDX-License-Identifier: GPL-2.0-or-later
"""A process without privileges cannot keep the module loaded, and reads of no other user's mounts."""
import images
import ktap
import livegrow
import overlay
import root
import scenario
from drive import Drive
from images import MIB
from scenario import ended

TIMEOUT = 240
NOBODY = "setpriv --reuid=65534 --regid=65534 --clear-groups"
# A capability is left out of what a container's root has by default.
CONTAINER = "setpriv --bounding-set=-sys_admin --inh-caps=-sys_admin"
SECRET = "/root/private-of-another-user"
WHY = f"ext4 on {SECRET} did not grow: No space left on device"
# What livegrow(4) says.
HOLDERS = """awk '$2 == 16 && $7 == 1 {print $10}' /proc/net/netlink |
while read -r inode; do
    ls -l /proc/[0-9]*/fd/* 2>&1 | grep "socket:.$inode."
done"""


def stalled(g, who, what):
    """A reader that asked for a dump and reads no answer."""
    said = f"/tmp/stall-{what}"
    g.sh(f"rm -f {said}")
    reader = g.start(f"exec {who} lgnl stall {what} >{said}")
    g.wait_for(f"grep -q stalled {said}")
    return reader


def stop(g, *readers):
    g.sh("pkill -x lgnl")
    for reader in readers:
        reader.wait(10)


def nobody_stalls(t, g):
    for what in ("events", "disks", "backups"):
        # An event that is remembered.
        g.sh("lgnl grow vda asked")
        reader = stalled(g, NOBODY, what)
        t.equal(g.run("rmmod livegrow"), (0, ""), f"E4: a user's dump of {what} that is only read in part does not keep the module loaded")
        stop(g, reader)
        if g.run("lsmod | grep -q livegrow")[0]:
            livegrow.load(g)


def root_stalls(t, g):
    """Of root's the module is kept, where it does not fit into one part; the manual page says by which process."""
    # Four old tables are more than the largest part.
    for size in (320, 384, 448, 512):
        g.resize("vda", size * MIB)
        livegrow.settled(g, "vda", size * MIB)
    reader = stalled(g, "", "backups")
    t.ok(g.run("rmmod livegrow")[0], "E4: root's dump that is only read in part keeps it loaded")
    holders = g.sh(HOLDERS)
    pids = g.sh("pgrep -x lgnl").split()
    t.ok(any(f"/proc/{pid}/fd/" in holders for pid in pids), "E4: the manual page's commands name the process", (holders, pids))
    t.ok(HOLDERS in (scenario.paths.TOP / "ctl/man/livegrow.4").read_text(), "E4: the page has the same commands as this test")
    stop(g, reader)
    t.equal(g.run("rmmod livegrow"), (0, ""), "E4: once that process has ended, the module can be unloaded")
    livegrow.load(g)


def private_mounts(t, g):
    files = {NOBODY: "/tmp/nobody", CONTAINER: "/tmp/container", "": "/tmp/root"}
    for who, file in files.items():
        g.start(f"exec {who} growctl watch --json >{file} 2>&1")
        g.wait_for(f"grep -q subscribed {file}")
    g.sh(f"lgnl fs-failed vda 1 '{WHY}'")
    for file in files.values():
        g.wait_for(f"grep -q '\"failed\"' {file}")
    t.ok(WHY in g.sh("cat /tmp/root"), "E5: root's watch has the text of a failure, with its mountpoint")
    for who, file in list(files.items())[:2]:
        text = g.sh(f"cat {file}")
        t.ok("private" not in text and '"errno":5' in text, f"E5: another user's watch has the failure without the text ({who})", text)
    late = g.start(f"exec {NOBODY} growctl watch >/tmp/late 2>&1")
    g.wait_for("grep -q subscribed /tmp/late")
    t.equal(g.sh("grep -c . /tmp/late"), "1", "E5: another user's watch has no past events")
    g.sh("pkill -x growctl")
    late.wait(10)
    ended(t, g.run(f"{NOBODY} growctl status"), 0, "E5: without root, status works", "vda")
    status, text = g.run(f"{NOBODY} growctl status vda --json")
    t.ok(status == 0 and "private" not in text, "E5: without root, status names no mountpoint of that failure", text)


def main():
    tools = {"/usr/bin/setpriv": overlay.inside(root.tree(), "/usr/bin/setpriv")}
    drives = [Drive("vda", scenario.one_partition("unprivileged.raw", 256 * MIB, "ext4")),
              Drive("vdb", images.empty("unprivileged-b.raw", 64 * MIB))]
    with ktap.Report(plan=3 + 4 + 6) as t:
        with scenario.tiny("unprivileged", drives, tools) as g:
            g.sh("mount /dev/vda1 /mnt")
            livegrow.load(g)
            nobody_stalls(t, g)
            root_stalls(t, g)
            private_mounts(t, g)
            livegrow.unmount(g)
            livegrow.unload(g)
            g.poweroff()


main()
