# SPDX-License-Identifier: GPL-2.0-or-later
"""growctl rollback: what fits goes back, what has grown past the old end is refused with its reason."""
import binascii
import json
import struct

import gpt
import images
import ktap
import livegrow
import oracles
import overlay
import root
import scenario
from drive import Drive
from images import GIB, MIB

TIMEOUT = 240
KINDS = {"vda": "ext4", "vdb": "xfs"}
LOG = "/tmp/daemon.log"
START = 2048
# Sectors of the one partition of a disk of so many GiB.
PART = {gib: (gib * GIB // 512 - 33) // 2048 * 2048 - START for gib in (1, 2, 3, 4)}
OLD = PART[1] * 512
# No checksum, so that a flag can be set by hand.
PLAIN = ("-O", "^metadata_csum")


def guid(name):
    return f"4C495645-4752-4F57-8001-{ord(name[-1]):012X}"


def make(name, kind=None, block=512, copy_of=None):
    image = images.path(f"going-back-{name}.raw")
    unit = block // 512
    part = gpt.Part(START // unit, (START + PART[1]) // unit - 1, name="data")
    table = gpt.Table(GIB, [part], guid=guid(copy_of or name), block=block)
    table.write(image)
    if kind:
        images.format_partition(image, table, 1, kind)
    return Drive(name, image, logical=block)


def size(g, name):
    """(sectors of the partition, sectors of its filesystem)"""
    return (scenario.part_sectors(g, f"{name}1")[1],
            scenario.fs_bytes(g, KINDS[name], f"{name}1", f"/mnt/{name}") // 512)


def table_says(g, name):
    """The sectors of the partition in the table, as sfdisk reads it off the device."""
    table = json.loads(g.sh(f"sfdisk --json /dev/{name}"))["partitiontable"]
    part, = table["partitions"]
    return part["size"]


def mode(g, name):
    disk, = json.loads(g.sh(f"growctl status {name} --json"))["disks"]
    return disk["mode"], disk["state"]


def daemon(g):
    command = g.start(f"echo $$ >/tmp/daemon.pid; exec growctl daemon 2>{LOG}")
    g.wait_for(f"grep -q connected {LOG}")
    return command


def daemon_end(g, command):
    g.sh("kill $(cat /tmp/daemon.pid)")
    assert command.wait(20)[0] == 0, command.wait()


def grow(g, name, gib, *flags):
    """Table and partition alone; the daemon does not run."""
    g.resize(name, gib * GIB)
    livegrow.settled(g, name, gib * GIB)
    if flags:
        livegrow.grow(g, name, *flags)


def refused(t, g, command, name, *words):
    status, text = g.run(command, 20)
    t.ok(status == 2 and all(word in text for word in words), name, f"{command}: {status} {text}")


def has_grown(t, g, watch):
    """The everyday case: everything grew, and nothing may go back."""
    command = daemon(g)
    for name in KINDS:
        mark = watch.mark()
        g.resize(name, 2 * GIB)
        watch.wait(event="filesystem-grown", disk=name, since=mark)
        for dry in ("", " --dry-run"):
            refused(t, g, f"growctl rollback {name}{dry}", f"{name}: it has grown: growctl rollback{dry}",
                    f"{name}1: {KINDS[name]} on /mnt/{name} has grown past the old end",
                    f"({PART[2] * 512} and {OLD} bytes)")
        t.equal((size(g, name), table_says(g, name), mode(g, name)[0]),
                ((PART[2], PART[2]), PART[2], "auto"), f"{name}: and nothing changes")
    daemon_end(g, command)


def twins(t, g):
    """A copy that is attached beside its original."""
    g.plug(make("vde", copy_of="vda"))
    g.wait_for("growctl status -n -o state vde | grep -q full")
    said = "vde has the same disk GUID"
    refused(t, g, "growctl rollback vda", "beside a disk of the same GUID it is refused", f"vda: {said}", "detach the copy")
    status, text = g.run("growctl tables vda")
    t.ok(status == 0 and f"{guid('vda')}.1.gpt" in text and f"vda: {said}" in text, "tables lists them, and warns", text)
    status, text = g.run("growctl doctor vda")
    t.ok(status == 1 and f"vda: {said}" in text, "doctor finds it", text)
    g.unplug("vde")
    status, text = g.run("growctl tables vda 2>&1")
    t.ok(status == 0 and "GUID:" not in text, "without the copy nothing of that is said", text)


def goes_back(t, g, watch, name):
    """The filesystem was left as it was, and so its partition may be."""
    grow(g, name, 3)
    said = f"from 2.9 GiB to 1.9 GiB ({PART[3] * 512} to {PART[2] * 512} bytes)"
    status, text = g.run(f"growctl rollback {name} --dry-run")
    t.ok(status == 0 and f"{name}1: would go back {said}" in text, f"{name}: --dry-run says so", text)
    t.equal((size(g, name), table_says(g, name), mode(g, name)[0]),
            ((PART[3], PART[2]), PART[3], "auto"), f"{name}: and does nothing")
    mark = watch.mark()
    status, text = g.run(f"growctl rollback {name}")
    t.ok(status == 0 and f"{name}1: back {said}" in text and "mode ask" in text, f"{name}: it goes back",
         f"{status} {text}")
    with t.case(f"{name}: the event says so too"):
        watch.wait(event="rolled-back", disk=name, part_old_size=PART[3] * 512,
                   part_size=PART[2] * 512, since=mark)
    t.equal((size(g, name), table_says(g, name)), ((PART[2], PART[2]), PART[2]),
            f"{name}: partition and table have the old size")
    with t.case(f"{name}: the filesystem is not frozen"):
        g.sh(f"touch /mnt/{name}/after && sync -f /mnt/{name}", 10)
    status, text = g.run(f"growctl rollback {name} --to 1")
    t.ok(status == 2 and "has grown past" in text, f"{name}: no further than its filesystem allows", text)


def stays(t, g, watch):
    """Mode ask, whatever is enlarged, loaded anew or started anew."""
    command = daemon(g)
    t.equal([mode(g, name) for name in KINDS], [("ask", "waiting")] * 2, "both are in mode ask")
    mark = watch.mark()
    for name in KINDS:
        g.resize(name, 4 * GIB)
        watch.wait(event="settled", disk=name, capacity=4 * GIB, since=mark)
    t.equal([size(g, name) for name in KINDS], [(PART[2], PART[2])] * 2,
            "a host that enlarges them does not make them grow")
    livegrow.unload(g)
    livegrow.load(g)
    with t.case("a module that is loaded anew is told by the daemon"):
        for name in KINDS:
            g.wait_for(lambda name=name: mode(g, name) == ("ask", "waiting"))
    t.equal([size(g, name) for name in KINDS], [(PART[2], PART[2])] * 2, "and has grown nothing")
    for name in KINDS:
        status, text = g.run(f"growctl grow {name}")
        t.ok(status == 0 and size(g, name) == (PART[4], PART[4]), f"{name}: a person's word grows it", text)
    t.equal([mode(g, name)[0] for name in KINDS], ["ask", "ask"], "once: the mode stays")
    g.sh("rm /var/lib/livegrow/*.ask && pkill -HUP -f '^growctl [d]aemon'")
    with t.case("without the file of it the daemon has them in mode auto again"):
        for name in KINDS:
            g.wait_for(lambda name=name: mode(g, name)[0] == "auto")
    daemon_end(g, command)


# What is on the partition of vdc, and what is said of it

def pv_label(sectors):
    """Sector 1 of an LVM physical volume that takes so many sectors."""
    body = struct.pack("<I8s32sQ", 32, b"LVM2 001", b"a" * 32, sectors * 512).ljust(512 - 20, b"\0")
    crc = binascii.crc32(body, 0xf597a6cf ^ 0xffffffff) ^ 0xffffffff
    return bytes(512) + b"LABELONE" + struct.pack("<QI", 1, crc) + body


LUKS = b"LUKS\xba\xbe\0\1".ljust(592, b"\0")
DM_CRYPT = ("dmsetup create secret --table '0 {1} crypt aes-cbc-plain64 "
            + "00" * 32 + " 0 /dev/{0} 4096'")


def clear(g):
    g.sh("umount /mnt/vdc 2>/dev/null; swapoff -a; dmsetup remove -f secret 2>/dev/null;"
         "dd if=/dev/zero of=/dev/vdc1 bs=1M count=4 conv=fsync 2>/dev/null")


def holds(g, data):
    clear(g)
    g.sh("dd of=/dev/vdc1 conv=notrunc,fsync 2>/dev/null", stdin=data)


def fits(t, g, name):
    status, text = g.run("growctl rollback vdc --dry-run")
    t.ok(status == 0 and "vdc1: would go back" in text, name, f"{status} {text}")


def contents(t, g):
    """Neither filesystem nor table: the reasons."""
    def no(name, *words):
        refused(t, g, "growctl rollback vdc", name, "vdc1: ", *words)

    clear(g)
    no("nothing known: refused", "nothing is found on it")
    g.sh("mkswap /dev/vdc1 && swapon /dev/vdc1")
    no("swap: refused", "swap: growctl cannot tell the size")
    holds(g, pv_label(PART[1]))
    no("a physical volume without metadata: refused, whatever size its label has",
       "LVM2_member: other volumes of its group alone know how far it reaches")
    holds(g, LUKS)
    no("closed LUKS: refused", "crypto_LUKS: closed, it does not tell")
    g.sh(DM_CRYPT.format("vdc1", PART[2] - 4096))
    no("LUKS with a mapping over all of it: refused", "crypto_LUKS has grown past the old end")
    g.sh("dmsetup remove secret; " + DM_CRYPT.format("vdc1", PART[1] - 4096))
    fits(t, g, "with one that was not resized: it could go back")
    g.sh(f"dmsetup remove secret; dmsetup create secret --table '0 {PART[1]} linear /dev/vdc1 0'")
    no("with another mapping than dm-crypt's: refused", "not by dm-crypt alone")


def filesystems(t, g):
    def no(name, *words):
        refused(t, g, "growctl rollback vdc", name, "vdc1: ", *words)

    clear(g)
    g.sh(f"mkfs.xfs -q -f -d size={OLD} /dev/vdc1")
    no("an XFS that is not mounted: refused", "xfs: only a mounted one")
    clear(g)
    g.sh(f"mke2fs -q -F -t ext4 {' '.join(PLAIN)} /dev/vdc1 {OLD // 1024}k")
    g.sh("mkdir -p /mnt/vdc; mount -o ro /dev/vdc1 /mnt/vdc")
    no("mounted read-only: refused", "mounted read-only")
    g.sh("mount -o remount,rw /mnt/vdc && fsfreeze -f /mnt/vdc")
    no("somebody else froze it: refused", "frozen already")
    with t.case("and it is left frozen"):
        assert g.run("fsfreeze -u /mnt/vdc")[0] == 0
    g.sh("umount /mnt/vdc; dmsetup create secret --table "
         f"'0 {PART[1]} linear /dev/vdc1 0'")
    no("something below it has it: refused", "something else than a mount uses it")
    g.sh("dmsetup remove secret; printf '\\306' | "
         "dd of=/dev/vdc1 bs=1 seek=1120 conv=notrunc,fsync 2>/dev/null")
    no("a journal that is to be replayed: refused", "its journal is not empty")


def tables(t, g):
    """The old table is to be that of the same partitions."""
    refused(t, g, "growctl rollback vdc --to 77", "an ID that there is not", "no old table of this ID")
    g.sh("sgdisk -c 1:other /dev/vdc")
    refused(t, g, "growctl rollback vdc", "a partition that was renamed since", "in more than the end of vdc1")
    g.sh("sgdisk -c 1:data /dev/vdc")
    g.sh("sgdisk -a 1 -n 2:40:99 /dev/vdc")
    refused(t, g, "growctl rollback vdc", "a partition that was made since", "in more than the end of vdc1")
    g.sh("sgdisk -d 2 /dev/vdc")
    t.equal((scenario.part_sectors(g, "vdc1"), table_says(g, "vdc")), ((START, PART[2]), PART[2]),
            "after all that was refused nothing has changed")


def unmounted(t, g):
    """An ext4 that nobody uses goes back and is held meanwhile."""
    g.sh("printf '\\302' | dd of=/dev/vdc1 bs=1 seek=1120 conv=notrunc,fsync 2>/dev/null")
    status, text = g.run("growctl rollback vdc")
    t.ok(status == 0 and "vdc1: back" in text, "not mounted, it goes back", f"{status} {text}")
    t.equal((scenario.part_sectors(g, "vdc1"), table_says(g, "vdc")), ((START, PART[1]), PART[1]),
            "partition and table have the old size")


def halfway(t, g):
    """As a rollback leaves it that an I/O error stopped behind the table."""
    grow(g, "vdc", 3, "asked", "unused", "free-tail")
    g.sh(f"echo ,{PART[1]} | sfdisk -q --no-reread --no-tell-kernel -N 1 /dev/vdc")
    status, text = g.run("growctl rollback vdc")
    t.ok(status == 0 and "vdc1: back" in text and "as in the present table" in text and
         scenario.part_sectors(g, "vdc1") == (START, PART[1]),
         "where the table is small already, the partition follows", f"{status} {text}")


def large_blocks(t, g):
    grow(g, "vdd", 2, "asked", "unused")
    status, text = g.run("growctl rollback vdd")
    t.ok(status == 0 and f"to {OLD} bytes)" in text and scenario.part_sectors(g, "vdd1") == (START, PART[1])
         and table_says(g, "vdd") * 8 == PART[1], "blocks of 4096 bytes", f"{status} {text}")
    t.ok("initramfs" not in text, "nothing is said of an initramfs that has no growctl", text)


def chosen(t, g):
    """Not the newest table in which the partition was smaller, but the one of an ID."""
    for gib in (3, 4):
        grow(g, "vdd", gib, "asked", "unused", "free-tail")
    command = daemon(g)
    g.wait_for(lambda: "backups" not in json.loads(g.sh("growctl status vdd --json"))["disks"][0])
    daemon_end(g, command)
    rows = json.loads(g.sh("growctl tables vdd --json"))["tables"]
    number = [row["id"] for row in rows if row["size"] == OLD][-1]
    for to, goal in ("", PART[3] * 512), (f" --to {number}", OLD):
        status, text = g.run(f"growctl rollback vdd{to} --dry-run")
        t.ok(status == 0 and f"to {goal} bytes)" in text, f"rollback{' --to ID' if to else ''} --dry-run: its table",
             f"{status} {text}")
    g.sh(f"mkdir -p /etc/default; echo 'INITRAMFS=\"yes\"' >/etc/default/growctl")
    status, text = g.run(f"growctl rollback vdd --to {number}")
    t.ok("update-initramfs -u" in text.splitlines()[-1], "one that has it is to be made anew", text)
    t.ok(status == 0 and f"to {OLD} bytes)" in text and scenario.part_sectors(g, "vdd1") == (START, PART[1])
         and table_says(g, "vdd") * 8 == PART[1], "rollback --to ID goes back to that", f"{status} {text}")


def encrypted(t, g):
    """Under its mapping, and when the lock of another tool is free."""
    livegrow.grow(g, "vdd", "asked", "unused", "free-tail")
    g.sh("dd of=/dev/vdd1 conv=notrunc,fsync 2>/dev/null", stdin=LUKS)
    g.sh(DM_CRYPT.format("vdd1", PART[1] - 4096))
    g.sh("dd if=/dev/urandom of=/dev/dm-0 bs=1M count=4 conv=fsync 2>/dev/null; mkfifo /tmp/release")
    digest = ("dd if=/dev/dm-0 of=/tmp/head bs=1M count=4 iflag=direct 2>/dev/null && "
              "[ $(stat -c %s /tmp/head) = 4194304 ] && sha256sum /tmp/head")
    before = g.sh(digest)
    tool = g.start("exec flock /dev/vdd cat /tmp/release")
    g.wait_for("grep -q FLOCK /proc/locks")
    with t.case("growctl rollback waits for another tool's lock"):
        command = scenario.behind_a_lock(g, "growctl rollback vdd", "/dev/vdd")
        assert scenario.part_sectors(g, "vdd1") == (START, PART[4])
    g.sh("echo >/tmp/release")
    status = command.wait(30)[0], tool.wait(10)[0]
    t.equal((status, scenario.part_sectors(g, "vdd1"), table_says(g, "vdd") * 8, g.sh(digest)),
            ((0, 0), (START, PART[1]), PART[1], before), "LUKS goes back under its mapping")
    g.sh("dmsetup remove secret")


def check_images(t, drives):
    for name, kind in KINDS.items():
        t.equal(oracles.table(drives[name].path, [(START, PART[4])])
                + oracles.filesystem(drives[name].path, kind, START * 512, PART[4] * 512), [],
                f"{name}: table and filesystem are sound")
    t.equal(oracles.table(drives["vdc"].path, [(START, PART[1])])
            + oracles.filesystem(drives["vdc"].path, "ext4", START * 512, OLD), [],
            "vdc: table and filesystem are sound")


def main():
    with ktap.Report(plan=6 + 4 + 2 * 7 + 8 + 7 + 6 + 4 + 2 + 1 + 2 + 4 + 2 + 3) as t:
        drives = {name: make(name, KINDS.get(name)) for name in ("vda", "vdb", "vdc")}
        drives["vdd"] = make("vdd", "ext4", block=4096)
        flock = overlay.inside(root.tree(), "/usr/bin/flock")
        with scenario.tiny("going-back", list(drives.values()), {"/usr/bin/flock": flock}, memory=768) as g:
            g.sh("modprobe livegrow")
            for name in KINDS:
                g.sh(f"mkdir -p /mnt/{name} && mount /dev/{name}1 /mnt/{name}")
            watch = scenario.Watch(g)
            has_grown(t, g, watch)
            twins(t, g)
            for name in KINDS:
                goes_back(t, g, watch, name)
            stays(t, g, watch)
            grow(g, "vdc", 2, "asked", "unused")
            contents(t, g)
            filesystems(t, g)
            tables(t, g)
            unmounted(t, g)
            halfway(t, g)
            large_blocks(t, g)
            chosen(t, g)
            encrypted(t, g)
            livegrow.unmount(g, "/mnt/vda", "/mnt/vdb")
            g.poweroff()
        check_images(t, drives)


main()
