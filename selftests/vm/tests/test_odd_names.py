# SPDX-License-Identifier: GPL-2.0-or-later
"""Mountpoints that are longer than any line: the reason is told whole."""
import images
import ktap
import livegrow
import scenario
from drive import Drive
from images import GIB
from scenario import Watch, ended

TIMEOUT = 120
WHY = "did not grow: has errors: umount it and run e2fsck -f"
# Of four bytes each: wherever it is cut without counting, most cuts hit one of them.
LONG = "/mnt/" + "/".join(["\N{FLOPPY DISK}" * 60] * 3) + "/end"


def long_name(t, g):
    """In the report, which has the least room, and in what a person reads."""
    g.sh(f"mkdir -p {LONG} && mount /dev/vda {LONG} && echo x >/sys/fs/ext4/vda/trigger_fs_error")
    watch = Watch(g)
    g.resize("vda", 2 * GIB)
    livegrow.settled(g, "vda", 2 * GIB)
    ended(t, g.run("growctl grow vda"), 2, "who asks is told the end of a long mountpoint, and why",
          "vda: ext4 on ...\N{FLOPPY DISK}", f"/end {WHY}")
    daemon = g.start("exec growctl daemon")
    text = watch.wait(event="failed", disk="vda")["reason_text"]
    t.ok(text.startswith("ext4 on ...") and text.endswith(f"/end {WHY}"), "and so is every subscriber", text)
    g.sh("pkill -TERM -f '^growctl [d]aemon'")
    daemon.wait(10)


def whole(name):
    image = images.empty(f"odd-{name}.raw", GIB)
    images.mkfs(image, "ext4")
    return Drive(name, image)


def main():
    with ktap.Report(plan=2) as t, scenario.tiny("odd-names", [whole("vda")]) as g:
        livegrow.load(g)
        long_name(t, g)
        g.poweroff()


main()
