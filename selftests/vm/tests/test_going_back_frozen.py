# SPDX-License-Identifier: GPL-2.0-or-later
"""The frozen moments of growctl rollback: nothing grows in them, and nothing stays frozen after them."""
import random

import gpt
import images
import ktap
import livegrow
import oracles
import scenario
from drive import Drive
from images import GIB, MIB

TIMEOUT = 300
SEED = random.randrange(1 << 32)
RACES = 12
STEP = 64 * MIB
# vda and vdb race; vdc is slow, so that its commit takes seconds.
KINDS = {"vda": "ext4", "vdb": "xfs", "vdc": "ext4"}
START = 2048
GROW = {"ext4": "resize2fs /dev/{d}1", "xfs": "xfs_growfs /mnt/{d}"}
FIRST = "growctl"
SECOND = "growctl-frozen"


def guid(name):
    return f"4C495645-4752-4F57-8002-{ord(name[-1]):012X}"


def sectors(size):
    return (size // 512 - 33) // 2048 * 2048 - START


def make(name):
    image = images.path(f"frozen-{name}.raw")
    table = gpt.Table(GIB, [gpt.Part(START, START + sectors(GIB) - 1, name="data")], guid=guid(name))
    table.write(image)
    images.format_partition(image, table, 1, KINDS[name])
    slow = {"iops-write": 5} if name == "vdc" else None
    return Drive(name, image, throttle=slow)


def part(g, name):
    return scenario.part_sectors(g, f"{name}1")[1]


def filesystem(g, name):
    return scenario.fs_bytes(g, KINDS[name], f"{name}1", f"/mnt/{name}") // 512


def grow(g, name, size):
    """Table and partition alone."""
    g.resize(name, size)
    g.wait_for(f"[ $(cat /sys/block/{name}/size) = {size // 512} ]")
    livegrow.grow(g, name, "asked", "free-tail")
    assert part(g, name) == sectors(size), part(g, name)


def thawed(g, name):
    """It can be written to, and waits for nobody."""
    g.sh(f"touch /mnt/{name}/thawed && sync -f /mnt/{name}", 20)


# Against a tool that grows the filesystem at the same time

def race(g, name, size, rng):
    """Both are started within a moment; returns whether the rollback was done."""
    grow(g, name, size)
    tool = GROW[KINDS[name]].format(d=name)
    # The rollback has more to do before it comes to the freeze.
    commands = [g.start(f"growctl rollback {name}"),
                g.start(f"usleep {rng.randrange(250000)}; {tool}")]
    (status, text), _ = [command.wait(60) for command in commands]
    assert status in (0, 2), text
    after = part(g, name), filesystem(g, name)
    assert after[1] <= after[0], f"{after}: {text}"
    assert (after[0] < sectors(size)) == (status == 0), f"{after}: {text}"
    thawed(g, name)
    return status == 0


def races(t, g, name):
    rng, back = random.Random(SEED), 0
    with t.case(f"{name}: {RACES} races with {GROW[KINDS[name]].split()[0]}: "
                "no filesystem is larger than its partition"):
        for number in range(1, RACES + 1):
            back += race(g, name, GIB + number * STEP, rng)
    t.note(f"{name}: {back} of {RACES} went back")
    t.ok(0 < back < RACES, f"{name}: either was first at times", f"{back} of {RACES}")


# In the middle of it

WRITER = "while [ ! -e /tmp/enough ]; do touch /mnt/vdc/probe; usleep 2000; done"
# 5.10 finds no wchan without frame pointers.
WAITS = "grep -q -e percpu_rwsem_wait -e percpu_down_read /proc/$(pgrep -x {})/stack"


def caught(g, command):
    """A rollback of the slow disk; COMMAND is run as soon as a writer waits for the thaw."""
    rollback = g.start("exec growctl rollback vdc >/tmp/said 2>&1")
    g.wait_for(f"pgrep -x {SECOND} && {WAITS.format('touch')} && {command}", every=0.01)
    return rollback


def is_back(g, old):
    return part(g, "vdc") == old and filesystem(g, "vdc") <= old


def ended(g):
    g.wait_for(f"! pgrep -x {FIRST} && ! pgrep -x {SECOND}", 30)


def resize_meanwhile(t, g, size, old):
    """resize2fs that saw the larger partition has to wait, and may not grow when it goes on."""
    grow(g, "vdc", size)
    # The kernel tries whether there is a last block, and must not find it in its cache.
    g.sh("dd if=/dev/zero of=/dev/vdc1 bs=4096 count=1 conv=notrunc,fsync "
         "seek=$(($(cat /sys/block/vdc/vdc1/size) / 8 - 1))")
    rollback = caught(g, "{ resize2fs /dev/vdc1 >/tmp/resize2fs 2>&1 & } && "
                      f"until {WAITS.format('resize2fs')}; do usleep 1000; done")
    status, _ = rollback.wait(60)
    g.wait_for("! pgrep -x resize2fs")
    t.ok(status == 0 and is_back(g, old), "resize2fs in the frozen moments: the partition goes back",
         f"{status} {g.sh('cat /tmp/said')}")
    t.equal(filesystem(g, "vdc"), old, "and the filesystem stays as it was")
    t.note(g.sh("cat /tmp/resize2fs"))


def killed_first(t, g, size, old):
    grow(g, "vdc", size)
    caught(g, f"pkill -KILL -x {FIRST}").wait(20)
    with t.case("SIGKILL of the command: what was begun is ended, and thawed"):
        ended(g)
        thawed(g, "vdc")
        assert is_back(g, old), (part(g, "vdc"), filesystem(g, "vdc"))


def killed_second(t, g, size):
    grow(g, "vdc", size)
    status, _ = caught(g, f"pkill -KILL -x {SECOND}").wait(60)
    said = g.sh("cat /tmp/said")
    t.ok(status == 2 and "was killed; it is thawed" in said, "SIGKILL of the process that froze it is told",
         f"{status} {said}")
    with t.case("and it is thawed"):
        ended(g)
        thawed(g, "vdc")
        assert filesystem(g, "vdc") <= part(g, "vdc"), (filesystem(g, "vdc"), part(g, "vdc"))


def interrupted(t, g, size, old):
    grow(g, "vdc", size)
    caught(g, f"pkill -INT -x {SECOND} && pkill -INT -x {FIRST}").wait(60)
    with t.case("SIGINT waits until it is over"):
        ended(g)
        thawed(g, "vdc")
        assert is_back(g, old), (part(g, "vdc"), filesystem(g, "vdc"))


def check_images(t, drives, sizes):
    for name, drive in drives.items():
        start, size = START * 512, sizes[name] * 512
        t.equal(oracles.table(drive.path, [(START, sizes[name])])
                + oracles.filesystem(drive.path, KINDS[name], start, size), [],
                f"{name}: table and filesystem are sound")


def main():
    with ktap.Report(plan=2 * 2 + 2 + 1 + 2 + 1 + 3) as t:
        t.note(f"seed {SEED}")
        drives = {name: make(name) for name in KINDS}
        with scenario.tiny("going-back-frozen", list(drives.values()), memory=768) as g:
            g.sh("modprobe livegrow mode=ask")
            for name, kind in KINDS.items():
                g.sh(f"mkdir -p /mnt/{name} && mount -t {kind} -o noatime /dev/{name}1 /mnt/{name}")
            for name in ("vda", "vdb"):
                races(t, g, name)
            g.start(WRITER)
            old = sectors(GIB)
            resize_meanwhile(t, g, GIB + STEP, old)
            killed_first(t, g, GIB + 2 * STEP, old)
            interrupted(t, g, GIB + 3 * STEP, old)
            killed_second(t, g, GIB + 4 * STEP)
            sizes = {name: part(g, name) for name in KINDS}
            g.sh("touch /tmp/enough; while pgrep -x touch; do usleep 2000; done; umount /mnt/*")
            g.poweroff()
        check_images(t, drives, sizes)


main()
