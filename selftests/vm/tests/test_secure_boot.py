# SPDX-License-Identifier: GPL-2.0-or-later
"""A kernel that takes signed modules only, as under Secure Boot, refuses the module.

growctl then says so once, with the next step, and waits without waking up.
"""
import ktap
import scenario
import system

TIMEOUT = 180
LINES = "journalctl -b -o cat -u growctl.service | grep -v systemd | grep -i livegrow"
KEY = "/var/lib/dkms/mok.pub"
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
    before = g.sh(SLEPT)
    # Commands that take a while, during which it has nothing to do.
    for _ in range(20):
        g.sh("cat /proc/*/status >/dev/null 2>&1; growctl --version")
    t.equal(g.sh(SLEPT), before, "it does not wake up meanwhile")


def check_commands(t, g):
    status, text = g.run("growctl status 2>&1 >/dev/null")
    t.ok(status == 2 and text.count("\n") == 1 and "mokutil --import" in text,
         "growctl status says the same", f"{status} {text}")
    g.sh(f"rm {KEY}")
    status, text = g.run("growctl status")
    t.ok(status == 2 and "no key to sign with" in text and "mokutil" not in text,
         "without a key of DKMS's it names that", f"{status} {text}")
    g.sh("rm /lib/modules/$(uname -r)/*/livegrow.ko* && depmod")
    status, text = g.run("growctl status")
    t.ok(status == 2 and "not installed for this kernel" in text and "mokutil" not in text,
         "without the module's file it says that instead", f"{status} {text}")


def main():
    with ktap.Report(plan=1 + 3 + 3) as t:
        disk = scenario.root_disk("root.raw", {KEY: b"a key that is not enrolled"})
        with system.guest("secure-boot", disk.path, append="module.sig_enforce=1") as g:
            t.equal(system.wait_booted(g, states=("running", "degraded")), "degraded",
                    "the boot ends, with the module's loading as what failed")
            check_daemon(t, g)
            check_commands(t, g)
            g.poweroff()


main()
