# SPDX-License-Identifier: GPL-2.0-or-later
"""LUKS with sectors of 4096 bytes opens again after its partition has grown, wherever that starts."""
import json

import gpt
import images
import ktap
import livegrow
import oracles
import root
import scenario
from drive import Drive
from images import GIB, MIB

TIMEOUT = 240
START = 2049
# The sectors of 512 bytes in front of the data of a LUKS2 device.
OFFSET = 32768
KEY = "/tmp/key"
FORMAT = ("cryptsetup luksFormat -q --type luks2 --sector-size 4096 --pbkdf pbkdf2 "
          f"--pbkdf-force-iterations 1000 --key-file {KEY}")
# The kernel asks for them by the names of their algorithms, which the tiny guest's modprobe does not know.
MODULES = ("xts", "ecb", "algif_skcipher", "aesni_intel")

# Its letter: size of the disk at first and grown, start and size of the partition in blocks, bytes of a block.
DISKS = {
    "a": (1032 * MIB, 2 * GIB, START, 2048000, 512),
    "b": (96 * MIB, 192 * MIB, START, 163840, 512),
    "c": (96 * MIB, 192 * MIB, START, 163848, 512),
    "d": (96 * MIB, 192 * MIB, 257, 20480, 4096),
    "e": (192 * MIB, 256 * MIB, START, 163840, 512),
}


def make(letter):
    size, _, first, blocks, block = DISKS[letter]
    image = images.path(f"grain-{letter}.raw")
    part = gpt.Part(first, first + blocks - 1, gpt.LUKS if letter == "a" else gpt.LINUX, name="data")
    gpt.Table(size, [part], block=block, guid=gpt.guid_of(f"grain-{letter}")).write(image)
    return Drive(f"vd{letter}", image, logical=block)


def sectors(g, letter):
    return scenario.part_sectors(g, f"vd{letter}1")[1]


def open_mapping(g, letter):
    g.sh(f"cryptsetup open --key-file {KEY} /dev/vd{letter}1 {letter}")


def mount(g, letter):
    """Without what ext4 writes later, through an emulated cipher."""
    g.sh(f"mkdir -p /mnt/{letter} && mount -o noinit_itable /dev/mapper/{letter} /mnt/{letter}")


def attach(g, letter):
    open_mapping(g, letter)
    mount(g, letter)


def detach(g, letter):
    livegrow.unmount(g, f"/mnt/{letter}")
    g.wait_for(f"cryptsetup close {letter}")


def fill(g, letter):
    """LUKS, ext4 and some data in it, mounted."""
    g.sh(f"{FORMAT} /dev/vd{letter}1")
    open_mapping(g, letter)
    g.sh(f"mke2fs -q -t ext4 /dev/mapper/{letter}")
    mount(g, letter)
    g.sh(f"dd if=/dev/urandom of=/mnt/{letter}/data bs=1M count=4 conv=fsync status=none && "
         f"sha256sum /mnt/{letter}/data > /tmp/sum.{letter}")


def is_whole(g, letter, blocks):
    """What is on it opens, with so many sectors of the partition, and its data are there."""
    assert sectors(g, letter) == blocks, f"{sectors(g, letter)} sectors, not {blocks}"
    g.sh(f"cryptsetup resize --key-file {KEY} {letter} && resize2fs /dev/mapper/{letter}", 60)
    detach(g, letter)
    attach(g, letter)
    has, = scenario.numbers(g, f"blockdev --getsz /dev/mapper/{letter}")
    assert has == blocks - OFFSET, f"the mapping has {has} sectors"
    g.sh(f"echo 3 > /proc/sys/vm/drop_caches; sha256sum -c /tmp/sum.{letter}")


def resize(g, letter):
    g.resize(f"vd{letter}", DISKS[letter][1])
    return livegrow.settled(g, f"vd{letter}", DISKS[letter][1])


def unasked(t, g):
    with t.case("A1: a size of whole MiB, start 2049"):
        resize(g, "a")
        is_whole(g, "a", 4190208)
    with t.case("A1: the same up to a max that is no multiple of 4096"):
        livegrow.set_policy(g, "vdb", f"max={150 * MIB + 512}")
        assert resize(g, "b")["reason"] == "part-max"
        is_whole(g, "b", 307200)
    with t.case("A1: a size of whole MiB, start 257, blocks of 4096"):
        resize(g, "d")
        is_whole(g, "d", 48640 * 8)


def asked(t, g):
    """A multiple of 4096 bytes and of nothing larger; by growctl, and back."""
    livegrow.set_policy(g, "vdc", "ask")
    with t.case("A1: growctl plan and growctl grow of a size"):
        resize(g, "c")
        size = 100 * MIB
        rows = json.loads(g.sh(f"growctl grow vdc --size {size} --dry-run --json"))["plan"]
        assert [row["to"] for row in rows if row["step"] == "partition"] == [size], rows
        g.sh(f"growctl grow vdc --size {size}")
        assert sectors(g, "c") * 512 == size, sectors(g, "c")
    with t.case("A1: growctl rollback to the exact size"):
        g.sh("growctl rollback vdc")
        is_whole(g, "c", 163848)
    with t.case("A1: growctl grow with --keep-free"):
        g.sh("growctl grow vdc --keep-free 20M")
        # From sector 2049 up to the backup and the 20 MiB in front of it.
        is_whole(g, "c", (DISKS["c"][1] // 512 - 40960 - 33 - START) // 8 * 8)


def is_locked_away(g, letter, size):
    """Another tool makes the partition so large while it is closed: dm-crypt maps no odd number of sectors."""
    detach(g, letter)
    partition(g, letter, size)
    status, text = g.run(f"cryptsetup open --key-file {KEY} /dev/vd{letter}1 {letter}")
    assert status, f"opened all the same: {text}"


def partition(g, letter, size):
    g.sh(f"echo ,{size} | sfdisk -q -N 1 /dev/vd{letter}")
    assert sectors(g, letter) == size, sectors(g, letter)


def end_aligned(size):
    """The sectors from START up to the last whole MiB of a disk of SIZE bytes."""
    return (size // 512 - 33) // 2048 * 2048 - START


def mended(t, g):
    fill(g, "e")
    with t.case("A1: growctl grow keeps a LUKS partition that an administrator repaired at a size that can be opened"):
        resize(g, "e")
        odd = end_aligned(256 * MIB)
        is_locked_away(g, "e", odd)
        partition(g, "e", odd // 8 * 8)
        g.sh("growctl grow vde")
        attach(g, "e")
        is_whole(g, "e", 522200)


def main():
    with ktap.Report(plan=3 + 3 + 1 + 5) as t:
        drives = {letter: make(letter) for letter in DISKS}
        files = {"/usr/sbin/cryptsetup": root.tree() / "usr/sbin/cryptsetup",
                 **scenario.kernel_modules(*MODULES)}
        with scenario.tiny("grain", list(drives.values()), files, memory=1024) as g:
            livegrow.load(g, "content_wait=0")
            g.sh(f"modprobe -a {' '.join(MODULES)} dm-crypt; echo secret > {KEY}")
            for letter in "abcd":
                fill(g, letter)
            unasked(t, g)
            asked(t, g)
            mended(t, g)
            ends = {letter: scenario.part_sectors(g, f"vd{letter}1") for letter in DISKS}
            for letter in DISKS:
                detach(g, letter)
            g.poweroff()
        for letter, drive in drives.items():
            t.equal(oracles.table(drive.path, [ends[letter]], drive.logical), [], f"vd{letter}: the table is sound")


main()
