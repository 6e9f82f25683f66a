# SPDX-License-Identifier: GPL-2.0-or-later
"""Guests with livegrow installed, the events that growctl tells in them, and what is on their disks.

    disk = scenario.root_disk("vda.raw")
    with scenario.installed("name", disk, drives) as g:
        watch = Watch(g)
        g.resize("vda", size)
        watch.wait(event="filesystem-grown", disk="vda")
"""
import contextlib
import dataclasses
import json
import lzma
import re
import subprocess
import time

import built
import gpt
import images
import initramfs
import overlay
import paths
import root
import system
from drive import Drive
from guest import Guest

DAEMON = "growctl.service"
# What `systemctl enable growctl` enables.
UNITS = (DAEMON, "growctl-policy.service")
MIB, GIB = images.MIB, images.GIB


def installed_tree():
    """What `make guest-tree` installed: a DESTDIR for the guest."""
    if not built.growctl().exists():
        raise FileNotFoundError(f"{built.tree()} is missing: make guest-tree, or build.py for another kernel")
    return built.tree()


def root_disk(name, files=None, units=UNITS, **options):
    """A systemd guest's root disk with module, growctl and its daemon; files as system.disk()."""
    return system.disk(name, {"/": installed_tree(), **(files or {})}, units=units, **options)


def tiny_files():
    """The module and growctl for the tiny guest; nothing loads or starts them."""
    kver = root.kernel_version()
    return {f"/lib/modules/{kver}/updates/livegrow.ko": built.module(), "/usr/sbin/growctl": built.growctl()}


def kernel_modules(*names):
    """Modules of the guest's kernel that the tiny guest is without, for its files."""
    kver, tree = root.kernel_version(), root.tree()
    files = {}
    for file in initramfs.module_files(tree, names):
        data = overlay.inside(tree, f"/lib/modules/{kver}/{file}").read_bytes()
        # busybox does not load it otherwise.
        files[f"/lib/modules/{kver}/{file.removesuffix('.xz')}"] = lzma.decompress(data) if file.endswith(".xz") else data
    return files


# The tiny guest has no udev and no dmeventd.
LVM_CONF = {"/etc/lvm/lvm.conf": b"""activation { udev_sync = 0 udev_rules = 0 monitoring = 0 }
devices { obtain_device_list_from_udev = 0 external_device_info_source = "none" use_devicesfile = 0 }
backup { backup = 0 archive = 0 }
"""}


def make_lvm(g, partition, group):
    """One logical volume, "lv", that takes all of a physical one; ext4 on it, mounted at /GROUP."""
    g.sh(f"lvm pvcreate -q /dev/{partition} && lvm vgcreate -q {group} /dev/{partition} && "
         f"lvm lvcreate -q -l 100%FREE -n lv {group}")
    g.sh(f"mke2fs -q -t ext4 /dev/{group}/lv && mkdir -p /{group} && mount /dev/{group}/lv /{group}")


# Events

WATCH_PORT = "/dev/vport0p2"


def watch_log(name):
    paths.LOGS.mkdir(parents=True, exist_ok=True)
    return paths.LOGS / f"{name}.events"


def watch_arguments(name):
    """A port of its own that ends in a file on the host: to read it costs the guest nothing."""
    watch_log(name).write_bytes(b"")
    return ["-chardev", f"file,id=watch,path={watch_log(name)}",
            "-device", "virtserialport,chardev=watch,name=livegrow.watch"]


class Watch:
    """Follows `growctl watch --json` in a guest that got watch_arguments()."""

    def __init__(self, g):
        self.g, self.file = g, watch_log(g.name)
        self.events, self.seen = [], 0
        self.command = g.start(f"exec growctl watch --json >{WATCH_PORT}")
        # What the module remembered stands in front of that.
        self.past = self.events[:self.events.index(self.wait(event="subscribed"))]
        self.events = self.events[len(self.past):]

    def update(self):
        """Takes the whole lines that are new."""
        with open(self.file, "rb") as file:
            file.seek(self.seen)
            text = file.read()
        whole = text.rfind(b"\n") + 1
        self.seen += whole
        self.events += [json.loads(line) for line in text[:whole].splitlines()]
        return self.events

    def find(self, since=0, **fields):
        """The first event since number SINCE in which every one of FIELDS is as given."""
        return next((e for e in self.update()[since:]
                     if all(e.get(k) == v for k, v in fields.items())), None)

    def wait(self, timeout=30, since=0, **fields):
        limit = self.g.limit(timeout)
        while not (found := self.find(since, **fields)):
            if self.command.finished():
                raise AssertionError(f"growctl watch ended: {self.command.wait()}")
            if limit.is_over():
                raise AssertionError(f"no event {fields} in {timeout} s; there were\n"
                                     + "\n".join(map(str, self.events[since:])))
            time.sleep(0.005)
        return found

    def mark(self):
        """The number of events so far, for SINCE."""
        return len(self.update())


@contextlib.contextmanager
def installed(name, disk, drives=(), **options):
    """The booted systemd guest of a root_disk()."""
    with system.guest(name, disk.path, drives, qemu_args=watch_arguments(name), **options) as g:
        system.wait_booted(g)
        yield g


@contextlib.contextmanager
def tiny(name, drives, files=None, **options):
    """The tiny guest with tiny_files() and FILES in it."""
    with Guest(name, initrd=initramfs.tiny({**tiny_files(), **(files or {})}), drives=drives,
               qemu_args=watch_arguments(name), **options) as g:
        yield g


def growctl_on_host(*arguments):
    """What growctl says on this machine, which has no module: (exit status, its output and errors)."""
    done = subprocess.run([built.growctl_of_host(), *map(str, arguments)], capture_output=True, text=True,
                          timeout=300, stdin=subprocess.DEVNULL)
    return done.returncode, done.stdout + done.stderr


def ended(t, got, status, name, *words):
    """A result: GOT, as Guest.run() returns it, is STATUS and a text that has all of WORDS."""
    return t.ok(got[0] == status and all(word in got[1] for word in words), name, f"{got}")


def behind_a_lock(g, command, device):
    """COMMAND, from the moment on in which it sleeps for DEVICE's lock, and has said so in /tmp/said."""
    started = g.start(f"exec {command} >/tmp/said 2>&1")
    g.wait_for("grep -q -e '-> FLOCK' /proc/locks")
    said = g.sh("cat /tmp/said")
    assert said.count("waiting") == 1 and "lslocks" in said and device in said, said
    return started


# What the guest's own tools say

def numbers(g, command):
    return [int(word) for word in g.sh(command).split()]


def part_sectors(g, part):
    """(start, size) of a live partition in sectors of 512 bytes."""
    disk = part.rstrip("0123456789")
    return tuple(numbers(g, f"cd /sys/block/{disk}/{part} && cat start size"))


def fs_bytes(g, kind, device, mount):
    """The size of a mounted filesystem, by its own tool."""
    if kind == "xfs":
        text = g.sh(f"xfs_io -r -c statfs {mount}")
        return (int(re.search(r"geom.bsize = (\d+)", text)[1])
                * int(re.search(r"geom.datablocks = (\d+)", text)[1]))
    # Between two writes of the kernel, which is growing it, the checksum does not fit: dumpe2fs says so, and prints it.
    text = g.run(f"dumpe2fs -h /dev/{device} 2>/dev/null")[1]
    return (int(re.search(r"^Block size: +(\d+)", text, re.M)[1])
            * int(re.search(r"^Block count: +(\d+)", text, re.M)[1]))


def table_sectors(g, disk, sectors, block=512):
    """The disk's first and last 34 blocks as the device has them, in a sparse file on the host."""
    last = sectors * 512 // block - 34
    copy = images.empty(f"{disk}-table", sectors * 512)
    for first in (0, last):
        status, data = g.run_bytes(f"dd if=/dev/{disk} bs={block} skip={first} count=34 "
                                   "iflag=direct status=none")
        if status or len(data) != 34 * block:
            raise AssertionError(f"{disk}: cannot read blocks {first} and on: {data[:200]}")
        with open(copy, "r+b") as file:
            file.seek(first * block)
            file.write(data)
    return copy


# Writers

def start_writers(g, directories):
    """A checksumming writer in each; returns when each has written."""
    g.sh("mkdir -p " + " ".join(directories))
    writers = [g.start(f"exec writer {d} until-stopped") for d in directories]
    for directory in directories:
        g.wait_for(f"[ -s {directory}/writer.0 ]")
    return writers


def stop_writers(g, writers):
    """Ends them with a last fsync; returns how many blocks each wrote."""
    g.sh("pkill -x writer")
    ends = [w.wait(60) for w in writers]
    if any(status for status, _ in ends):
        raise AssertionError(f"a writer failed: {ends}")
    return [int(text.split()[0]) for _, text in ends]


# The scenario of three disks

@dataclasses.dataclass
class Volume:
    """A disk and the filesystem on it that follows; PART is 0 where it has no table."""
    drive: Drive
    part: int
    kind: str
    mount: str

    @property
    def device(self):
        return f"{self.drive.name}{self.part or ''}"

    @property
    def load(self):
        """Where its writer writes."""
        return f"{self.mount.rstrip('/')}/load"

    def range(self, image):
        """(offset, size) of the filesystem on the raw IMAGE."""
        if not self.part:
            return 0, image.stat().st_size
        return images.partitions(image)[self.part - 1]


FSTAB = b"""/dev/vdb /srv/whole xfs defaults 0 0
/dev/vdc1 /srv/part xfs defaults 0 0
"""


def whole_xfs(name, size):
    image = images.empty(name, size)
    images.mkfs(image, "xfs")
    return images.to_qcow2(image)


def one_partition(name, size, kind="xfs", of_type=gpt.LINUX, guid=None, **options):
    """A raw disk of SIZE bytes with one partition, up to the last whole MiB; options as mkfs().

    Without KIND the partition stays empty.
    """
    image = images.path(name)
    table = gpt.Table(size, [gpt.Part(2048, (size // 512 - 33) // 2048 * 2048 - 1, of_type, name="data")],
                      guid=guid or gpt.guid_of(name))
    table.write(image)
    if kind:
        images.format_partition(image, table, 1, kind, **options)
    return image


def three_disks():
    """vda: a partitioned root; vdb: XFS and no table; vdc: XFS in a partition.

    Returns (the root disk, the volumes): 1500 MiB and twice 1 GiB.
    """
    disk = root_disk("root.raw", {"/etc/fstab": FSTAB, "/srv/whole/.keep": b"",
                                  "/srv/part/.keep": b""})
    part = images.to_qcow2(one_partition("part.raw", GIB))
    return disk, [
        Volume(Drive("vda", disk.path), 3, "ext4", "/"),
        Volume(Drive("vdb", whole_xfs("whole.raw", GIB), "qcow2"), 0, "xfs", "/srv/whole"),
        Volume(Drive("vdc", part, "qcow2"), 1, "xfs", "/srv/part"),
    ]


# Afterwards

@contextlib.contextmanager
def afterwards(name, volumes):
    """A boot of the tiny guest, without livegrow, on the disks of a guest that is off.

    Its kernel was not told `gpt`, so it says what a stock kernel makes of the tables.
    """
    with Guest(f"{name}-afterwards", initrd=initramfs.tiny(),
               drives=[v.drive for v in volumes]) as g:
        yield g
        g.poweroff()


def verify_writer(g, volume):
    """Re-reads every block that VOLUME's writer wrote; raises when one is not right."""
    g.sh(f"mkdir -p /mnt && mount -t {volume.kind} -o ro /dev/{volume.device} /mnt")
    text = g.sh(f"writer --verify /mnt{volume.load[len(volume.mount.rstrip('/')):]}", 120)
    g.sh("umount /mnt")
    return text
