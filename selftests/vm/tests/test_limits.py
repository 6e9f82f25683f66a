# SPDX-License-Identifier: GPL-2.0-or-later
"""How far a disk may grow: the limits that hold for it, those of one command, and the policy awaited."""
import os
import shutil

import images
import ktap
import livegrow
import oracles
import scenario
from images import GIB, MIB
from scenario import Drive, ended, growctl_on_host

TIMEOUT = 180
OLD = 512 * MIB
START = 1 * MIB
# All that an end aligned to a MiB leaves of a GiB: 1 MiB at its start, and 1 at its end for the backup.
ALL_OF = {size: size - 2 * MIB for size in (GIB, 2 * GIB)}


def state(record):
    return record["state"], record["reason"]


def size(g, name):
    return livegrow.sectors(g, f"{name}1") * 512


def resized(g, name, capacity):
    g.resize(name, capacity)
    return livegrow.settled(g, name, capacity)


def largest(t, g):
    """vda: max."""
    livegrow.set_policy(g, "vda", f"max={700 * MIB}")
    t.equal(livegrow.status(g, "vda")["max"], 700 * MIB, "the disk's attributes have its max")
    t.equal(state(resized(g, "vda", GIB)), ("full", "part-max"), "max: grown up to it, and that is why")
    t.equal(size(g, "vda"), 700 * MIB, "max: no further")
    livegrow.set_policy(g, "vda", f"max={GIB}")
    t.equal(state(livegrow.grow(g, "vda")), ("waiting", "free-tail"), "max: a wider one alone takes no free tail")
    livegrow.set_policy(g, "vda", f"max={800 * MIB}", "free-tail")
    t.equal(state(livegrow.grow(g, "vda")), ("full", "part-max"), "max: wider, and told to take what it had left")
    t.equal(size(g, "vda"), 800 * MIB, "max: grown to the new one")
    livegrow.set_policy(g, "vda", "max=0", "free-tail")
    t.equal((state(livegrow.grow(g, "vda")), size(g, "vda")), (("full", "none"), ALL_OF[GIB]), "max: none any more")


def kept_free(t, g):
    """vdb: a share of the disk, at each growth anew; what it left before is nobody's intention."""
    livegrow.set_policy(g, "vdb", "keep-per-cent=10")
    for capacity in (GIB, 2 * GIB):
        t.equal(state(resized(g, "vdb", capacity)), ("full", "keep-free"), f"keep-free: {capacity >> 30} GiB")
        end = START + size(g, "vdb")
        t.ok(0 <= capacity * 9 // 10 - end < MIB + 34 * 512, "keep-free: a tenth, and no MiB more", f"{end}")
    livegrow.set_policy(g, "vdb", "keep-per-cent=0", f"keep-free={GIB}", "free-tail")
    t.equal(state(livegrow.grow(g, "vdb")), ("full", "keep-free"), "keep-free: more than before")
    t.equal(START + size(g, "vdb"), end, "keep-free: nothing becomes smaller")


def smallest_step(t, g, image):
    """vdc: nothing smaller than min-step, and small ones add up."""
    livegrow.set_policy(g, "vdc", f"min-step={300 * MIB}")
    before = images.digest(image, 0, OLD)
    t.equal(state(resized(g, "vdc", 700 * MIB)), ("waiting", "min-step"), "min-step: too small a growth waits")
    t.equal((size(g, "vdc"), images.digest(image, 0, OLD)), (ALL_OF[GIB] - 512 * MIB, before),
            "min-step: with nothing written")
    t.equal((state(resized(g, "vdc", GIB)), size(g, "vdc")), (("full", "none"), ALL_OF[GIB]),
            "min-step: two together are large enough")
    t.equal(state(resized(g, "vdc", GIB + 100 * MIB)), ("waiting", "min-step"), "min-step: and again")
    livegrow.grow(g, "vdc", "asked")
    t.equal(size(g, "vdc"), ALL_OF[GIB] + 100 * MIB, "min-step: a person's word takes it")


def aligned(t, g):
    """vdd: the end is a multiple of what was said."""
    livegrow.set_policy(g, "vdd", f"align={64 * MIB}")
    resized(g, "vdd", GIB)
    t.equal(START + size(g, "vdd"), GIB - 64 * MIB, "align: 64 MiB")
    livegrow.set_policy(g, "vdd", "align=512", "free-tail")
    livegrow.grow(g, "vdd")
    end = START + size(g, "vdd")
    t.equal((end % 4096, end > GIB - MIB), (0, True), "align: never less than a page")


def commanded(t, g):
    """vde, in mode ask: one command's limits."""
    livegrow.set_policy(g, "vde", "ask", f"max={520 * MIB}")
    t.equal(state(resized(g, "vde", GIB)), ("waiting", "mode-ask"), "a command: waits for it")
    ended(t, g.run("growctl plan vde --size 600M"), 0, "plan --size says what it would be", "vde1", "600 MiB")
    t.equal(size(g, "vde"), ALL_OF[GIB] - 512 * MIB, "plan --size does nothing")
    ended(t, g.run("growctl grow vde --size 600M"), 0, "grow --size goes beyond the disk's own max", "to 600 MiB")
    t.equal(size(g, "vde"), 600 * MIB, "grow --size: no further")
    ended(t, g.run("growctl grow vde --size 600M"), 3, "once more, nothing is to do, and it says why", "nothing to do", "(max)")
    ended(t, g.run("growctl grow vde --size 100M"), 3, "nor for a smaller size", "nothing to do", "(max)")
    ended(t, g.run("growctl grow vde1 --keep-free 25%"), 0, "grow --keep-free", "to 766 MiB")
    ended(t, g.run("growctl plan vde --keep-free 256M"), 3, "plan: nothing to do, and why", "keep-free")
    t.equal(state(livegrow.grow(g, "vde", "asked"))[0], "full", "a command without: the disk's own max holds")
    t.equal(size(g, "vde"), 766 * MIB, "and the partition stays")
    livegrow.set_policy(g, "vde", "max=0")
    ended(t, g.run("growctl grow vde"), 0, "without any limit, all of it", f"to {ALL_OF[GIB] // MIB} MiB")


def awaited(t, g):
    """vdf and vdg grew while the guest was off; the module was told to wait for the policy."""
    t.equal(state(livegrow.status(g, "vdf")), ("waiting", "policy-awaited"), "awaited: a disk waits")
    t.equal(size(g, "vdf"), OLD - 2 * MIB, "awaited: as it was")
    livegrow.set_policy(g, "vdf", "max=0")
    t.equal(state(livegrow.grow(g, "vdf")), ("waiting", "policy-awaited"), "awaited: a limit alone is no answer")
    livegrow.set_policy(g, "vdf", "auto")
    t.equal((state(livegrow.grow(g, "vdf")), size(g, "vdf")), (("full", "none"), ALL_OF[GIB]), "awaited: grown once told")
    livegrow.set_policy(g, "vdg", "off")
    t.equal((livegrow.status(g, "vdg")["mode"], size(g, "vdg")), ("off", OLD - 2 * MIB), "awaited: off is untouched")


def make(name):
    """A disk with an ext4 on its one partition."""
    return scenario.one_partition(f"limits-{name}.raw", OLD, "ext4")


def of_images(t, image):
    """On the host, of a file."""
    os.truncate(image, GIB)
    for words, wanted in (("--size 600M", "600 MiB"), ("--keep-free 10%", "920 MiB"),
                          ("--keep-free none", f"{ALL_OF[GIB] // MIB} MiB"), ("", f"{ALL_OF[GIB] // MIB} MiB")):
        ended(t, growctl_on_host("plan", image, *words.split()), 0, f"plan of an image {words}", wanted)
    ended(t, growctl_on_host("plan", image, "--size", "300M"), 0, "plan of an image: its table alone",
          "writing the new backup")
    whole = images.empty("limits-whole.raw", GIB)
    images.mkfs(whole, "xfs")
    ended(t, growctl_on_host("plan", whole, "--size", "300M"), 2, "nothing bounds a filesystem on a whole disk", "no partition")


def main():
    names = ["vda", "vdb", "vdc", "vdd", "vde", "vdf", "vdg"]
    with ktap.Report(plan=7 + 6 + 5 + 2 + 12 + 5 + 6 + len(names) - 1) as t:
        paths = {name: make(name) for name in names}
        spare = images.path("limits-spare.raw")
        shutil.copyfile(paths["vda"], spare)
        for name in ("vdf", "vdg"):
            os.truncate(paths[name], GIB)
        with scenario.tiny("limits", [Drive(name, path) for name, path in paths.items()]) as g:
            for name in names:
                g.sh(f"mkdir -p /mnt/{name} && mount /dev/{name}1 /mnt/{name}")
            livegrow.load(g, "await_policy=1")
            livegrow.looked(g)
            awaited(t, g)
            for name in names[:-2]:
                livegrow.set_policy(g, name, "auto")
            largest(t, g)
            kept_free(t, g)
            smallest_step(t, g, paths["vdc"])
            aligned(t, g)
            commanded(t, g)
            ends = {name: (START // 512, livegrow.sectors(g, f"{name}1")) for name in names}
            livegrow.unmount(g)
            livegrow.unload(g)
            g.poweroff()
        for name in names[:-1]:
            t.equal(oracles.table(paths[name], [ends[name]]), [], f"{name}: the table is sound")
        of_images(t, spare)


main()
