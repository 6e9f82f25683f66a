# SPDX-License-Identifier: GPL-2.0-or-later
"""growctl wait: it returns when the filesystem has what the host gave, and says so where it never will."""
import gpt
import images
import ktap
import livegrow
import overlay
import root
import scenario
from images import GIB
from scenario import Drive, ended

TIMEOUT = 120
# The filesystem's bytes on a disk of so many GiB with one partition.
PART = {gib: gib * GIB - (2 << 20) for gib in (1, 2, 3, 4)}


def wait(g, arguments, timeout=20):
    """(exit status, what it said)"""
    return g.run(f"growctl wait {arguments}", timeout)


def with_daemon(t, g):
    ended(t, wait(g, "vda"), 0, "a disk that is grown already is not waited for",
          "vda1: ext4 on /mnt", f"({PART[1]} bytes)")
    ended(t, wait(g, "vda --at-least 2G --timeout 1"), 4, "the disk does not become larger in time",
          "timed out", "1 GiB, not 2 GiB")
    waiting = g.start("exec growctl wait vda --at-least 2GiB")
    livegrow.wait_for_listener(g, 3)
    t.ok(not waiting.finished(), "it waits for the host")
    g.resize("vda", 2 * GIB)
    ended(t, waiting.wait(30), 0, "and ends when the filesystem has the new size",
          "vda1: ext4 on /mnt", f"({PART[2]} bytes)")
    t.equal(scenario.fs_bytes(g, "ext4", "vda1", "/mnt"), PART[2], "as it has")
    waiting = g.start("exec growctl wait vde --at-least 2G")
    livegrow.wait_for_listener(g, 3)
    g.resize("vde", 2 * GIB)
    ended(t, waiting.wait(30), 0, "the module waits for the daemon's look at the content: that is no refusal",
          f"({PART[2]} bytes)")
    waiting = g.start("exec growctl wait vdf --at-least 2G")
    livegrow.wait_for_listener(g, 3)
    g.resize("vdf", 2 * GIB)
    ended(t, waiting.wait(30), 2, "a filesystem that the kernel does not grow", "ext4 on /sparse: has sparse_super2")
    g.resize("vdb", 2 * GIB)
    ended(t, wait(g, f"/dev/vdb --at-least {2 * GIB}"), 0, "XFS on a whole disk",
          f"vdb: xfs on /srv: 2 GiB ({2 * GIB} bytes)")


def without_daemon(t, g):
    g.sh("pkill -TERM -x growctl; while pgrep -x growctl; do sleep 0.05; done")
    g.resize("vda", 3 * GIB)
    ended(t, wait(g, "vda --at-least 3G --timeout 2"), 4, "where no daemon runs the filesystem stays behind",
          "timed out", "vda1: ext4 on /mnt: ", "growctl.service")
    waiting = g.start("exec growctl wait vda --at-least 3G")
    livegrow.wait_for_listener(g)
    g.sh("resize2fs /dev/vda1")
    ended(t, waiting.wait(10), 0, "a grow by hand is noticed, which nobody tells of", f"({PART[3]} bytes)")


def limited(t, g):
    livegrow.set_policy(g, "vde", f"max={2 * GIB}")
    g.resize("vde", 3 * GIB)
    ended(t, wait(g, "vde --at-least 3G"), 2, "a limit keeps it from having so much", "vde: full: ", "(max)")
    ended(t, wait(g, "vde --at-least 2G"), 0, "but not from having less", f"({2 * GIB} bytes)")
    livegrow.set_policy(g, "vde", "max=0", f"align={GIB}")
    ended(t, wait(g, "vde"), 0, "what is less than the alignment is not waited for", f"({2 * GIB} bytes)")
    text = g.sh("growctl status vde")
    t.ok("not taken" not in text and "could grow" not in text, "nor does status call it free", text)


def failed(t, g):
    """A failure counts that is the last partition's, and of what the host has done."""
    waiting = g.start("exec growctl wait vda --at-least 3500M")
    livegrow.wait_for_listener(g)
    g.resize("vda", 3500 << 20)
    livegrow.settled(g, "vda", 3500 << 20)
    g.sh("lgnl fs-failed vda 2 another; lgnl fs-failed vda 1 own")
    status, text = waiting.wait(30)
    t.ok(status == 2 and "vda: own" in text and "another" not in text,
         "its own failure ends a wait, another partition's does not", f"{status} {text}")
    waiting = g.start("exec growctl wait vda --at-least 3600M")
    livegrow.wait_for_listener(g)
    g.sh("lgnl fs-failed vda 1 early")
    g.resize("vda", 3600 << 20)
    livegrow.settled(g, "vda", 3600 << 20)
    g.sh("lgnl fs-failed vda 1 late")
    status, text = waiting.wait(30)
    t.ok(status == 2 and "vda: late" in text, "nor does one before the host has done its part", f"{status} {text}")


def by_lvm(t, g):
    """What lies on LVM follows by nobody but a person, who is told how and not waited for."""
    g.resize("vdg", 2 * GIB)
    ended(t, wait(g, "vdg --at-least 2G"), 2, "LVM that is behind", "vdg1: holds LVM2_member: LVM follows by pvresize")
    g.sh("lvm pvresize -q /dev/vdg1")
    ended(t, wait(g, "vdg --at-least 2G"), 2, "what LVM has free", "vdg1: holds LVM2_member: no active LVM volume uses 1 GiB at its end", "lvextend -r")
    g.sh("lvm lvextend -q -l +100%FREE vg/lv")
    ended(t, wait(g, "vdg --at-least 2G"), 2, "the filesystem on it", "ext4 on /vg follows by resize2fs")
    g.sh("resize2fs /dev/vg/lv")
    ended(t, wait(g, "vdg --at-least 2G"), 0, "all has followed", "vdg1: LVM2_member: ", f"({PART[2]} bytes)")


def in_vain(t, g):
    """Ends within seconds, although there is no --timeout."""
    ended(t, wait(g, "vdc"), 2, "a blank disk", "vdc: neither")
    ended(t, wait(g, "vdd"), 2, "a partition that is LVM's", "vdd1: holds LVM2_member, which is no mounted filesystem")
    ended(t, wait(g, "nosuch"), 2, "no such disk", "nosuch: no such disk")
    ended(t, g.run("setpriv --reuid=65534 --regid=65534 --clear-groups growctl wait vda"), 2,
          "only root sees an ext4's size", "root")
    for name in ("vda", "vdb"):
        livegrow.set_policy(g, name, "ask")
    g.resize("vdb", 3 * GIB)
    ended(t, wait(g, "vdb --at-least 3G"), 2, "in mode ask no filesystem follows", "growctl grow vdb")
    g.resize("vda", 4 * GIB)
    ended(t, wait(g, "vda --at-least 4G"), 2, "a disk that waits for a person's word", "vda: waiting: ")
    ended(t, g.run("growctl grow vda"), 0, "who gives it")
    ended(t, wait(g, "vda --at-least 4G"), 0, "and then it has its size", f"({PART[4]} bytes)")
    waiting = g.start("exec growctl wait vda --at-least 8G")
    livegrow.wait_for_listener(g)
    livegrow.unload(g)
    ended(t, waiting.wait(10), 2, "the module goes meanwhile", "livegrow module is not loaded", "modprobe livegrow")


def drives():
    lvm, group = (scenario.one_partition(f"{name}.raw", GIB, kind=None, of_type=gpt.LVM) for name in ("lvm", "group"))
    # As parted types it where nobody tells what the partition is for.
    basic = scenario.one_partition("basic.raw", GIB, "ext4", of_type=gpt.MICROSOFT_BASIC)
    return [Drive("vda", scenario.one_partition("data.raw", GIB, "ext4")),
            Drive("vdb", scenario.whole_xfs("whole.raw", GIB), "qcow2"),
            Drive("vdc", images.empty("blank.raw", GIB)), Drive("vdd", lvm), Drive("vde", basic),
            Drive("vdf", scenario.one_partition("sparse.raw", GIB, "ext4", options=("-O", "sparse_super2"))),
            Drive("vdg", group)]


def main():
    tools = {**scenario.LVM_CONF, "/usr/bin/setpriv": overlay.inside(root.tree(), "/usr/bin/setpriv")}
    with ktap.Report(plan=8 + 4 + 2 + 2 + 4 + 9) as t, scenario.tiny("wait", drives(), files=tools) as g:
        g.sh("mkdir -p /srv /basic /sparse && mount /dev/vda1 /mnt && mount /dev/vdb /srv && "
             "mount /dev/vde1 /basic && mount /dev/vdf1 /sparse && lvm pvcreate -y /dev/vdd1")
        scenario.make_lvm(g, "vdg1", "vg")
        livegrow.load(g)
        g.start("exec growctl daemon")
        livegrow.wait_for_listener(g, 2)
        with_daemon(t, g)
        limited(t, g)
        without_daemon(t, g)
        failed(t, g)
        by_lvm(t, g)
        in_vain(t, g)
        g.poweroff()


main()
