# SPDX-License-Identifier: GPL-2.0-or-later
"""Debian 12's kernel is upgraded from 6.1 to 6.12: DKMS builds for it, and the disk grows on both."""
import ktap
import machine
import packaging
from machine import MIB

TIMEOUT = 1800
UPGRADE = f"{machine.APT} install /upgrade/*.deb"


def make(t):
    with machine.Machine() as m:
        m.install(packaging.directory())
        with t.case("apt install of the newer kernel and its headers"):
            m.say(UPGRADE)
        status = m.say("dkms status")
        t.equal(status.count(": installed"), 2, "DKMS has built the module for both kernels")
        return m.disk("vda.raw")


def run(t, disk, number, size):
    version = disk.kernels[number][0]
    with disk.boot(f"kernel-{version}", number) as g:
        machine.wait_booted(g)
        t.equal(g.sh("uname -r"), version, f"the guest runs {version}")
        with t.case(f"{version}: the disk grows with nothing typed"):
            machine.grow(g, size)
        g.poweroff(120)


def main():
    with ktap.Report(plan=2 + 1 + 2 * 2) as t:
        disk = make(t)
        versions = [version for version, *_ in disk.kernels]
        t.ok(len(versions) == 2 and versions[0].startswith("6.1.") and versions[1].startswith("6.12."),
             "the guest has both kernels", f"{versions}")
        run(t, disk, 0, machine.SIZE + 500 * MIB)
        run(t, disk, 1, machine.SIZE + 1000 * MIB)


main()
