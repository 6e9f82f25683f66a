# SPDX-License-Identifier: GPL-2.0-or-later
"""growctl rollback of a partition that is an LVM physical volume, by LVM's own tools.

It goes back exactly when the volume does not reach past the old end, and LVM is content afterwards.
"""
import json
import struct

import gpt
import images
import ktap
import livegrow
import oracles
import root
import scenario
from drive import Drive
from images import GIB

TIMEOUT = 300
START = 2048
# Sectors of the one partition of a disk of so many GiB.
PART = {gib: (gib * GIB // 512 - 33) // 2048 * 2048 - START for gib in (1, 2)}
OLD = PART[1] * 512
NAMES = ("vda", "vdb", "vdc", "vdd")
STORE = "/var/lib/livegrow"
LOCK = "/run/lock/lvm/P_global"


def make(name):
    image = images.path(f"going-back-lvm-{name}.raw")
    part = gpt.Part(START, START + PART[1] - 1, name="data")
    gpt.Table(GIB, [part], guid=f"4C495645-4752-4F57-8002-{ord(name[-1]):012X}").write(image)
    return Drive(name, image)


def sizes(g, name):
    """Sectors of the partition, as the kernel and as the table on the device have it."""
    part, = json.loads(g.sh(f"sfdisk --json /dev/{name}"))["partitiontable"]["partitions"]
    return scenario.part_sectors(g, f"{name}1")[1], part["size"]


def grow(g, name):
    g.sh(f"growctl grow {name}")
    assert sizes(g, name) == (PART[2], PART[2]), sizes(g, name)


def grow_all(g):
    for name in NAMES:
        g.resize(name, 2 * GIB)
        livegrow.settled(g, name, 2 * GIB)
    for name in NAMES[1:]:
        grow(g, name)


def goes_back(t, g, name, what):
    status, text = g.run(f"growctl rollback {name}")
    t.ok(status == 0 and f"{name}1: back from" in text and sizes(g, name) == (PART[1], PART[1]),
         f"{what}: it goes back", f"{status} {text} {sizes(g, name)}")


def digest(g, name):
    """All that a rollback or LVM could write to, as the device has it."""
    g.sh("sync")
    return g.sh(f"for at in 0 {PART[1] // 2048 - 1} {2048 - 2}; do "
                f"dd if=/dev/{name} bs=1M skip=$at count=3 iflag=direct 2>/dev/null; done | sha256sum")


def refused(t, g, name, what, *words):
    before = digest(g, name)
    for dry in ("", " --dry-run"):
        status, text = g.run(f"growctl rollback {name}{dry}", 20)
        t.ok(status == 2 and f"{name}1: LVM2_member" in text and all(word in text for word in words),
             f"{what}: refused{dry}", f"{status} {text}")
    t.equal((sizes(g, name), digest(g, name)), ((PART[2], PART[2]), before),
            f"{what}: and nothing is written")


def past(name, taken):
    return (f"{name}1: LVM2_member has grown past the old end", f"({taken * 512} and {OLD} bytes)")


def sectors(g, name, what):
    """WHAT of the volume in sectors, as LVM has it; an old one complains of settings that it does not know."""
    return int(g.sh(f"lvm pvs --noheadings --nosuffix --units s -o {what} /dev/{name}1 2>/dev/null"))


def content(g, command):
    """LVM finds nothing to complain of."""
    text = g.sh(f"lvm {command} 2>&1")
    assert "WARNING" not in text and "rror" not in text, text
    return text


# A volume group with an active volume, ext4 on it, mounted

def group_make(g):
    g.sh("lvm pvcreate -q /dev/vda1 && lvm vgcreate -q vg /dev/vda1 && lvm lvcreate -q -l 100%FREE -n lv vg")
    g.sh("mke2fs -q -t ext4 /dev/vg/lv && mkdir -p /mnt/lv && mount /dev/vg/lv /mnt/lv && "
         "dd if=/dev/urandom of=/mnt/lv/data bs=1M count=8 2>/dev/null && sync")
    return g.sh("sha256sum /mnt/lv/data")


def group_sound(t, g, data, what):
    with t.case(f"{what}: LVM is content, the data are there"):
        content(g, "vgck vg")
        content(g, "pvs")
        assert sectors(g, "vda", "dev_size") == PART[1]
        g.sh("dd if=/dev/zero of=/mnt/lv/more bs=1M count=4 conv=fsync 2>/dev/null; rm /mnt/lv/more;"
             "echo 3 >/proc/sys/vm/drop_caches")
        assert g.sh("sha256sum /mnt/lv/data") == data


def waits_for_lvm(t, g):
    """A command of LVM that runs is waited for."""
    g.sh("mkdir -p /run/lock/lvm")
    holder = g.start(f"flock {LOCK} sh -c 'touch /tmp/held; until [ -e /tmp/go ]; do sleep 0.05; done'")
    g.wait_for("[ -e /tmp/held ]")
    status, text = g.run("growctl rollback vda --dry-run")
    t.ok(status == 0 and "would go back" in text, "--dry-run waits for no command of LVM", text)
    back = g.start("exec growctl rollback vda 2>/tmp/said")
    g.wait_for(f"grep -q 'vda1: waiting for another program that has locked {LOCK}' /tmp/said")
    t.equal(sizes(g, "vda"), (PART[2], PART[2]), "a command of LVM is waited for")
    # As LVM itself does: who waited has the lock on a file that nobody else finds any more.
    g.sh(f"rm {LOCK}; touch /tmp/go")
    holder.wait(20)
    status, text = back.wait(20)
    t.ok(status == 0 and sizes(g, "vda") == (PART[1], PART[1]), "group: it goes back", f"{status} {text}")


def keeps_lvm_out(t, g):
    """pvresize waits for a rollback, which the frozen place of the old tables holds up."""
    g.sh(f"modprobe brd rd_nr=1 rd_size=16384 && mke2fs -q /dev/ram0 && mkdir -p /tmp/store && "
         f"mount /dev/ram0 /tmp/store && cp -a {STORE}/. /tmp/store && rm /tmp/store/*.ask && "
         f"umount /tmp/store && mount /dev/ram0 {STORE}")
    grow(g, "vda")
    g.sh(f"growctl rollback vda --dry-run && fsfreeze -f {STORE}")
    back = g.start("exec growctl rollback vda")
    g.wait_for(f"[ -e {LOCK} ] && ! flock -n {LOCK} true")
    resize = g.start("exec lvm pvresize /dev/vda1")
    g.wait_for("grep -q -e '-> FLOCK' /proc/locks")
    g.sh(f"fsfreeze -u {STORE}")
    status, text = back.wait(20)
    t.ok(status == 0 and sizes(g, "vda") == (PART[1], PART[1]), "pvresize waits for a rollback", f"{status} {text}")
    status, text = resize.wait(20)
    t.ok(status == 0 and sectors(g, "vda", "dev_size") == PART[1], "and finds the old size", text)
    g.sh(f"cp -a {STORE} /tmp/copy; umount {STORE} && cp -a /tmp/copy/. {STORE}")


def group(t, g, data):
    waits_for_lvm(t, g)
    group_sound(t, g, data, "group")
    keeps_lvm_out(t, g)
    group_sound(t, g, data, "group, after the wait")
    grow(g, "vda")
    g.sh("lvm pvresize -q /dev/vda1")
    refused(t, g, "vda", "group, pvresize", *past("vda", sectors(g, "vda", "pv_size") + START))
    g.sh(f"lvm pvresize -q -y --setphysicalvolumesize {OLD}b /dev/vda1")
    goes_back(t, g, "vda", "group, pvresize to the old size")
    group_sound(t, g, data, "group, pvresize to the old size")


def mappings(t, g):
    """What is active counts too, whoever made it."""
    grow(g, "vda")
    g.sh(f"dmsetup create other --table '0 8 linear /dev/vda1 {PART[1]}'")
    refused(t, g, "vda", "a mapping behind the volume", *past("vda", PART[1] + 8))
    g.sh(f"dmsetup remove other; dmsetup create other --table '0 16 striped 2 8 /dev/vda1 {PART[1]} /dev/vda1 0'")
    refused(t, g, "vda", "a striped one", *past("vda", PART[1] + 8))
    g.sh("dmsetup remove other; dmsetup create other --table '0 8 delay /dev/vda1 0 0'")
    refused(t, g, "vda", "one of another kind", "a mapping on it is not as LVM makes them")
    g.sh("dmsetup remove other; dmsetup create other --table '0 8 linear /dev/vda1 0'")
    goes_back(t, g, "vda", "a mapping inside")
    g.sh("dmsetup remove other")


# Volumes in no group

def orphan(t, g):
    goes_back(t, g, "vdb", "in no group")
    with t.case("in no group: LVM is content"):
        content(g, "pvs -a")
    grow(g, "vdb")
    g.sh("lvm pvresize -q /dev/vdb1")
    refused(t, g, "vdb", "in no group, pvresize", *past("vdb", PART[2]))
    g.sh("lvm pvcreate -q -ff -y --pvmetadatacopies 0 /dev/vdb1")
    refused(t, g, "vdb", "no metadata area", "other volumes of its group alone know")


# Two metadata areas

def flip(g, name, at):
    """Another value of the byte AT of the partition."""
    byte, = g.run_bytes(f"dd if=/dev/{name}1 bs=1 skip={at} count=1 2>/dev/null")[1]
    g.sh(f"printf '\\{byte ^ 1:03o}' | dd of=/dev/{name}1 bs=1 seek={at} conv=notrunc,fsync 2>/dev/null")


def areas(g, name):
    """[(start, size)] of the metadata areas that the label has."""
    sector = g.run_bytes(f"dd if=/dev/{name}1 bs=512 skip=1 count=1 iflag=direct 2>/dev/null")[1]
    numbers = struct.unpack_from("<12Q", sector, 32 + 40)
    pairs = list(zip(numbers[::2], numbers[1::2]))
    behind = pairs[pairs.index((0, 0)) + 1:]
    return behind[:behind.index((0, 0))]


def two_areas(t, g):
    assert len(areas(g, "vdc")) == 2, areas(g, "vdc")
    goes_back(t, g, "vdc", "two metadata areas")
    with t.case("two metadata areas: LVM is content"):
        content(g, "vgck vg2")
        content(g, "pvs")
    grow(g, "vdc")
    flip(g, "vdc", areas(g, "vdc")[0][0])
    goes_back(t, g, "vdc", "one of them damaged")
    grow(g, "vdc")
    flip(g, "vdc", areas(g, "vdc")[1][0])
    refused(t, g, "vdc", "both damaged", "its metadata are damaged")
    for start, _ in areas(g, "vdc"):
        flip(g, "vdc", start)
    content(g, "vgck vg2")
    g.sh("lvm pvresize -q /dev/vdc1")
    refused(t, g, "vdc", "two metadata areas, pvresize", *past("vdc", sum(areas(g, "vdc")[1]) // 512))
    g.sh("lvm pvcreate -q -ff -y /dev/vdb1 && lvm vgextend -q vg2 /dev/vdb1 && "
         "lvm pvchange -q -y --metadataignore y /dev/vdc1")
    refused(t, g, "vdc", "metadata set aside", "other volumes of its group alone know")


# A ring in which the text goes on at the start

def text_at(g, name):
    """(offset, size) of the text in force, and the size of its area."""
    header = g.run_bytes(f"dd if=/dev/{name}1 bs=512 skip=8 count=1 iflag=direct 2>/dev/null")[1]
    size, offset, length = struct.unpack_from("<32xQQQ", header)
    return offset, length, size


def wrap(g, name, group_name):
    """Changes the metadata until they are in two pieces: first many times, near the end one by one."""
    for number in range(60):
        offset, length, size = text_at(g, name)
        if offset + length > size:
            return offset, length, size
        times = 1 if offset + 12 * length > size else 8
        g.sh("lvm", 60, b"".join(b"vgchange -q --addtag t%dx%d %s\n" % (number, i, group_name.encode())
                                 for i in range(times)))
    raise AssertionError(f"never in two pieces: {text_at(g, name)}")


def wrapped(t, g):
    with t.case("a text in two pieces was written"):
        t.note(wrap(g, "vdd", "vg3"))
    goes_back(t, g, "vdd", "a text in two pieces")
    with t.case("a text in two pieces: LVM is content"):
        content(g, "vgck vg3")
    grow(g, "vdd")
    flip(g, "vdd", 4096 + 512)
    refused(t, g, "vdd", "its second piece damaged", "its metadata are damaged")
    flip(g, "vdd", 4096 + 512)
    goes_back(t, g, "vdd", "mended")


def check_images(t, drives):
    for name in ("vda", "vdb", "vdc", "vdd"):
        size = PART[2] if name in ("vdb", "vdc") else PART[1]
        t.equal(oracles.table(drives[name].path, [(START, size)]), [], f"{name}: the table is sound")


def main():
    with ktap.Report(plan=12 + 10 + 8 + 12 + 7 + 1 + 4) as t:
        drives = {name: make(name) for name in NAMES}
        files = {**scenario.LVM_CONF, "/usr/bin/flock": root.tree() / "usr/bin/flock"}
        with scenario.tiny("going-back-lvm", list(drives.values()), files, memory=768) as g:
            g.sh("modprobe livegrow content_wait=0; modprobe dm-mod; modprobe dm-delay")
            data = group_make(g)
            g.sh("lvm pvcreate -q /dev/vdb1")
            g.sh("lvm pvcreate -q --pvmetadatacopies 2 /dev/vdc1 && lvm vgcreate -q vg2 /dev/vdc1")
            g.sh("lvm pvcreate -q --metadatasize 32k --dataalignment 64k /dev/vdd1 && lvm vgcreate -q vg3 /dev/vdd1 && "
                 "lvm lvcreate -q -an -Zn -l 5 -n lv vg3")
            grow_all(g)
            group(t, g, data)
            mappings(t, g)
            orphan(t, g)
            two_areas(t, g)
            wrapped(t, g)
            with t.case("e2fsck is content"):
                livegrow.unmount(g, "/mnt/lv")
                g.sh("e2fsck -fn /dev/vg/lv && lvm vgchange -q -an")
            g.poweroff()
        check_images(t, drives)


main()
