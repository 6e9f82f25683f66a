# SPDX-License-Identifier: GPL-2.0-or-later
"""growctl's answers to bad input, its exit codes, its dry run and its JSON."""
import json
import os
import pathlib
import re
import signal
import subprocess
import tempfile

import built
import images
import ktap
import overlay
import paths
import root
import scenario
from images import GIB

TIMEOUT = 120
# What hangs on the host ends then.
HOST_SECONDS = 100

NOT_LOADED = "livegrow module is not loaded"
HOW_TO_LOAD = "modprobe livegrow"
WRONG_USAGE = ["", "frobnicate", "--frobnicate", "status --frobnicate", "status vda vdb", "watch vda",
               "grow", "grow vda vdb", "grow vda --json", "status --dry-run", "daemon vda",
               "tables", "tables vda vdb", "tables vda --dry-run", "rollback", "rollback vda --json",
               "rollback vda --to", "rollback vda --to 0", "rollback vda --to 1x", "grow vda --to 1",
               "wait", "wait vda vdb", "wait vda --json", "wait vda --at-least", "wait vda --at-least 5GB",
               "wait vda --timeout -1", "wait vda --timeout 1234567", "status --timeout 1",
               "status -o", "status -o name,nosuch", "status -o ,", "watch -o name", "status -x",
               "grow vda --all", "grow --all --recover", "status --all", "plan vda vdb", "plan --all",
               "plan --dry-run", "grow vda --verbose", "grow vda --size", "grow vda --size 5GB", "grow vda --size 0",
               "grow --all --size 5G", "plan --size 5G", "grow vda --keep-free 100%", "status --size 5G",
               "policy vda vdb", "policy set", "policy set vda", "policy set vda max", "policy set vda =1",
               "policy set vda maximum=1G", "policy set vda max=1X", "policy set vda max=1G align=3M",
               "policy set vda keep-free=100% --json", "policy vda --dry-run", "check-config / /",
               "check-config --json", "grow vda --json", "grow vda -v", "policy hold --json", "policy hold vda", "policy wait --json", "policy wait vda",
               "doctor vda vdb", "history vda vdb", "metrics vda", "metrics --json", "history --verbose", "doctor --all"]
# A configuration, what check-config says of it, and its exit code.
CONFIGS = [
    ({}, "0 rules in 0 files\n", 0),
    ({"growctl.conf": "[all]\nmax = 20G\n"}, "1 rule in 1 file\n", 0),
    ({"growctl.conf": "[all]\n", "growctl.conf.d/b.conf": "[name=vdb]\n[label=A B]\nmode=off\n"},
     "3 rules in 2 files\n", 0),
    ({"growctl.conf": "[all]\nmode = never\n", "growctl.conf.d/b.conf": "[name=vdb\n"},
     "ROOT/etc/growctl.conf:2: [all] mode: not 'never', but auto, ask or off\n"
     "ROOT/etc/growctl.conf.d/b.conf:1: the section's head has no ] at its end; say as [name=vdb]\n", 2),
    ({"growctl.conf.d/b.conf/x": ""}, "ROOT/etc/growctl.conf.d/b.conf: not a regular file; make it one, "
                                      "or remove it\n", 2),
]
# As ctl/status_table.c documents them.
KEYS = {"name", "size", "type", "state", "mountpoint", "reach", "reason", "reason_text", "note",
        "driver", "mode", "lba_size", "number", "start", "free_tail", "backup_errno", "fstype"}
NUMBERS = {"size", "reach", "lba_size", "number", "start", "free_tail", "backup_errno"}

# vda: 1 GiB, later 2 GiB; vda1 from sector 2048; its sectors.
BEFORE, AFTER = 2093056, 4190208


def on_the_host(t):
    """As on a machine that never saw the module; the test runs on one."""
    program = built.growctl_of_host()

    def growctl(arguments):
        done = subprocess.run([program, *arguments.split()], capture_output=True, text=True,
                              timeout=HOST_SECONDS, stdin=subprocess.DEVNULL)
        return done.returncode, done.stdout, done.stderr

    assert not os.path.exists("/sys/module/livegrow")
    for arguments in ("status", "watch", "wait vda", "grow vda", "rollback vda"):
        status, out, err = growctl(arguments)
        t.ok(status == 2 and (not out or arguments == "status") and NOT_LOADED in err and HOW_TO_LOAD in err,
             f"without the module: growctl {arguments}", f"{status} {out} {err}")
    for arguments in WRONG_USAGE:
        status, out, err = growctl(arguments)
        t.ok(status == 1 and not out and err, f"wrong usage: growctl {arguments}", f"{status} {out} {err}")
    for arguments in ("help", "--help", "--version"):
        status, out, err = growctl(arguments)
        t.ok(status == 0 and out and not err, f"growctl {arguments}", f"{status} {err}")
    whole = growctl("--help")[1]
    one = growctl("wait --help")
    t.ok(one[1].startswith("Usage: growctl wait DISK [--at-least SIZE]") and "rollback" not in one[1] and one == growctl("help wait"),
         "the help of one command is that alone", f"{one}")
    t.equal(growctl("help nosuch")[1], whole, "and of what is none, all")


def configs_of_the_host(t):
    program = built.growctl_of_host()
    for files, expected, code in CONFIGS:
        with tempfile.TemporaryDirectory() as directory:
            for name, text in files.items():
                path = pathlib.Path(directory, "etc", name)
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text)
            done = subprocess.run([program, "check-config", directory], capture_output=True, text=True, timeout=HOST_SECONDS)
        # Rules are told on standard output, errors on standard error.
        said = (done.stderr, done.stdout) if code else (done.stdout, done.stderr)
        t.equal((*said, done.returncode), (expected.replace("ROOT", directory), "", code),
                f"growctl check-config: {sorted(files)}")
    done = subprocess.run([program, "check-config", "/nosuch"], capture_output=True, text=True, timeout=HOST_SECONDS)
    t.ok(done.returncode == 2 and "/nosuch: " in done.stderr, "growctl check-config of no directory", f"{done}")
    for command in ("policy nosuch", "policy set nosuch max=1G"):
        done = subprocess.run([program, *command.split()], capture_output=True, text=True, timeout=HOST_SECONDS)
        t.ok(done.returncode == 2 and "nosuch: no such disk" in done.stderr, f"no such disk: growctl {command}",
             f"{done}")


def refused(t, g, command, name, *words):
    """COMMAND ends with exit code 2 and all of WORDS in what it says."""
    scenario.ended(t, g.run(command, 10), 2, name, *words)


def without_module(t, g):
    for arguments in ("status", "status --json", "watch", "grow vda", "grow vda --dry-run",
                      "rollback vda", "rollback vda --dry-run"):
        refused(t, g, f"growctl {arguments}", f"in a guest without the module: growctl {arguments}",
                NOT_LOADED, HOW_TO_LOAD)
    refused(t, g, "growctl status -lnbo name,size,state", "growctl status shows the disks all the same",
            f"vda  {GIB}", f"vdb  {GIB}", f"vda1 {BEFORE * 512}")
    status, text = g.run("growctl tables vda")
    t.ok(status == 0 and text == "vda: no old table is stored\n", "growctl tables does without", text)
    t.equal(json.loads(g.sh("growctl tables vda --json")), {"tables": []}, "its JSON too")
    refused(t, g, "growctl tables vdb", "but not where there is no table", "vdb: has no GPT that is sound")
    said = "has no partition, and nothing else is limited"
    scenario.ended(t, g.run("growctl policy set vdb max=2G"), 0, "a limit of a disk without partitions is written, and warned of", f"vdb: {said}")
    rows = json.loads(g.sh("growctl policy set vda max=2G keep-free=1M >/dev/null; growctl policy --json 2>/dev/null"))["policy"]
    t.equal([(row["disk"], row["key"]) for row in rows if row["why"] and "no partition" in row["why"]], [("vdb", "max")],
            "policy says of which it does not count")
    t.ok(said not in g.sh("growctl policy set vda max=2G keep-free=; growctl policy set vdb max= mode=auto; growctl policy set vdb mode="),
         "of one with partitions it is not, nor is a mode, nor the end of a limit")
    g.sh("growctl policy set vda max=")
    g.run("growctl grow vda 2>/dev/kmsg")
    t.ok(NOT_LOADED in g.run("dmesg | grep growctl:")[1], "the kernel's log takes it, too, as in an initramfs")


def wrong_disks(t, g):
    for arguments in ("status nosuch", "grow nosuch", "grow nosuch --dry-run", "grow /dev/nosuch",
                      "tables nosuch", "rollback nosuch", "rollback nosuch --dry-run"):
        refused(t, g, f"growctl {arguments}", f"no such disk: growctl {arguments}", "nosuch: no such disk")
    for command in ("status", "wait", "tables", "rollback"):
        refused(t, g, f"growctl {command} vda1", f"a partition is not a disk: growctl {command}",
                "vda1 is a partition")
    refused(t, g, "growctl status ../vda", "a path is not a name", "../vda")


def rows_of(rows):
    for row in rows:
        yield row
        yield from rows_of(row.get("children", []))


def check_rows(rows):
    for row in rows_of(rows):
        assert set(row) - {"children"} == KEYS, row
        for key in KEYS:
            kind = int if key in NUMBERS else str
            assert row[key] is None or isinstance(row[key], kind), (key, row)


def check_json(t, g):
    with t.case("growctl status --json: the documented keys, numbers as numbers"):
        whole = json.loads(g.sh("growctl status --json"))
        assert set(whole) == {"disks"}, whole
        check_rows(whole["disks"])
        assert [row["name"] for row in whole["disks"]] == ["vda", "vdb"], whole
    with t.case("growctl status vda --json: one disk as a tree"):
        disk, = json.loads(g.sh("growctl status vda --json"))["disks"]
        check_rows([disk])
        part, = disk["children"]
        filesystem, = part["children"]
        assert (disk["type"], part["type"], filesystem["type"]) == ("disk", "part", "fs"), disk
        assert (disk["size"], disk["state"], disk["reason"], disk["mode"], disk["driver"],
                disk["lba_size"]) == (2 * GIB, "waiting", "mode-ask", "ask", "virtio_blk", 512), disk
        assert (part["name"], part["number"], part["start"], part["size"], part["reach"]) == (
            "vda1", 1, 2048 * 512, BEFORE * 512, AFTER * 512), part
        assert (filesystem["fstype"], filesystem["size"], filesystem["mountpoint"]) == (
            "ext4", BEFORE * 512, "/mnt"), filesystem


def on_a_terminal(g, command, columns=160):
    """What COMMAND prints on a terminal that is COLUMNS wide."""
    return g.sh(f"TERM=xterm script -qec 'stty cols {columns}; {command}' /dev/null")


def check_forms(t, g):
    """As lsblk's options: -o, -b, -n, -l, -J."""
    rows = [line.split() for line in g.sh("growctl status vda -bnl -o start,NAME,size").splitlines()]
    t.equal(rows, [["vda", str(2 * GIB)], [str(2048 * 512), "vda1", str(BEFORE * 512)], ["ext4", str(BEFORE * 512)]],
            "the columns that are asked for, in that order")
    text = g.sh("growctl status vda -o +driver").splitlines()
    t.ok(text[0].split() == "NAME SIZE TYPE STATE MOUNTPOINT WHY DRIVER".split() and "virtio_blk" in text[1],
         "or besides those of every day", f"{text}")
    disk, = json.loads(g.sh("growctl status vda -J -o name,layout"))["disks"]
    t.equal((set(disk), disk["layout"]), ({"name", "layout", "children"}, 12 * "1" + 12 * "+"), "JSON likewise")
    g.sh("mkdir -p /dev/pts && mount -t devpts devpts /dev/pts")
    shown = on_a_terminal(g, "growctl status vdb")
    t.ok(24 * "." in shown and "\33[" in shown, "a terminal with room gets the layout, and colours", shown)
    hint = "what to do about vda: growctl doctor"
    t.ok(hint in on_a_terminal(g, "growctl status") and hint not in g.sh("growctl status"),
         "a person is told who says what to do", shown)
    plain = on_a_terminal(g, "NO_COLOR=1 growctl status vdb")
    t.ok(24 * "." in plain and "\33[" not in plain, "but none with NO_COLOR", plain)
    narrow = on_a_terminal(g, "growctl status vdb", 60)
    t.ok(24 * "." not in narrow and "vdb" in narrow, "a narrow one has no room", narrow)


def dry_run(t, g, image):
    g.sh("sync")
    before = images.digest(image)
    status, text = g.run("growctl grow vda --dry-run")
    words = [line.split()[:2] for line in text.splitlines()[-2:]]
    t.ok(status == 0 and words == [["partition", "vda1"], ["filesystem", "vda1"]] and "ext4 on /mnt" in text,
         "growctl grow --dry-run says what it would do", f"{status} {text}")
    t.equal(images.digest(image), before, "and writes nothing")
    t.equal(scenario.part_sectors(g, "vda1"), (2048, BEFORE), "nor does the partition grow")


def not_root(t, g):
    nobody = "setpriv --reuid=65534 --regid=65534 --clear-groups"
    status, text = g.run(f"{nobody} growctl status vda --json")
    t.ok(status == 0 and json.loads(text)["disks"][0]["children"][0]["size"] == BEFORE * 512,
         "anybody may ask for the status", f"{status} {text}")
    refused(t, g, f"{nobody} growctl grow vda", "only root may grow", "vda: ", "root")
    refused(t, g, f"{nobody} growctl grow vda --dry-run", "not even as a dry run", "vda: ", "root")
    for command in ("tables", "rollback"):
        refused(t, g, f"{nobody} growctl {command} vda", f"only root may ask for a {command}", "vda: ", "root")
    refused(t, g, f"{nobody} growctl daemon", "nor run the daemon", "CAP_SYS_ADMIN", "root")


def grow_waiting(g):
    return scenario.behind_a_lock(g, "growctl grow vda", "/dev/vda")


def locked(t, g):
    """Another tool has locked the disk, as growpart does while it changes the table."""
    g.sh("mkfifo /tmp/release")
    tool = g.start("exec flock /dev/vda cat /tmp/release")
    g.wait_for("grep -q FLOCK /proc/locks")
    t.equal(g.run("growctl grow vda --dry-run", 10)[0], 0, "a dry run waits for nobody's lock")
    with t.case("growctl grow waits for another tool's lock, and Ctrl-C ends that"):
        command = grow_waiting(g)
        g.sh("pkill -INT -x growctl")
        assert command.wait(10)[0] == 128 + signal.SIGINT, command.wait()
        assert scenario.part_sectors(g, "vda1") == (2048, BEFORE)
    with t.case("growctl grow waits, and goes on when the lock is released"):
        command = grow_waiting(g)
        assert scenario.part_sectors(g, "vda1") == (2048, BEFORE)
        g.sh("fsfreeze -f /mnt; echo >/tmp/release")
        g.wait_for(lambda: scenario.part_sectors(g, "vda1") == (2048, AFTER))
    with t.case("not while the filesystem grows: a frozen one takes its time"):
        g.wait_for("flock -n /dev/vda true")
        assert not command.finished(), command.wait()
        g.sh("fsfreeze -u /mnt")
        assert (command.wait(30)[0], tool.wait(10)[0]) == (0, 0), g.sh("cat /tmp/said")
    return g.sh("cat /tmp/said")


def grow(t, g):
    text = locked(t, g)
    t.ok("vda1: grown" in text and "vda1: ext4 on /mnt grown" in text,
         "growctl grow does what it said", text)
    t.equal((scenario.part_sectors(g, "vda1"), scenario.fs_bytes(g, "ext4", "vda1", "/mnt")),
            ((2048, AFTER), AFTER * 512), "partition and filesystem have the new size")
    status, text = g.run("growctl grow vda")
    t.ok(status == 3 and text == "vda: nothing to do\n", "and then there is nothing to do", f"{status} {text}")
    refused(t, g, "growctl grow vdb", "a blank disk cannot grow", "vdb: ")


# A command for each exit code of the man page.
CODES = {"status": 0, "frobnicate": 1, "doctor vdb": 1, "grow nosuch": 2, "grow vda": 3, "plan vda": 3,
         "wait vda --at-least 9T --timeout 1": 4}


def exit_codes(t, g):
    page = (paths.TOP / "ctl/man/growctl.8").read_text()
    documented = set(re.findall(r"\b(\d) ", page[page.index(".Sh EXIT"):page.index(".Sh EXAMPLES")]))
    got = {command: g.run(f"growctl {command}")[0] for command in CODES}
    t.equal((got, {str(code) for code in got.values()}), (CODES, documented), "every exit code of the man page is reached")


def main():
    # No thread of ext4's own is to write while the dry run is watched.
    lazy = ("-E", "lazy_itable_init=0,lazy_journal_init=0")
    with ktap.Report(plan=5 + len(WRONG_USAGE) + 5 + len(CONFIGS) + 3 + 15 + 12 + 2 + 7 + 3 + 6 + 8 + 1) as t:
        on_the_host(t)
        configs_of_the_host(t)
        image = scenario.one_partition("data.raw", GIB, "ext4", options=lazy)
        drives = [scenario.Drive("vda", image),
                  scenario.Drive("vdb", images.empty("blank.raw", GIB))]
        tools = {f"/usr/bin/{name}": overlay.inside(root.tree(), f"/usr/bin/{name}")
                 for name in ("setpriv", "flock", "script")}
        with scenario.tiny("cli", drives, files=tools) as g:
            without_module(t, g)
            g.sh("mount -o noatime /dev/vda1 /mnt && modprobe livegrow mode=ask")
            wrong_disks(t, g)
            watch = scenario.Watch(g)
            g.resize("vda", 2 * GIB)
            watch.wait(event="settled", disk="vda", state="waiting", capacity=2 * GIB)
            check_json(t, g)
            check_forms(t, g)
            dry_run(t, g, image)
            not_root(t, g)
            grow(t, g)
            exit_codes(t, g)
            g.poweroff()


main()
