# SPDX-License-Identifier: GPL-2.0-or-later
"""A disk that was smaller meanwhile has lost its end: nothing grows into that unasked."""
import gpt
import images
import ktap
import livegrow
import oracles
from drive import Drive
from guest import Guest

TIMEOUT = 120
MIB = images.MIB
OLD, LESS, NEW = 600 * MIB, 580 * MIB, 1024 * MIB
# What is used of either disk ends before LESS, so that the cut itself does no harm.
START, PART, GROWN = 2048, 1144832, 2093056
WHOLE = 560 * MIB
SHRUNK = {"vda": ("shrunk", "shrunk"), "vdb": ("shrunk", "was-shrunk")}


def make_partitioned():
    image = images.path("shrunk-part.raw")
    table = gpt.Table(OLD, [gpt.Part(START, START + PART - 1)])
    table.write(image)
    images.format_partition(image, table, 1, "ext4")
    return image


def make_whole():
    image = images.empty("shrunk-whole.raw", OLD)
    images.format_range(image, 0, WHOLE, "ext4")
    return image


def said(g, name, capacity):
    record = livegrow.settled(g, name, capacity)
    return record["state"], record["reason"]


def shrink(t, g):
    for name in ("vda", "vdb"):
        g.resize(name, LESS)
        t.equal(said(g, name, LESS), SHRUNK[name], f"{name}: a disk that shrank is said to have")


def enlarge(t, g, paths):
    before = {name: images.digest(path, 0, LESS) for name, path in paths.items()}
    for name in ("vda", "vdb"):
        g.resize(name, NEW)
        t.equal(said(g, name, NEW), ("shrunk", "was-shrunk"), f"{name}: large again, it is not trusted")
        livegrow.grow(g, name)
        t.equal(said(g, name, NEW), ("shrunk", "was-shrunk"), f"{name}: nor at another look")
    t.equal({name: images.digest(path, 0, LESS) for name, path in paths.items()}, before,
            "and not a byte of either changes")


def say_so(t, g):
    for name in ("vda", "vdb"):
        status, text = g.run(f"growctl grow {name}")
        t.equal(status, 0, f"{name}: a person says that all is well, and it grows")
        t.note(text)
    t.equal(said(g, "vda", NEW), ("full", "none"), "vda: full")
    t.equal(said(g, "vdb", NEW), ("no-table", "no-table"), "vdb: as before")


def main():
    with ktap.Report(plan=2 + 5 + 4 + 4) as t:
        paths = {"vda": make_partitioned(), "vdb": make_whole()}
        drives = [Drive(name, path) for name, path in paths.items()]
        with Guest("shrunk", initrd=livegrow.initrd(), drives=drives) as g:
            livegrow.load(g)
            # Read-only and without a journal's replay, until somebody says so.
            for name, device in (("vda", "vda1"), ("vdb", "vdb")):
                g.sh(f"mkdir -p /mnt/{name} && mount -o ro,noload /dev/{device} /mnt/{name}")
            daemon = g.start("exec growctl daemon")
            shrink(t, g)
            enlarge(t, g, paths)
            g.sh("mount -o remount,rw /mnt/vda && mount -o remount,rw /mnt/vdb")
            say_so(t, g)
            t.ok(not daemon.finished(), "the daemon still runs")
            g.sh("pkill -x growctl")
            livegrow.unmount(g)
            g.poweroff()
        t.equal(oracles.table(paths["vda"], [(START, GROWN)]), [], "vda: the table is sound")
        t.equal(oracles.filesystem_size(paths["vda"], "ext4", START * 512), GROWN * 512,
                "vda: the filesystem fills its partition")
        t.equal(oracles.filesystem_size(paths["vdb"], "ext4", 0), NEW, "vdb: the filesystem fills the disk")


main()
