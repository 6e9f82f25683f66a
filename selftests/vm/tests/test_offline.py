# SPDX-License-Identifier: GPL-2.0-or-later
"""The image is enlarged while the guest is off: root is at full size when the boot is finished."""
import json

import images
import ktap
import oracles
import scenario
import system
from images import MIB

TIMEOUT = 180

# 1500 MiB, then 3000 MiB; the root's start and sectors then.
BEFORE = [(2048, 2048), (4096, 131072)]
NEW_SIZE = 3000 * MIB
ROOT = (135168, 6006784)
# All of it in one command, so that nothing gets more time than the boot gave it.
AT_THE_END = """systemctl is-system-running --wait
cat /sys/block/vda/vda3/size
dumpe2fs -h /dev/vda3 2>/dev/null | sed -n 's/^Block count: *//p'
systemctl show --property=FinishTimestampMonotonic --value
systemctl show --property=ActiveEnterTimestampMonotonic --value growctl.service
systemctl show --property=ActiveState --value growctl.service
growctl watch --json | while read -r line; do echo "$line"; case $line in *subscribed*) break;; esac; done
"""


def boot_and_ask(name, disk):
    """What AT_THE_END found, by name; the events that the module remembers as dicts."""
    with system.guest(name, disk.path) as g:
        lines = g.run(AT_THE_END, 90)[1].splitlines()
        g.poweroff()
    keys = ("state", "sectors", "blocks", "finished", "ready", "daemon")
    return {**dict(zip(keys, lines)), "events": [json.loads(line) for line in lines[6:]]}


def grown_at(found):
    """The microseconds at which the module had the report of each filesystem that grew: before the daemon said anything."""
    return [event["time"] // 1000 for event in found["events"] if event["event"] == "filesystem-grown"]


def check_boot(t, found):
    """Every time is in microseconds of the guest's monotonic clock."""
    t.equal(found["state"], "running", "systemd calls the boot finished")
    t.equal(found["sectors"], f"{ROOT[1]}", "the partition is at full size then")
    t.equal(found["blocks"], f"{ROOT[1] // 8}", "the filesystem is at full size then")
    finished, ready = int(found["finished"]), int(found["ready"])
    t.ok(found["daemon"] == "active" and 0 < ready <= finished,
         "the daemon was ready before the boot was finished", f"{ready} {finished}")
    grown = grown_at(found)
    t.ok(len(grown) == 1 and grown[0] <= ready, "and the filesystem was grown before that",
         f"{grown} {ready}")
    t.note(f"us since boot: grown {grown}, daemon ready {ready}, boot finished {finished}")


def main():
    with ktap.Report(plan=5 + 2 + 3) as t:
        disk = scenario.root_disk("root.raw", size=1500 * MIB)
        images.resize(disk.path, NEW_SIZE)
        t.ok(oracles.table(disk.path), "the backup header is displaced before the boot")
        check_boot(t, boot_and_ask("offline", disk))
        t.equal(oracles.table(disk.path, BEFORE + [ROOT]), [], "sfdisk and sgdisk agree")
        t.equal(oracles.filesystem(disk.path, "ext4", *(512 * n for n in ROOT)), [],
                "e2fsck finds nothing")
        found = boot_and_ask("offline-again", disk)
        t.equal((found["state"], found["sectors"]), ("running", f"{ROOT[1]}"),
                "a second boot sees the same")
        t.equal(grown_at(found), [], "and has nothing left to grow")


main()
