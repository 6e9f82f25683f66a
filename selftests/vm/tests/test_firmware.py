# SPDX-License-Identifier: GPL-2.0-or-later
"""Firmware, loader and kernel start from a disk whose grow a power cut stopped; the grow ends.

The cut comes before and after each write of the commit. What OVMF repairs meanwhile is
compared with what the crash enumerator takes it to do (selftests/crash/firmware.c).
"""
import concurrent.futures
import dataclasses
import itertools
import pathlib
import struct
import zlib

import firmware
import gpt
import images
import ktap
import livegrow
import oracles
import paths
import scenario
from drive import Drive
from images import MIB

TIMEOUT = 900
OLD, NEW = 112 * MIB, 240 * MIB
BIOS_BOOT, ESP = (2048, 2048), (4096, 16384)
SMALL, LARGE = (20480, 206848), (20480, 468992)
LARGE_DISK, HUGE = 3 << 40, (20480, 6442428416)
BEFORE, AFTER, AFTER_LARGE = [[root, BIOS_BOOT, ESP] for root in (SMALL, LARGE, HUGE)]

# The writes of the commit: LBA and count.
COMMIT = [(491487, 33), (229343, 32), (229375, 1), (1, 1), (2, 32), (1, 1), (0, 1)]


@dataclasses.dataclass
class State:
    """The commit was cut off after this step of DESIGN.md, its WRITES-th write.

    found       the partitions that a kernel finds then
    repaired    sectors in which OVMF's repair changes the disk
    """
    step: str
    writes: int
    found: list
    repaired: list = dataclasses.field(default_factory=list)


# Entry 1 lies in the array's first sector, 14 and 15 in its fourth.
STATES = [
    State("nothing", 0, BEFORE),
    State("1", 1, BEFORE),
    State("half of 1b", 2, BEFORE, [229343, 229346]),
    State("1b", 3, BEFORE, [229343, 229346, 229375]),
    State("2", 4, AFTER),
    State("3", 5, AFTER),
    State("4", 6, AFTER),
    State("5", 7, AFTER),
]


def crash_program(name, image, argument):
    """One of selftests/crash/image on a raw IMAGE; returns the rows of numbers that it prints."""
    done = images.run(paths.CRASH_PROGRAMS / name, image, argument)
    return [tuple(int(word) for word in line.split()) for line in done.stdout.splitlines()]


def copy(source, name):
    target = images.empty(name, source.stat().st_size)
    images.copy_data(source, target)
    return target


def cut_off(template, writes, name):
    """A copy of the disk that grew while the guest was off, the commit's first WRITES done."""
    image = copy(template, name)
    assert crash_program("apply-steps", image, str(writes)) == COMMIT[:writes], name
    return image


def repaired_as_expected(left, image, block=512):
    """LEFT, the disk before a firmware saw it, takes the repair that firmware.c knows of."""
    crash_program("firmware-repair", left, str(block))
    differ = images.differences(left, image)
    assert not differ, f"not as firmware.c repairs it: {differ}"


# A start from a disk whose grow was cut off

@dataclasses.dataclass
class Start:
    """One boot: from its first sector by SeaBIOS, or from its ESP by OVMF."""
    efi: bool
    state: State
    image: pathlib.Path

    def check_started(self, g):
        """By the loader on this disk, from the root on this disk."""
        loader = "(hd0,gpt15)/EFI/BOOT" if self.efi else "(hd0)"
        words = g.sh("cat /proc/cmdline").split()
        assert f"started={loader},hd0,gpt1" in words, words
        assert g.run("test -d /sys/firmware/efi")[0] == (0 if self.efi else 1)
        live = livegrow.live(g, "vda")
        assert live == self.state.found, live

    def check_repaired(self, left):
        """Nothing but the firmware has written to the disk yet."""
        changed = images.differences(left, self.image)
        assert changed == (self.state.repaired if self.efi else []), changed
        if self.efi:
            repaired_as_expected(left, self.image)

    def complete(self, g):
        """The root is in use: so the module ends the grow by itself."""
        g.sh("mount -o remount,rw /")
        livegrow.load(g)
        record = livegrow.settled(g, "vda", NEW)
        assert (record["state"], record["reason"]) == ("full", "none"), record
        live = livegrow.live(g, "vda")
        assert live == AFTER, live
        g.sh("mount -o remount,ro /")
        g.poweroff()

    def judge(self, uncut):
        """Outside the old root, which was in use, every byte is as after an uncut grow."""
        start, size = SMALL
        differ = [lba for lba in images.differences(self.image, uncut)
                  if not start <= lba < start + size]
        assert not differ, f"not as after an uncut grow: {differ}"
        objections = oracles.table(self.image, AFTER)
        objections += oracles.filesystem(self.image, "ext4", start * 512, size * 512)
        assert not objections, objections


def start(template, uncut, efi, state):
    """Returns the seconds to userland."""
    name = f"firmware-{'ovmf' if efi else 'bios'}-{state.writes}"
    image = cut_off(template, state.writes, f"{name}.raw")
    left = copy(image, f"{name}-left.raw")
    one = Start(efi, state, image)
    with firmware.Started(name, [Drive("vda", image, bootindex=0)], efi) as g:
        one.check_started(g)
        one.check_repaired(left)
        one.complete(g)
    one.judge(uncut)
    return g.boot_seconds


def start_all(t, template, uncut):
    """Two at a time, since firmware and loader use one processor."""
    starts = list(itertools.product((True, False), STATES))
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        results = [pool.submit(start, template, uncut, *one) for one in starts]
        for (efi, state), result in zip(starts, results):
            with t.case(f"{'OVMF' if efi else 'BIOS'}, cut after {state.step}: started, "
                        f"{len(state.repaired) if efi else 0} sectors repaired, completed"):
                t.note(f"{result.result():.1f} s to userland")


def start_large(template):
    """Between steps 2 and 4 GRUB reads the array from the disk's end, here past 2 TiB."""
    image = copy(template, "large.raw")
    images.resize(image, LARGE_DISK)
    crash_program("apply-steps", image, "4")
    with firmware.Started("firmware-large", [Drive("vda", image, bootindex=0)], efi=False) as g:
        g.sh("mount -o remount,rw /")
        livegrow.load(g)
        record = livegrow.settled(g, "vda", LARGE_DISK)
        assert (record["state"], record["reason"]) == ("full", "none"), record
        live = livegrow.live(g, "vda")
        assert live == AFTER_LARGE, live
        g.sh("mount -o remount,ro /")
        g.poweroff()
    objections = oracles.table(image, AFTER_LARGE)
    assert not objections, objections


# What does not start; and what else OVMF repairs

@dataclasses.dataclass
class Damaged:
    """A small disk, and whether OVMF repairs it.

    damage      as gpt.Table.write() takes it
    noise       LBA 1 has bytes behind its fields; its CRC is right
    """
    name: str
    table: gpt.Table
    damage: list
    repaired: bool = True
    noise: bool = False


LAST = 8 * MIB // 512 - 1
NOISE = bytes(range(1, 211)) * 2


def table(**options):
    block = options.get("block", 512)
    return gpt.Table(8 * MIB, [gpt.Part(MIB // block, 7 * MIB // block - 1)], **options)


def zeros(lba, block=512):
    return lba * block, bytes(block)


DAMAGED = [
    Damaged("no backup header", table(), [zeros(LAST)]),
    Damaged("another byte in the backup's array", table(), [((LAST - 32) * 512 + 56, b"x")]),
    Damaged("bytes behind 5 entries", table(entries=5),
            [zeros(LAST), (3 * 512 + 128, NOISE[:384]), ((LAST - 1) * 512 + 128, NOISE[5:389])]),
    Damaged("bytes behind the header", table(), [zeros(LAST)], noise=True),
    Damaged("bytes in a header of 256", table(header_size=256), [zeros(LAST)], noise=True),
    Damaged("array at LBA 16", table(array=16), [zeros(LAST)]),
    Damaged("a gap behind the last usable LBA", table(last_usable=LAST - 100), [zeros(LAST)]),
    Damaged("blocks of 4096", table(block=4096), [zeros(2047, 4096)]),
    Damaged("no primary header", table(), [zeros(1)]),
    Damaged("no primary header, array at LBA 16", table(array=16), [zeros(1)]),
    Damaged("a backup that is whole, its array elsewhere",
            table(backup_array=LAST - 90, last_usable=LAST - 100), [], repaired=False),
    Damaged("no header at all", table(), [zeros(1), zeros(LAST)], repaired=False),
]


def edit_primary(image, change, size=92):
    """CHANGE edits LBA 1; then the CRC over its SIZE bytes is made right."""
    with open(image, "r+b") as file:
        file.seek(512)
        block = bytearray(file.read(512))
        change(block)
        struct.pack_into("<I", block, 16, 0)
        struct.pack_into("<I", block, 16, zlib.crc32(block[:size]))
        file.seek(512)
        file.write(block)


def make_noise(block):
    block[92:] = NOISE


def name_beyond_the_end(block):
    struct.pack_into("<Q", block, 72, NEW // 512)


def make_damaged(number, one):
    image = images.path(f"damaged-{number}.raw")
    one.table.write(image, damage=one.damage)
    if one.noise:
        edit_primary(image, make_noise, one.table.header_size)
    # OVMF looks at no disk but those that it is to start from.
    return Drive(f"damaged{number}", image, logical=one.table.block, bootindex=number)


def says(name, drives, efi, text):
    """Starts from the first of DRIVES that can be started from, until TEXT is on the console."""
    with firmware.Started(f"firmware-{name}", drives, efi).launch() as g:
        g.wait_for(lambda: text in g.console_tail(), 60)


def starts_nothing(t, template, damaged):
    """The disk of all the other starts, but its array is nowhere."""
    image = cut_off(template, 0, "vda.raw")
    edit_primary(image, name_beyond_the_end)
    drive = Drive("vda", image, bootindex=0)
    with t.case("an array beyond the disk's end: GRUB on BIOS finds no root"):
        says("bios-nowhere", [drive], False, "no such device: root")
    with t.case("an array beyond the disk's end: OVMF finds no loader"):
        says("ovmf-nowhere", [drive, *damaged], True, "EFI Internal Shell")


def other_repairs(t, template):
    damaged = [make_damaged(*one) for one in enumerate(DAMAGED, 1)]
    left = [copy(drive.path, f"left-{drive.name}") for drive in damaged]
    starts_nothing(t, template, damaged)
    for one, before, drive in zip(DAMAGED, left, damaged):
        with t.case(f"OVMF, {one.name}: {'' if one.repaired else 'not '}repaired"):
            changed = images.differences(before, drive.path)
            assert bool(changed) == one.repaired, changed
            repaired_as_expected(before, drive.path, one.table.block)


def main():
    images.run("make", "-s", "-C", paths.CRASH_SOURCES, f"O={paths.CRASH_PROGRAMS}", "images")
    with ktap.Report(plan=2 + len(DAMAGED) + 2 * len(STATES) + 1) as t:
        template = firmware.disk("template.raw", OLD, scenario.tiny_files())
        images.resize(template, NEW)
        uncut = cut_off(template, len(COMMIT), "uncut.raw")
        other_repairs(t, template)
        start_all(t, template, uncut)
        with t.case("BIOS, 3 TiB, cut after 2: started, completed"):
            start_large(template)


main()
