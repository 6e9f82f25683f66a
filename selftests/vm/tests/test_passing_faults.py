# SPDX-License-Identifier: GPL-2.0-or-later
"""Memory that is short for a moment, and a disk that fails for a while: livegrow carries on by itself."""
import contextlib
import re
import time

import failcall
import gpt
import images
import ktap
import livegrow
import oracles
import scenario
from drive import Drive
from faults import EIO, Faults

TIMEOUT = 400
MIB = images.MIB
OLD, STEP = 128 * MIB, 16 * MIB
ENOMEM = 12
# Of a growth: capacity-changed, table-updated, partition-grown, settled.
EVENTS = 4
# Without a hint the daemon looks again 10 s after a table was updated.
SOON = 8


class Disk:
    """A disk with one ext4 in use that grows by STEP again and again."""

    def __init__(self, g, watch, drive):
        self.g, self.watch, self.name = g, watch, drive.name
        self.drive, self.size = drive, OLD
        self.mount = f"/mnt/{drive.name}"

    def begin(self):
        self.g.sh(f"mkdir -p {self.mount} && mount -t ext4 /dev/{self.name}1 {self.mount}")

    def enlarge(self):
        mark = self.watch.mark()
        self.size += STEP
        self.g.resize(self.name, self.size)
        return mark

    def settled(self, mark, timeout=30, **fields):
        return self.watch.wait(timeout, event="settled", disk=self.name, since=mark, capacity=self.size, **fields)

    def settles(self, mark):
        """The ends of the looks since MARK."""
        return [e for e in self.watch.update()[mark:] if e["event"] == "settled" and e["disk"] == self.name]

    def wanted(self):
        """The bytes that its partition has when it fills the disk."""
        return (self.size // 512 - 33) // 2048 * MIB - MIB

    def follows(self, timeout=SOON):
        """The partition and the filesystem come to fill the disk, without a hint."""
        part, disk = self.name + "1", self.name
        self.g.wait_for(lambda: livegrow.sectors(self.g, part) * 512 == self.wanted(), timeout)
        self.g.wait_for(lambda: scenario.fs_bytes(self.g, "ext4", part, f"/mnt/{disk}") == self.wanted(), timeout)


# E1

def lost_events(t, disk):
    """All events of a growth cannot be built, or one of them."""
    wrong, lost = [], []
    with failcall.Calls(disk.g, *failcall.SKB) as calls:
        for nth, count in ((1, EVENTS), *((nth, 1) for nth in range(1, EVENTS + 1))):
            calls.fail(nth, count)
            mark = disk.enlarge()
            try:
                disk.follows()
                disk.watch.wait(event="filesystem-grown", disk=disk.name, since=mark)
            except Exception as error:
                wrong.append(f"{count} from event {nth} on: {error}")
                disk.g.run(f"growctl grow {disk.name}")
            lost.append(any(e["event"] == "lost" for e in disk.watch.update()[mark:]))
        t.equal(calls.failed(), 2 * EVENTS, f"E1: all {EVENTS} events of a growth could not be built, and one of each growth after it")
    t.ok(not wrong, "E1: the filesystem follows each of these growths at once", "\n".join(wrong))
    t.equal(lost, [True] * (EVENTS + 1), "E1: each time subscribers hear that events are lost")


# E2

def wrong_once(disk, mark, errno):
    """What is wrong, or None, where a look fails with ERRNO and the module looks again 1 s later."""
    try:
        assert disk.settled(mark, state="failed")["errno"] == errno
        disk.settled(mark, SOON, state="full")
    except (AssertionError, KeyError) as error:
        return repr(error)
    return None


def no_memory_once(t, disk):
    wrong = []
    for names, numbers in ((failcall.VMALLOC, (1, 2, 5, 7)), (failcall.KVMALLOC, (1,))):
        with failcall.Calls(disk.g, *names) as calls:
            for nth in numbers:
                calls.fail(nth)
                error = wrong_once(disk, disk.enlarge(), ENOMEM)
                if error:
                    wrong.append(f"{names[0]} {nth}: {error}")
                    disk.g.run(f"growctl grow {disk.name}")
    t.ok(not wrong, "E2: no memory for 5 allocations of looks: 1 s later each is looked at again", "\n".join(wrong))
    disk.follows()


def eio_once(t, disk, faults):
    wrong = []
    for kind, sector in (("read", 1), ("write", 1), ("write", 2)):
        with contextlib.ExitStack() as stack:
            stack.callback(faults.clear)
            faults.at(kind, sector)
            error = wrong_once(disk, disk.enlarge(), EIO)
            if error:
                wrong.append(f"{kind} of sector {sector}: {error}")
                faults.clear()
                disk.g.run(f"growctl grow {disk.name}")
    t.ok(not wrong, "E2: EIO once, in 3 places: 1 s later each is made good", "\n".join(wrong))
    disk.follows()


def logged(g, disk):
    return g.console.read_text(errors="replace").count(f"livegrow: {disk.name}: ")


def eio_for_a_while(t, disk, faults):
    before, pace = logged(disk.g, disk), disk.g.pace.mark()
    faults.at("read", 1, once=False)
    mark = disk.enlarge()
    disk.g.wait_for(lambda: len(disk.settles(mark)) >= 4, 30)
    looks, factor = disk.settles(mark), disk.g.pace.factor(pace)
    faults.clear()
    t.equal([look["state"] for look in looks[:4]], ["failed"] * 4, "E2: a disk that goes on failing is looked at again")
    gaps = [(b["time"] - a["time"]) / 1e9 for a, b in zip(looks, looks[1:4])]
    # A timer is never early, and late on a machine that is busy.
    t.ok(all(want <= gap < (2 * want + 1) * factor for gap, want in zip(gaps, (0.99, 1.99, 3.99))), "E2: after 1, 2 and 4 s",
         f"{gaps}, {factor:.2f} times as slow as an idle machine")
    told = [e for e in disk.watch.update()[mark:] if e["event"] == "failed"]
    t.equal((len(told), logged(disk.g, disk) - before), (1, 1), "E2: it is reported once, as an event and in the log")
    try:
        disk.settled(mark, 20, state="full")
        good = True
    except AssertionError as error:
        t.note(error)
        good = False
    t.ok(good, "E2: it grows by itself when the disk answers again")
    disk.follows()


def goes_while_failing(t, g, watch, disk):
    """A disk that is unplugged while a retry is pending."""
    Faults(g, disk.drive).at("read", 1, once=False)
    g.sh(f"echo change > /sys/block/{disk.name}/uevent")
    watch.wait(event="failed", disk=disk.name)
    livegrow.unmount(g, disk.mount)
    g.qmp.execute("device_del", id=f"dev-{disk.name}")
    with t.case("E2: a disk can be unplugged while a retry is pending"):
        g.qmp.wait_event("DEVICE_DELETED", 10, lambda data: data.get("device") == f"dev-{disk.name}")


def unload_while_failing(t, g, disk, faults):
    faults.at("read", 1, once=False)
    mark = disk.enlarge()
    disk.settled(mark, state="failed")
    started, pace = time.monotonic(), g.pace.mark()
    livegrow.unload(g)
    seconds, factor = time.monotonic() - started, g.pace.factor(pace)
    faults.clear()
    t.ok(seconds < 5 * factor, f"E2: rmmod does not wait for a retry ({seconds:.1f} s)",
         f"{factor:.2f} times as slow as an idle machine")


# E3

def plugged_without_memory(t, g, name, count):
    """A disk of the host's that the guest calls NAME; COUNT times there is no memory for it."""
    drive = Drive(f"plugged-{count}", images.empty(f"faults-{count}.raw", 64 * MIB))
    with failcall.Calls(g, *failcall.KVMALLOC) as calls:
        calls.fail(1, count)
        g.plug(drive)
        g.wait_for(lambda: calls.failed() == count, 10)


def no_memory_for_a_disk(t, g):
    plugged_without_memory(t, g, "vdd", 1)
    with t.case("E3: a disk that there was no memory for is known by its own uevent"):
        g.wait_for("lgnl get vdd", 5)
    log = g.console.read_text(errors="replace")
    words = "livegrow: vdd: cannot watch it: out of memory. Try: udevadm trigger /dev/vdd"
    t.equal(log.count(words), 1, "E3: the log has an error, and the command")
    # The second time for its own uevent.
    plugged_without_memory(t, g, "vde", 2)
    assert g.run("lgnl get vde")[0] == 2
    with t.case("E3: a disk that there was no memory for is known by a later uevent"):
        g.sh("echo change > /sys/block/vde/uevent")
        g.wait_for("lgnl get vde", 5)


# E6

TRACE = "/sys/kernel/tracing"
PROBES = "p:lg/lock mutex_lock m=$arg1\np:lg/unlock mutex_unlock m=$arg1\np:lg/uevent part_uevent\n"
LINE = re.compile(r"^\s*(\S+)-(\d+)\s+\[\d+\].*?: (lock|unlock|uevent): \(\S+\)(?: m=(\S+))?", re.M)


@contextlib.contextmanager
def traced(g):
    """The locks and uevents of all tasks meanwhile, in TRACE/trace."""
    g.sh(f"cat > {TRACE}/kprobe_events", stdin=PROBES.encode())
    g.sh(f"echo 16384 > {TRACE}/buffer_size_kb; echo 1 > {TRACE}/events/lg/enable")
    try:
        yield
    finally:
        g.sh(f"echo 0 > {TRACE}/events/lg/enable")


def held_at_uevents(text, is_ours):
    """For each uevent that a kernel worker IS_OURS sent, how many mutexes it held."""
    held, found = {}, []
    for task, pid, event, mutex in LINE.findall(text):
        mine = held.setdefault(pid, [])
        if event == "lock":
            mine.append(mutex)
        elif event == "unlock" and mutex in mine:
            mine.remove(mutex)
        elif event == "uevent" and is_ours(task):
            found.append(len(mine))
    return found


def uevent_under_lock(t, disk):
    with traced(disk.g):
        mark = disk.enlarge()
        disk.settled(mark, state="full")
    trace = disk.g.sh(f"cat {TRACE}/trace")
    held = held_at_uevents(trace, lambda task: task.startswith("kworker/u"))
    disk.g.sh(f"echo > {TRACE}/trace; echo > {TRACE}/kprobe_events")
    t.ok(held and all(held), "E6: the partition's uevent is sent under the disk's lock", f"{held}\n{trace[-3000:]}")


def run(t, g):
    livegrow.load(g)
    watch = scenario.Watch(g)
    disks = {drive.name: Disk(g, watch, drive) for drive in g.drives}
    for disk in disks.values():
        disk.begin()
    daemon = g.start("exec growctl daemon")
    livegrow.wait_for_listener(g, 2)
    vda, vdb, vdc = disks.values()
    faults = Faults(g, vdb.drive)
    lost_events(t, vda)
    uevent_under_lock(t, vda)
    no_memory_for_a_disk(t, g)
    no_memory_once(t, vda)
    looks = livegrow.status(g, "vda")["look"]
    eio_once(t, vdb, faults)
    eio_for_a_while(t, vdb, faults)
    goes_while_failing(t, g, watch, vdc)
    # The daemon has each disk looked at once more 10 s after its table was updated.
    more = livegrow.status(g, "vda")["look"] - looks
    t.ok(more <= 1, f"E2: a disk that no longer fails is not looked at again ({more} looks)", more)
    unload_while_failing(t, g, vdb, faults)
    livegrow.load(g)
    vdb.follows(20)
    t.ok(not daemon.finished(), "the daemon still runs")
    g.sh("pkill -x growctl")
    livegrow.unload(g)
    livegrow.unmount(g)


def main():
    drives = [Drive(f"vd{letter}", scenario.one_partition(f"faults-{letter}.raw", OLD, "ext4")) for letter in "abc"]
    kept = drives[:2]
    with ktap.Report(plan=19) as t:
        with scenario.tiny("passing-faults", drives, failcall.files(), memory=768) as g:
            run(t, g)
            g.poweroff()
        for drive in kept:
            size = drive.path.stat().st_size
            part = 2048, (size // 512 - 33) // 2048 * 2048 - 2048
            objections = oracles.table(drive.path, [part])
            objections += oracles.filesystem(drive.path, "ext4", MIB, part[1] * 512)
            t.equal(objections, [], f"{drive.name}: all agree on the table, and fsck finds nothing")


main()
