# SPDX-License-Identifier: GPL-2.0-or-later
"""drivers=loop: a disk that no host resizes; the guest's own LOOP_SET_CAPACITY does.

Also what cannot be seen from a host: the uevents that the kernel sends.
"""
import ktap
import livegrow
import gpt
import images
from guest import Guest

TIMEOUT = 120
MIB = images.MIB
# A GPT of 64 MiB whose second partition is last; then the file has 128 MiB.
OLD, NEW = 64 * MIB, 128 * MIB
FIRST, START, OLD_SECTORS, NEW_SECTORS = (2048, 2048), 4096, 124928, 256000
# Its partition ends where the first medium did: as that one's growth, the rest would be taken.
ANOTHER, ANOTHER_SECTORS = 192 * MIB, 258048
UEVENTS = "exec uevent env > /tmp/uevents"


def image():
    path = images.path("loop.raw")
    table = gpt.Table(OLD, [gpt.Part(2048, 4095), gpt.Part(START, START + OLD_SECTORS - 1)])
    table.write(path)
    images.format_partition(path, table, 2, "ext4")
    return path


def attach(g, path):
    g.push(path, "/tmp/loop.img")
    g.sh("losetup -P /dev/loop0 /tmp/loop.img && mount /dev/loop0p2 /mnt")


def enlarge(g, size):
    g.sh(f"truncate -s {size} /tmp/loop.img && losetup -c /dev/loop0")


def uevents(g):
    """The uevents so far, each a dict of its keys."""
    text = g.sh("cat /tmp/uevents")
    blocks = text.split("ACTION=")[1:]
    return [dict(line.split("=", 1) for line in f"ACTION={b}".splitlines() if "=" in line)
            for b in blocks]


def resized(g, name):
    return [e for e in uevents(g) if e.get("DEVNAME") == name and e.get("RESIZE") == "1"]


def unnamed_driver(t, g):
    livegrow.load(g)
    before = g.sh("sha256sum /tmp/loop.img")
    record = livegrow.settled(g, "loop0", OLD)
    t.equal((record["state"], record["reason"]), ("unmanaged", "driver"), "loop is not ours unless named")
    t.equal(g.sh("sha256sum /tmp/loop.img"), before, "and not a byte of it changes")
    livegrow.unload(g)


def grows(t, g):
    livegrow.load(g, "drivers=floppy,loop")
    listener = g.start(UEVENTS)
    # It listens when it has a socket of its own for uevents.
    g.wait_for("awk '$2 == 15 && $4 ~ /[1-9a-f]/ {n++} END {exit n < 1}' /proc/net/netlink")
    enlarge(g, NEW)
    record = livegrow.settled(g, "loop0", NEW)
    t.equal((record["state"], record["reason"]), ("full", "none"), "a loop disk grows when it is named")
    t.equal(livegrow.live(g, "loop0"), [FIRST, (START, NEW_SECTORS)], "its mounted partition too")
    with t.case("the partition's change is told by a uevent with RESIZE=1"):
        g.wait_for(lambda: resized(g, "loop0p2"))
        assert all(e["ACTION"] == "change" and e["DEVTYPE"] == "partition"
                   for e in resized(g, "loop0p2")), resized(g, "loop0p2")
    t.equal(len(resized(g, "loop0p2")), 1, "once")
    t.equal(resized(g, "loop0p1"), [], "and of no other partition")
    g.sh("pkill -x uevent")
    listener.wait(10)


def another_medium(t, g):
    """What is free at the end of another file did not grow there: it is left."""
    g.sh("umount /mnt && losetup -d /dev/loop0")
    g.wait_for("[ $(cat /sys/block/loop0/size) = 0 ]")
    g.sh(f"rm /tmp/loop.img && truncate -s {ANOTHER} /tmp/other.img")
    g.sh(f"printf 'label: gpt\\nstart=2048, size={ANOTHER_SECTORS}\\n' | sfdisk -q /tmp/other.img")
    g.sh("mke2fs -q -F -t ext4 -E offset=1048576 /tmp/other.img 100M")
    g.sh("losetup -P /dev/loop0 /tmp/other.img && mount -o ro,noload /dev/loop0p1 /mnt")
    before = g.sh("sha256sum /tmp/other.img")
    record = livegrow.settled(g, "loop0", ANOTHER)
    t.equal((record["state"], record["reason"]), ("waiting", "free-tail"),
            "another medium's free tail is nobody's growth")
    t.equal(livegrow.grow(g, "loop0")["reason"], "free-tail", "nor after another look")
    t.equal(g.sh("sha256sum /tmp/other.img"), before, "and not a byte of it changes")


def main():
    with ktap.Report(plan=10) as t:
        path = image()
        with Guest("loop", initrd=livegrow.initrd(), memory=768) as g:
            g.sh("modprobe loop")
            attach(g, path)
            unnamed_driver(t, g)
            grows(t, g)
            another_medium(t, g)
            g.poweroff()


main()
