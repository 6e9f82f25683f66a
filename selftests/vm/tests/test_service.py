# SPDX-License-Identifier: GPL-2.0-or-later
"""growctl.service: what it may, what it takes, and what it tells the journal."""
import json
import re
import time

import ktap
import livegrow
import remedies
import scenario
from images import GIB

TIMEOUT = 240

# Of the root disk: 1500 MiB, later 2 GiB; its root's bytes.
SIZES = {"old": 1503657984, "new": 2 * GIB - 135168 * 512 - (1 << 20)}
QUIET_SECONDS = 60
FIELDS = {"PRIORITY", "LIVEGROW_EVENT", "LIVEGROW_DISK", "LIVEGROW_PARTITION", "LIVEGROW_OLD_SIZE", "LIVEGROW_SIZE",
          "LIVEGROW_TABLE_USEC", "LIVEGROW_PARTITION_USEC", "LIVEGROW_USEC"}


def status_of(g, key):
    return int(re.search(rf"^{key}:\s+(\d+)", g.sh("cat /proc/$(pgrep -o -x growctl)/status"), re.M)[1])


def switches(g):
    """How often the daemon has run."""
    return sum(status_of(g, f"{kind}_ctxt_switches") for kind in ("voluntary", "nonvoluntary"))


def sandbox(t, g):
    text = g.sh("systemd-analyze security --no-pager growctl.service", 60)
    exposure = float(re.search(r"exposure level for growctl.service: ([\d.]+)", text)[1])
    t.ok(exposure <= 3.0, "its exposure is 3.0 or less", f"{exposure}\n{text}")
    t.note(f"exposure {exposure}")
    t.equal(g.sh("systemctl show -p LoadState -p SubState growctl.service").split(),
            ["LoadState=loaded", "SubState=running"], "and it runs")


def is_small(t, g, name):
    livegrow.wait_idle(g, "$(pgrep -o -x growctl)")
    resident = status_of(g, "VmRSS")
    t.note(f"{resident} KiB resident, {status_of(g, 'RssAnon')} KiB of them its own; {status_of(g, 'VmHWM')} KiB at most")
    t.ok(resident < 3072, name, f"{resident} KiB")


def quiet(t, g):
    """Nothing else is to wake it either, once what it does after boot is over."""
    is_small(t, g, "less than 3 MiB are resident")
    before = switches(g)
    time.sleep(QUIET_SECONDS)
    t.equal(switches(g) - before, 0, f"while nothing happens it never wakes up: {QUIET_SECONDS} s")


def entries(g, event):
    text = g.sh(f"journalctl -b -u growctl.service -o json LIVEGROW_EVENT={event}")
    return [json.loads(line) for line in text.splitlines() if line.startswith("{")]


def told(t, g, watch):
    """And it grows all the same, with a mount of later too."""
    g.resize("vda", 2 * GIB)
    watch.wait(event="filesystem-grown", disk="vda")
    g.sh("mkdir -p /srv && mount /dev/vdb1 /srv")
    g.resize("vdb", 2 * GIB)
    watch.wait(event="filesystem-grown", disk="vdb")
    g.wait_for(lambda: len(entries(g, "filesystem-grown")) == 2)
    partition, = [e for e in entries(g, "partition-grown") if e["LIVEGROW_DISK"] == "vda"]
    filesystem, later = entries(g, "filesystem-grown")
    t.ok(FIELDS <= set(partition) and {*FIELDS, "LIVEGROW_FSTYPE"} <= set(filesystem),
         "the journal has fields of what grew", f"{partition} {filesystem}")
    t.equal([(e["LIVEGROW_DISK"], e["LIVEGROW_PARTITION"], int(e["LIVEGROW_SIZE"])) for e in (partition, filesystem)],
            [("vda", "3", SIZES["new"])] * 2, "disk, partition and new size")
    t.ok(0 < int(filesystem["LIVEGROW_TABLE_USEC"]) <= int(filesystem["LIVEGROW_PARTITION_USEC"]) <=
         int(filesystem["LIVEGROW_USEC"]), "and how long each stage took", f"{filesystem}")
    t.ok(re.match(r"vda3: ext4 grown from .* to .* \(\d+ to \d+ bytes\)$", filesystem["MESSAGE"]),
         "and a line for people", filesystem["MESSAGE"])
    t.equal((later["LIVEGROW_DISK"], later["LIVEGROW_FSTYPE"]), ("vdb", "xfs"), "what was mounted later grows too")


def remounted(t, g, watch):
    """The copy of a mount that the daemon's namespace has stays read-only."""
    g.sh("umount /srv && mount -o ro /dev/vdb1 /srv")
    mark = watch.mark()
    g.resize("vdb", 3 * GIB)
    watch.wait(event="settled", disk="vdb", capacity=3 * GIB, since=mark)
    g.wait_for("growctl status vdb | grep -q read-only")
    g.sh("mount -o remount,rw /srv")
    with t.case("what was mounted read-only and is remounted writable grows, with nothing else said"):
        watch.wait(event="filesystem-grown", disk="vdb", since=mark)


def elsewhere(t, g, watch):
    """Mounted by a service for itself, as containers are, and by nobody else."""
    g.sh("systemd-run --unit=inner -p PrivateMounts=yes sh -c 'mount /dev/vdc1 /media && exec sleep infinity'")
    g.wait_for("grep -q vdc1 /proc/$(systemctl show -P MainPID inner)/mountinfo")
    t.equal(g.run("grep -c vdc1 /proc/self/mountinfo")[1].strip(), "0", "a filesystem that is mounted in another namespace alone")
    g.resize("vdc", 2 * GIB)
    with t.case("grows too"):
        watch.wait(event="filesystem-grown", disk="vdc")
    g.sh("systemctl stop inner")


def pasted(t, g):
    """What growctl, its manual and the README have a person run of systemd's programs, as it is printed."""
    tables = "for disk in vda vdb vdc; do sfdisk -d /dev/$disk; done"
    before = g.sh(tables)
    commands = [command for command in remedies.commands("vdb", 1) if re.search(r"systemctl|journalctl", command)]
    # The last one ends what the others need.
    commands.sort(key=lambda command: "disable" in command)
    ended = {command: g.run(command) for command in commands}
    t.equal({command: end for command, end in ended.items() if end[0]}, {}, f"each of {len(commands)} commands of systemd's is as it is printed")
    t.equal(g.sh(tables), before, "and leaves the tables as they are")


def main():
    disk = scenario.root_disk("service.raw")
    other = scenario.Drive("vdb", scenario.one_partition("later.raw", GIB))
    inner = scenario.Drive("vdc", scenario.one_partition("inner.raw", GIB, "ext4"))
    with ktap.Report(plan=2 + 2 + 5 + 1 + 2 + 1 + 2) as t, scenario.installed("service", disk, [other, inner]) as g:
        sandbox(t, g)
        quiet(t, g)
        watch = scenario.Watch(g)
        told(t, g, watch)
        remounted(t, g, watch)
        elsewhere(t, g, watch)
        is_small(t, g, "nor are more when it has grown four times")
        pasted(t, g)
        g.poweroff()


main()
