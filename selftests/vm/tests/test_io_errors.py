# SPDX-License-Identifier: GPL-2.0-or-later
"""Each read, write and flush of a grow fails with EIO, and what was begun is completed.

The fault lasts until the disk was judged: livegrow would try again by itself.

What a look does is written down here by hand (a Course), so that the number of its
operations and the step that each of them belongs to are expected, not measured.
"""
import contextlib
import dataclasses
import itertools
import traceback

import gpt
import images
import ktap
import livegrow
import oracles
import scenario
from drive import Drive
from faults import EIO, Faults
from guest import Guest

TIMEOUT = 400
MIB = images.MIB
OLD = 64 * MIB
KINDS = {"read": "reads", "write": "writes", "flush": "flushes"}
ARRAY = 32
START = 2048

# (step, reads, writes). A look loads LBA 0 and 1, the array, the backup header and its array. A step
# compares LBA 0, 1 and the array by one read, or by two where that is at the end, and reads back
# what it wrote; that of the array at its home compares what it writes over, too. A flush follows
# each write, and one comes before the first: what was read may lie in the disk's cache alone. Of
# later ones before a first write QEMU hears nothing, since nothing is there to be flushed.
LOAD = ("read", 4, 0)
# An unfinished commit does not ask for its backup.
LOAD_UNFINISHED = ("read", 2, 0)
# Before a partition grows, its last 132 KiB are searched for metadata, and, under a mapping, its
# first 68 KiB for a content that cannot use the space, each by one read.
CONTENT = ("read", 1 + 1, 0)
BACKUP, STALE, MOVE, MBR = (("backup", 2, 1), ("stale", 2, 1), ("switch", 2, 1), ("mbr", 2, 1))
# These name an array that was written before, and compare that too.
SWITCH, HOME_HEADER = ("switch", 3, 1), ("home-header", 4, 1)
HOME_ARRAY = ("home-array", 4, 1)
TAKE_UP_ARRAY = ("home-array", 3, 1)
GROW = [LOAD, CONTENT, BACKUP, STALE, STALE, SWITCH, HOME_ARRAY, HOME_HEADER, MBR, LOAD, LOAD]

# What a table holds after a step failed; after a read or the switch it may be either.
STILL_OLD, NEW_ALREADY = ("backup", "stale"), ("home-array", "home-header", "mbr")

WORDS = {
    "read": "reading the table", "backup": "writing the new backup",
    "stale": "clearing the old backup", "switch": "switching to the new table",
    "home-array": "writing the entry array", "home-header": "writing the primary header",
    "mbr": "writing the protective MBR",
}


@dataclasses.dataclass
class Course:
    """What livegrow does on a disk that grew by MORE bytes.

    retry       what follows an error: "growctl grow" or "a further resize"
    before      a write that failed in a grow before, so that this one takes it up
    """
    name: str
    steps: list
    more: int
    retry: str
    before: int = None

    def steps_of(self, kind):
        """The step of each operation of this KIND, in their order."""
        if kind == "read":
            return [step for step, reads, _ in self.steps for _ in range(reads)]
        written = [step for step, _, writes in self.steps if writes]
        return written if kind == "write" else written[:1] + written

    def reads(self):
        """Which reads there are: a step's last one is what reads its write back."""
        look = sum(reads for _, reads, writes in self.steps if not writes)
        back = len(self.steps_of("write"))
        compare = len(self.steps_of("read")) - look - back
        return f"{look} reads load, {compare} compare, {back} read back"


COURSES = [
    Course("a grow", GROW, 2 * MIB, "growctl grow"),
    Course("a grow", GROW, 2 * MIB, "a further resize"),
    Course("a backup moved by 34 sectors", [LOAD, BACKUP, STALE, STALE, MOVE, MBR, LOAD],
           34 * 512, "growctl grow"),
    Course("a backup moved by 8 sectors, over its old place",
           [LOAD, STALE, BACKUP, MOVE, MBR, LOAD], 8 * 512, "a further resize"),
    Course("a commit taken up, then a grow",
           [LOAD_UNFINISHED, TAKE_UP_ARRAY, HOME_HEADER, LOAD, *GROW], 2 * MIB, "growctl grow", before=5),
]


def last_end(size):
    """The LBA that a grown partition ends at: the last whole MiB in front of the backup."""
    return (size // 512 - ARRAY - 1) // 2048 * 2048 - 1


def make(name, kind=None, size=OLD):
    """Without KIND the partition has a content that the module grows if a mapping holds it."""
    image = images.path(f"io-errors-{name}.raw")
    table = gpt.Table(size, [gpt.Part(START, last_end(size), name="data")])
    table.write(image)
    if kind:
        images.format_partition(image, table, 1, kind)
    else:
        images.label_partition(image, table, 1)
    return Drive(name, image)


def judge_primary(image, old, new, step):
    """What a kernel without `gpt` would find, from LBA 0, LBA 1 and its array alone."""
    image = gpt.Image(image)
    table, mbr = image.table(), image.mbr()
    assert mbr["signature"] and mbr["records"][0]["type"] == 0xEE, mbr
    assert table and table["crc_ok"] and table["array_ok"] and table["my_lba"] == 1, table
    assert table["last_usable"] < image.blocks, table
    allowed = {old} if step in STILL_OLD else {new} if step in NEW_ALREADY else {old, new}
    (part,) = table["parts"]
    assert part["first"] == START and part["last"] in allowed, (part, allowed)


@contextlib.contextmanager
def stopped(g):
    g.qmp.execute("stop")
    try:
        yield
    finally:
        g.qmp.execute("cont")


class Disk:
    """A disk that grows and grows, its events, and its faults."""

    def __init__(self, g, watch, drive):
        self.g, self.watch, self.drive, self.name = g, watch, drive, drive.name
        self.faults = Faults(g, drive)
        self.size = drive.path.stat().st_size
        self.content = self.digest()

    def digest(self):
        """Of what lay in the partition at first: nobody writes there."""
        return images.digest(self.drive.path, START * 512, (last_end(OLD) + 1 - START) * 512)

    def hold(self):
        """In use, and yet nobody but livegrow reads or writes: so operations can be counted."""
        sectors = last_end(OLD) + 1 - START
        self.g.sh(f"dmsetup create {self.name} --table '0 {sectors} linear /dev/{self.name}1 0'")

    def settled(self, mark, **fields):
        return self.watch.wait(event="settled", disk=self.name, since=mark, **fields)

    def resize(self, more):
        """The end of the look that saw the disk's new size."""
        mark = self.watch.mark()
        self.size += more
        self.g.resize(self.name, self.size)
        return self.settled(mark, capacity=self.size)

    def resize_with(self, course, kind, number):
        """The same, and the fault is there from the look's first operation on.

        After a grow that failed the guest stands still meanwhile, or it might try again in between.
        """
        with stopped(self.g) if course.before else contextlib.nullcontext():
            self.faults.nth(kind, number)
            mark = self.watch.mark()
            self.size += course.more
            self.g.resize(self.name, self.size)
        return self.settled(mark, capacity=self.size)

    def uevent(self):
        """The end of a look for no new reason."""
        mark = self.watch.mark()
        self.g.sh(f"echo change > /sys/block/{self.name}/uevent")
        return self.settled(mark)

    def must_fail(self, mark, step):
        """The event and `growctl status` say where, and with which errno."""
        event = self.watch.find(mark, event="failed", disk=self.name, capacity=self.size)
        assert event, self.watch.events[mark:]
        assert (event["step"], event["errno"]) == (step, EIO), event
        text = f"{WORDS[step]} failed with errno {EIO}"
        assert event["reason_text"] == text, event
        # By now it may have tried again, and stopped at an earlier step.
        status = self.g.sh(f"growctl status {self.name}")
        assert "failed" in status and f"failed with errno {EIO}" in status, status

    def complete(self, retry, more):
        if retry == "growctl grow":
            # 3: somebody was quicker, or nothing but the look back was left
            status, text = self.g.run(f"growctl grow {self.name}")
            assert status in (0, 3), (status, text)
            record = livegrow.status(self.g, self.name)
        else:
            record = self.resize(more)
        assert (record["state"], record["reason"]) == ("full", "none"), record

    def judge(self):
        """All there is to be said of a disk whose grow is complete."""
        part = START, last_end(self.size) + 1 - START
        live = livegrow.live(self.g, self.name)
        assert live == [part], (live, part)
        objections = oracles.table(self.drive.path, [part])
        assert not objections, objections
        assert self.digest() == self.content, "the partition's content changed"


def fail_before(disk, course):
    """A grow that stops half-way, where the course begins with one."""
    if course.before:
        disk.faults.nth("write", course.before)
        end = disk.resize(course.more)
        assert end["state"] == "failed", end


def fail_one(disk, course, kind, number, step):
    fail_before(disk, course)
    old = gpt.Image(disk.drive.path).table()["parts"][0]["last"]
    mark = disk.watch.mark()
    end = disk.resize_with(course, kind, number)
    assert end["state"] == "failed", end
    disk.must_fail(mark, step)
    judge_primary(disk.drive.path, old, last_end(disk.size), None if course.before else step)
    disk.faults.clear()
    disk.complete(course.retry, course.more)
    disk.judge()


def one_more(disk, course, kind, number):
    """There is no such operation: the course has exactly so many."""
    fail_before(disk, course)
    failed = disk.faults.failed()
    end = disk.resize_with(course, kind, number)
    disk.faults.clear()
    assert (end["state"], disk.faults.failed()) == ("full", failed), end
    disk.judge()


@contextlib.contextmanager
def collected(into, disk, name):
    """Notes in INTO what goes wrong in the block, and mends the disk for the next one."""
    try:
        yield
    except AssertionError:
        into.append(f"{name}: {traceback.format_exc(limit=-1)}")
        disk.faults.clear()
        disk.g.run(f"growctl grow {disk.name}")


def run_course(t, disk, course):
    for kind in KINDS:
        steps, wrong = course.steps_of(kind), []
        for number, step in enumerate(steps, 1):
            with collected(wrong, disk, f"{kind} {number}, {step}"):
                fail_one(disk, course, kind, number, step)
        good = len(steps) - len(wrong)
        t.ok(good == len(steps), f"{course.name}, {course.retry}: {good} of {len(steps)} {kind} errors",
             "\n".join(wrong))
        if kind == "read":
            t.note(course.reads())
        wrong = []
        with collected(wrong, disk, f"{kind} {len(steps) + 1}"):
            one_more(disk, course, kind, len(steps) + 1)
        t.ok(not wrong, f"{course.name}, {course.retry}: there are {len(steps)} {KINDS[kind]}",
             "\n".join(wrong))
        yield good


def total(courses):
    return sum(len(course.steps_of(kind)) for course in courses for kind in KINDS)


def all_courses(t, g, watch, drives):
    good = 0
    for drive, course in zip(drives, COURSES):
        disk = Disk(g, watch, drive)
        disk.hold()
        good += sum(run_course(t, disk, course))
    t.ok(good == total(COURSES) == 215, f"{good} of 215 errors were reported and made good")


# What a flush that failed left in the disk's cache is no ground to build on.

def unflushed(disk, number, again):
    """A flush fails; the next look is to flush before it writes, and before it says full."""
    disk.faults.nth("flush", number)
    assert disk.resize(2 * MIB)["state"] == "failed"
    size = disk.size
    before = images.digest(disk.drive.path, 0, size)
    end = again(disk)
    disk.faults.clear()
    after = images.digest(disk.drive.path, 0, size)
    disk.complete("growctl grow", 0)
    disk.judge()
    assert after == before, "bytes were written before a flush"
    assert end["state"] == "failed", f"it ended {end['state']}"


def flush_again(t, disk):
    disk.hold()
    steps = COURSES[0].steps_of("flush")
    for name, again in (("a further look", Disk.uevent),
                        ("8 sectors more", lambda disk: disk.resize(8 * 512))):
        wrong = []
        for number, step in enumerate(steps, 1):
            with collected(wrong, disk, f"flush {number}, {step}"):
                unflushed(disk, number, again)
        good = len(steps) - len(wrong)
        t.ok(good == 8, f"{good} of 8 failed flushes, then {name}: it flushes first", "\n".join(wrong))


# A disk that works again only when somebody has mended it

def broken_for_good(t, disk):
    disk.hold()
    with t.case("a disk that stays broken: each look tries once"):
        disk.faults.at("write", (disk.size + 2 * MIB) // 512 - 1, once=False)
        failed, mark = disk.faults.failed(), disk.watch.mark()
        assert disk.resize(2 * MIB)["state"] == "failed"
        disk.must_fail(mark, "backup")
        for _ in range(5):
            assert disk.uevent()["state"] == "failed"
        status, text = disk.g.run(f"growctl grow {disk.name}")
        assert status == 2 and WORDS["backup"] in text, (status, text)
        disk.faults.clear()
        told = [event for event in disk.watch.update()[mark:] if event["event"] == "failed"]
        assert len(told) == 1, told
    with t.case("a disk that stays broken: mended, it grows"):
        disk.complete("growctl grow", 0)
        looks = [event for event in disk.watch.update()[mark:]
                 if event["event"] == "settled" and event["state"] == "failed"]
        assert disk.faults.failed() - failed == len(looks), looks
        disk.judge()


# The same under a mounted filesystem, which reads and writes too: by place, not by number

@dataclasses.dataclass
class Place:
    """KIND of operation that fails on SECTOR, given the disk's sectors before and then."""
    kind: str
    step: str
    sector: callable


PLACES = [
    Place("read", "read", lambda old, new: 1),
    Place("read", "read", lambda old, new: 2),
    Place("read", "read", lambda old, new: old - 1),
    Place("write", "backup", lambda old, new: new - 1),
    Place("write", "stale", lambda old, new: old - 1 - ARRAY),
    Place("write", "stale", lambda old, new: old - 1),
    Place("write", "switch", lambda old, new: 1),
    Place("write", "home-array", lambda old, new: 2),
    Place("write", "mbr", lambda old, new: 0),
]


def fail_place(disk, kind, place, retry):
    old, mark = disk.size, disk.watch.mark()
    disk.faults.at(place.kind, place.sector(old // 512, (old + 16 * MIB) // 512), once=False)
    end = disk.resize(16 * MIB)
    assert end["state"] == "failed", end
    disk.must_fail(mark, place.step)
    judge_primary(disk.drive.path, last_end(old), last_end(disk.size), place.step)
    disk.faults.clear()
    disk.complete(retry, 16 * MIB)
    wanted = (last_end(disk.size) + 1 - START) * 512
    assert livegrow.sectors(disk.g, f"{disk.name}1") * 512 == wanted
    disk.g.wait_for(lambda: scenario.fs_bytes(disk.g, kind, f"{disk.name}1",
                                              f"/mnt/{disk.name}") == wanted, 20)


def mounted(t, disk, kind):
    mount, wrong = f"/mnt/{disk.name}", []
    disk.g.sh(f"mkdir -p {mount} && mount -t {kind} /dev/{disk.name}1 {mount}")
    writers = scenario.start_writers(disk.g, [f"{mount}/load"])
    for place, retry in zip(PLACES, itertools.cycle(("growctl grow", "a further resize"))):
        with collected(wrong, disk, f"{place.kind}, {place.step}"):
            fail_place(disk, kind, place, retry)
    good = len(PLACES) - len(wrong)
    t.ok(good == 9, f"mounted {kind}: {good} of 9 errors were made good under the writer",
         "\n".join(wrong))
    t.note(f"{kind}: {scenario.stop_writers(disk.g, writers)} blocks written")
    t.equal(disk.g.run(f"writer --verify {mount}/load")[0], 0, f"mounted {kind}: every checksum is right")
    livegrow.unmount(disk.g, mount)


def judge_images(t, drives, kinds):
    for drive, kind in zip(drives, kinds):
        size = drive.path.stat().st_size
        part = START, last_end(size) + 1 - START
        objections = oracles.table(drive.path, [part])
        if kind:
            objections += oracles.filesystem(drive.path, kind, START * 512, part[1] * 512)
        t.equal(objections, [], f"{drive.name}: all agree on the table, and fsck finds nothing")


def main():
    counted = [make(f"vd{letter}") for letter in "abcdefg"]
    used = [make("vdh", "ext4", 320 * MIB), make("vdi", "xfs", 320 * MIB)]
    drives = counted + used
    with ktap.Report(plan=6 * len(COURSES) + 1 + 2 + 2 + 4 + len(drives)) as t:
        with Guest("io-errors", initrd=livegrow.initrd(), drives=drives, memory=768,
                   qemu_args=scenario.watch_arguments("io-errors")) as g:
            # The mapping that holds a partition is one that growctl would be asked about.
            livegrow.load(g, "content_wait=0")
            watch = scenario.Watch(g)
            all_courses(t, g, watch, counted[:5])
            flush_again(t, Disk(g, watch, counted[5]))
            broken_for_good(t, Disk(g, watch, counted[6]))
            g.start("exec growctl daemon")
            for drive, kind in zip(used, ("ext4", "xfs")):
                mounted(t, Disk(g, watch, drive), kind)
            g.run("pkill -x growctl")
            livegrow.unload(g)
            g.poweroff()
        judge_images(t, drives, [None] * 7 + ["ext4", "xfs"])


main()
