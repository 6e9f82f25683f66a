# SPDX-License-Identifier: GPL-2.0-or-later
"""apt install in a running guest: the module is built there and loaded, and disks grow at once.

So again after an apt remove; and one that somebody unloaded stays so at an update.
"""
import kernels
import ktap
import machine
import packaging
from machine import MIB

TIMEOUT = 1800


def install(g, names):
    return g.sh(f"{machine.APT} install {' '.join(names)} 2>&1", 1500)


def state(g):
    return g.run("cat /sys/module/livegrow/initstate 2>/dev/null")[1].strip()


def again(t, name, g, package):
    """Old and new are the same version, whose files dpkg takes all the same."""
    g.sh(f"{machine.APT} remove livegrow-dkms 2>&1", 300)
    gone = state(g)
    install(g, [package])
    t.equal((gone, state(g)), ("", "live"), f"{name}: after a remove and an install the module is loaded again")
    g.sh("rmmod livegrow")
    install(g, ["--reinstall", package])
    t.equal(state(g), "", f"{name}: one that was unloaded stays so at an update")


def main():
    name = kernels.current().name
    with ktap.Report(plan=3 + 2) as t:
        with machine.Machine() as m:
            names = m.bring(packaging.directory(), machine.PACKAGES)
            disk = m.disk("vda.raw")
        with disk.boot(f"{name}-live") as g:
            machine.wait_booted(g)
            with t.case(f"{name}: apt install succeeds in a running guest"):
                t.note(install(g, names))
            t.equal(g.run("cat /sys/module/livegrow/initstate; systemctl is-active growctl")[1].split(),
                    ["live", "active"], f"{name}: module and service are there at once")
            with t.case(f"{name}: the disk grows, without a reboot"):
                machine.grow(g, machine.SIZE + 500 * MIB)
            again(t, name, g, names[0])
            g.poweroff(120)


main()
