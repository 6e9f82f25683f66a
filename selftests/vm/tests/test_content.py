# SPDX-License-Identifier: GPL-2.0-or-later
"""Partitions whose type does not tell what they hold: growctl looks inside, and says so or not."""
import gpt
import images
import ktap
import livegrow
import oracles
from drive import Drive
from guest import Guest

TIMEOUT = 120
GIB = images.GIB
# One partition from 1 MiB on: of 1 GiB less its ends, and what becomes of it on 2 GiB.
START, OLD_END, OLD, NEW = 2048, 2095103, 2093056, 4190208
GROWS = {"vda": "ext4", "vdb": "xfs"}
STAYS = "vdc"


def make(name, kind):
    image = images.path(f"content-{name}.raw")
    table = gpt.Table(GIB, [gpt.Part(START, OLD_END, gpt.MICROSOFT_BASIC)])
    table.write(image)
    images.format_partition(image, table, 1, kind)
    return Drive(name, image)


def enlarge(g):
    for name in [*GROWS, STAYS]:
        g.resize(name, 2 * GIB)


def without_growctl(t, g):
    enlarge(g)
    for name in [*GROWS, STAYS]:
        record = livegrow.settled(g, name, 2 * GIB)
        t.equal((record["state"], record["reason"]), ("waiting", "part-content"),
                f"{name}: the module alone leaves it")


def with_growctl(t, g):
    g.start("exec growctl daemon")
    for name, kind in GROWS.items():
        with t.case(f"{name}: growctl finds {kind} in it, and it grows"):
            g.wait_for(f"[ $(cat /sys/class/block/{name}1/size) = {NEW} ]", 10)
            assert livegrow.settled(g, name, 2 * GIB)["state"] == "full"
    t.equal(livegrow.sectors(g, f"{STAYS}1"), OLD, f"{STAYS}: vfat cannot grow, and it is left")
    t.equal(livegrow.status(g, STAYS)["reason"], "part-content", f"{STAYS}: it still says why")


def judge(t, drives):
    paths = {drive.name: drive.path for drive in drives}
    for name, kind in GROWS.items():
        t.equal(oracles.table(paths[name], [(START, NEW)]), [], f"{name}: the table is sound")
        t.equal(oracles.filesystem_size(paths[name], kind, START * 512), NEW * 512,
                f"{name}: the filesystem fills its partition")
    t.equal(gpt.Image(paths[STAYS]).table()["alternate_lba"], GIB // 512 - 1,
            f"{STAYS}: its header still tells new space from old")


def main():
    with ktap.Report(plan=3 + 4 + 3 + 2) as t:
        drives = [make(name, kind) for name, kind in {**GROWS, STAYS: "vfat"}.items()]
        with Guest("content", initrd=livegrow.initrd(), drives=drives, memory=768) as g:
            livegrow.load(g)
            for name, kind in {**GROWS, STAYS: "vfat"}.items():
                g.sh(f"mkdir -p /mnt/{name} && mount -t {kind} /dev/{name}1 /mnt/{name}")
            without_growctl(t, g)
            with_growctl(t, g)
            g.wait_for("[ $(df -k /mnt/vda | awk 'END {print $2}') -gt 1900000 ]", 10)
            g.wait_for("[ $(df -k /mnt/vdb | awk 'END {print $2}') -gt 1900000 ]", 10)
            livegrow.unmount(g)
            g.poweroff()
        judge(t, drives)


main()
