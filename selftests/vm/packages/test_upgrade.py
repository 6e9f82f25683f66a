# SPDX-License-Identifier: GPL-2.0-or-later
"""An upgrade over an older version keeps the configuration and keeps growing.

The module's package is upgraded before the boot, where compiling is quick, and
growctl's in the running guest: for a while the two are of different versions.
"""
import kernels
import ktap
import machine
import packaging
from machine import MIB

TIMEOUT = 1800
CONF = "/etc/modprobe.d/livegrow.conf"
DEFAULT = "/etc/default/growctl"
RULES = "/etc/growctl.conf"
STORE = "/var/lib/livegrow"
CHANGE = f"""echo 'options livegrow drivers=loop' >>{CONF}
echo '# mine' >>{DEFAULT}
echo '# mine' >>{RULES}
printf '[name=other]\\nmax = 1G\\n' >{RULES}.d/local.conf
mkdir -p -m 700 {STORE}; : >{STORE}/4C495645-4752-4F57-8000-000000000002.ask"""
KEPT = f"cd / && sha256sum {RULES} {RULES}.d/local.conf {STORE}/*.gpt {STORE}/*.ask"
VERSION = "dpkg-query -W -f '${Version}' growctl"


def make(t, name):
    with machine.Machine() as m:
        m.install(packaging.directory() / "older")
        m.say(CHANGE)
        with t.case(f"{name}: apt install of a newer livegrow-dkms"):
            m.install(packaging.directory(), ["livegrow-dkms"])
        status = m.say("dkms status")
        t.ok(status.count("livegrow") == 1 and "0.0.1" not in status,
             f"{name}: DKMS has the new version alone", status)
        new = m.bring(packaging.directory(), ["growctl"])
        return m.disk("vda.raw"), new[0]


def upgrade_live(t, name, g, package):
    before = g.sh("systemctl show --property=MainPID --value growctl")
    g.wait_for(f"ls {STORE}/*.gpt")
    kept = g.sh(KEPT)
    with t.case(f"{name}: apt install of a newer growctl, while it runs"):
        t.note(g.sh(f"{machine.APT} install {package} 2>&1", 600))
    after = g.sh("systemctl is-active growctl && systemctl show --property=MainPID --value growctl").split()
    t.ok(after[0] == "active" and after[1] != before, f"{name}: the daemon is the new one", f"{before} {after}")
    t.equal(g.sh(KEPT), kept, f"{name}: rules, old tables and disks that were rolled back are kept")


def main():
    name = kernels.current().name
    with ktap.Report(plan=2 + 2 + 3 + 2) as t:
        disk, package = make(t, name)
        with disk.boot(f"{name}-upgrade") as g:
            machine.wait_booted(g)
            t.equal(g.sh("cat /sys/module/livegrow/parameters/drivers"), "loop",
                    f"{name}: the module's configuration is kept")
            with t.case(f"{name}: the new module and the older growctl grow the disk"):
                machine.grow(g, machine.SIZE + 500 * MIB)
            upgrade_live(t, name, g, package)
            with t.case(f"{name}: and so do both when new"):
                machine.grow(g, machine.SIZE + 1000 * MIB)
            t.equal(g.run(f"grep -c mine {DEFAULT}; {VERSION} | grep -c 0.0.1")[1].split(), ["1", "0"],
                    f"{name}: growctl's configuration is kept")
            g.poweroff(120)


main()
