# SPDX-License-Identifier: GPL-2.0-or-later
"""A disk that was smaller meanwhile has lost its end: nothing grows into that unasked."""
import gpt
import images
import ktap
import livegrow
import oracles
import scenario
from drive import Drive
from guest import Guest

TIMEOUT = 120
MIB = images.MIB
OLD, LESS, MORE, NEW, LAST = 600 * MIB, 580 * MIB, 700 * MIB, 1024 * MIB, 1100 * MIB
# What is used of either disk ends before LESS, so that the cut itself does no harm.
START, PART, GROWN = 2048, 1144832, 2248704
WHOLE = 560 * MIB
SHRUNK = {"vda": ("shrunk", "shrunk"), "vdb": ("shrunk", "was-shrunk")}


def make_partitioned():
    image = images.path("shrunk-part.raw")
    table = gpt.Table(OLD, [gpt.Part(START, START + PART - 1)])
    table.write(image)
    images.format_partition(image, table, 1, "ext4")
    return image


def make_cut():
    """Its partition ends behind LESS."""
    return scenario.one_partition("shrunk-cut.raw", OLD, "ext4")


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


def reload(g, resize):
    """The module is unloaded, disks are resized meanwhile, and it is loaded as the daemon has it loaded."""
    livegrow.unload(g)
    for name, size in resize.items():
        g.resize(name, size)
        g.wait_for(f"[ $(cat /sys/block/{name}/size) = {size // 512} ]")
    livegrow.load(g, g.run("sed -n 's/^options livegrow //p' /run/modprobe.d/growctl.conf 2>/dev/null")[1])


def restored(t, g, name, size, what):
    with t.case(f"E7: {name}: {what}: the new module knows that the disk lost its end"):
        g.wait_for(lambda: said(g, name, size) == ("shrunk", "was-shrunk"), 20)


def forgotten(t, g, paths):
    """The loss is kept where the module that saw it is unloaded, and where the daemon is started again, too."""
    live = {name: livegrow.live(g, name) for name in SHRUNK}
    before = {name: images.digest(path, 0, LESS) for name, path in paths.items()}
    reload(g, {"vda": MORE, "vdb": MORE})
    for name in SHRUNK:
        restored(t, g, name, MORE, "shrink, unload, enlarge")
    g.sh("pkill -x growctl")
    reload(g, {"vda": NEW, "vdb": NEW})
    daemon = g.start("exec growctl daemon")
    for name in SHRUNK:
        restored(t, g, name, NEW, "with a daemon that was started since")
    t.equal({name: livegrow.live(g, name) for name in SHRUNK}, live, "E7: no partition grows unasked")
    t.equal({name: images.digest(path, 0, LESS) for name, path in paths.items()}, before, "E7: not a byte of either changes")
    return daemon


def cut_off(t, g):
    """Shrunk while no module was there: a live partition behind the disk's end shows it, without a daemon."""
    live = livegrow.live(g, "vdc")
    reload(g, {"vdc": LESS})
    t.equal(said(g, "vdc", LESS), ("shrunk", "shrunk"), "E7: vdc: shrunk while no module was loaded")
    g.resize("vdc", NEW)
    t.equal(said(g, "vdc", NEW), ("shrunk", "was-shrunk"), "E7: vdc: and large again: it is not trusted")
    t.equal(livegrow.live(g, "vdc"), live, "E7: vdc: its partition does not grow")


def trusted(t, g):
    """A person has said that all is well: that holds for the next module."""
    g.wait_for("[ \"$(ls /run/growctl.shrunk | sed 's/[.].*//')\" = vdc ]", 20)
    reload(g, {"vda": LAST})
    with t.case("E7: vda: after a person's word it grows unasked again, also with another module"):
        g.wait_for(lambda: said(g, "vda", LAST) == ("full", "none"), 20)
    restored(t, g, "vdc", NEW, "no person has spoken")


def say_so(t, g):
    for name in ("vda", "vdb"):
        status, text = g.run(f"growctl grow {name}")
        t.equal(status, 0, f"{name}: a person says that all is well, and it grows")
        t.note(text)
    t.equal(said(g, "vda", NEW), ("full", "none"), "vda: full")
    t.equal(said(g, "vdb", NEW), ("no-table", "no-table"), "vdb: as before")


def main():
    with ktap.Report(plan=2 + 5 + 6 + 3 + 4 + 2 + 4) as t:
        paths = {"vda": make_partitioned(), "vdb": make_whole()}
        drives = [Drive(name, path) for name, path in paths.items()] + [Drive("vdc", make_cut())]
        with Guest("shrunk", initrd=livegrow.initrd(), drives=drives) as g:
            livegrow.load(g)
            # Read-only and without a journal's replay, until somebody says so.
            for name, device in (("vda", "vda1"), ("vdb", "vdb"), ("vdc", "vdc1")):
                g.sh(f"mkdir -p /mnt/{name} && mount -o ro,noload /dev/{device} /mnt/{name}")
            daemon = g.start("exec growctl daemon")
            shrink(t, g)
            enlarge(t, g, paths)
            daemon = forgotten(t, g, paths)
            cut_off(t, g)
            g.sh("mount -o remount,rw /mnt/vda && mount -o remount,rw /mnt/vdb")
            say_so(t, g)
            trusted(t, g)
            t.ok(not daemon.finished(), "the daemon still runs")
            g.sh("pkill -x growctl")
            livegrow.unmount(g)
            g.poweroff()
        t.equal(oracles.table(paths["vda"], [(START, GROWN)]), [], "vda: the table is sound")
        t.equal(oracles.filesystem_size(paths["vda"], "ext4", START * 512), GROWN * 512,
                "vda: the filesystem fills its partition")
        t.equal(oracles.filesystem_size(paths["vdb"], "ext4", 0), NEW, "vdb: the filesystem fills the disk")


main()
