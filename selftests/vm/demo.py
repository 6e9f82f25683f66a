#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""`make demo`: three disks of a running guest grow before your eyes.

Exits 0 only if all three filesystems grew and every block written meanwhile is right.
"""
import re
import sys
import time

import images
import paths
import scenario
from images import GIB, MIB

SIZES = {"vda": (1500 * MIB, 2524 * MIB), "vdb": (GIB, 2 * GIB), "vdc": (GIB, 3 * GIB)}
GROW_TIMEOUT = 30
# After the last filesystem, what the module still has to say.
LAST_WORDS = 1
WIDTH = 100


def heading(text):
    print(f"\n== {text}\n", flush=True)


def show(g, command):
    """COMMAND and what it prints, as at a prompt in the guest."""
    print(f"guest# {command}")
    print("\n".join(line[:WIDTH].rstrip() for line in g.sh(command).splitlines()), flush=True)


def df(g, volumes):
    return "df -h --output=source,fstype,size,used,avail,target " + " ".join(v.mount for v in volumes)


class Narrator:
    """Prints the lines of `growctl watch` as they come; knows which filesystems grew."""

    def __init__(self, g):
        self.g, self.file = g, scenario.watch_log(g.name)
        self.seen = 0
        self.grown = set()
        self.command = g.start(f"exec growctl watch >{scenario.WATCH_PORT}")
        g.wait_for(lambda: self.listen())

    def listen(self):
        """Prints what is new; returns whether there was anything."""
        with open(self.file) as file:
            file.seek(self.seen)
            text = file.read()
        text = text[:text.rfind("\n") + 1]
        self.seen += len(text)
        for line in text.splitlines():
            print(line[:WIDTH], flush=True)
            self.grown.update(re.findall(r"(\w+) +filesystem-grown", line))
        return bool(text)

    def listen_until(self, condition, seconds):
        limit = self.g.limit(seconds)
        while not condition() and not limit.is_over():
            self.listen()
            time.sleep(0.01)


def enlarge(g, narrator):
    for disk, (old, new) in SIZES.items():
        print(f"host$  block_resize {disk}: {old // MIB} MiB -> {new // MIB} MiB", flush=True)
    print()
    for disk, (_, new) in SIZES.items():
        g.resize(disk, new)
    narrator.listen_until(lambda: narrator.grown >= set(SIZES), GROW_TIMEOUT)
    narrator.listen_until(lambda: False, LAST_WORDS)


def check_sizes(g, volumes):
    """Whether each filesystem has grown by what its disk has, but for a MiB of table."""
    good = True
    for v, before in volumes:
        old, new = SIZES[v.drive.name]
        after = scenario.fs_bytes(g, v.kind, v.device, v.mount)
        grown = after - before >= new - old - MIB
        print(f"{v.device:5} {v.kind:5} {before // MIB:5} MiB -> {after // MIB:5} MiB"
              f"   {'grown' if grown else 'NOT GROWN'}")
        good &= grown
    return good


def check_writers(g, volumes, writers):
    """Whether every block that was written can be read back, from the disk."""
    scenario.stop_writers(g, writers)
    g.sh("sync; echo 3 > /proc/sys/vm/drop_caches")
    good = True
    for v in volumes:
        status, text = g.run(f"writer --verify {v.load}", 120)
        print(f"{v.device:5} blocks of 4 KiB read back: {text.strip().splitlines()[-1]}")
        good &= status == 0
    return good


def demo(g, volumes):
    heading("The guest, as its user sees it")
    show(g, "growctl status")
    print()
    show(g, df(g, volumes))
    writers = scenario.start_writers(g, [v.load for v in volumes])
    before = [scenario.fs_bytes(g, v.kind, v.device, v.mount) for v in volumes]

    heading("A writer is busy on each filesystem; growctl watch is running; the host acts")
    enlarge(g, Narrator(g))

    heading("Afterwards; nobody typed anything in between")
    show(g, df(g, volumes))
    print()
    show(g, "growctl status")

    heading("The verdict")
    good = check_sizes(g, list(zip(volumes, before)))
    return check_writers(g, volumes, writers) and good


def main():
    started = time.monotonic()
    paths.remove_images()
    try:
        heading("A guest boots: vda has ext4 last on a GPT, vdb XFS and no table, vdc XFS on a GPT")
        disk, volumes = scenario.three_disks()
        with scenario.installed("demo", disk, [v.drive for v in volumes[1:]]) as g:
            print(f"booted; {g.sh('uname -sr')}, systemd, livegrow and its daemon as installed")
            good = demo(g, volumes)
            g.poweroff()
    finally:
        paths.remove_images(mine=True)
    grew = "All three grew" if good else "FAILED: not all three grew"
    print(f"\n{grew}, in a demo of {time.monotonic() - started:.0f} s.")
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main())
