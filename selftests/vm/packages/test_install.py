# SPDX-License-Identifier: GPL-2.0-or-later
"""apt install of the two packages and nothing else: disks grow, also after a reboot. Then a purge."""
import subprocess

import gpt
import kernels
import ktap
import machine
import packaging
from machine import MIB

TIMEOUT = 1800
# The test's own, and what dpkg and systemd keep of every package that was there.
LEFT = r"""find / /run -xdev \( -iname '*livegrow*' -o -iname '*growctl*' \) |
grep -vE 'livegrow-test-|livegrow\.agent$|^/root/|^/tmp/|^/var/log/|^/var/lib/systemd/deb-systemd-helper-' || [ $? = 1 ]"""


# Kernels that come with their headers, as apt has dkms build for them, and what is said of each.
UNFIT = {"6.5.0-unfit": ("", "is none of"),
         "6.1.0-unfit": ("CONFIG_64BIT=y", "lacks CONFIG_EFI_PARTITION")}
UNFIT_INSTALL = """mkdir -p /lib/modules/KERNEL/build/include
[ -z "SETTING" ] || echo SETTING >/lib/modules/KERNEL/build/.config
/etc/kernel/postinst.d/dkms KERNEL"""


def skip(t, name, m, kernel):
    setting, why = UNFIT[kernel]
    command = UNFIT_INSTALL.replace("KERNEL", kernel).replace("SETTING", setting)
    skipped = m.run(f"({command}) 2>&1", check=False, stdout=subprocess.PIPE, text=True)
    t.ok(skipped.returncode == 0 and f"not built for {kernel}, which {why}" in skipped.stdout,
         f"{name}: {kernel} is skipped, with a reason, and apt goes on",
         f"{skipped.returncode} {skipped.stdout}")
    m.run(f"rm -r /lib/modules/{kernel}")


def make(t, name):
    """The machine's disk after an apt install in its chroot."""
    with machine.Machine() as m:
        with t.case(f"{name}: apt install succeeds"):
            m.install(packaging.directory())
        status = m.say("dkms status")
        t.ok("livegrow" in status and ": installed" in status, f"{name}: DKMS has built the module", status)
        for kernel in UNFIT:
            skip(t, name, m, kernel)
        return m.disk("vda.raw")


def first_boot(t, name, disk):
    with disk.boot(f"{name}-packages") as g:
        machine.wait_booted(g)
        t.equal(g.run("systemctl is-enabled growctl; systemctl is-active growctl; "
                      "systemctl show -P NRestarts growctl 2>/dev/null || echo 0")[1].split(),
                ["enabled", "active", "0"], f"{name}: the service is enabled and runs")
        with t.case(f"{name}: the disk grows with nothing typed"):
            machine.grow(g, machine.SIZE + 500 * MIB)
        g.reboot()


# What comes by use: a rule, that the module waits for it, and a disk that was rolled back.
USED = f"""growctl policy set vda max=100G && growctl policy hold && : >/var/lib/livegrow/{gpt.Table.guid}.ask
ls /etc/growctl.conf.d/*.conf /run/modprobe.d/growctl.conf"""


def purge(t, name, g):
    g.sh(USED)
    with t.case(f"{name}: apt purge succeeds"):
        t.note(g.sh(f"{machine.APT} purge growctl livegrow-dkms 2>&1", 900))
    t.equal(g.run("systemctl is-active growctl")[1].strip(),
            "inactive", f"{name}: the daemon is gone after the purge")
    t.ok(g.run("[ -d /sys/module/livegrow ]")[0] != 0, f"{name}: the module is gone")
    t.equal(g.sh(LEFT, 120), "", f"{name}: so are units, state, configuration and sources")


def second_boot(t, name, disk):
    with disk.boot(f"{name}-packages-again") as g:
        machine.wait_booted(g)
        with t.case(f"{name}: it still grows after a reboot"):
            machine.grow(g, machine.SIZE + 1000 * MIB)
        with t.case(f"{name}: old tables are stored"):
            g.wait_for("ls /var/lib/livegrow/*.gpt")
        purge(t, name, g)
        g.poweroff(120)


def main():
    name = kernels.current().name
    with ktap.Report(plan=2 + len(UNFIT) + 2 + 2 + 4) as t:
        disk = make(t, name)
        first_boot(t, name, disk)
        second_boot(t, name, disk)


main()
