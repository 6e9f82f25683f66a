# SPDX-License-Identifier: GPL-2.0-or-later
"""What did not grow: growctl says why and what to do, in the same words wherever it says so."""
import binascii
import json
import struct

import gpt
import images
import ktap
import livegrow
import overlay
import root
import scenario
from drive import Drive
from guest import Guest
from images import GIB, MIB

TIMEOUT = 180
LOG = "/tmp/daemon.log"

# Whole-disk ext4; each but vda is hindered. What is done to it, and the words.
HINDERED = {
    "vdb": ("mount -o remount,ro /mnt/vdb", "mounted read-only"),
    "vdc": ("echo x >/sys/fs/ext4/vdc/trigger_fs_error", "has errors: umount it and run e2fsck -f"),
    "vdd": ("mount -t tmpfs over /mnt/vdd", "every mount of it is hidden under another"),
}
NOBODY = "setpriv --reuid=65534 --regid=65534 --clear-groups"
MOUNTED = ["vda", *HINDERED]


def lvm_label():
    """Sector 1 of a physical volume, as far as libblkid reads it."""
    body = struct.pack("<I8s32s", 32, b"LVM2 001", b"a" * 32).ljust(512 - 20, b"\0")
    crc = binascii.crc32(body, 0xf597a6cf ^ 0xffffffff) ^ 0xffffffff
    return b"LABELONE" + struct.pack("<QI", 1, crc) + body


def one_part(name, sectors=2093056, at=0, data=b""):
    image = images.path(f"advice-{name}.raw")
    gpt.Table(GIB, [gpt.Part(2048, 2048 + sectors - 1)], guid=gpt.guid_of(name)).write(image)
    with open(image, "r+b") as file:
        file.seek(2048 * 512 + at)
        file.write(data)
    return Drive(name, image)


def fat(name, sectors):
    """A vfat of so many sectors in a partition of 1022 MiB."""
    drive = one_part(name)
    images.format_range(drive.path, 2048 * 512, sectors * 512, "vfat")
    return drive


def unknown(name):
    """Swap, to have the disk in use, and an empty partition behind it whose type tells nothing."""
    image = images.path(f"advice-{name}.raw")
    gpt.Table(GIB, [gpt.Part(2048, 206847, gpt.SWAP),
                    gpt.Part(206848, 2095103, gpt.MICROSOFT_BASIC)], guid=gpt.guid_of(name)).write(image)
    return Drive(name, image)


def whole(name):
    image = images.empty(f"advice-{name}.raw", GIB)
    images.mkfs(image, "ext4")
    return Drive(name, image)


def drives():
    luks = b"LUKS\xba\xbe\0\1".ljust(592, b"\0")
    return [*map(whole, MOUNTED),
            one_part("vde", at=512, data=lvm_label()),
            one_part("vdf", data=luks),
            unknown("vdg"),
            one_part("vdh", sectors=204800),
            fat("vdi", 1048576),
            fat("vdj", 2093056)]


def size(g, name):
    return scenario.fs_bytes(g, "ext4", name, f"/mnt/{name}")


def prepare(g):
    for name in MOUNTED:
        g.sh(f"mkdir -p /mnt/{name} && mount /dev/{name} /mnt/{name}")
    for how, _ in HINDERED.values():
        g.sh(how)
    # In use without a filesystem.
    g.sh("for d in vdg vdh; do mkswap -f /dev/${d}1 >/dev/null && swapon /dev/${d}1; done")


def findings(g, disk):
    """{where: (what, remedy)} of growctl doctor, but for the daemon that does not run."""
    found = json.loads(g.run(f"growctl doctor --json {disk}")[1])["findings"]
    return {f["where"]: (f["what"], f["remedy"]) for f in found if f["where"] != "growctl.service"}


def notes(g, disk, who=""):
    """{row's name: its note} of one disk."""
    def rows(row):
        yield row["name"], row["note"]
        for child in row.get("children", []):
            yield from rows(child)
    return dict(rows(json.loads(g.sh(f"{who} growctl status {disk} --json"))["disks"][0]))


def full(t, g):
    """Before the disks grow. With errors=remount-ro older kernels make it read-only themselves."""
    words, what = HINDERED["vdc"][1], "it could not follow its disk"
    where = "vdc: ext4 on /mnt/vdc"
    t.equal(findings(g, "vdc"), {where: (what, words)}, "B3: doctor: an ext4 with errors that is full")
    g.sh("mount -o remount,ro /mnt/vdc")
    t.equal(findings(g, "vdc"), {where: (what, words)}, "B3: doctor: if it is read-only too, it is to be checked, not remounted")
    g.sh("mount -o remount,rw /mnt/vdc")
    t.equal(findings(g, "vdb"), {"vdb: ext4 on /mnt/vdb": ("mounted read-only: " + what, "remount it writable before the disk grows")},
            "doctor: one that is read-only without errors")


def behind(t, g):
    for name in MOUNTED:
        g.resize(name, 2 * GIB)
        livegrow.settled(g, name, 2 * GIB)
    note = notes(g, "vda")["ext4"]
    t.equal(note, "could grow by 1 GiB; growctl grow vda; is growctl.service running?",
            "status: one that nothing hinders")
    for name, (_, words) in HINDERED.items():
        note = notes(g, name)["ext4"]
        t.ok(note.startswith("could grow by 1 GiB; ") and words in note, f"status: {words}", note)
        dry, real = (g.run(f"growctl grow {name} {option}") for option in ("--dry-run", ""))
        t.ok((dry[0], real[0]) == (2, 2) and f"ext4 on /mnt/{name}: {words}" in dry[1] and
             f"{name}: ext4 on /mnt/{name} did not grow: {words}" in real[1],
             f"growctl grow, dry and real: {words}", f"{dry} {real}")


def contents(t, g):
    t.equal(notes(g, "vde")["LVM2_member"], "LVM follows by pvresize /dev/vde1", "status: LVM")
    t.equal(notes(g, "vdf")["crypto_LUKS"], "LUKS follows when it is opened next", "status: LUKS")
    note = notes(g, "vdh")["vdh"]
    t.ok(note and note.endswith("free, not taken"), "status: a free tail that swap cannot use", note)
    g.resize("vdg", 2 * GIB)
    livegrow.settled(g, "vdg", 2 * GIB)
    words = "growing it may destroy what is; only if you know that its content survives that"
    note = notes(g, "vdg")["vdg2"]
    t.ok("nothing that is known is on it" in note and words in note, "status: a partition without a known content", note)


def offline(t, g):
    """What growctl does not grow has not all of its partition, which has nothing to do itself."""
    words = "nothing to do; vfat on vdi1 has not all of it: cannot grow while mounted: umount it and run fatresize"
    for command in ("plan", "grow"):
        scenario.ended(t, g.run(f"growctl {command} vdi"), 3, f"growctl {command}: who grows a vfat", words)
    said = scenario.growctl_on_host("plan", fat("image", 1048576).path)
    t.ok(said[0] == 3 and "nothing to do" in said[1], "nor does an image's grow by itself", f"{said}")
    text = g.run("growctl grow vdj")[1]
    t.ok("nothing to do" in text and "has not all" not in text, "nothing of one that has all", text)
    scenario.ended(t, g.run("growctl grow vdh"), 2, "growctl grow: swap that is in use", "vdh1 holds swap")
    g.sh("swapoff /dev/vdh1")
    scenario.ended(t, g.run("growctl grow vdh"), 2, "growctl grow: swap that is not", "vdh1 holds swap")


def between(t, g):
    """What others made is between a partition and its filesystems; anybody may know its name."""
    t.equal(findings(g, "vdf"), {}, "doctor: LUKS that is closed is in nobody's way")
    g.sh(f"dmsetup create vg-data --uuid LVM-x --table '0 8192 linear /dev/vde1 2048'; "
         f"dmsetup create secret --uuid CRYPT-LUKS1-x --table '0 8192 crypt aes-cbc-plain64 {'00' * 32} 0 /dev/vdf1 4096'")
    for disk, kind, words, name in (("vde", "LVM2_member", "LVM follows by pvresize /dev/vde1", "vg-data"),
                                    ("vdf", "crypto_LUKS", "LUKS follows by cryptsetup resize secret", "secret")):
        livegrow.grow(g, disk)
        t.equal(notes(g, disk, NOBODY)[kind], words, f"status without root: {kind} that is in use")
        # Of an LVM without metadata it is not known whether it is behind.
        found = {f"{disk}1": (f"{name} stands between it and what is mounted", words)} if disk == "vdf" else {}
        t.equal(findings(g, disk), found, f"doctor: {kind}")
    whole = scenario.part_sectors(g, "vdf1")[1] - 4096
    for sectors, what in ((whole - 7, "LUKS that leaves less than its sector"), (whole, "LUKS that takes all")):
        g.sh(f"dmsetup remove secret; dmsetup create secret --uuid CRYPT-LUKS1-x "
             f"--table '0 {sectors} crypt aes-cbc-plain64 {'00' * 32} 0 /dev/vdf1 4096'")
        t.equal((findings(g, "vdf"), notes(g, "vdf")["crypto_LUKS"]), ({}, None), f"{what} has nothing to follow")
    g.sh("dmsetup remove secret && dmsetup remove vg-data")


def daemon(t, g):
    command = g.start(f"exec growctl daemon 2>{LOG}")
    with t.case("the daemon tells of each"):
        for name, (_, words) in HINDERED.items():
            g.wait_for(f"grep -q '{name}: ext4 on /mnt/{name} did not grow: {words}' {LOG}")
        g.wait_for(f"grep -q 'vda: ext4 grown' {LOG}")
    g.sh("for i in 1 2 3; do mount -t tmpfs more /tmp && umount /tmp; done")
    livegrow.wait_idle(g, "$(pgrep -o -x growctl)")
    text = g.sh(f"cat {LOG}")
    t.ok(all(text.count(words) == 1 for _, words in HINDERED.values()), "once", text)
    with t.case("and grows what is hindered no more"):
        g.sh("mount -o remount,rw /mnt/vdb && umount /mnt/vdd")
        g.wait_for(lambda: all(size(g, name) == 2 * GIB for name in ("vdb", "vdd")))
    with t.case("and what has been repaired, once it is mounted again"):
        g.sh("umount /mnt/vdc")
        livegrow.wait_idle(g, "$(pgrep -o -x growctl)")
        g.run("e2fsck -fy /dev/vdc", 60)
        g.sh("mount /dev/vdc /mnt/vdc")
        g.wait_for(lambda: size(g, "vdc") == 2 * GIB)
    g.sh("pkill -x growctl")
    command.wait(10)


def small_and_linked(t, g):
    g.resize("vda", 2 * GIB + 8 * MIB)
    livegrow.settled(g, "vda", 2 * GIB + 8 * MIB)
    g.sh("mkdir -p /dev/disk/by-id && ln -s ../../vda /dev/disk/by-id/virtio-a")
    t.ok("vda" in g.sh("growctl status /dev/disk/by-id/virtio-a"), "a link names a disk")
    status, text = g.run("growctl grow /dev/disk/by-id/virtio-a")
    t.ok(status == 0 and "vda: ext4 on /mnt/vda grown from 2048 MiB to 2056 MiB" in text,
         "and sizes are told apart", f"{status} {text}")


def mode_ask(t, g):
    livegrow.unload(g)
    livegrow.load(g, "mode=ask")
    g.resize("vda", 3 * GIB)
    livegrow.settled(g, "vda", 3 * GIB)
    t.equal(notes(g, "vda")["ext4"], "could grow by 1016 MiB; growctl grow vda",
            "status in mode ask says growctl grow alone")
    g.sh("dmsetup create vg-data --table '0 8192 linear /dev/vde1 2048'")
    where = set(findings(g, ""))
    t.ok("vdb" in where and not any(name.startswith("dm-") for name in where),
         "doctor: mode ask is no matter of a mapping's, which nobody can tell to grow", f"{where}")
    g.sh("dmsetup remove vg-data")


def unwritable(t, g):
    for arguments in ("--help", "--version", "status", "status --json", "watch", "watch --json",
                      "grow vda --dry-run", "grow vda"):
        status, text = g.run(f"timeout 1000 growctl {arguments} >/dev/full")
        t.ok(status == 2 and "cannot write to standard output" in text,
             f"growctl {arguments} >/dev/full", f"{status} {text}")
    # busybox's sed would read one line more than it prints.
    status, text = g.run("trap '' PIPE; growctl watch | "
                         "while read -r line; do echo $line; case $line in *subscribed) break;; esac; done", 20)
    t.ok(status == 0 and "subscribed" in text and not g.run("pgrep -x growctl")[1],
         "watch ends with its reader, without SIGPIPE and without an event", f"{status} {text}")


def main():
    with ktap.Report(plan=3 + 1 + 2 * len(HINDERED) + 4 + 6 + 7 + 4 + 2 + 2 + 9) as t:
        tools = {"/usr/bin/setpriv": overlay.inside(root.tree(), "/usr/bin/setpriv")}
        with Guest("advice", initrd=livegrow.initrd(**tools), drives=drives(), memory=768) as g:
            prepare(g)
            livegrow.load(g)
            full(t, g)
            behind(t, g)
            contents(t, g)
            offline(t, g)
            between(t, g)
            daemon(t, g)
            small_and_linked(t, g)
            mode_ask(t, g)
            unwritable(t, g)
            g.poweroff()


main()
