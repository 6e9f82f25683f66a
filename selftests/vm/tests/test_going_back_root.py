# SPDX-License-Identifier: GPL-2.0-or-later
"""The root itself goes back, frozen with everything on it; and what it stored repairs it from the host."""
import json
import re
import subprocess
import tempfile

import images
import ktap
import oracles
import paths
import scenario
from images import MIB

TIMEOUT = 240
STORE = "/var/lib/livegrow"
GUID = "4C495645-4752-4F57-8000-000000000001"
START = 135168
BEFORE = [(2048, 2048), (4096, 131072)]


def sectors(size):
    return (size // 512 - 33) // 2048 * 2048 - START


SIZES = [size * MIB for size in (1500, 2000, 2500, 3000)]
PART = [sectors(size) for size in SIZES]


def stored_by_unit(t, g, watch):
    """The daemon's unit may write there."""
    mark = watch.mark()
    g.resize("vda", SIZES[1])
    watch.wait(event="filesystem-grown", disk="vda", since=mark)
    with t.case("the unit stores the root's old table"):
        g.wait_for(f"[ -e {STORE}/{GUID}.1.gpt ]")
    modes = g.sh(f"stat -c '%a %U' {STORE} {STORE}/*").splitlines()
    t.equal((modes[0], set(modes[1:])), ("700 root", {"600 root"}), "for root alone")


def live(g):
    return (scenario.part_sectors(g, "vda3")[1], scenario.fs_bytes(g, "ext4", "vda3", "/") // 512)


def goes_back(t, g, watch):
    """What it says goes to a file on the filesystem that it freezes."""
    mark = watch.mark()
    g.sh("systemctl stop growctl")
    g.resize("vda", SIZES[2])
    watch.wait(event="settled", disk="vda", state="full", capacity=SIZES[2], since=mark)
    status, _ = g.run("growctl rollback vda >/var/tmp/said 2>&1", 30)
    said = g.sh("cat /var/tmp/said", 20)
    t.ok(status == 0 and "vda3: back from" in said and live(g) == (PART[1], PART[1]), "the root goes back",
         f"{status} {said} {live(g)}")
    with t.case("and is not frozen"):
        g.sh("echo on >/var/tmp/on && sync -f /", 20)


def disk_status(g):
    disk, = json.loads(g.sh("growctl status vda --json"))["disks"]
    return disk["mode"], disk["state"]


def after_reboot(t, g):
    with t.case("after a reboot it is in mode ask, and still small"):
        g.wait_for(lambda: disk_status(g) == ("ask", "waiting"))
        assert live(g) == (PART[1], PART[1]), live(g)


# From the host, by the README's own commands

def readme_commands():
    text = (paths.TOP / "README.md").read_text()
    blocks = re.findall(r"^```\n(.*?)^```", text, re.M | re.S)
    block, = [b for b in blocks if "--load-backup" in b]
    return block


def wipe(image, size):
    """Both tables, with all that lies before and behind the partitions."""
    with open(image, "r+b") as file:
        file.write(bytes(34 * 512))
        file.seek(size - 33 * 512)
        file.write(bytes(33 * 512))


def repair(t, image, newest):
    """Word for word, but for the names in it."""
    script = readme_commands()
    for old, new in (("-O raw", "-f raw -O raw"), ("guest.qcow2", str(image)), ("69206016", str(START * 512)),
                     ("GUID.7", f"{GUID}.{newest}")):
        assert script.count(old) == 1, (old, script)
        script = script.replace(old, new)
    with tempfile.TemporaryDirectory(dir=paths.DISKS) as directory:
        done = subprocess.run(["sh", "-ec", script], cwd=directory, capture_output=True, text=True)
        result = images.path("repaired.raw")
        if done.returncode == 0:
            (paths.DISKS / directory / "try.raw").rename(result)
    t.ok(done.returncode == 0 and "No problems found" in done.stdout, "the README's commands repair it",
         done.stdout + done.stderr)
    return result


def check_repaired(t, image, size):
    parts = images.partitions(image)
    t.equal([(start // 512, length // 512) for start, length in parts[:2]] + [parts[2][0] // 512],
            BEFORE + [START], "all partitions are where they were")
    t.ok(parts[2][1] >= size * 512, "none is smaller than its filesystem", parts)
    t.equal(oracles.table(image), [], "the table is sound")
    t.equal(oracles.filesystem(image, "ext4", START * 512, size * 512), [], "and so is the root")


def main():
    with ktap.Report(plan=2 + 2 + 1 + 1 + 4) as t:
        disk = scenario.root_disk("root.raw")
        with scenario.installed("going-back-root", disk) as g:
            watch = scenario.Watch(g)
            stored_by_unit(t, g, watch)
            goes_back(t, g, watch)
            g.reboot()
        with scenario.installed("going-back-root-2", disk) as g:
            after_reboot(t, g)
            g.sh("growctl grow vda")
            newest = json.loads(g.sh("growctl tables vda --json"))["tables"][-1]["id"]
            size = live(g)[1]
            g.poweroff()
        wipe(disk.path, SIZES[2])
        check_repaired(t, repair(t, disk.path, newest), size)


main()
