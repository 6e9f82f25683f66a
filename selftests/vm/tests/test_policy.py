# SPDX-License-Identifier: GPL-2.0-or-later
"""What the configuration says holds from the first event after boot on, and is taken up when it changes."""
import json
import os

import gpt
import images
import ktap
import livegrow
import oracles
import scenario
from images import GIB, MIB
from scenario import Drive, ended

TIMEOUT = 240
PART = {GIB: GIB - 2 * MIB, 2 * GIB: 2 * GIB - 2 * MIB}
CONF = b"""# Somebody's own.
[serial=keep-off]
mode = off
[label=SCRATCH]
mode = off
[mountpoint=/srv/fixed]
mode = off
[serial=limited]
max = 1200M
[serial=wrong]
mode = ask
max = 12 GB
[serial=late-off]
mode = off
[serial=keep-off]
keep-free = 10%
"""
FSTAB = b"""/dev/disk/by-label/SCRATCH /srv/scratch ext4 defaults,nofail 0 0
LABEL=FIXED /srv/fixed ext4 noauto 0 0
"""
PLACES = {"vdb": "/srv/off", "vdc": "/srv/scratch", "vdd": "/srv/fixed", "vde": "/srv/limited", "vdf": "/srv/wrong",
          "vdg": "/srv/free"}
SERIALS = {"vdb": "keep-off", "vdc": None, "vdd": None, "vde": "limited", "vdf": "wrong", "vdg": None}
LABELS = {"vdc": "SCRATCH", "vdd": "FIXED"}


def image_of(name):
    return f"policy-{name}.raw"


def make(name, guid=None):
    return scenario.one_partition(image_of(name), GIB, "ext4", label=LABELS.get(name), guid=guid)


def outside(path):
    """What is not the partition's: the table, and what a backup or a larger partition would be in."""
    end = PART[GIB] + MIB
    return images.digest(path, 0, MIB), images.digest(path, end, 2 * GIB - end)


def mounts():
    """One unit that mounts what fstab does not, before the daemon starts."""
    lines = [f"ExecStart=/bin/mount /dev/{name}1 {place}" for name, place in PLACES.items() if name != "vdc"]
    return ("[Unit]\nDefaultDependencies=no\nAfter=local-fs.target\nBefore=growctl.service\n[Service]\nType=oneshot\n"
            + "\n".join(lines) + "\n").encode()


def root_disk():
    files = {"/etc/growctl.conf": CONF, "/etc/fstab": FSTAB, "/etc/systemd/system/mounts.service": mounts()}
    files |= {f"{place}/.keep": b"" for place in PLACES.values()}
    return scenario.root_disk("root.raw", files, units=(*scenario.UNITS, "mounts.service"))


def sizes(g):
    return {name: scenario.part_sectors(g, f"{name}1")[1] * 512 for name in PLACES}


def after_boot(t, g, before, paths):
    """All of them grew while the guest was off."""
    found = sizes(g)
    for name, why in (("vdb", "serial"), ("vdc", "label"), ("vdd", "mountpoint")):
        t.equal(found[name], PART[GIB], f"off by its {why}: as it was")
        t.equal(g.sh(f"growctl status -n -o mode {name}").split()[0], "off", f"off by its {why}: and known as such")
    t.equal({name: outside(paths[name]) for name in before}, before, "not a byte of a disk that is off was written outside of its filesystem")
    t.equal(found["vde"], 1200 * MIB, "one with a max is grown up to it")
    t.equal(found["vdf"], PART[GIB], "one whose rule is not understood waits")
    t.equal(found["vdg"], PART[2 * GIB], "one without a rule is grown")
    text = g.sh("journalctl -b -u growctl.service -o cat")
    t.ok("/etc/growctl.conf:12: [serial=wrong] max:" in text, "the daemon names file, line and key of the error", text)
    ended(t, g.run("growctl check-config"), 2, "as check-config does", "/etc/growctl.conf:12: [serial=wrong] max:")
    ended(t, g.run("growctl doctor"), 1, "and doctor", "/etc/growctl.conf:12: [serial=wrong] max:")
    ended(t, g.run("growctl grow vdb"), 2, "a command is refused by what rule it is", "/etc/growctl.conf:3 [serial=keep-off]")


def shown(t, g):
    rows = json.loads(g.sh("growctl policy --json 2>/dev/null"))["policy"]
    found = {(row["disk"], row["key"]): (row["value"], row["from"]) for row in rows}
    t.equal([found["vde", "max"], found["vdd", "mode"]],
            [(f"{1200 * MIB}", "/etc/growctl.conf:9 [serial=limited]"), ("off", "/etc/growctl.conf:7 [mountpoint=/srv/fixed]")],
            "policy says what holds, and which rule has it")
    t.equal([value for (disk, _), (value, _) in found.items() if disk == "vdb"], ["off", "0", "10%", "0", f"{MIB}"],
            "a size is bytes, no limit is 0, and a share stays one")
    t.equal(found["vdg", "mode"], ("auto", "module's parameter"), "or that none has")
    ended(t, g.run("growctl grow vde"), 3, "a command keeps to the max", "(max)")
    ended(t, g.run("growctl doctor vde"), 1, "which doctor finds to be reached", "vde: its last partition is as large", "growctl policy vde shows which rule limits it")


def in_force(g, disk):
    rows = json.loads(g.sh(f"growctl policy --json {disk} 2>/dev/null"))["policy"]
    return {row["key"]: (row["value"], row["in_force"]) for row in rows}


def unread(t, g):
    """What was written by hand, and what the module has."""
    found = in_force(g, "vdf")
    t.equal((found["mode"], found["max"]), (("auto", "ask"), (f"{1500 * MIB}", "0")), "what is not in force yet is told, with what is")
    ended(t, g.run("growctl policy vdf"), 0, "to people too", "IN-FORCE", "not all of it is in force: systemctl reload growctl")
    ended(t, g.run("growctl doctor vdf"), 1, "and by doctor", "max 1500M is not in force yet, but none", "systemctl reload growctl")


def changed(t, g, watch):
    """Written by policy set, and by hand."""
    ended(t, g.run("growctl policy set vde max=1400M"), 0, "policy set", "policy-limited.conf", "the daemon has taken it up")
    watch.wait(event="filesystem-grown", disk="vde", fs_size=1400 * MIB)
    t.ok(True, "what the smaller max had left is taken, and the filesystem follows")
    ended(t, g.run("growctl policy vde"), 0, "and is shown", "1400M", "policy-limited.conf:4 [serial=limited]")
    mark = watch.mark()
    ended(t, g.run("growctl policy set vdg mode=ask"), 0, "for another disk", "policy-vdg.conf")
    watch.wait(since=mark, event="settled", disk="vdg", mode="ask")
    g.resize("vdg", 3 * GIB)
    watch.wait(event="blocked", disk="vdg", reason="mode-ask", capacity=3 * GIB)
    t.equal(sizes(g)["vdg"], PART[2 * GIB], "it asks from then on")
    g.sh("sed -i 's/12 GB/1500M/; s/^mode = ask/mode = auto/' /etc/growctl.conf")
    unread(t, g)
    g.sh("systemctl reload growctl")
    watch.wait(event="filesystem-grown", disk="vdf", fs_size=1500 * MIB)
    t.ok(True, "systemctl reload takes up what was written by hand")
    t.equal(in_force(g, "vdf")["max"], (f"{1500 * MIB}",) * 2, "which is in force then")
    t.ok("IN-FORCE" not in g.sh("growctl policy 2>&1"), "of no disk is it another")
    ended(t, g.run("growctl check-config"), 0, "which is without an error now", "rules in 3 files")
    ended(t, g.run("growctl grow vdg --keep-free 512M"), 0, "a command's limits come before the configuration's", "vdg1: grown")


AT_ONCE = ["policy set vdg max={limit}", "policy set vdg mode=off", "policy set vdg mode=ask", "policy set vdg keep-free=412M"]
BY_HAND = "printf '[name=vdg]\\nmax = {limit}\\n' >/etc/growctl.conf.d/hand.conf && systemctl reload growctl"


def free_again(g):
    """No rule limits vdg any more, and it has taken all of the disk."""
    g.sh("rm -f /etc/growctl.conf.d/hand.conf && growctl policy set vdg mode= max= keep-free=")
    late = {key: values for key, values in in_force(g, "vdg").items() if values[0] != values[1]}
    g.run("growctl grow vdg")
    return late


def at_once(t, g, watch):
    """The host enlarges the disk as soon as the command has returned."""
    size, late, beyond = 3 * GIB, [], []
    for command in [f"growctl {command}" for command in AT_ONCE] + [BY_HAND] * 2:
        late.append(free_again(g))
        size += 512 * MIB
        allowed = size - 414 * MIB
        mark = watch.mark()
        g.sh(command.format(limit=allowed))
        g.resize("vdg", size)
        watch.wait(since=mark, event="settled", disk="vdg", capacity=size)
        if sizes(g)["vdg"] > allowed:
            beyond.append((command, sizes(g)["vdg"]))
    t.equal(beyond, [], f"a rule is in force when policy set or a reload returns: {len(late)} enlargements at once")
    t.equal(late, [{}] * len(late), "and is gone when policy set has removed it")
    free_again(g)
    g.sh("systemctl kill -s STOP growctl")
    ended(t, g.run("growctl policy set vdg max=9G", 60), 4, "with a daemon that does not answer, policy set says so", "vdg: not in force after 10 s")
    ended(t, g.run("growctl policy wait", 60), 4, "and so does policy wait", "'growctl policy' shows it")
    g.sh("systemctl kill -s CONT growctl")
    ended(t, g.run("growctl policy wait"), 0, "which ends well when the daemon answers again")
    t.equal(in_force(g, "vdg")["max"], (f"{9 * GIB}",) * 2, "and the rule is in force then")


def removed(t, g, watch):
    """A rule that goes, and a daemon that is not there."""
    g.sh("sed -i '/keep-off/,+1d' /etc/growctl.conf && systemctl reload growctl")
    watch.wait(event="filesystem-grown", disk="vdb", fs_size=PART[2 * GIB])
    t.equal(sizes(g)["vdb"], PART[2 * GIB], "without its rule a disk grows at once")
    g.sh("systemctl stop growctl")
    livegrow.unload(g)
    livegrow.load(g, "mode=off")
    ended(t, g.run("growctl policy set vdf mode=auto"), 0, "the module's own off is stronger than what is set", "vdf: the module's parameter has mode=off")
    g.sh("growctl policy set vdf mode=")
    livegrow.unload(g)
    livegrow.load(g)
    g.resize("vdb", 3 * GIB)
    g.wait_for("growctl status -n -o reason vdb | grep -q policy-awaited")
    t.equal(sizes(g)["vdb"], PART[2 * GIB], "a module that is loaded without the daemon waits for it")
    g.sh("systemctl start growctl")
    watch.wait(event="filesystem-grown", disk="vdb", fs_size=3 * GIB - 2 * MIB)
    t.ok(True, "and grows when it is there")


def plugged(t, g, watch, path):
    """Another disk under the name that one had which was told something else, with no pass of the daemon between."""
    daemon = g.sh("systemctl show -p MainPID --value growctl").strip()
    g.sh(f"umount {PLACES['vdg']} && udevadm settle")
    # The name is free when nobody has the old disk open, as the daemon may in its pass after the unmount.
    livegrow.wait_idle(g, daemon)
    g.sh(f"kill -STOP {daemon}")
    g.wait_for("! ls -l /proc/[0-9]*/fd | grep -q /dev/vdg")
    g.unplug("vdg")
    mark = watch.mark()
    g.plug(Drive("vdh", path, serial="late-off"))
    watch.wait(since=mark, event="settled", disk="vdg")
    g.sh(f"kill -CONT {daemon}")
    watch.wait(since=mark, event="settled", disk="vdg", state="off")
    g.sh(f"mount /dev/vdg1 {PLACES['vdg']}")
    g.sh("growctl wait vdg --timeout 1 || :")
    t.equal(sizes(g)["vdg"], PART[GIB], "a disk that is plugged in is known by what it is, not by its name")
    g.sh("udevadm settle")
    ended(t, g.run("growctl doctor vdg"), 1, "and doctor, by udev, knows whose copy it is", "vdg: vdb has the same disk GUID")


def main():
    with ktap.Report(plan=14 + 5 + 13 + 6 + 4 + 2 + 3) as t:
        disk = root_disk()
        paths = {name: make(name) for name in PLACES}
        for path in paths.values():
            os.truncate(path, 2 * GIB)
        late = make("late", gpt.guid_of(image_of("vdb")))
        os.truncate(late, 2 * GIB)
        before = {name: outside(paths[name]) for name in ("vdb", "vdc", "vdd")}
        drives = [Drive(name, path, serial=SERIALS[name]) for name, path in paths.items()]
        with scenario.installed("policy", disk, drives) as g:
            after_boot(t, g, before, paths)
            shown(t, g)
            watch = scenario.Watch(g)
            changed(t, g, watch)
            at_once(t, g, watch)
            removed(t, g, watch)
            plugged(t, g, watch, late)
            g.poweroff()
        for name in ("vde", "vdf", "vdg"):
            t.equal(oracles.table(paths[name]), [], f"{name}: the table is sound")


main()
