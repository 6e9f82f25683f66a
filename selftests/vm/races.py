# SPDX-License-Identifier: GPL-2.0-or-later
"""Other editors of a table, in loops, against the module's grows of mounted filesystems.

A race is one resize of one disk while a tool works on that disk again and again. Most
disks are throttled, so that a commit takes as long as the tool does. A race overlaps a
commit when a tool's write to the table was issued between two of the module's, the first of
which was not a commit's last; the guest's own trace says so. Once all is quiet the primary
has to be valid by itself, with the partitions that were there, and the last one no smaller
than its filesystem.
"""
import collections
import json
import pathlib
import re
import time

import gpt
import initramfs
import livegrow
import oracles
import overlay
import root
import scenario
from agent import CommandTimeout
from guest import Guest
from volume import ARRAY, FIRST, MIB, Volume

# So many of the races have to overlap a commit: 50 of 200.
OVERLAPS = 0.25
# A commit is some 35 operations.
LIMITS = (5, 10, 20, 40)
QUIET_TIMEOUT = 30
FOLLOW_TIMEOUT = 10

# What each of them tells its user to do: the last step is the kernel's partition.
TOOLS = {
    # After its work it waits until udev has no events, which the other loops never let be.
    "growpart": "PATH=/run/quiet:$PATH growpart /dev/{disk} {part}",
    "sfdisk -N": "echo ', +' | sfdisk --no-reread --force -N {part} /dev/{disk}; "
                 "partx -u /dev/{disk}",
    "sgdisk -e": "sgdisk -e /dev/{disk}",
    "sgdisk -n": "sgdisk -e -d {part} -n {part}:{start}:0 /dev/{disk}; partx -u /dev/{disk}",
}
GROWPART = pathlib.Path("/usr/bin/growpart")
# udev for its watch alone: whoever closes a disk that it could write to makes a uevent.
GUEST_FILES = ("/usr/bin/udevadm", "/usr/bin/flock", "/usr/lib/udev/rules.d/60-block.rules")
START = """
mkdir -p /run/quiet /usr/lib/systemd
ln -s /bin/true /run/quiet/udevadm
ln -s /usr/bin/udevadm /usr/lib/systemd/systemd-udevd
/usr/lib/systemd/systemd-udevd --daemon
udevadm trigger --subsystem-match=block
udevadm settle
"""
TRACING = "/sys/kernel/tracing"
WRITE = re.compile(r"(\d+\.\d+): block_bio_queue: (\d+,\d+) (\w+) (\d+) \+ (\d+) \[(.+)\]")


def new_volumes():
    front = [gpt.Part(2048, 4095, gpt.BIOS_BOOT), gpt.Part(4096, 20479, gpt.ESP)]
    return [Volume(f"vd{letter}", kind, others, throttle={"iops-total": 0})
            for letter, kind, others in zip("abcdef", ["ext4", "xfs"] * 3, [[], front, front] * 2)]


def guest(volumes):
    files = {str(GROWPART): GROWPART,
             **{name: overlay.inside(root.tree(), name) for name in GUEST_FILES}}
    return scenario.tiny("races", [v.drive for v in volumes], files=files, memory=768)


# What the guest's trace says

def numbers(g, volume):
    """The disk's, as the trace writes them."""
    return g.sh(f"tr : , </sys/block/{volume.name}/dev")


def start_trace(g, volumes):
    """Writes to these disks, also through their partitions."""
    pairs = [numbers(g, volume).split(",") for volume in volumes]
    devices = " || ".join(f"dev == {int(major) << 20 | int(minor)}" for major, minor in pairs)
    g.sh(f"cd {TRACING}/events/block/block_bio_queue && "
         f"echo 'rwbs ~ \"*W*\" && ({devices})' >filter && echo 1 >enable")


def take_trace(g):
    """{disk's numbers: [(second, kind, sector, sectors, program)]} since the last time."""
    writes = collections.defaultdict(list)
    for line in g.sh(f"cat {TRACING}/trace; echo >{TRACING}/trace").splitlines():
        if found := WRITE.search(line):
            at, disk, kind, sector, count, program = found.groups()
            if int(count):
                writes[disk].append((at, kind, int(sector), int(count), program))
    return writes


def overlaps(writes, end):
    """Whether a tool wrote to the table while a commit was under way.

    END is the sector behind the last partition as it was at first: what is neither there
    nor in front of all partitions is no table's. The module's writes are marked as
    metadata; a commit begins with the whole backup, or in its middle when it is resumed,
    and ends with LBA 0. All else comes from a tool, whoever writes its pages out.
    """
    under_way = between = False
    for _, kind, sector, count, _ in writes:
        if FIRST <= sector < end:
            continue
        if "M" not in kind:
            between = under_way
        elif sector < FIRST or count == ARRAY + 1:
            if between:
                return True
            under_way = sector > 0
    return False


# What is judged

def primary_objections(volume):
    """What a kernel goes by, of the image on the host."""
    image = gpt.Image(volume.path)
    table, mbr = image.table(), image.mbr()
    if not mbr["signature"] or mbr["records"][0]["type"] != 0xEE:
        return [f"no protective MBR: {mbr}"]
    if not (table and table["crc_ok"] and table["array_ok"] and table["my_lba"] == 1):
        return [f"the primary is not valid: {table}"]
    if volume.starts != [(part["number"], part["first"]) for part in table["parts"]]:
        return [f"these are not the partitions that were there: {table['parts']}"]
    if not table["parts"][-1]["last"] <= table["last_usable"] < image.blocks:
        return [f"an end is behind the disk's, {image.blocks}: {table}"]
    return []


def last_end(volume):
    """The sector behind the last partition, as the table has it."""
    return gpt.Image(volume.path).table()["parts"][-1]["last"] + 1


def used_bytes(g, volume):
    return scenario.fs_bytes(g, volume.kind, volume.device, volume.mount)


def size_objections(g, volume):
    size = (last_end(volume) - volume.start) * 512
    live = scenario.part_sectors(g, volume.device)[1] * 512
    used = used_bytes(g, volume)
    if used > size or used > live:
        return [f"the filesystem has {used} bytes, the partition {size}, and {live} live"]
    return []


def rest_objections(g, volume):
    """The backup and the protective MBR: in order, or the module says why it leaves them."""
    found = gpt.Image(volume.path).problems()
    disk, = json.loads(g.sh(f"growctl status {volume.name} --json"))["disks"]
    return found if disk["state"] in ("full", "growing", "unknown") else []


def judge(g, volume):
    """The objections that are left once all is quiet."""
    limit = g.limit(QUIET_TIMEOUT)
    while (found := primary_objections(volume) or size_objections(g, volume)
           or rest_objections(g, volume)):
        if limit.is_over():
            break
        time.sleep(0.2)
    return found


def follows(g, volume, used):
    """Whether the filesystem, which had USED bytes, grew; a tool's last word may forbid it."""
    try:
        return bool(g.wait_for(lambda: used_bytes(g, volume) > used, FOLLOW_TIMEOUT))
    except CommandTimeout:
        return False


def judge_afterwards(volumes):
    """A boot without livegrow: the kernel has the partitions and mounts what is on them."""
    with Guest("races-afterwards", initrd=initramfs.tiny(), drives=[v.drive for v in volumes]) as g:
        for volume in volumes:
            part = volume.start, last_end(volume) - volume.start
            assert livegrow.live(g, volume.name)[-1] == part, volume.name
            volume.attach(g)
            livegrow.unmount(g, volume.mount)
        g.poweroff()
    for volume in volumes:
        found = oracles.table(volume.path) + oracles.filesystem(
            volume.path, volume.kind, volume.start * 512, volume.size - volume.start * 512)
        assert not found, (volume.name, found)


# The races

def limit(g, volumes, operations):
    """Of each disk, a second; 0 is none."""
    for volume in volumes:
        g.qmp.execute("qom-set", path=f"/objects/{volume.name}-limit", property="limits",
                      value={"iops-total": operations})


def start_tool(g, volume, tool):
    """A loop that leaves a file named after the disk once the tool ran, and ends on `stop`."""
    command = TOOLS[tool].format(disk=volume.name, part=volume.number, start=volume.start)
    return g.start(f"cd /run/races; until [ -e stop ]; do {command}; echo >{volume.name}; done")


def start_tools(g, volumes, tools):
    g.sh("rm -rf /run/races; mkdir /run/races")
    loops = [start_tool(g, volume, tool) for volume, tool in zip(volumes, tools)]
    g.wait_for(" && ".join(f"[ -e /run/races/{volume.name} ]" for volume in volumes), 90)
    return loops


def resize_all(g, watch, volumes, dice):
    """Returns when the module has looked at the new sizes, and done about them what it could."""
    mark = watch.mark()
    for volume in dice.sample(volumes, len(volumes)):
        time.sleep(dice.uniform(0, 0.3))
        g.resize(volume.name, volume.size + MIB * dice.randint(1, 4) + 512 * dice.choice((0, 1, 33)))
    for volume in volumes:
        watch.wait(90, mark, event="settled", disk=volume.name, capacity=volume.size)


class Races:
    """WANTED races, one on each disk at a time."""

    def __init__(self, wanted, dice):
        self.wanted, self.dice = wanted, dice
        self.done = self.valid = self.followed = 0
        self.counts = {tool: [0, 0] for tool in TOOLS}

    def run(self):
        volumes = new_volumes()
        with guest(volumes) as g:
            g.sh(START)
            livegrow.load(g)
            g.start("exec growctl daemon")
            watch = scenario.Watch(g)
            for volume in volumes:
                volume.attach(g)
            start_trace(g, volumes)
            while self.done < self.wanted:
                self.round(g, watch, volumes[:self.wanted - self.done])
            g.poweroff()
        judge_afterwards(volumes)

    def round(self, g, watch, volumes):
        tools = [self.dice.choice(list(TOOLS)) for _ in volumes]
        ends = [last_end(volume) for volume in volumes]
        loops = start_tools(g, volumes, tools)
        before = [used_bytes(g, volume) for volume in volumes]
        take_trace(g)
        limit(g, volumes, self.dice.choice(LIMITS))
        resize_all(g, watch, volumes, self.dice)
        g.sh("touch /run/races/stop")
        outputs = [loop.wait(120)[1] for loop in loops]
        limit(g, volumes, 0)
        writes = take_trace(g)
        for volume, tool, end, used, output in zip(volumes, tools, ends, before, outputs):
            found = judge(g, volume)
            self.count(volume, tool, found, overlaps(writes[numbers(g, volume)], end))
            self.followed += follows(g, volume, used)
            if found:
                print(output, *writes[numbers(g, volume)], sep="\n", flush=True)

    def count(self, volume, tool, found, overlapping):
        self.done += 1
        self.valid += not found
        self.counts[tool][0] += 1
        self.counts[tool][1] += overlapping
        print(f"race {self.done}: {tool} on {volume.name}"
              f"{', overlaps a commit' if overlapping else ''}: {found or 'valid'}", flush=True)

    @property
    def overlapping(self):
        return sum(overlapping for _, overlapping in self.counts.values())

    def is_good(self):
        return self.valid == self.wanted and self.overlapping >= OVERLAPS * self.wanted

    def tell(self):
        """What became of the grows, and how many races of each tool met a commit."""
        print(f"filesystems that followed: {self.followed} of {self.done}")
        print(f"{self.overlapping} races overlap a commit: " + ", ".join(
            f"{overlapping} of {run} of {tool}" for tool, (run, overlapping) in self.counts.items()))
