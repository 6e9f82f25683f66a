# SPDX-License-Identifier: GPL-2.0-or-later
"""The daemon stores each table that a grow replaced, as sgdisk loads it; no grow waits for that."""
import errno
import json
import shutil
import stat
import subprocess

import gpt
import images
import ktap
import livegrow
import oracles
import scenario
from drive import Drive
from images import GIB, MIB

TIMEOUT = 240
STORE = "/var/lib/livegrow"
LOG = "/tmp/daemon.log"
# vda and vdb are watched as they grow; vdc grows often, vdd has large blocks.
KINDS = {"vda": "ext4", "vdb": "xfs", "vdc": "ext4", "vdd": "ext4"}
BLOCK = {"vdd": 4096}
LAST = {512: 34, 4096: 6}
TIMES, KEPT = 12, 10


def guid(name):
    return f"4C495645-4752-4F57-8000-{ord(name[-1]):012X}"


def table_of(name, size=GIB):
    """One partition from 1 MiB to the last whole MiB before the backup."""
    block = BLOCK.get(name, 512)
    unit = MIB // block
    last = (size // block - LAST[block]) // unit * unit - 1
    return gpt.Table(size, [gpt.Part(unit, last, name="data")], block=block, guid=guid(name))


def make(name):
    image = images.path(f"stored-{name}.raw")
    table = table_of(name)
    table.write(image)
    images.format_partition(image, table, 1, KINDS[name])
    return Drive(name, image, logical=BLOCK.get(name, 512))


def backup_of(table):
    """What `sgdisk --backup` writes of a table: 512 bytes of each block in front, then the array."""
    sectors = table.sectors()
    front = (sectors[lba][:512] for lba in (0, 1, table.backup))
    return b"".join(front) + table.array_bytes()[:table.entries * table.entry_size]


def file_of(name, number):
    return f"{STORE}/{guid(name)}.{number}.gpt"


def disk_status(g, name):
    disk, = json.loads(g.sh(f"growctl status {name} --json"))["disks"]
    return disk


def tables(g, name):
    return json.loads(g.sh(f"growctl tables {name} --json"))["tables"]


def grow(g, watch, name, size):
    """The host enlarges the disk, and the filesystem follows."""
    mark = watch.mark()
    g.resize(name, size)
    watch.wait(event="filesystem-grown", disk=name, since=mark)


def stored(g, name, number):
    g.wait_for(f"[ -e {file_of(name, number)} ]")


def sgdisk_backup(image):
    """sgdisk's own file of the same table."""
    with images.temporary() as file:
        subprocess.run(["sgdisk", f"--backup={file}", image], check=True, capture_output=True)
        return file.read_bytes()


def modes(g, *paths):
    return [stat.S_IMODE(int(g.sh(f"stat -c %f {path}"), 16)) for path in paths]


def grow_once(t, g, watch, own):
    """Each disk's first table is stored, byte for byte what sgdisk would have stored."""
    for name in KINDS:
        grow(g, watch, name, 2 * GIB)
        with t.case(f"{name}: the old table is stored"):
            stored(g, name, 1)
            g.wait_for(lambda name=name: "backups" not in disk_status(g, name))
        data = g.pull(file_of(name, 1))
        t.ok(data == backup_of(table_of(name)), f"{name}: all of it, in sgdisk's layout")
        if name in own:
            t.ok(data == own[name], f"{name}: sgdisk --backup wrote the same bytes")
    t.equal(modes(g, STORE, file_of("vda", 1)), [0o700, 0o600], "for root's eyes only")


def check_tables(t, g, before):
    """BEFORE is a second before the first growth."""
    row, = tables(g, "vdb")
    t.equal((row["id"], row["capacity"], row["number"], row["size"], row["file"]),
            (1, GIB, 1, table_of("vdb").offset(1)[1], file_of("vdb", 1)),
            "growctl tables tells what the file holds")
    now = int(g.sh("date +%s"))
    t.ok(before <= row["time"] <= now, "and when", f"{before} {row['time']} {now}")
    row, = tables(g, "vdd")
    t.equal((row["capacity"], row["size"]), (GIB, table_of("vdd").offset(1)[1]),
            "in bytes where a block has 4096")


def grow_often(t, g, watch):
    sizes = [2 * GIB + n * 16 * MIB for n in range(1, TIMES)]
    for number, size in enumerate(sizes, 2):
        grow(g, watch, "vdc", size)
        stored(g, "vdc", number)
    rows = tables(g, "vdc")
    t.equal([row["id"] for row in rows], list(range(TIMES - KEPT + 1, TIMES + 1)),
            f"of {TIMES} old tables the last {KEPT} stay")
    t.equal([row["capacity"] for row in rows], [2 * GIB, *sizes][-KEPT - 1:-1], "in their order")


def damaged(t, g):
    """Cut short, changed, another disk's, no file at all: each is named, none hides another."""
    g.sh(f"cd {STORE}; truncate -s 1000 {file_of('vdc', 4)}; cp {file_of('vda', 1)} {file_of('vdc', 5)};"
         f"printf x | dd of={file_of('vdc', 6)} bs=1 seek=2000 conv=notrunc 2>/dev/null;"
         f"rm {file_of('vdc', 7)}; mkdir {file_of('vdc', 7)}; touch {guid('vdc')}.x.gpt")
    status, text = g.run("growctl tables vdc")
    t.ok(status == 0 and all(f"{file_of('vdc', n)}: damaged" in text for n in (4, 5, 6, 7)),
         "damaged files are named", text)
    t.equal([line.split()[0] for line in text.splitlines() if "damaged" not in line],
            ["ID", "3", "8", "9", "10", "11", "12"], "and the others listed")


def full(t, g, watch):
    """No space for the file: the grow goes on, everybody is told, and it is made up for later."""
    g.sh(f"mkdir /tmp/away && mv {STORE}/* /tmp/away && mount -t tmpfs -o size=32k small {STORE} && "
         f"dd if=/dev/zero of={STORE}/filler bs=4k count=8 2>/dev/null")
    mark = watch.mark()
    with t.case("a full /var loses no grow"):
        grow(g, watch, "vda", 3 * GIB)
        assert scenario.fs_bytes(g, "ext4", "vda1", "/mnt/vda") == table_of("vda", 3 * GIB).offset(1)[1]
    with t.case("it is a warning in the event"):
        watch.wait(event="backup-failed", disk="vda", backup_errno=errno.ENOSPC, since=mark)
    words = f"could not be stored in {STORE}: No space left on device"
    t.ok(words in g.sh("growctl status vda"), "and in growctl status")
    disk = disk_status(g, "vda")
    t.ok(disk["backup_errno"] == errno.ENOSPC and words in disk["note"], "its JSON too", disk)
    t.equal(g.sh(f"ls {STORE} | grep -vx history"), "filler", "nothing half written is left")
    g.sh(f"rm {STORE}/filler")
    with t.case("with space again it is stored, though nothing else happens"):
        stored(g, "vda", 1)
        g.wait_for(lambda: disk_status(g, "vda")["backup_errno"] is None)
    told = [e for e in watch.update()[mark:] if e["event"] == "backup-failed"]
    t.equal(len(told), 1, "it was told once")
    t.ok(g.pull(file_of("vda", 1)) == backup_of(table_of("vda", 2 * GIB)), "it is the right one")
    g.sh(f"umount {STORE} && mv /tmp/away/* {STORE}")


def frozen(t, g, watch):
    """Whatever does not answer under /var holds up the file alone."""
    image = images.empty("stored-var.raw", 64 * MIB)
    images.mkfs(image, "ext4")
    g.plug(Drive("vde", image))
    g.wait_for("[ -b /dev/vde ]")
    g.sh(f"mount /dev/vde {STORE} && fsfreeze -f {STORE}")
    for size in (4 * GIB, 5 * GIB):
        with t.case(f"a frozen /var holds up no grow ({size // GIB} GiB)"):
            grow(g, watch, "vda", size)
            grow(g, watch, "vdb", size)
    t.equal(g.sh(f"ls {STORE}"), "lost+found", "though nothing can be stored")
    g.sh(f"fsfreeze -u {STORE}")
    with t.case("thawed, both old tables of both disks are stored"):
        for name in ("vda", "vdb"):
            stored(g, name, 2)
    t.ok(g.pull(file_of("vda", 1)) == backup_of(table_of("vda", 3 * GIB)) and
         g.pull(file_of("vda", 2)) == backup_of(table_of("vda", 4 * GIB)), "each its own")


def load_in_guest(t, g):
    """sgdisk knows blocks of 4096 bytes on a device alone."""
    g.sh("pkill -x growctl")
    g.wait_for("! pgrep -x growctl")
    livegrow.unmount(g, "/mnt/vdd")
    livegrow.unload(g)
    g.sh(f"umount {STORE}; sgdisk --load-backup={file_of('vdd', 1)} /dev/vdd; sync")


def parts_of(image, block=512):
    table = gpt.Image(image, block).table()
    return table["guid"], table["parts"]


def load_on_host(t, drive, name, data):
    """On a copy of the image, as the README says: the old table is back, larger disk or not."""
    copy, file = images.path(f"copy-{name}.raw"), images.path(f"copy-{name}.gpt")
    subprocess.run(["cp", "--sparse=always", drive.path, copy], check=True)
    file.write_bytes(data)
    old = table_of(name)
    before = images.path(f"before-{name}.raw")
    old.write(before)
    with t.case(f"{name}: sgdisk --load-backup on the host gives the old table back"):
        subprocess.run(["sgdisk", f"--load-backup={file}", copy], check=True, capture_output=True)
        assert parts_of(copy) == parts_of(before)
        start, size = (n // 512 for n in old.offset(1))
        assert not oracles.table(copy, [(start, size)]), oracles.table(copy, [(start, size)])
        assert sfdisk_parts(copy) == sfdisk_parts(before)


def sfdisk_parts(image):
    """sfdisk's words for each partition, without the image's name."""
    text = subprocess.run(["sfdisk", "--json", image], check=True, capture_output=True).stdout
    table = json.loads(text)["partitiontable"]
    return table["id"], [{k: v for k, v in p.items() if k != "node"} for p in table["partitions"]]


def main():
    with ktap.Report(plan=4 * 2 + 2 + 1 + 3 + 2 + 2 + 8 + 5 + 3) as t:
        drives = {name: make(name) for name in KINDS}
        own = {name: sgdisk_backup(drives[name].path) for name in ("vda", "vdb")}
        with scenario.tiny("stored-tables", list(drives.values()), memory=768) as g:
            g.sh("modprobe livegrow")
            for name in KINDS:
                g.sh(f"mkdir -p /mnt/{name} && mount /dev/{name}1 /mnt/{name}")
            watch = scenario.Watch(g)
            g.start(f"exec growctl daemon 2>{LOG}")
            g.wait_for(f"grep -q connected {LOG}")
            before = int(g.sh("date +%s"))
            grow_once(t, g, watch, own)
            check_tables(t, g, before)
            grow_often(t, g, watch)
            damaged(t, g)
            full(t, g, watch)
            files = {name: g.pull(file_of(name, 1)) for name in ("vda", "vdb")}
            frozen(t, g, watch)
            load_in_guest(t, g)
            g.poweroff()
        for name, data in files.items():
            load_on_host(t, drives[name], name, data)
        t.equal(parts_of(drives["vdd"].path, 4096)[1][0]["last"], table_of("vdd").parts[0].last,
                "vdd: and in the guest, with blocks of 4096 bytes")


main()
