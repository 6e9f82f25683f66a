# SPDX-License-Identifier: GPL-2.0-or-later
"""btrfs follows its devices, each by its number, wherever and however often it is mounted."""
import json

import images
import ktap
import livegrow
import oracles
import scenario
from images import GIB, MIB
from scenario import Drive, ended

TIMEOUT = 240
LOG = "/tmp/daemon.log"
# What growctl says, by what the kernel calls it; before 5.17 a paused balance is one like any other.
BALANCE = {"balance": "not while it is balanced", "balance paused": "not while a balance of it is paused"}


def part(gib):
    """The bytes of the one partition on a disk of GIB."""
    return gib * GIB - 2 * MIB


def whole(name, size, kind="btrfs"):
    image = images.empty(name, size)
    images.mkfs(image, kind)
    return image


def two_devices():
    """Two disks with a partition each, and one filesystem on both; its metadata are on each."""
    disks = [scenario.one_partition(f"multi-{n}.raw", GIB, kind=None) for n in (1, 2)]
    with images.temporary(part(1)) as one, images.temporary(part(1)) as two:
        images.mkfs(two, "btrfs", options=("-d", "single", "-m", "raid1", one))
        for file, disk in zip((one, two), disks):
            images.copy_data(file, disk, to=MIB)
    return disks


def sizes(g, place):
    """{device's number: its bytes}, by ioctls of the test's own."""
    return {int(line.split()[0]): int(line.split()[1]) for line in g.sh(f"btrfsop sizes {place}").splitlines()}


def rows(g, disk):
    """{row's name: the row} of growctl status."""
    def walk(row):
        yield row["name"], row
        for child in row.get("children", []):
            yield from walk(child)
    return dict(walk(json.loads(g.sh(f"growctl status {disk} --json"))["disks"][0]))


def resize(g, gib, *names):
    for name in names:
        g.resize(name, gib * GIB)
        livegrow.settled(g, name, gib * GIB)
        g.wait_for(lambda: livegrow.status(g, name)["reason"] != "content-awaited")


def grown(watch, since, disk, size):
    """Waits for the event that tells so."""
    event = watch.wait(since=since, event="filesystem-grown", disk=disk)
    assert (event["fs_type"], event["fs_size"]) == ("btrfs", size), event


def mount(g):
    g.sh("modprobe btrfs && mkdir -p /one /sub /bind /whole /multi /ro /fat /small /wholefat && mount /dev/vda1 /one && "
         "btrfsop subvolume /one sub && mkdir /one/sub/dir && mount -o subvol=sub /dev/vda1 /sub && "
         "mount --bind /one/sub/dir /bind && mount /dev/vdb /whole && "
         "mount -o device=/dev/vdc1,device=/dev/vdd1 /dev/vdc1 /multi && mount -o ro /dev/vde1 /ro && "
         "mount /dev/vdf1 /fat && mount /dev/vdg /small && mount /dev/vdh /wholefat")
    g.sh("for d in /one /whole /multi; do dd if=/dev/urandom of=$d/data bs=1M count=40 status=none; done; "
         "sync; md5sum /one/data /whole/data /multi/data >/tmp/sums")


def by_the_daemon(t, g, watch):
    since = watch.mark()
    for name, size, what in (("vda", part(2), "in a partition, a subvolume and a bind mount beside it"),
                             ("vdb", 2 * GIB, "on a whole disk"),
                             ("vdd", part(2), "the second device, which no mount names")):
        resize(g, 2, name)
        with t.case(f"the daemon grows it: {what}"):
            grown(watch, since, name, size)
    t.equal([sizes(g, d) for d in ("/one", "/whole", "/multi")],
            [{1: part(2)}, {1: 2 * GIB}, {1: part(1), 2: part(2)}], "each has that, and the first device what it had")
    ended(t, g.run("growctl wait vda --at-least 2G", 20), 0, "growctl wait", f"({part(2)} bytes)")
    found = [rows(g, disk)["btrfs"] for disk in ("vda", "vdc", "vdd")]
    t.equal([(row["size"], row["state"], row["mountpoint"], row["note"]) for row in found],
            [(part(2), "full", found[0]["mountpoint"], None), (part(1), "full", "/multi", None),
             (part(2), "full", "/multi", None)], "growctl status")
    for name in ("vdc", "vdd"):
        g.resize(name, 3 * GIB)
    with t.case("both devices at once"):
        grown(watch, since, "vdc", part(3))
        watch.wait(since=since, event="filesystem-grown", disk="vdd", fs_size=part(3))
        assert sizes(g, "/multi") == {1: part(3), 2: part(3)}
    g.sh("for i in 1 2 3; do mount -t tmpfs more /tmp && umount /tmp; done")
    livegrow.wait_idle(g, "$(pgrep -o -x growctl)")
    count = [len([e for e in watch.update()[since:] if (e.get("event"), e.get("disk")) == ("filesystem-grown", disk)])
             for disk in ("vda", "vdb", "vdc", "vdd")]
    t.equal(count, [1, 1, 1, 2], "none was grown twice")


def hindered(t, g, disk, words, place):
    """The same words of status, a dry run, a real one and the daemon."""
    note = rows(g, disk)["btrfs"]["note"]
    t.ok(note.startswith("could grow by 1 GiB; ") and words in note, f"status: {words}", note)
    dry, real = (g.run(f"growctl grow {disk} {option}") for option in ("--dry-run", ""))
    t.ok((dry[0], real[0]) == (2, 2) and f"btrfs on {place}: {words}" in dry[1] and
         f"{disk}1: btrfs on {place} did not grow: {words}" in real[1], f"growctl grow, dry and real: {words}",
         f"{dry} {real}")
    with t.case(f"the daemon says it: {words}"):
        g.wait_for(f"grep -q '{disk}1: btrfs on {place} did not grow: {words}' {LOG}", 10)
        assert g.sh(f"grep -c '{disk}1: .* did not grow: {words}' {LOG}") == "1", g.sh(f"cat {LOG}")


def while_hindered(t, g):
    resize(g, 2, "vde")
    with t.case("B3: on the daemon's answer one that is mounted read-only stays as it is"):
        g.wait_for("lgnl get vde | grep -q mounted-read-only")
        assert livegrow.sectors(g, "vde1") * 512 == part(1)
    livegrow.grow(g, "vde", "asked")
    hindered(t, g, "vde", "mounted read-only", "/ro")
    g.sh("mount -o remount,rw /ro")
    with t.case("and grows it when it is writable"):
        g.wait_for(lambda: sizes(g, "/ro") == {1: part(2)}, 10)
    g.sh("btrfsop pause /one")
    words = BALANCE[g.sh("cat /sys/fs/btrfs/*/exclusive_operation | grep balance")]
    resize(g, 3, "vda")
    hindered(t, g, "vda", words, rows(g, "vda")["btrfs"]["mountpoint"])
    ended(t, g.run("growctl wait vda --at-least 3G --timeout 4", 20), 4, "growctl wait goes on waiting", words)
    g.sh("btrfsop cancel /one")
    ended(t, g.run("growctl wait vda --at-least 3G", 30), 0, "until the balance has ended",
          f"({part(3)} bytes)")


def frozen(t, g):
    g.sh("fsfreeze -f /whole")
    resize(g, 3, "vdb")
    with t.case("a frozen one: the daemon asks whether it is"):
        g.wait_for(f"grep -q 'vdb: btrfs on /whole does not answer; is it frozen' {LOG}", 15)
        assert rows(g, "vdb")["btrfs"]["state"] == "could-grow"
    g.sh("fsfreeze -u /whole")
    with t.case("and it grows when it is thawed"):
        g.wait_for(lambda: sizes(g, "/whole") == {1: 3 * GIB}, 10)


def too_small(t, g):
    """The kernel takes no size below 256 MiB."""
    g.resize("vdg", 200 * MIB)
    livegrow.settled(g, "vdg", 200 * MIB)
    found = rows(g, "vdg")["btrfs"]
    t.equal((found["size"], found["state"]), (160 * MIB, "full"), "one that cannot grow yet is not behind")
    g.resize("vdg", 300 * MIB + 512)
    with t.case("it grows when it can, to whole blocks of its own"):
        g.wait_for(lambda: sizes(g, "/small") == {1: 300 * MIB}, 10)
    ended(t, g.run("growctl grow vdg"), 3, "and then there is nothing left", "nothing to do")
    t.equal(g.run(f"grep vdg {LOG} | grep 'not grow'")[1], "", "nor did anything fail")


def by_a_person(t, g):
    g.sh("pkill -TERM -x growctl; while pgrep -x growctl; do sleep 0.05; done")
    livegrow.unload(g)
    livegrow.load(g, "mode=ask")
    resize(g, 4, "vda", "vdd")
    ended(t, g.run("growctl grow /sub --dry-run"), 0, "a subvolume's mountpoint, as a dry run", "btrfs on ")
    ended(t, g.run("growctl grow /sub"), 0, "a subvolume's mountpoint", "vda1: grown", "vda1: btrfs on ")
    ended(t, g.run("growctl grow /bind"), 3, "a bind mount's: nothing is left", "nothing to do")
    ended(t, g.run("growctl grow /multi"), 2, "a mountpoint that names two disks", "several devices", "name the disk")
    ended(t, g.run("growctl grow vdd"), 0, "one of these disks", "vdd1: grown", "vdd1: btrfs on /multi grown")
    t.equal([sizes(g, d) for d in ("/one", "/multi")], [{1: part(4)}, {1: part(3), 2: part(4)}], "as they have")


def hidden(t, g):
    resize(g, 4, "vdb")
    g.sh("mount -t tmpfs over /whole")
    ended(t, g.run("growctl grow vdb"), 2, "hidden under another mount", "vdb: btrfs on /whole did not grow",
          "every mount of it is hidden under another")
    g.sh("umount /whole")


def back_again(t, g):
    resize(g, 3, "vde")
    livegrow.grow(g, "vde", "asked", "free-tail")
    t.equal(livegrow.sectors(g, "vde1") * 512, part(3), "a partition grown, its btrfs not")
    ended(t, g.run("growctl rollback vde", 30), 0, "goes back", "vde1: back from 2.9 GiB to 1.9 GiB")
    t.equal((livegrow.sectors(g, "vde1") * 512, sizes(g, "/ro")), (part(2), {1: part(2)}), "to what the btrfs has")
    ended(t, g.run("growctl grow vde"), 0, "and grows again", "vde1: btrfs on /ro grown")
    ended(t, g.run("growctl rollback vde", 30), 2, "with its btrfs it does not go back", "has grown past the old end")


def other_kinds(t, g):
    resize(g, 2, "vdf")
    words = "cannot grow while mounted: umount it and run fatresize -s max"
    ended(t, g.run("growctl grow vdf --dry-run"), 2, "of what cannot follow, a dry run says who can", words)
    ended(t, g.run("growctl grow vdf"), 2, "and the real one", "vdf1: grown", f"vdf1: vfat on /fat did not grow: {words}")
    t.equal((livegrow.sectors(g, "vdf1") * 512, rows(g, "vdf")["vfat"]["note"]), (part(2), words), "and status")
    g.resize("vdh", 256 * MIB)
    livegrow.settled(g, "vdh", 256 * MIB)
    ended(t, g.run("growctl grow vdh"), 2, "on a whole disk too", f"vdh: vfat on /wholefat did not grow: {words}")
    t.ok("vdh: left alone: no-table" in g.run("growctl grow --all")[1], "where all are meant, it is none of them")


def judge(t, drives):
    path = {drive.name: drive.path for drive in drives}
    for name, size in (("vda", part(4)), ("vdc", part(3)), ("vdd", part(4)), ("vde", part(3))):
        t.equal(oracles.filesystem(path[name], "btrfs", MIB, size), [], f"{name}: btrfs check finds nothing")
        t.equal(oracles.filesystem_size(path[name], "btrfs", MIB), size, f"{name}: its superblock says so too")
    t.equal(oracles.filesystem(path["vdb"], "btrfs"), [], "vdb: btrfs check finds nothing")
    t.equal(oracles.filesystem_size(path["vdb"], "btrfs"), 4 * GIB, "vdb: its superblock says so too")


def main():
    first, second = two_devices()
    drives = [Drive("vda", scenario.one_partition("one.raw", GIB, "btrfs")), Drive("vdb", whole("whole.raw", GIB)),
              Drive("vdc", first), Drive("vdd", second),
              Drive("vde", scenario.one_partition("ro.raw", GIB, "btrfs")),
              Drive("vdf", scenario.one_partition("fat.raw", GIB, "vfat")), Drive("vdg", whole("small.raw", 160 * MIB)),
              Drive("vdh", whole("wholefat.raw", 128 * MIB, "vfat"))]
    with ktap.Report(plan=3 + 5 + 3 + 1 + 1 + 3 + 2 + 2 + 4 + 6 + 1 + 5 + 5 + 1 + 10) as t:
        with scenario.tiny("btrfs", drives, files=scenario.kernel_modules("btrfs"), memory=768) as g:
            mount(g)
            livegrow.load(g)
            g.start(f"exec growctl daemon 2>{LOG}")
            livegrow.wait_for_listener(g, 2)
            by_the_daemon(t, g, scenario.Watch(g))
            while_hindered(t, g)
            frozen(t, g)
            too_small(t, g)
            by_a_person(t, g)
            hidden(t, g)
            back_again(t, g)
            other_kinds(t, g)
            with t.case("every file is as it was"):
                g.sh("echo 3 >/proc/sys/vm/drop_caches; md5sum -c /tmp/sums")
            livegrow.unmount(g, "/bind", "/sub", "/one", "/whole", "/multi", "/ro", "/fat", "/small", "/wholefat")
            g.poweroff()
        judge(t, drives)


main()
