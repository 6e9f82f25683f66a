# SPDX-License-Identifier: GPL-2.0-or-later
"""The module comes and goes a hundred times while three disks are being resized."""
import re
import statistics
import threading

import gpt
import images
import ktap
import livegrow
import oracles
from drive import Drive
from guest import Guest

TIMEOUT = 300
ALONE = True
MIB = images.MIB
TIMES = 100
OLD, ABSENT, PRESENT = 512 * MIB, 1536 * MIB, 2048 * MIB
START = 67584
# What the last partition has when the disk has ABSENT and PRESENT bytes.
SECTORS_ABSENT, SECTORS_PRESENT = 3076096, 4124672
KINDS = {"vda": "ext4", "vdb": "xfs", "vdc": "ext4"}

# The time is in hundredths of a second. A dump under way holds the module for a moment.
LOOP = f"""
now() {{ read up idle < /proc/uptime; now=${{up%.*}}${{up#*.}}; }}
i=0
while [ $i -lt {TIMES} ]; do
    modprobe livegrow || exit 1
    usleep $((i * 7919 % 90000))
    now; start=$now
    until rmmod livegrow 2>/tmp/rmmod; do
        grep -q unavailable /tmp/rmmod || {{ cat /tmp/rmmod; exit 1; }}
        echo again
    done
    now; echo took $((now - start))0
    i=$((i + 1))
done
"""
READER = "while [ ! -e /tmp/enough ]; do lgnl dump; usleep 20000; done >/tmp/dumps 2>&1"


def make(name, kind):
    image = images.path(f"reload-{name}.raw")
    table = gpt.Table(OLD, [gpt.Part(2048, 34815), gpt.Part(34816, 67583, gpt.ESP),
                            gpt.Part(START, 1046527)])
    table.write(image)
    images.format_partition(image, table, 3, kind)
    if name == "vdc":
        return Drive(name, images.to_qcow2(image), "qcow2")
    return Drive(name, image)


class Host(threading.Thread):
    """Resizes the disks in turn, always to a larger size, until stop() or ABSENT is near."""

    def __init__(self, g):
        super().__init__(daemon=True)
        self.g, self.enough = g, threading.Event()
        self.resizes = 0

    def run(self):
        size = OLD
        while not self.enough.wait(0.01) and size < ABSENT - 2 * MIB:
            size += (16 << 10) * (1 + self.resizes % 13)
            for name in KINDS:
                self.g.resize(name, size)
            self.resizes += 1

    def stop(self):
        self.enough.set()
        self.join()


def reload_often(t, g):
    host, mark = Host(g), g.pace.mark()
    reader = g.start(READER)
    host.start()
    status, out = g.run(LOOP, 200)
    host.stop()
    g.sh("touch /tmp/enough")
    reader.wait(30)
    grown = len(re.findall(r"partition 3 grown", g.console.read_text(errors="replace")))
    t.ok(status == 0, f"{TIMES} times rmmod and insmod", out)
    t.note(f"{host.resizes} resizes of each disk, {grown} commits, dumps: "
           + g.sh("sed -n /capacity/p /tmp/dumps | wc -l"))
    times = [int(ms) for ms in re.findall(r"took (\d+)", out)]
    t.note(f"rmmod: median {statistics.median(times)} ms, the slowest {sorted(times)[-5:]} ms, "
           f"{out.count('again')} times busy with a dump")
    t.ok(max(times) < 1000 * g.pace.factor(mark), "every rmmod took less than 1 s", f"{times}")
    t.ok(host.resizes >= TIMES and grown >= TIMES, "resizes and commits went on meanwhile",
         f"{host.resizes} resizes, {grown} commits")


def last_size(t, g, size, sectors, name):
    for disk in KINDS:
        record = livegrow.settled(g, disk, size)
        got = record["state"], record["reason"], livegrow.live(g, disk)[2]
        t.equal(got, ("full", "none", (START, sectors)), f"{disk}: {name}")


def resize_all(g, size):
    for disk in KINDS:
        g.resize(disk, size)


def let_go(t, g, writer):
    """Nobody holds the module, a filesystem or a disk any more."""
    t.equal(g.sh("cat /sys/module/livegrow/refcnt"), "0", "no reference to the module is left")
    livegrow.unload(g)
    g.sh("pkill -x writer")
    t.equal(writer.wait(60)[0], 0, "the writer ended well")
    t.equal(g.run("writer --verify /mnt/vda")[0], 0, "every checksum is right")
    t.equal(g.run("umount /mnt/*"), (0, ""), "the filesystems can be unmounted")
    for disk in KINDS:
        g.unplug(disk)
    t.equal(g.sh("ls /sys/block | sed -n /^vd/p"), "", "the disks can be unplugged")
    # A disk's number is free again only when its last reference is gone.
    g.plug(Drive("new", images.empty("reload-new.raw", 64 * MIB)))
    with t.case("a new disk gets the first one's name"):
        g.wait_for("[ -e /sys/block/vda ]", 10)


def run(t, drives):
    with Guest("reload", initrd=livegrow.initrd(), drives=drives, memory=768) as g:
        for disk, kind in KINDS.items():
            g.sh(f"mkdir -p /mnt/{disk} && mount -t {kind} /dev/{disk}3 /mnt/{disk}")
        writer = g.start("exec writer /mnt/vda until-stopped")
        reload_often(t, g)
        resize_all(g, ABSENT)
        livegrow.load(g)
        last_size(t, g, ABSENT, SECTORS_ABSENT, "the size it got while the module was absent")
        resize_all(g, PRESENT)
        last_size(t, g, PRESENT, SECTORS_PRESENT, "the last size")
        let_go(t, g, writer)
        g.poweroff()


def main():
    with ktap.Report(plan=21) as t:
        drives = [make(name, kind) for name, kind in KINDS.items()]
        run(t, list(drives))
        for drive in drives:
            with images.raw(drive.path, drive.format) as image:
                parts = [(2048, 32768), (34816, 32768), (START, SECTORS_PRESENT)]
                t.equal(oracles.table(image, parts), [], f"{drive.name}: all agree on the table")
                old = 1046528 - START
                t.equal(oracles.filesystem(image, KINDS[drive.name], START * 512, old * 512), [],
                        f"{drive.name}: fsck")


main()
