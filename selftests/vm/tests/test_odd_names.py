# SPDX-License-Identifier: GPL-2.0-or-later
"""Mountpoints that steer terminals, forge lines, are no UTF-8 or longer than any line: growctl prints none of that."""
import json

import gpt
import images
import ktap
import livegrow
import promtool
import scenario
from drive import Drive
from images import GIB, MIB
from scenario import Watch, ended

TIMEOUT = 120
WHY = "did not grow: has errors: umount it and run e2fsck -f"
# Of four bytes each: wherever it is cut without counting, most cuts hit one of them.
LONG = "/mnt/" + "/".join(["\N{FLOPPY DISK}" * 60] * 3) + "/end"
# A colour, a line of its own, a byte that is no UTF-8, a character that is.
STEERING = r"/mnt/\033[31m\nvdz: forged\377\342\202\254"
SHOWN = "/mnt/?[31m?vdz: forged?\N{EURO SIGN}"
IN_JSON = "/mnt/\x1b[31m\nvdz: forged\N{REPLACEMENT CHARACTER}\N{EURO SIGN}"


def text_of(g, command, status=0):
    """Not as Guest.sh() has it, which forgives what is no UTF-8."""
    got, text = g.run_bytes(command)
    assert got == status, (got, text)
    return text.decode()


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
    t.ok(text.startswith("ext4 on ...\N{FLOPPY DISK}") and text.endswith(f"/end {WHY}"),
         "and so is every subscriber", text)
    g.sh("pkill -TERM -f '^growctl [d]aemon'")
    daemon.wait(10)
    g.sh(f"umount {LONG}")


def for_people(t, g):
    g.resize("vdb", 2 * GIB)
    livegrow.settled(g, "vdb", 2 * GIB)
    g.sh("mount -o remount,ro /dev/vdb")
    lines = text_of(g, "growctl doctor vdb", 1).splitlines()
    at = lines.index(f"vdb: ext4 on {SHOWN}: it cannot follow its disk")
    t.equal(lines[at + 1:], ["    mounted read-only; remount it writable"],
            "doctor: two lines, and nothing of its own in them")
    g.sh("mount -o remount,rw /dev/vdb")
    t.equal(text_of(g, "growctl grow vdb"),
            f"vdb: ext4 on {SHOWN} grown from 1 GiB to 2 GiB ({GIB} to {2 * GIB} bytes)\n", "grow")
    t.equal(text_of(g, "growctl wait vdb"), f"vdb: ext4 on {SHOWN}: 2 GiB ({2 * GIB} bytes)\n", "wait")


def for_machines(t, g):
    row, = json.loads(text_of(g, "growctl status --json vdb"))["disks"]
    t.equal(row["children"][0]["mountpoint"], IN_JSON, "status --json has all of it that UTF-8 has")
    image = r"$(printf '/tmp/\377.raw')"
    g.sh(f"dd if=/dev/vdc of={image} bs=1M count=8 2>/dev/null; truncate -s 16M {image}")
    rows = json.loads(text_of(g, f"growctl plan --json {image}"))["plan"]
    t.ok(rows[0]["device"].startswith("\N{REPLACEMENT CHARACTER}.raw"),
         "plan --json of a file whose name is none", f"{rows}")
    text = text_of(g, "growctl metrics")
    t.equal(promtool.check(text), "", "promtool takes the metrics")
    t.ok(r"\nvdz: forged" + "\N{REPLACEMENT CHARACTER}\N{EURO SIGN}" in text, "which have it as well", text)


def whole(name):
    image = images.empty(f"odd-{name}.raw", GIB)
    images.mkfs(image, "ext4")
    return Drive(name, image)


def partitioned(name):
    image = images.path(f"odd-{name}.raw")
    gpt.Table(8 * MIB, [gpt.Part(2048, 4095)]).write(image)
    return Drive(name, image)


def main():
    drives = [whole("vda"), whole("vdb"), partitioned("vdc")]
    with ktap.Report(plan=2 + 3 + 4) as t, scenario.tiny("odd-names", drives) as g:
        livegrow.load(g)
        long_name(t, g)
        g.sh(f"""d="$(printf '{STEERING}')" && mkdir -p "$d" && mount /dev/vdb "$d" """)
        for_people(t, g)
        for_machines(t, g)
        g.poweroff()


main()
