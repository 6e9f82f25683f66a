# SPDX-License-Identifier: GPL-2.0-or-later
"""`make dkms-install` over an older version, and `make uninstall`: one module, then nothing of it.

What the packages have installed `make uninstall` leaves to them.
"""
import subprocess

import deb
import kernels
import ktap
import machine
import packaging
import paths

TIMEOUT = 900
SOURCE = "/build/livegrow"
LEFT = r"find / -xdev -iname '*livegrow*' | grep -vE '^/(build|proc|sys)/' || [ $? = 1 ]"


def listed(m, command):
    return m.run(command, stdout=subprocess.PIPE, text=True).stdout.split("\n")[:-1]


# What packages own and is not as they brought it, and how the module is.
OWNED = "dpkg --verify livegrow-dkms growctl || :; dkms status livegrow"


def spares(t, name, m):
    m.install(packaging.directory())
    owned = listed(m, OWNED)
    m.say(f"make -C {SOURCE} uninstall")
    t.equal(listed(m, OWNED), owned, f"{name}: make uninstall spares what packages own")


def main():
    name = kernels.current().name
    with ktap.Report(plan=4 + 1) as t, machine.Machine() as m:
        m.copy(paths.TOP, SOURCE)
        m.run(f"cp -a {SOURCE} {SOURCE}-older")
        m.run(deb.AGE.replace(SOURCE, f"{SOURCE}-older"))
        with t.case(f"{name}: make dkms-install, twice, with and without an older version"):
            for source in (f"{SOURCE}-older", SOURCE, SOURCE):
                m.say(f"make -C {source} dkms-install")
        status = listed(m, "dkms status livegrow")
        t.ok(len(status) == len(m.versions()) and all(": installed" in line for line in status) and
             not any(deb.OLDER in line for line in status),
             f"{name}: every kernel has the module, and of one version", f"{status} {m.versions()}")
        with t.case(f"{name}: make uninstall"):
            m.say(f"make -C {SOURCE} uninstall")
        left = listed(m, f"dkms status livegrow; {LEFT}")
        t.equal(left, [], f"{name}: nothing of it is left")
        spares(t, name, m)


main()
