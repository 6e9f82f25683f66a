# SPDX-License-Identifier: GPL-2.0-or-later
"""The frozen moments of growctl rollback: nothing grows in them, and nothing stays frozen after them.

Each moment is held: the process that freezes stops before or after it has done so
(selftests/guest/preload/stop.c), and in the middle of the commit the disk does not answer.
"""
import random

import gpt
import images
import ktap
import livegrow
import oracles
import scenario
from drive import Drive
from faults import Faults
from images import GIB, MIB

TIMEOUT = 300
SEED = random.randrange(1 << 32)
RACES = 8
STEP = 64 * MIB
KINDS = {"vda": "ext4", "vdb": "xfs", "vdc": "ext4"}
START = 2048
GROW = {"ext4": "resize2fs /dev/{d}1", "xfs": "xfs_growfs /mnt/{d}"}
FIRST = "growctl"
SECOND = "growctl-frozen"
FIFREEZE = 0xc0045877


def guid(name):
    return f"4C495645-4752-4F57-8002-{ord(name[-1]):012X}"


def sectors(size):
    return (size // 512 - 33) // 2048 * 2048 - START


def make(name):
    image = images.path(f"frozen-{name}.raw")
    table = gpt.Table(GIB, [gpt.Part(START, START + sectors(GIB) - 1, name="data")], guid=guid(name))
    table.write(image)
    images.format_partition(image, table, 1, KINDS[name])
    return Drive(name, image)


def part(g, name):
    return scenario.part_sectors(g, f"{name}1")[1]


def filesystem(g, name):
    return scenario.fs_bytes(g, KINDS[name], f"{name}1", f"/mnt/{name}") // 512


def tool(name):
    return GROW[KINDS[name]].format(d=name)


def grow(g, name, size):
    """Table and partition alone."""
    g.resize(name, size)
    g.wait_for(f"[ $(cat /sys/block/{name}/size) = {size // 512} ]")
    livegrow.grow(g, name, "asked", "free-tail")
    assert part(g, name) == sectors(size), part(g, name)
    # The kernel tries whether there is a last block, and must not find it in its cache.
    g.sh(f"dd if=/dev/zero of=/dev/{name}1 bs=4096 count=1 conv=notrunc,fsync "
         f"seek=$(($(cat /sys/block/{name}/{name}1/size) / 8 - 1))")


def thawed(g, name):
    """It can be written to, and waits for nobody."""
    g.sh(f"touch /mnt/{name}/thawed && sync -f /mnt/{name}", 20)


# A rollback that stands before or after its freeze

def stopped(g, name, when):
    """A rollback of NAME whose second process is stopped; WHEN is BEFORE or AFTER it freezes the filesystem."""
    rollback = g.start(f"STOP_{when}={FIFREEZE:#x} LD_PRELOAD=/usr/sbin/stop.so exec growctl rollback {name} >/tmp/said 2>&1")
    livegrow.wait_stopped(g, f"-x {SECOND}")
    return rollback


def go_on(g):
    g.sh(f"pkill -CONT -x {SECOND}")


def waiting(g, command):
    """COMMAND, once it waits for a thaw. 5.10 finds no wchan without frame pointers."""
    pending = g.start(f"exec {command} 2>&1")
    g.wait_for(f"grep -q -e percpu_rwsem_wait -e percpu_down_read /proc/$(pgrep -x {command.split()[0]})/stack")
    return pending


def ended(g):
    g.wait_for(f"! pgrep -x {FIRST} && ! pgrep -x {SECOND}", 30)


# Against a tool that grows the filesystem at the same time

def tool_first(t, g, name, size):
    grow(g, name, size)
    rollback = stopped(g, name, "BEFORE")
    g.sh(tool(name))
    go_on(g)
    status, _ = rollback.wait(60)
    said = g.sh("cat /tmp/said")
    t.ok(status == 2 and "it has grown meanwhile" in said and (part(g, name), filesystem(g, name)) == (sectors(size),) * 2,
         f"{name}: a filesystem that grew before the freeze keeps its partition", f"{status} {said}")
    thawed(g, name)


def rollback_first(t, g, name, size):
    grow(g, name, size)
    old = filesystem(g, name)
    rollback = stopped(g, name, "AFTER")
    late = waiting(g, tool(name))
    go_on(g)
    status, _ = rollback.wait(60)
    t.note(late.wait(60)[1])
    t.ok(status == 0 and (part(g, name), filesystem(g, name)) == (old, old),
         f"{name}: {tool(name).split()[0]} that comes after the freeze has nothing to grow into",
         f"{status} {g.sh('cat /tmp/said')} {part(g, name)} {filesystem(g, name)}")
    thawed(g, name)


def race(g, name, size, rng):
    """Both are started within a moment; returns whether the rollback was done."""
    grow(g, name, size)
    # The rollback has more to do before it comes to the freeze.
    commands = [g.start(f"growctl rollback {name}"),
                g.start(f"usleep {rng.randrange(250000)}; {tool(name)}")]
    (status, text), _ = [command.wait(60) for command in commands]
    assert status in (0, 2), text
    after = part(g, name), filesystem(g, name)
    assert after[1] <= after[0], f"{after}: {text}"
    assert (after[0] < sectors(size)) == (status == 0), f"{after}: {text}"
    thawed(g, name)
    return status == 0


def races(t, g, name):
    rng, back = random.Random(SEED), 0
    rollback_first(t, g, name, GIB + STEP)
    tool_first(t, g, name, GIB + 2 * STEP)
    with t.case(f"{name}: {RACES} races with {tool(name).split()[0]}: "
                "no filesystem is larger than its partition"):
        for number in range(3, RACES + 3):
            back += race(g, name, GIB + number * STEP, rng)
    t.note(f"{name}: {back} of {RACES} went back")


# In the middle of its commit

def held(g, faults, size):
    """A rollback of vdc whose first write to the table is not answered; and a writer that waits for the thaw."""
    grow(g, "vdc", size)
    rollback = stopped(g, "vdc", "AFTER")
    writer = waiting(g, "touch /mnt/vdc/probe")
    faults.hold("write")
    go_on(g)
    faults.wait_held()
    return rollback, writer


def is_back(g, old):
    return part(g, "vdc") == old and filesystem(g, "vdc") <= old


def resize_meanwhile(t, g, faults, size, old):
    """resize2fs that saw the larger partition has to wait, and may not grow when it goes on."""
    rollback, writer = held(g, faults, size)
    late = waiting(g, "resize2fs /dev/vdc1")
    faults.let_go()
    status, _ = rollback.wait(60)
    t.note(late.wait(60)[1])
    t.ok(status == 0 and is_back(g, old), "resize2fs in the frozen moments: the partition goes back",
         f"{status} {g.sh('cat /tmp/said')}")
    t.equal((filesystem(g, "vdc"), writer.wait(20)[0]), (old, 0), "and the filesystem stays as it was")


def killed_first(t, g, faults, size, old):
    rollback, writer = held(g, faults, size)
    g.sh(f"pkill -KILL -x {FIRST}")
    rollback.wait(20)
    faults.let_go()
    with t.case("SIGKILL of the command: what was begun is ended, and thawed"):
        ended(g)
        thawed(g, "vdc")
        assert is_back(g, old) and writer.wait(20)[0] == 0, (part(g, "vdc"), filesystem(g, "vdc"))


def killed_second(t, g, faults, size):
    rollback, writer = held(g, faults, size)
    g.sh(f"pkill -KILL -x {SECOND}")
    faults.let_go()
    status, _ = rollback.wait(60)
    said = g.sh("cat /tmp/said")
    t.ok(status == 2 and "was killed; it is thawed" in said, "SIGKILL of the process that froze it is told",
         f"{status} {said}")
    with t.case("and it is thawed"):
        ended(g)
        thawed(g, "vdc")
        assert writer.wait(20)[0] == 0
        assert filesystem(g, "vdc") <= part(g, "vdc"), (filesystem(g, "vdc"), part(g, "vdc"))


def interrupted(t, g, faults, size, old):
    rollback, writer = held(g, faults, size)
    g.sh(f"pkill -INT -x {SECOND} && pkill -INT -x {FIRST}")
    faults.let_go()
    rollback.wait(60)
    with t.case("SIGINT waits until it is over"):
        ended(g)
        thawed(g, "vdc")
        assert is_back(g, old) and writer.wait(20)[0] == 0, (part(g, "vdc"), filesystem(g, "vdc"))


def check_images(t, drives, sizes):
    for name, drive in drives.items():
        start, size = START * 512, sizes[name] * 512
        t.equal(oracles.table(drive.path, [(START, sizes[name])])
                + oracles.filesystem(drive.path, KINDS[name], start, size), [],
                f"{name}: table and filesystem are sound")


def main():
    with ktap.Report(plan=2 * 3 + 2 + 1 + 2 + 1 + 3) as t:
        t.note(f"seed {SEED}")
        drives = {name: make(name) for name in KINDS}
        with scenario.tiny("going-back-frozen", list(drives.values()), memory=768) as g:
            g.sh("modprobe livegrow mode=ask")
            for name, kind in KINDS.items():
                g.sh(f"mkdir -p /mnt/{name} && mount -t {kind} -o noatime /dev/{name}1 /mnt/{name}")
            for name in ("vda", "vdb"):
                races(t, g, name)
            faults, old = Faults(g, drives["vdc"]), sectors(GIB)
            resize_meanwhile(t, g, faults, GIB + STEP, old)
            killed_first(t, g, faults, GIB + 2 * STEP, old)
            interrupted(t, g, faults, GIB + 3 * STEP, old)
            killed_second(t, g, faults, GIB + 4 * STEP)
            sizes = {name: part(g, name) for name in KINDS}
            livegrow.unmount(g)
            g.poweroff()
        check_images(t, drives, sizes)


main()
