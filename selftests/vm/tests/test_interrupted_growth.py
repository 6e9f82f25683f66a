# SPDX-License-Identifier: GPL-2.0-or-later
"""The table is larger, the live partition is not, and the module that knew why was unloaded.

The host takes an enlargement back between the two, the module is unloaded, before or after it hears of
that, and the disk is enlarged again. To hold that moment, the module's own function that grows a live
partition is made to fail.
"""
import failcall
import ktap
import livegrow
import oracles
import scenario
from drive import Drive
from images import MIB

TIMEOUT = 300
OLD, MORE, AGAIN = 128 * MIB, 192 * MIB, 256 * MIB
# On vda the module hears of the smaller disk; on vdb and vdd it does not, and vdb's old table is stored no
# longer; on vdc another tool is at work.
NAMES = ("vda", "vdb", "vdc", "vdd")
STORE = "/var/lib/livegrow"
WORDS = "{part} is smaller in the kernel than in the table, as after an interrupted growth: growctl grow {disk}"


def last(size):
    return (size // 512 - 33) // 2048 * 2048 - 1


def sectors(size):
    return last(size) + 1 - 2048


def mount(g, name):
    g.sh(f"mkdir -p /mnt/{name} && mount -t ext4 /dev/{name}1 /mnt/{name}")


def interrupted(g, watch, names):
    """Grown in the table alone, and the old table stored; then the disk is smaller again, and no module there."""
    with failcall.Calls(g, "lg_part_grow", value=-5) as calls:
        calls.fail(1, 1000)
        for name in names:
            mark = watch.mark()
            g.resize(name, MORE)
            watch.wait(event="failed", disk=name, step="partition", since=mark)
        # And that of the growth before.
        g.wait_for(f"[ $(ls {STORE}/*.gpt | wc -l) = {len(names) + 1} ]", 20)
        g.resize("vda", OLD + MIB)
        livegrow.settled(g, "vda", OLD + MIB)
        livegrow.unload(g)
    for name in ("vdb", "vdd"):
        g.resize(name, OLD + MIB)
        g.wait_for(f"[ $(cat /sys/block/{name}/size) = {(OLD + MIB) // 512} ]")


def forget(g, drive):
    """What was stored of a disk goes."""
    guid = g.sh(f"sgdisk -p {drive} 2>/dev/null | sed -n 's/^Disk identifier (GUID): //p'")
    g.sh(f"rm {STORE}/{guid}*")


def completed(t, g, name, what):
    with t.case(f"E7: {what}: partition and filesystem are completed unasked"):
        g.wait_for(lambda: livegrow.sectors(g, f"{name}1") == sectors(AGAIN), 20)
        g.wait_for(lambda: scenario.fs_bytes(g, "ext4", f"{name}1", f"/mnt/{name}") == sectors(AGAIN) * 512, 20)


def words(t, g, name, what):
    """It is left alone, status names the command, and that is typed as it is printed."""
    before = livegrow.sectors(g, f"{name}1")
    record = livegrow.status(g, name)
    text = WORDS.format(part=f"{name}1", disk=name)
    t.equal((record["state"], record["reason"], record["text"]), ("blocked", "table-differs", text),
            f"E7: {what}: the reason says what happened, and names the command")
    t.ok(text in g.sh(f"growctl status {name}"), "E7: growctl status prints the reason")
    t.equal(livegrow.sectors(g, f"{name}1"), before, "E7: nothing grows unasked")
    status, said = g.run(text.rpartition(": ")[2])
    t.ok(status == 0 and livegrow.sectors(g, f"{name}1") == sectors(AGAIN), "E7: the command completes the growth", said)


def grow_before(g, watch, name):
    """A growth that ended well, whose old table is stored."""
    mark = watch.mark()
    g.resize(name, MORE)
    watch.wait(event="filesystem-grown", disk=name, since=mark)


def half_a_step(g, name):
    """Another tool makes the partition larger in the table, and has the kernel follow later."""
    g.sh(f"echo ', 200M' | sfdisk --no-reread --no-tell-kernel -f -q -N 1 /dev/{name}")


def run(t, g):
    livegrow.load(g)
    watch = scenario.Watch(g)
    for name in ("vda", "vdb", "vdc", "vdd"):
        mount(g, name)
    daemon = g.start("exec growctl daemon")
    livegrow.wait_for_listener(g, 2)
    grow_before(g, watch, "vdc")
    interrupted(g, watch, ("vda", "vdb", "vdd"))
    forget(g, "/dev/vdb")
    for name in NAMES:
        g.resize(name, AGAIN)
        g.wait_for(f"[ $(cat /sys/block/{name}/size) = {AGAIN // 512} ]")
    half_a_step(g, "vdc")
    livegrow.load(g)
    completed(t, g, "vda", "shrink, unload, enlarge")
    completed(t, g, "vdd", "unload, shrink, enlarge, with a stored table")
    words(t, g, "vdb", "no table is stored")
    record = livegrow.status(g, "vdc")
    t.equal((record["state"], record["reason"], livegrow.sectors(g, "vdc1")),
            ("blocked", "table-differs", sectors(MORE)), "E7: between two steps of another tool nothing grows")
    t.ok(not daemon.finished(), "the daemon still runs")
    g.sh("pkill -x growctl")
    livegrow.unmount(g)
    livegrow.unload(g)


def main():
    drives = [Drive(name, scenario.one_partition(f"interrupted-{name}.raw", OLD, "ext4")) for name in NAMES]
    with ktap.Report(plan=2 + 4 + 2 + 3) as t:
        with scenario.tiny("interrupted", drives, failcall.files()) as g:
            run(t, g)
            g.poweroff()
        for drive in (drives[0], drives[1], drives[3]):
            part = 2048, sectors(AGAIN)
            t.equal(oracles.table(drive.path, [part]), [], f"{drive.name}: all agree on the table")


main()
