# SPDX-License-Identifier: GPL-2.0-or-later
"""B1 to B3 in what is made of the last partition: growctl's answer looks at every mapping, array and mount above it."""
import pathlib
import struct

import gpt
import images
import ktap
import livegrow
import root
import scenario
from drive import Drive
from images import GIB, MIB

TIMEOUT = 300
OLD, NEW = 256 * MIB, GIB
FIRST_END = 264192
LAST_END = OLD // 512 - 2048 - 1
KEY = "/tmp/key"
MODULES = ("dm-crypt", "dm-integrity", "xts", "ecb", "cbc", "aesni_intel", "algif_skcipher", "hmac", "sha256_generic", "authenc", "btrfs",
           "raid0", "raid1", "squashfs", "loop", "lzo", "lzo-rle", "zram", "target_core_iblock")
LOG = "/tmp/daemon.log"
UNKNOWN, READ_ONLY = ("waiting", "part-unknown"), ("waiting", "mounted-read-only")

# {p} is the last partition, {d} the disk and the name of a mapping, {v} a volume group, {m} a mountpoint, {loop} a loop device.
FORMAT = f"cryptsetup luksFormat -q --type luks2 --pbkdf pbkdf2 --pbkdf-force-iterations 1000 --key-file {KEY} {{options}} {{{{p}}}} && "
OPEN = f"cryptsetup open --key-file {KEY} {{options}} {{{{p}}}} {{{{d}}}} && dmsetup mknodes && "
LUKS = FORMAT.format(options="") + OPEN.format(options="")
REOPEN = "cryptsetup close {d} && " + OPEN.format(options="--readonly")
INTEGRITY = FORMAT.format(options="--integrity hmac-sha256 --integrity-no-wipe") + OPEN.format(options="")
PLAIN = ('dmsetup create {d} --uuid CRYPT-PLAIN-{d} --table "0 $(blockdev --getsz {p}) crypt aes-xts-plain64 ' + "00" * 64 +
         ' 0 {p} 0" && dmsetup mknodes && ')
LVM = "lvm pvcreate -q {p} && lvm vgcreate -q {v} {p} && lvm lvcreate -q -y -W n -Z n -l 8 -n lv {v} && "
# As cryptsetup maps them, without their headers: it makes no volumes of these.
VERACRYPT = PLAIN.replace("CRYPT-PLAIN", "CRYPT-TCRYPT")
VOLUME = LVM + "mke2fs -q -t ext4 /dev/{v}/lv && "
EXT4 = "mke2fs -q -t ext4 /dev/mapper/{d}"
MAPPED, MAPPED_READ_ONLY = "mount -o noinit_itable /dev/mapper/{d} {m}", "mount -o ro,noload /dev/mapper/{d} {m}"
# The tags of what was never written do not fit.
WRITTEN = "dd if=/dev/zero of=/dev/mapper/{d} bs=1M count=10 oflag=direct status=none"
SWAP, IMAGE = "mkswap /dev/mapper/{d}", "dd if=/image of=/dev/mapper/{d} bs=64k status=none"
LINEAR = "dmsetup create {{d}}{name} --table '0 {sectors} linear {{p}} {start}' && dmsetup mknodes && "
PIECE = LINEAR.format(name="", sectors=65536, start=0)
PIECES = LINEAR.format(name="a", sectors=65536, start=0) + LINEAR.format(name="b", sectors=65536, start=65536)
LOOP, LOOP_READ_ONLY = "losetup {loop} ", "losetup -r {loop} "
ZRAM = ("echo lzo >/sys/block/zram0/comp_algorithm; echo {p} >/sys/block/zram0/backing_dev && echo 32M >/sys/block/zram0/disksize && "
        "mkswap /dev/zram0 && swapon /dev/zram0")
EXPORT = ("mount -t configfs none /sys/kernel/config; e=/sys/kernel/config/target/core/iblock_0/{d}; mkdir -p $e && "
          "echo udev_path={p} >$e/control && echo 1 >$e/enable")
ARRAY = "make-array {d} $(cat /sys/class/block/{name}/dev) "

FIRST = {"rw": ("ext4", "mount -o noinit_itable /dev/{d}1 /mnt/{d}"), "ro": ("ext4", "mount -o ro,noload /dev/{d}1 /mnt/{d}"),
         "btrfs": ("btrfs", "mount -o ro /dev/{d}1 /mnt/{d}"), None: (None, "true")}

# Of each disk: how its first partition is used, if it has one; the content of the last; how that is used; what becomes of it.
STAY = {
    "a": ("rw", None, LUKS + SWAP + " && swapon /dev/mapper/{d}", UNKNOWN, "B1: swap in use in LUKS"),
    "b": ("rw", None, LUKS + SWAP, UNKNOWN, "B1: swap in LUKS"),
    "c": ("rw", None, LUKS + IMAGE + " && mount -t squashfs /dev/mapper/{d} {m}", UNKNOWN, "B2: squashfs in LUKS"),
    "d": ("rw", None, INTEGRITY + WRITTEN + " && " + EXT4 + " 8M && " + MAPPED, UNKNOWN, "B1: LUKS with integrity tags"),
    "e": ("rw", "seed", "mount {p} {m} && btrfsop add {m} /dev/vdz && mount -o remount,rw {m}", UNKNOWN, "B1: a seed of btrfs"),
    "f": ("rw", "drive", "mount {p} {m}", UNKNOWN, "B1: a configuration drive whose label is in the root folder only"),
    "g": ("rw", "raid1", ARRAY + "active && mkswap /dev/{array} && swapon /dev/{array}", UNKNOWN, "B1: swap on RAID 1"),
    "h": ("rw", "raid0", ARRAY + "active && mke2fs -q -t ext4 /dev/{array} && mount -o noinit_itable /dev/{array} {m}", UNKNOWN,
          "B1: RAID 0, which cannot grow"),
    "i": (None, None, LUKS + EXT4 + " && " + REOPEN + MAPPED_READ_ONLY, READ_ONLY, "B3: LUKS that is read-only, with a mount"),
    "j": ("ro", None, LUKS + EXT4 + " && " + REOPEN + "true", READ_ONLY, "B3: LUKS that is read-only, without a mount"),
    "k": (None, None, VOLUME + "mount -o ro,noload /dev/{v}/lv {m}", READ_ONLY, "B3: a logical volume that is mounted read-only"),
    "l": ("ro", None, VOLUME + "lvm lvchange -q -pr {v}/lv && mount -o ro,noload /dev/{v}/lv {m}", READ_ONLY,
          "B3: a logical volume that is read-only"),
    "m": ("btrfs", None, LVM + "lvm vgchange -q -an {v}", READ_ONLY, "B3: LVM that is not active, beside a btrfs that is mounted read-only"),
    "n": ("ro", None, PLAIN + EXT4 + " && " + MAPPED_READ_ONLY, READ_ONLY, "B3: a plain mapping on a disk of read-only mounts"),
    "o": ("rw", None, PLAIN + EXT4 + " && " + MAPPED_READ_ONLY, READ_ONLY, "B3: a plain mapping beside a writable mount"),
    "p": (None, "raid1 ext4", ARRAY + "readonly && mount -o ro,noload /dev/{array} {m}", READ_ONLY, "B3: RAID 1 that is read-only"),
    "t": ("rw", "ext4", EXPORT, UNKNOWN, "B1: an ext4 that LIO exports"),
    "u": ("rw", "ext4", ZRAM, UNKNOWN, "B1: the backing device of zram, with an ext4 left over"),
    "v": ("rw", "ext4", LOOP_READ_ONLY + "{p} && mount -o ro,noload {loop} {m}", READ_ONLY, "B3: an ext4 by a read-only loop device"),
    "w": ("rw", None, PLAIN + EXT4 + " && " + LOOP_READ_ONLY + "/dev/mapper/{d}", READ_ONLY, "B3: a read-only loop device on a plain mapping"),
    "x": ("rw", None, PIECES + EXT4 + "a && mkswap /dev/mapper/{d}b && swapon /dev/mapper/{d}b", UNKNOWN,
          "B1: linear mappings, each over a piece"),
    "y": ("rw", None, PIECE + EXT4 + " && " + MAPPED, UNKNOWN, "B1: one linear mapping over a piece, with a mount"),
    "aa": ("rw", None, VERACRYPT + EXT4 + " && " + MAPPED, UNKNOWN, "A2: VeraCrypt, whose second header is found from the end"),
}
GROW = {
    "q": ("rw", None, LUKS + EXT4, "an ext4 in LUKS that is not mounted"),
    "r": ("ro", None, VOLUME + "lvm lvcreate -q -y -W n -Z n -l 8 -n rw {v} && mke2fs -q -t ext4 /dev/{v}/rw && "
          "mount -o ro,noload /dev/{v}/lv {m} && mkdir -p {m}.w && mount -o noinit_itable /dev/{v}/rw {m}.w",
          "LVM with one of two volumes mounted writable"),
    "s": (None, "raid1", ARRAY + "active && mke2fs -q -t ext4 /dev/{array} && mount -o noinit_itable /dev/{array} {m}",
          "a writable ext4 on RAID 1"),
}
# A guest's disks have their names by their order; vdz is the sprout.
DISKS = dict(sorted({**STAY, **GROW}.items(), key=lambda item: (len(item[0]), item[0])))

# Without mdadm: the superblocks are written by array(), and the kernel is given the member.
MAKE_ARRAY = b"""#!/bin/sh -e
n=$(printf %d "'${1#vd}")
[ -e /sys/block/md$n ] || echo md$n >/sys/module/md_mod/parameters/new_array
cd /sys/block/md$n/md
echo 1.2 >metadata_version
echo "$2" >new_dev
echo "$3" >array_state
"""


def name(letter):
    return f"vd{letter}"


def last(letter):
    return f"{name(letter)}{2 if DISKS[letter][0] else 1}"


def superblock(level, sectors):
    """Of version 1.2, for an array of one member of so many sectors; as mdadm writes it."""
    data, levels = 2048, {"raid0": 0, "raid1": 1}
    block = bytearray(512)
    struct.pack_into("<4I16s32sQiIQIIi", block, 0, 0xA92B4EFC, 1, 0, 0, b"livegrow--stack!", level.encode(), 0, levels[level], 0,
                     sectors - data, 0 if level == "raid1" else 128, 1, 0)
    struct.pack_into("<4QII16sBBHI", block, 128, data, sectors - data, 8, 0, 0, 0, b"livegrow-member!", 0, 0, 0, 0)
    struct.pack_into("<QQQII", block, 192, 0, 1, (1 << 64) - 1, 0, 128)
    words = sum(struct.unpack("<128I", block))
    struct.pack_into("<I", block, 216, (words & 0xFFFFFFFF) + (words >> 32) & 0xFFFFFFFF)
    return bytes(block)


def put(image, at, data):
    with open(image, "r+b") as file:
        file.seek(at)
        file.write(data)


def fill(image, table, number, content):
    start, size = table.offset(number)
    if content == "seed":
        with images.temporary(size) as file:
            images.mkfs(file, "btrfs")
            images.run("btrfstune", "-S", "1", file)
            images.copy_data(file, image, to=start)
    elif content == "drive":
        images.format_partition(image, table, number, "vfat")
        images.run("mlabel", "-i", f"{image}@@{start}", "::config-2")
        put(image, start + 43, b"NO NAME    ")
    elif content.startswith("raid"):
        level, *kind = content.split()
        put(image, start + 4096, superblock(level, size // 512))
        if kind:
            images.format_range(image, start + MIB, size - MIB, *kind)
    else:
        images.format_partition(image, table, number, content)


def make(letter):
    first, content = DISKS[letter][:2]
    image = images.path(f"stack-{letter}.raw")
    parts = [gpt.Part(2048, FIRST_END - 1), gpt.Part(FIRST_END, LAST_END)] if first else [gpt.Part(2048, LAST_END)]
    table = gpt.Table(OLD, parts, guid=gpt.guid_of(f"stack-{letter}"))
    table.write(image)
    if first:
        fill(image, table, 1, FIRST[first][0])
    if content:
        fill(image, table, len(parts), content)
    return Drive(name(letter), image)


def use(g, letter):
    disk = name(letter)
    words = {"d": disk, "name": last(letter), "p": f"/dev/{last(letter)}", "m": f"/mnt/{disk}.2",
             "v": f"g{disk}", "loop": f"/dev/loop{ord(letter[0]) - ord('a')}", "array": f"md{ord(letter[0])}"}
    g.sh(f"mkdir -p /mnt/{disk} /mnt/{disk}.2")
    g.sh(FIRST[DISKS[letter][0]][1].format(**words))
    g.sh(DISKS[letter][2].format(**words), 60)


def verdict(g, letter):
    record = livegrow.status(g, name(letter))
    return record["state"], record["reason"]


def is_large(g, letter):
    start = int(g.sh(f"cat /sys/class/block/{last(letter)}/start"))
    return (start + livegrow.sectors(g, last(letter))) * 512 > NEW - 4 * MIB


def wait(g, letter, wanted):
    try:
        g.wait_for(lambda: wanted(letter), 15)
    except Exception as error:
        raise AssertionError(f"{name(letter)}: {livegrow.status(g, name(letter))}\n{g.run(f'cat {LOG}')[1]}") from error


def the_disks_grow(t, g):
    for letter in DISKS:
        g.resize(name(letter), NEW)
    for letter, (*_, title) in GROW.items():
        with t.case(f"it grows by growctl's answer: {title}"):
            wait(g, letter, lambda letter: is_large(g, letter))
    for letter, (*_, expected, title) in STAY.items():
        with t.case(f"{title} stays as it is by growctl's answer"):
            wait(g, letter, lambda letter: verdict(g, letter) == expected)
            assert not is_large(g, letter)


def all_disks(t, g):
    """A person who asks for all disks at once means none of those that growctl's answer keeps as they are."""
    text = g.run("growctl grow --all", 120)[1]
    for letter, title in (("t", "what LIO exports"), ("u", "zram's backing device"), ("v", "a read-only loop device"), ("x", "pieces")):
        t.ok(not is_large(g, letter), f"B1: growctl grow --all passes over {title}", text)


def they_become_writable(t, g):
    g.sh("umount /mnt/vdv.2 && losetup -d /dev/loop21 && losetup /dev/loop21 /dev/vdv2 && mount -o noinit_itable /dev/loop21 /mnt/vdv.2")
    g.sh("umount /mnt/vdy.2 && dmsetup remove vdy && dmsetup create vdy --table \"0 $(blockdev --getsz /dev/vdy2) linear /dev/vdy2 0\" && "
         "dmsetup mknodes && mount -o noinit_itable /dev/mapper/vdy /mnt/vdy.2")
    for letter, title in (("v", "a writable loop device"), ("y", "a linear mapping that reaches the partition's end")):
        with t.case(f"an ext4 in {title} grows"):
            wait(g, letter, lambda letter: is_large(g, letter))
    g.sh("mount -o remount,rw /mnt/vdk.2 && mount -o remount,rw /mnt/vdo.2 && mount -o remount,rw /mnt/vdm")
    for letter, title in (("k", "the logical volume"), ("o", "the plain mapping"), ("m", "the btrfs beside LVM")):
        with t.case(f"B3: it grows once {title} is mounted writable"):
            wait(g, letter, lambda letter: is_large(g, letter))


def main():
    files = {**scenario.LVM_CONF, **scenario.kernel_modules(*MODULES), "/usr/sbin/cryptsetup": root.tree() / "usr/sbin/cryptsetup"}
    image = images.path("stack-image.squashfs")
    images.mkfs(image, "squashfs", tree=pathlib.Path(__file__).parent)
    files["/image"] = image
    drives = [make(letter) for letter in DISKS]
    drives.insert(25, Drive("vdz", images.empty("stack-sprout.raw", OLD)))
    with ktap.Report(plan=len(DISKS) + 9) as t:
        with scenario.tiny("stack-asked", drives, memory=1280, files=files) as g:
            # Some kernels have some of them built in.
            g.run(f"for module in {' '.join(MODULES)}; do modprobe $module; done")
            g.sh(f"echo secret >{KEY}")
            g.push(MAKE_ARRAY, "/usr/sbin/make-array", 0o755)
            for letter in DISKS:
                use(g, letter)
            livegrow.load(g)
            g.start(f"exec growctl daemon 2>{LOG}")
            livegrow.wait_for_listener(g)
            the_disks_grow(t, g)
            all_disks(t, g)
            they_become_writable(t, g)
            g.run("pkill -x growctl; swapoff -a")
            g.poweroff()


main()
