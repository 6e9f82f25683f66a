# SPDX-License-Identifier: GPL-2.0-or-later
"""A2: formats that keep metadata at the end of their partition never grow unasked.

DRBD's metadata is made by DRBD's own tools, and one resource is up while its disk grows.
The RAID formats have the fields that libblkid and mdadm know them by.
"""
import dataclasses
import re
import struct

import gpt
import images
import ktap
import livegrow
import overlay
import root
from drive import Drive
from guest import Guest
from images import GIB, MIB

TIMEOUT = 240
FIRST = gpt.Part(2048, 206847, name="first")
# The public report's layout: 206848 + 1888256 sectors of 1 GiB.
LAST = gpt.Part(206848, 2095103, name="last")
DRBD = "a DRBD backing device with its metadata at the end, which drbdadm resize moves"
DDF = b"\xde\x11\xde\x11" + bytes(28) + b"01.02.00"
IMSM = b"Intel Raid ISM Cfg Sig. 1.3.00"
DRBDMETA = "drbdmeta --force {minor} {version} /dev/{name}2 internal create-md"


@dataclasses.dataclass
class Row:
    """A disk; its first partition is mounted, its last has metadata at its end.

    make    command in the guest that writes the metadata
    write   (bytes from the end of the last partition, data)
    words   of the refusal; None where the partition grows
    """
    title: str
    words: str
    make: str = None
    write: tuple = None
    last: gpt.Part = dataclasses.field(default_factory=lambda: LAST)
    block: int = 512
    type: str = gpt.LINUX
    state: tuple = ("blocked", "part-metadata")


def last_of(size):
    """The last partition with SIZE sectors."""
    return dataclasses.replace(LAST, last=LAST.first + size - 1)


V08, V09 = DRBDMETA.replace("{version}", "v08"), DRBDMETA.replace("{version}", "v09") + " 1"
ROWS = {
    "vda": Row("DRBD 8.4, up", DRBD, V08),
    "vdb": Row("DRBD 8.4, down", DRBD, V08),
    "vdc": Row("DRBD 9 metadata", DRBD, V09),
    "vdd": Row("DRBD on a partition that is no multiple of 4 KiB", DRBD, V08, last=last_of(1888251)),
    "vde": Row("DRBD on a disk of 4096-byte blocks", DRBD, V08, block=4096,
               last=gpt.Part(25856, 261887)),
    "vdf": Row("DDF, anchor in the last sector", "a member of a DDF RAID with its header at the end",
               write=(512, DDF)),
    "vdg": Row("DDF, anchor 257 sectors from the end", "a member of a DDF RAID with its header at the end",
               write=(257 * 512, DDF)),
    "vdh": Row("Intel RAID", "a member of an Intel RAID with its metadata at the end",
               write=(1024, IMSM)),
    "vdi": Row("DRBD 9 in a Microsoft basic data partition", None, V09, type=gpt.MICROSOFT_BASIC,
               state=("waiting", "part-content")),
    "vdj": Row("a partition where DRBD's metadata was wiped", None, state=("full", "none")),
}


def table_of(row):
    first = FIRST if row.block == 512 else gpt.Part(256, 25855)
    return gpt.Table(GIB, [first, dataclasses.replace(row.last, type=row.type)], block=row.block)


def make(name, row):
    image = images.path(f"end-{name}.raw")
    table = table_of(row)
    table.write(image)
    images.format_partition(image, table, 1, "ext4", options=("-b", "4096"))
    # Of half its size, so that DRBD's tools see room for metadata behind it.
    offset, size = table.offset(2)
    images.format_range(image, offset, size // 2 // MIB * MIB, "ext4", block=row.block, options=("-b", "4096"))
    if row.write:
        distance, data = row.write
        with open(image, "r+b") as file:
            file.seek(offset + size - distance)
            file.write(data)
    return Drive(name, image, logical=row.block, physical=row.block)


def program(name):
    return overlay.inside(root.tree(), name).resolve()


def attach(g):
    """The resource r0 on vda2, mounted: what drbdadm up and primary do, without a peer."""
    g.sh("mkdir -p /mnt/r0")
    for command in ("new-resource r0", "new-minor r0 0 0", "attach 0 /dev/vda2 /dev/vda2 internal",
                    "primary 0 --force"):
        g.sh(f"drbdsetup-84 {command}")
    g.sh("mount /dev/drbd0 /mnt/r0")


def prepare(g):
    g.sh("mkdir -p /var/lock /var/lib/drbd && modprobe drbd")
    for minor, (name, row) in enumerate(ROWS.items()):
        if row.make:
            g.sh(row.make.format(minor=minor, name=name), 60)
        g.sh(f"mkdir -p /mnt/{name} && mount /dev/{name}1 /mnt/{name}")
    g.sh("mkdir -p /mnt/vdj.2 && mount /dev/vdj2 /mnt/vdj.2")
    attach(g)
    g.sh("cp /etc/passwd /mnt/r0/kept && sync")


def refused(t, g):
    for name in ROWS:
        g.resize(name, 2 * GIB)
    for name, row in ROWS.items():
        record = livegrow.settled(g, name, 2 * GIB)
        got = record["state"], record["reason"]
        if not row.words:
            t.equal(got, row.state, f"A2: {row.title}: {row.state[1]}")
            continue
        size = livegrow.sectors(g, f"{name}2") * 512
        t.equal((*got, record.get("text"), size),
                (*row.state, f"last partition {name}2 is {row.words}", table_of(row).offset(2)[1]),
                f"A2: {row.title}: it does not grow, and the reason says why")


def with_growctl(t, g):
    """The daemon and a person's plain command leave it, too."""
    g.start("exec growctl daemon")
    g.wait_for("[ -e /run/growctl ] || growctl status >/dev/null")
    status, text = g.run("growctl grow vda")
    t.ok(status == 2 and DRBD in text, "A2: growctl grow refuses with the same words", text)
    status, text = g.run("growctl plan vdc")
    t.ok(status == 2 and DRBD in text, "A2: growctl plan refuses with the same words", text)
    status, text = g.run("growctl doctor vda")
    t.ok("drbdadm resize" in text and "sfdisk --delete" not in text,
         "A2: doctor names the tool and deletes nothing", text)
    text = g.sh("growctl status vda")
    t.ok(re.search(r"vda2.*\n.*drbd", text) is not None, "A2: status shows DRBD by its holder", text)
    t.equal([livegrow.sectors(g, f"{name}2") * 512 for name in ("vda", "vdi")],
            [table_of(ROWS[name]).offset(2)[1] for name in ("vda", "vdi")],
            "A2: with the daemon running nothing of DRBD has grown")


def after_a_stop(t, g):
    """The metadata is found without /var/lib/drbd, and the data is there."""
    g.sh("umount /mnt/r0 && drbdsetup-84 secondary 0 && drbdsetup-84 down r0 && rm -rf /var/lib/drbd/*")
    text = g.sh("blkid -p -o value -s TYPE /dev/vda2")
    t.equal(text.strip(), "drbd", "A2: after a stop blkid finds DRBD")
    with t.case("A2: after a stop the resource comes up again, with its data"):
        g.sh("drbdmeta --force 0 v08 /dev/vda2 internal apply-al")
        attach(g)
        g.sh("cmp /mnt/r0/kept /etc/passwd")


def by_hand(t, g):
    """Another tool makes the partition larger under the resource: only the holder shows DRBD."""
    g.sh("echo , +1GiB | sfdisk --no-reread -f -q -N 2 /dev/vda && partx -u --nr 2 /dev/vda")
    g.wait_for("[ $(cat /sys/class/block/vda2/size) -gt 3000000 ]")
    text = g.sh("growctl status vda")
    t.ok(re.search(r"drbd .*drbdadm resize", text) is not None,
         "A2: after another tool's growth status names drbdadm resize", text)
    g.sh("drbdsetup-84 resize 0 && sync")
    text = g.sh("growctl status vda; blockdev --flushbufs /dev/vda2; blkid -p -o value -s TYPE /dev/vda2")
    t.ok("drbdadm resize" not in text.split("\n")[0] and text.rstrip().endswith("drbd"),
         "A2: and once DRBD has followed, nothing is behind", text)


def main():
    with ktap.Report(plan=len(ROWS) + 5 + 2 + 2) as t:
        drives = [make(name, row) for name, row in ROWS.items()]
        initrd = livegrow.initrd(**{"/usr/sbin/drbdsetup-84": program("/lib/drbd/drbdsetup-84")})
        with Guest("metadata-at-end", initrd=initrd, drives=drives, memory=768) as g:
            prepare(g)
            livegrow.load(g)
            refused(t, g)
            with_growctl(t, g)
            after_a_stop(t, g)
            by_hand(t, g)
            g.run("pkill -x growctl")
            livegrow.unload(g)
            g.poweroff()


main()
