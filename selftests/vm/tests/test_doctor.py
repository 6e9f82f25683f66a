# SPDX-License-Identifier: GPL-2.0-or-later
"""growctl doctor: nothing where all is well; else each thing that is in the way, with its remedy."""
import json
import re

import gpt
import images
import ktap
import livegrow
import overlay
import root
import scenario
from images import GIB, MIB
from scenario import Drive, ended

TIMEOUT = 180
# An ext4 has no more than 2^32 inodes: with so many in each group, there is an end to the groups.
INODES = 32768
GROUP = 2048 * 4096
GROUPS_MAX = (2 ** 32 - 1) // INODES
PARTS = [gpt.Part(2048, 1050623), gpt.Part(1050624, GIB // 512 - 2049, gpt.SWAP)]


def with_mbr():
    image = images.empty("mbr.raw", GIB)
    images.sfdisk(image, "label: dos\n2048,512M,L")
    return image


def with_swap():
    image = images.path("swap.raw")
    table = gpt.Table(GIB, PARTS, guid=gpt.guid_of("swap"))
    table.write(image)
    images.format_partition(image, table, 1, "ext4")
    images.format_partition(image, table, 2, "swap")
    return image


def swap_first():
    image = images.path("first.raw")
    table = gpt.Table(GIB, [gpt.Part(2048, 206847, gpt.SWAP), gpt.Part(206848, GIB // 512 - 2049)],
                      guid=gpt.guid_of("first"))
    table.write(image)
    images.format_partition(image, table, 2, "ext4")
    return image


def with_two_supers():
    return scenario.one_partition("two.raw", GIB, "ext4", options=("-O", "sparse_super2,^resize_inode"))


def with_many_inodes():
    groups = GROUPS_MAX - 71
    image = images.empty("inodes.raw", groups * GROUP)
    images.mkfs(image, "ext4", options=("-b", 4096, "-g", 2048, "-I", 128, "-N", groups * INODES, "-O",
                                        "meta_bg,^resize_inode,^has_journal", "-E", "lazy_itable_init=1"))
    return image


def findings(g, disk=""):
    status, text = g.run(f"growctl doctor --json {disk}")
    found = json.loads(text)["findings"]
    assert status == (1 if found else 0), (status, found)
    assert all(set(f) == {"where", "what", "remedy"} and all(f.values()) for f in found), found
    return {f["where"]: f["what"] + " -> " + f["remedy"] for f in found}


def has(t, found, where, *words):
    t.ok(where in found and all(word in found[where] for word in words), f"finds {where}: {words[0]}", f"{found}")


def well(t, g):
    ended(t, g.run("growctl doctor vda"), 0, "nothing where all is well", "nothing stands in the way")
    t.equal(findings(g, "vda"), {}, "its JSON too")
    ended(t, g.run("growctl doctor nosuch"), 2, "no such disk", "no such disk")


def ill(t, g):
    g.sh("mount -o ro,noload /dev/vdd1 /ro && mount -o remount,ro /boot")
    has(t, findings(g, "vdd"), "vdd1: ext4 on /ro", "could not follow", "before the disk grows")
    for name in ("vdc", "vdd"):
        g.resize(name, 2 * GIB)
        livegrow.settled(g, name, 2 * GIB)
    found = findings(g)
    has(t, found, "vdb", "not a GPT", "nothing that is known to grow lies at the disk's end")
    has(t, found, "vdc", "last partition vdc2 is swap", "This destroys the partition vdc2", "swapoff /dev/vdc2 && sfdisk --delete /dev/vdc 2 && ")
    has(t, found, "vdd1: ext4 on /ro", "read-only", "remount")
    has(t, found, "vde1: ext4 on /two", "sparse_super2", "resize2fs")
    t.equal(set(found), {"vdb", "vdc", "vdd1: ext4 on /ro", "vde1: ext4 on /two"}, "and nothing else")
    text = g.run("growctl doctor vdc")
    ended(t, text, 1, "a disk alone, in words: what, and below it what to do", "vdc: blocked: ", "\n    only the last")
    swap = re.search(r"swapoff .*?; }", found["vdc"])[0]
    t.ok("vdb" not in text[1], "of the others nothing", text[1])
    ended(t, g.run(f"mount -o remount,rw /boot && swapon /dev/vdc2 && {swap}"), 0, "which, pasted as printed, has the partition in front of the swap grow", "vdc1: grown from", "ext4 on /boot grown from")
    g.resize("vde", 2 * GIB)
    livegrow.settled(g, "vde", 2 * GIB)
    ended(t, g.run("growctl grow vde"), 2, "nor does it try what the kernel never grows", "sparse_super2", "resize2fs")
    t.ok("sparse_super2" in g.sh("cat /tmp/log"), "as the daemon says", g.sh("cat /tmp/log"))


def exhausted(t, g):
    """Its disk is enlarged up to the last inodes, and further."""
    where, why = "vdf: ext4 on /many", "no room for more inodes"
    t.ok(where not in findings(g), "an ext4 that has room for some more inodes is well")
    for more in (0, 200):
        size = (GROUPS_MAX + more) * GROUP
        g.resize("vdf", size)
        g.sh(f"growctl wait vdf --at-least {size}", 40)
        has(t, findings(g), where, "has come to its end", why)
    livegrow.unmount(g, "/many")
    t.equal(scenario.fs_bytes(g, "ext4", "vdf", "/many"), GROUPS_MAX * GROUP, "it has all groups that have inodes")


def stacked(t, g):
    """LVM and what is on it: whatever is the lowest that is behind is told, and nothing where all is used."""
    def note():
        disk, = json.loads(g.sh("growctl status vdg --json"))["disks"]
        return disk["children"][0]["children"][0]["note"]

    def step(words):
        has(t, findings(g, "vdg"), "vdg1", "vg-lv stands between", words)
        t.equal(note(), words, f"so does status: {words}")

    def settled(what):
        t.equal((findings(g, "vdg"), note()), ({}, None), what)

    settled("LVM that uses all of its partition is in nobody's way")
    g.resize("vdg", 2 * GIB)
    livegrow.settled(g, "vdg", 2 * GIB)
    # growctl does not run.
    g.wait_for(lambda: livegrow.status(g, "vdg")["reason"] != "content-awaited")
    step("LVM follows by pvresize /dev/vdg1")
    ended(t, g.run("growctl grow vdg"), 3, "growctl grow says so too", "vdg: nothing to do; LVM follows by pvresize /dev/vdg1")
    g.sh("lvm pvresize -q /dev/vdg1")
    words = "no active LVM volume uses 1 GiB at its end: if vgs shows it free, and it is not kept for snapshots, lvextend -r -l +100%FREE VG/LV takes it for good"
    t.equal((findings(g, "vdg"), note()), ({}, words), "what a group has free may be meant: status alone tells of it")
    g.sh("lvm lvextend -q -l +100%FREE vg/lv")
    step("ext4 on /vg follows by resize2fs")
    g.sh("resize2fs /dev/vg/lv")
    settled("nor is it when all has followed")


def used_later(t, g, name, how, what):
    """LVM is made on a disk of which nothing was in use, and nothing tells the module."""
    g.resize(name, 2 * GIB)
    livegrow.settled(g, name, 2 * GIB)
    has(t, findings(g, name), name, "unused: nothing on it")
    # Whatever wakes the daemon has it compare, and ask the module for a look.
    daemon = livegrow.stop(g, "-o -x growctl")
    g.sh(f"lvm pvcreate -q /dev/{name}1 && lvm vgcreate -q vg-{name} /dev/{name}1 && lvm lvcreate -q -l 9 -n lv vg-{name}")
    has(t, findings(g, name), name, "came into use", "systemctl reload growctl", f"growctl grow {name}")
    disk, = json.loads(g.sh(f"growctl status {name} --json"))["disks"]
    t.equal((disk["state"], disk["reason"]), ("unknown", "none"), "nor does status say that it is unused")
    g.sh(f"kill -CONT {daemon}; {how}")
    with t.case(f"{what}: the module has looked, and grown it"):
        g.wait_for(lambda: scenario.part_sectors(g, f"{name}1")[1] * 512 == 2 * GIB - 2 * MIB)
    found = findings(g, name)
    t.ok(name not in found, f"{what}: doctor finds it in nobody's way", f"{found}")


def unseen(t, g):
    """Of swap neither a mount nor a mapping tells."""
    g.resize("vdj", 2 * GIB)
    livegrow.settled(g, "vdj", 2 * GIB)
    g.sh("mkswap /dev/vdj1 >/dev/null && swapon /dev/vdj1")
    has(t, findings(g, "vdj"), "vdj", "unused: nothing on it")
    g.sh("pkill -HUP -o -x growctl")
    with t.case("after a reload the module has looked at every disk"):
        g.wait_for(lambda: scenario.part_sectors(g, "vdj2")[1] == 2 * GIB // 512 - 206848 - 2048)
    t.equal(findings(g, "vdj"), {}, "and doctor has nothing to say")
    g.sh("swapoff /dev/vdj1")


def unmanaged(t, g):
    t.ok("sda" not in findings(g), "a disk of another driver is none of its business")
    g.resize("sda", 2 * GIB)
    g.sh("echo 1 >/sys/block/sda/device/rescan")
    g.wait_for(f"test $(cat /sys/block/sda/size) = {2 * GIB // 512}")
    has(t, findings(g), "sda", "backup of its table is not at its end", "drivers=sd ")


def set_mode(g, mode):
    g.sh(f"growctl policy set vda mode={mode}")
    g.wait_for(f"growctl status -n -o mode vda | grep -q {mode}")


def waiting(t, g):
    set_mode(g, "ask")
    has(t, findings(g, "vda"), "vda", "mode ask", "growctl grow vda")
    g.resize("vda", 2 * GIB)
    livegrow.settled(g, "vda", 2 * GIB)
    has(t, findings(g, "vda"), "vda", "waiting: the mode is ask", "growctl grow vda")
    g.sh("pkill -TERM -o -x growctl")
    g.wait_for("! pgrep -x growctl")
    g.sh("growctl grow vda")
    livegrow.set_policy(g, "vda", "auto")
    g.resize("vda", 3 * GIB)
    livegrow.settled(g, "vda", 3 * GIB)
    found = findings(g, "vda")
    has(t, found, "growctl.service", "does not run", "systemctl enable --now growctl")
    has(t, found, "vda1: ext4 on /mnt", "smaller than its device", "growctl grow vda")


def absent(t, g):
    livegrow.unload(g)
    found = findings(g)
    has(t, found, "livegrow", "no partition grows", "modprobe livegrow")
    nobody = "setpriv --reuid=65534 --regid=65534 --clear-groups"
    ended(t, g.run(f"{nobody} growctl doctor"), 2, "only root sees all", "root")


def main():
    drives = [Drive("vda", scenario.one_partition("well.raw", GIB, "ext4")), Drive("vdb", with_mbr()),
              Drive("vdc", with_swap()), Drive("vdd", scenario.one_partition("ro.raw", GIB, "ext4")),
              Drive("vde", with_two_supers()), Drive("vdf", with_many_inodes()),
              *(Drive(name, scenario.one_partition(f"{name}.raw", GIB, kind=None, of_type=gpt.LVM)) for name in ("vdg", "vdh", "vdi")),
              Drive("vdj", swap_first()),
              Drive("sda", scenario.one_partition("scsi.raw", GIB, "ext4"), driver="virtio-scsi")]
    tools = {**scenario.LVM_CONF, **{f"/usr/bin/{name}": overlay.inside(root.tree(), f"/usr/bin/{name}") for name in ("setpriv", "partx")}}
    with ktap.Report(plan=3 + 11 + 4 + 8 + 10 + 3 + 2 + 4 + 2 + 1) as t, scenario.tiny("doctor", drives, files=tools) as g:
        g.sh("mkdir -p /run /ro /boot /two /many && mount /dev/vdf /many && mount /dev/vde1 /two && mount /dev/vda1 /mnt && mount /dev/vdc1 /boot")
        scenario.make_lvm(g, "vdg1", "vg")
        livegrow.load(g)
        livegrow.looked(g)
        g.start("exec growctl daemon >/tmp/log 2>&1")
        livegrow.wait_for_listener(g)
        ended(t, g.run("growctl daemon"), 2, "there is one daemon", "another one runs")
        well(t, g)
        ill(t, g)
        exhausted(t, g)
        stacked(t, g)
        used_later(t, g, "vdh", "pkill -HUP -o -x growctl", "after a reload")
        used_later(t, g, "vdi", "mke2fs -q -t ext4 /dev/vg-vdi/lv && mkdir /vdi && mount /dev/vg-vdi/lv /vdi", "after a mount")
        unseen(t, g)
        unmanaged(t, g)
        waiting(t, g)
        absent(t, g)
        g.poweroff()


main()
