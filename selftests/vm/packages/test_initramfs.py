# SPDX-License-Identifier: GPL-2.0-or-later
"""INITRAMFS=yes: root's partition has its full size before root is mounted, and no boot hangs for it.

But not where a rule, or a rollback, that the initramfs has a copy of, says that it is not to grow.
"""
import dataclasses

import gpt
import images
import kernels
import ktap
import machine
import packaging
from machine import MIB

TIMEOUT = 1800
# What the initramfs notes for the test, before growctl and just before it mounts root.
NOTE_FIRST = b"""#!/bin/sh
[ "$1" != prereqs ] || { echo; exit 0; }
read up rest </proc/uptime
echo "$up" >/run/up-before-growctl
"""
NOTE = b"""#!/bin/sh
[ "$1" != prereqs ] || { echo growctl; exit 0; }
until [ -e /sys/block/vda/vda3/size ]; do sleep 0.1; done
cat /sys/block/vda/vda3/size >/run/size-before-mount
sed -n 's,^/scripts/local-premount/\\([a-z]*\\) .*,\\1,p' /scripts/local-premount/ORDER >/run/order
read up rest </proc/uptime
echo "$up" >/run/up-before-mount
"""
# A growctl that never ends takes the place of the real one, where the test's file says so.
STUCK = b"""#!/bin/sh
[ "$1" != prereqs ] || { echo growctl; exit 0; }
[ -e /etc/growctl-is-stuck ] || exit 0
printf '#!/bin/sh\\nwhile :; do sleep 1000; done\\n' >"$DESTDIR/sbin/growctl"
chmod +x "$DESTDIR/sbin/growctl"
"""
TOLD = "dmesg"
RULES = "/etc/growctl.conf.d"
KEPT = "/var/lib/livegrow"
# What keeps root's disk from growing there, how it comes and goes, and what is told of it.
HELD = {"a rule": (f"printf '[all]\\nmode = off\\n' >{RULES}/off.conf", f"rm {RULES}/off.conf",
                   f"the mode is off by {RULES}/off.conf:2"),
        "a rollback": (f"mkdir -p -m 700 {KEPT}; : >{KEPT}/{gpt.Table.guid}.ask", f"rm -r {KEPT}",
                       "waiting: the mode is ask")}


def make_held(m, disk):
    """{what holds it: the disk with an initramfs that has it, and that alone}"""
    held = {}
    for number, (what, (say, unsay, _)) in enumerate(HELD.items()):
        m.run(f"{say}; rm /boot/initrd.img-*")
        held[what] = dataclasses.replace(disk, kernels=m.take_kernels(f"held{number}"))
        m.run(unsay)
    return held


def make_hook():
    """The disk, and make_held() of it."""
    with machine.Machine() as m:
        disk = prepare(m, "hook", "echo INITRAMFS=yes >>/etc/default/growctl")
        return disk, make_held(m, disk)


def make(name, settings):
    with machine.Machine() as m:
        return prepare(m, name, settings)


def prepare(m, name, settings):
    m.install(packaging.directory())
    m.place("/etc/initramfs-tools/scripts/local-premount/aa-note", NOTE_FIRST)
    m.place("/etc/initramfs-tools/scripts/local-premount/zz-note", NOTE)
    m.place("/etc/initramfs-tools/hooks/zz-stuck", STUCK)
    m.run(settings)
    return m.disk(f"{name}.raw")


def enlarge(disk, size):
    images.resize(disk.path, size)
    return size


def noted(g):
    """(the partition's sectors before the mount, the order of the scripts)"""
    return int(g.sh("cat /run/size-before-mount")), g.sh("cat /run/order").split()


def with_hook(t, name, disk, size):
    with disk.boot(f"{name}-initramfs") as g:
        machine.wait_booted(g)
        sectors, order = noted(g)
        t.equal(sectors, machine.root_sectors(size), f"{name}: root's partition is at full size before the mount")
        t.ok("resume" in order and order.index("resume") < order.index("growctl"),
             f"{name}: that comes after the try to resume", f"{order}")
        t.ok("vda3: grown" in g.run(TOLD)[1], f"{name}: the kernel's log tells of it", g.run(TOLD)[1])
        with t.case(f"{name}: the filesystem follows"):
            machine.wait_grown(g, size)
        g.poweroff(120)


def switched_off(t, name, disk, before):
    """mode=off stops the hook, too."""
    with disk.boot(f"{name}-initramfs-off", append="livegrow.mode=off") as g:
        machine.wait_booted(g)
        t.equal(noted(g)[0], machine.root_sectors(before), f"{name}: livegrow.mode=off is obeyed there")
        g.poweroff(120)


def held_back(t, name, what, disk, before, size):
    """Still of BEFORE bytes there. The daemon, to which nobody has said so, grows it to SIZE for the next one."""
    with disk.boot(f"{name}-initramfs-held") as g:
        machine.wait_booted(g)
        t.equal(noted(g)[0], machine.root_sectors(before), f"{name}: {what} is obeyed there")
        t.ok(HELD[what][2] in g.run(TOLD)[1], f"{name}: the kernel's log tells of it", g.run(TOLD)[1])
        machine.wait_grown(g, size)
        g.poweroff(120)


def not_asked_for(t, name):
    disk = make("plain", "true")
    size = enlarge(disk, machine.SIZE + 500 * MIB)
    with disk.boot(f"{name}-initramfs-plain") as g:
        machine.wait_booted(g)
        t.equal(noted(g)[0], machine.root_sectors(machine.SIZE),
                f"{name}: without INITRAMFS=yes the initramfs leaves the disk alone")
        with t.case(f"{name}: it is grown after the mount then"):
            machine.wait_grown(g, size)
        g.poweroff(120)


def stuck(t, name):
    disk = make("stuck", "echo INITRAMFS=yes >>/etc/default/growctl; touch /etc/growctl-is-stuck")
    size = enlarge(disk, machine.SIZE + 500 * MIB)
    with disk.boot(f"{name}-initramfs-stuck") as g:
        with t.case(f"{name}: a growctl that never ends does not keep the guest from booting"):
            machine.wait_booted(g)
        before, after = (float(g.sh(f"cat /run/up-before-{what}")) for what in ("growctl", "mount"))
        t.ok(10 <= after - before < 20, f"{name}: it is waited for ten seconds", f"{before} to {after}")
        t.ok("takes longer" in g.run(TOLD)[1], f"{name}: the kernel's log tells of it", g.run(TOLD)[1])
        with t.case(f"{name}: the daemon grows the disk then"):
            machine.wait_grown(g, size)
        g.poweroff(120)


def in_initramfs(m, file):
    """Whether the machine's initramfs has FILE."""
    listed = m.run(f"lsinitramfs /boot/initrd.img-* | grep -q {file}", check=False)
    return listed.returncode == 0


def ask_for(m):
    """INITRAMFS=yes, as a user who has the packages sets it, and an initramfs with what it stands for."""
    m.run("sed -i '/INITRAMFS/d' /etc/default/growctl; echo 'INITRAMFS=\"yes\"' >>/etc/default/growctl")
    for version in m.versions():
        m.run(f"update-initramfs -c -k {version} >&2")


def taken_out(t, name):
    """Neither the daemon's package nor the module's leaves anything in an initramfs after its purge."""
    ours = {"growctl": "sbin/growctl", "livegrow-dkms": "livegrow.ko"}
    with machine.Machine() as m:
        for package in ours:
            m.install(packaging.directory())
            ask_for(m)
            t.equal([in_initramfs(m, file) for file in ours.values()], [True, True],
                    f"{name}: the initramfs has growctl and the module")
            m.say(f"{machine.APT} purge {package}")
            t.equal([in_initramfs(m, file) for file in ours.values()], [False, False],
                    f"{name}: after a purge of {package} it has neither")


def main():
    name = kernels.current().name
    with ktap.Report(plan=4 + 1 + 2 * len(HELD) + 2 + 4 + 4) as t:
        disk, held = make_hook()
        size = enlarge(disk, machine.SIZE + 500 * MIB)
        with_hook(t, name, disk, size)
        before, size = size, enlarge(disk, size + 500 * MIB)
        switched_off(t, name, disk, before)
        for what, same in held.items():
            held_back(t, name, what, same, before, size)
            before, size = size, enlarge(disk, size + 500 * MIB)
        not_asked_for(t, name)
        stuck(t, name)
        taken_out(t, name)


main()
