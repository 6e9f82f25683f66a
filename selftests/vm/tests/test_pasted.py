# SPDX-License-Identifier: GPL-2.0-or-later
"""Each command that a text holds is run as it is printed: on the fault that it is for, where there is none, and beside a healthy disk."""
import dataclasses
import json
import pathlib
import re
import shlex

import images
import ktap
import livegrow
import overlay
import refusal
import remedies
import root
import scenario
from drive import Drive
from images import MIB
from refusal import NEW, OLD, Row

TIMEOUT = 400
GROWPART = pathlib.Path("/usr/bin/growpart")
FROM_ROOT = ["/usr/bin/flock", "/usr/sbin/gdisk", "/usr/sbin/debugfs", "/usr/bin/lslocks", "/usr/bin/dmesg"]
# Packages that the guest is without. None of their commands names a disk; test_service.py runs those of systemd.
ABSENT = set("apt bcachefs btrfs cryptsetup dkms drbdadm fatresize fuser gfs2_grow journalctl make mdadm mokutil ntfsresize openssl "
             "qemu-img qemu-nbd resize.f2fs resize_reiserfs ssh systemctl tunefs.ocfs2 update-initramfs".split())
# They end by themselves only when something happens.
WAITING = ("growctl watch", "growctl wait", "ssh guest growctl wait")
HEALTHY = ["vda", "vdb"]
# Files of a person who has followed the README before.
KEPT = ["/tmp/paste/try.raw", "/tmp/paste/try.qcow2", "/tmp/paste/guest.raw", "/root/mok.priv", "/root/mok.der"]
LOCAL = "/etc/growctl.conf.d/local.conf"

# Reasons that a disk comes to by what is done in the guest: what is set, and the sizes that it then gets.
ORDERED = [
    (Row("mode ask", "waiting", "mode-ask", ""), ["ask"], [NEW]),
    (Row("less than min-step", "full", "min-step", "", hold=refusal.MAP_LAST), ["min-step=1073741824"], [NEW]),
    (Row("smaller meanwhile", "shrunk", "was-shrunk", "", hold=refusal.MAP_FIRST), [], [OLD - 16 * MIB, NEW]),
]


@dataclasses.dataclass
class Faulty(refusal.InGuest):
    row: Row
    name: str
    settings: list
    sizes: list
    path: pathlib.Path = None
    before: list = None

    def make(self):
        self.path = refusal.make(self.row, f"pasted-{self.name}")
        self.before = self.digests()
        return Drive(self.name, self.path, **self.row.drive)

    def digests(self):
        """Of each partition, up to where the disk ends in between."""
        end = min([OLD, *self.sizes])
        parts = [(part.first * 512, min((part.last + 1) * 512, end)) for part in self.row.table.parts]
        return [images.digest(self.path, first, last - first) for first, last in parts if first < last]

    def bring_about(self, g):
        if self.settings:
            livegrow.set_policy(g, self.name, *self.settings)
        if self.row.poke:
            g.sh(f"{self.command(self.row.poke)} && sync")
        for size in self.sizes:
            g.resize(self.name, size)
            livegrow.settled(g, self.name, size)
        if self.row.reason == "min-step":
            # As growctl would answer about the mapping that holds the partition.
            livegrow.grow(g, self.name, "content")


def faulty():
    """One disk for each reason for which doctor has a remedy."""
    rows = {}
    for row in refusal.TABLES + refusal.GATES:
        if row.load == "mode=auto" and "driver" not in row.drive and row.table and row.reason != "driver" and not row.enlarged:
            rows.setdefault(row.reason, row)
    orders = [(row, [], [row.resize] if row.resize else []) for row in rows.values()] + ORDERED
    return [Faulty(row, f"vd{chr(ord('c') + n)}", settings, sizes) for n, (row, settings, sizes) in enumerate(orders)]


def row_of(said, disk):
    """The text of DOCTOR that SAID is, and the number of the partition in it."""
    for text in remedies.DOCTOR:
        for part in (1, 2):
            if remedies.fill(text, disk, part) == said:
                return text, part
    return None, 0


def paste(g, command):
    """Into a shell, in a directory of its own; the module is back afterwards."""
    seconds = 2 if command.startswith(WAITING) else 20
    return g.run(f"cd /tmp/paste; PATH=/run/quiet:$PATH timeout {seconds} sh -c {shlex.quote(command)} </dev/null; "
                 "status=$?; [ -e /sys/module/livegrow ] || modprobe livegrow; exit $status", seconds + 20)


def writes(g):
    """What QEMU was asked to write to each healthy disk."""
    stats = g.qmp.execute("query-blockstats")
    return {one["node-name"]: one["stats"]["wr_operations"] for one in stats if one.get("node-name") in HEALTHY}


def remedy_of(g, disk):
    found = json.loads(g.run(f"growctl doctor --json {disk}")[1])["findings"]
    return next((f["remedy"] for f in found if f["where"] == disk), "")


def on_fault(t, g, disks):
    printed = set()
    for disk in disks:
        what = f"{disk.row.reason}: {disk.row.name}"
        said = remedy_of(g, disk.name)
        text, part = row_of(said, disk.name)
        if not text:
            t.ok(said and not remedies.has_command(said), f"{what}: a sentence without a command", f"{said}")
            continue
        printed.add(text)
        before = writes(g)
        ended = [(command, paste(g, remedies.fill(command, disk.name, part))) for command in remedies.commands_of(text)]
        t.ok(writes(g) == before and all(status != 127 for _, (status, _) in ended),
             f"{what}: as printed, it writes nothing to a healthy disk beside it", f"{ended}")
    t.equal({text for text, row in remedies.DOCTOR.items() if row.by == "module"} - printed, set(),
            "each remedy for one of the module's reasons was printed for it")


def without_fault(t, g):
    wrote, missing = [], set()
    commands = remedies.commands("vda", 2)
    for command in commands:
        before = writes(g)
        text = paste(g, command)[1]
        if writes(g) != before:
            wrote.append((command, text))
        missing.update(re.findall(r"(\S+): not found$", text, re.M))
    t.equal(wrote, [], f"no fault: none of {len(commands)} commands writes to a healthy disk")
    t.equal(missing - ABSENT, set(), "no fault: but for packages that the guest is without, each is run")


def prepare(g):
    g.sh("mkdir -p /run/quiet /tmp/paste /etc/growctl.conf.d && ln -s /bin/true /run/quiet/udevadm")
    g.sh("for tool in pvresize vgs lvextend pvck; do ln -sf lvm /usr/sbin/$tool; done")
    for file in KEPT:
        g.sh(f"echo mine >{file}")
    g.sh(f"printf '[name=vdz]\\nmode = ask\\n' >{LOCAL}")
    for disk in HEALTHY:
        g.sh(refusal.MOUNT_LAST.replace("{d}", disk))


def main():
    plain = Row("healthy", "full", "none", "")
    healthy = [Drive(name, refusal.make(plain, f"healthy-{name}")) for name in HEALTHY]
    before = [images.digest(drive.path) for drive in healthy]
    disks = faulty()
    drives = healthy + [disk.make() for disk in disks]
    files = {**scenario.LVM_CONF, str(GROWPART): GROWPART, **{name: overlay.inside(root.tree(), name) for name in FROM_ROOT}}
    with ktap.Report(plan=2 * len(disks) + 1 + 2 + 2 + len(healthy)) as t:
        with scenario.tiny("pasted", drives, files=files, memory=768) as g:
            for disk in disks:
                disk.hold(g)
            prepare(g)
            # Nobody answers what a mapping of the last partition holds.
            livegrow.load(g, "content_wait=0")
            for disk in disks:
                disk.bring_about(g)
            on_fault(t, g, disks)
            without_fault(t, g)
            t.equal([g.sh(f"cat {file}").strip() for file in KEPT], ["mine"] * len(KEPT), "files that were there are not overwritten")
            t.ok("vdz" in g.sh(f"cat {LOCAL}"), "nor are rules", g.sh(f"cat {LOCAL}"))
            g.poweroff()
        for disk in disks:
            t.equal(disk.digests(), disk.before, f"{disk.row.reason}: {disk.row.name}: each partition has every byte afterwards")
        for drive, was in zip(healthy, before):
            t.equal(images.digest(drive.path), was, f"{drive.name}: healthy, has every byte afterwards")


main()
