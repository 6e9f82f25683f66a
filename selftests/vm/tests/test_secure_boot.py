# SPDX-License-Identifier: GPL-2.0-or-later
"""A kernel that takes signed modules only refuses the module: locked down, as Debian's under Secure Boot, or told to.

growctl then says so once, with the next step, and waits without waking up.
"""
import ktap
import livegrow
import scenario
import system

TIMEOUT = 180
LINES = "journalctl -b -o cat -u growctl.service | grep -v systemd | grep -i livegrow"
KEY = "/var/lib/dkms/mok.pub"
# Debian 11's.
KEY_11 = "/root/mok.der"
# How often the daemon has gone to sleep of itself.
SLEPT = "awk '/^voluntary/ { print $2 }' /proc/$(systemctl show --property=MainPID --value growctl)/status"


def check_line(t, text):
    """One line: the object, the cause, and what to do."""
    lines = text.splitlines()
    t.ok(len(lines) == 1 and all(word in text for word in
                                 ("livegrow module", "Secure Boot", "mokutil --import", "waiting")),
         "the daemon says once what is refused, why, and what to do", text)


def check_daemon(t, g):
    check_line(t, g.sh(LINES))
    t.equal(g.sh("systemctl show --property=ActiveState --property=NRestarts growctl").split(),
            ["NRestarts=0", "ActiveState=active"], "the unit waits and was never restarted")
    livegrow.wait_idle(g, "$(systemctl show --property=MainPID --value growctl)")
    before = g.sh(SLEPT)
    # Commands that take a while, during which it has nothing to do.
    for _ in range(20):
        g.sh("cat /proc/*/status >/dev/null 2>&1; growctl --version")
    t.equal(g.sh(SLEPT), before, "it does not wake up meanwhile")


def check_commands(t, g):
    status, text = g.run("growctl status 2>&1 >/dev/null")
    t.ok(status == 2 and text.count("\n") == 1 and f"mokutil --import {KEY};" in text,
         "growctl status says the same", f"{status} {text}")
    status, text = g.run("growctl doctor")
    t.ok(status == 1 and "livegrow: no partition grows" in text and f"mokutil --import {KEY};" in text,
         "growctl doctor names what is refused, and the remedy", f"{status} {text}")


def check_keys(t, g):
    g.sh(f"mv {KEY} {KEY_11}")
    status, text = g.run("growctl status")
    t.ok(status == 2 and f"mokutil --import {KEY_11};" in text, "the key that is there is named", f"{status} {text}")
    g.sh(f"rm {KEY_11}")
    status, text = g.run("growctl status")
    t.ok(status == 2 and "no key to sign with" in text and "mokutil" not in text,
         "without a key of DKMS's it names that", f"{status} {text}")
    g.sh("rm /lib/modules/$(uname -r)/*/livegrow.ko* && depmod")
    status, text = g.run("growctl status")
    t.ok(status == 2 and "not installed for this kernel" in text and "mokutil" not in text,
         "without the module's file it says that instead", f"{status} {text}")


def boot(t, disk, append, *checks):
    with system.guest("secure-boot", disk.path, append=append) as g:
        t.equal(system.wait_booted(g, states=("running", "degraded")), "degraded",
                f"{append}: the boot ends, with the module's loading as what failed")
        for check in checks:
            check(t, g)
        g.poweroff()


def main():
    with ktap.Report(plan=2 * (1 + 3 + 2) + 3) as t:
        disk = scenario.root_disk("root.raw", {KEY: b"a key that is not enrolled"})
        boot(t, disk, "lockdown=integrity", check_daemon, check_commands)
        boot(t, disk, "module.sig_enforce=1", check_daemon, check_commands, check_keys)


main()
