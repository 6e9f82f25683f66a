# SPDX-License-Identifier: GPL-2.0-or-later
"""Every text that holds a command has a row in vm/remedies.py: commands.py GROWCTL MODULE

The texts are those that the programs themselves hold, and what the manual pages and the README
show as commands.
"""
import pathlib
import re
import struct
import sys

TOP = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(TOP / "selftests/vm"))

import remedies  # noqa: E402

ALLOC, EXECUTED, PROGBITS = 2, 4, 1


def data_sections(elf):
    """The bytes of each section of an ELF file of 64 bits that is loaded and not executed."""
    at, = struct.unpack_from("<Q", elf, 0x28)
    size, count = struct.unpack_from("<HH", elf, 0x3a)
    for number in range(count):
        _, kind, flags, _, offset, length = struct.unpack_from("<IIQQQQ", elf, at + number * size)
        if kind == PROGBITS and flags & ALLOC and not flags & EXECUTED:
            yield elf[offset:offset + length]


def of_program(path):
    """The strings of a built program that are text."""
    for data in data_sections(pathlib.Path(path).read_bytes()):
        # What the kernel logs begins with its level.
        for string in re.findall(rb"(?:\x01[0-7])?([\t\n -~]{4,})(?=\0)", data):
            yield string.decode("ascii")


def of_readme():
    text = (TOP / "README.md").read_text()
    blocks = re.findall(r"^[ ]*```\n(.*?)^[ ]*```", text, re.M | re.S)
    for block in blocks:
        for line in re.sub(r"\\\n\s*|(?<=\|)\n\s+(?=sfdisk)", lambda found: "" if "\\" in found[0] else " ", block).splitlines():
            yield re.sub(r"^# (?=growctl )|\s+# .*", "", line.strip())
    for span in re.findall(r"`([^`]+)`", re.sub(r"^[ ]*```\n.*?^[ ]*```", "", text, flags=re.M | re.S)):
        yield " ".join(span.split())


def of_man():
    """Each line, without the macros in front of it and the punctuation behind it."""
    for page in sorted((TOP / "ctl/man").iterdir()):
        for line in page.read_text().splitlines():
            if not line.startswith((r".\"", ".Nm", ".It Cm", ".Xr", ".Dt", ".Sh")):
                yield re.sub(r"^\.(?:[A-Z][a-z0-9]+ )+|(?: [.,;:)])+$", "", line)


def wrong_with(text, row):
    """What is wrong with the row of a text, or None."""
    rest = text
    for command in sorted(row.commands, key=len, reverse=True):
        if command not in rest:
            return f"it has no {command!r}"
        before = rest.partition(command)[0]
        if row.destroys and "destroys" not in before:
            return f"nothing in front of {command!r} says what it destroys"
        rest = rest.replace(command, "")
    return f"what is left of it has a command: {rest!r}" if remedies.has_command(rest) else None


def judge(found, shown):
    """Each wrong row, in words. FOUND: the programs' texts; SHOWN: those of the documents."""
    for text in sorted(found - remedies.PROGRAMS.keys()):
        yield f"a text without a row: {text!r}"
    for text in sorted(shown - {*remedies.SHOWN, *remedies.PRINTED}):
        yield f"a command in a document without a row: {text!r}"
    for text, row in remedies.PROGRAMS.items():
        # The linker lets a text be the end of a longer one.
        if not any(other.endswith(text) for other in found):
            yield f"a row without a text: {text!r}"
        if why := wrong_with(text, row):
            yield f"the row of {text!r}: {why}"
    for text in {*remedies.SHOWN, *remedies.PRINTED} - shown:
        yield f"a row without a command in a document: {text!r}"


# Texts that nobody may add without a row.
HARMFUL = [
    "if nothing is left: dd if=/dev/zero of=/dev/%s", "nvme format /dev/nvme0n1 makes it new", "try wipefs -a on %s",
    "sometool -f %s", "sometool --force", "lvremove vg/lv", "mkfs.ext4 it", "rm the file", "restore it by sgdisk --load-backup",
    "then sfdisk --delete", "echo x >/dev/%s", "true && reboot", "kill -9 it", "mdadm --zero-superblock", "blkdiscard %s",
    "growctl rollback %s", "cryptsetup luksFormat %s", "pvremove %s", "btrfs device remove %s", "sometool /dev/%s",
]


def main(*programs):
    missed = [text for text in HARMFUL if not remedies.has_command(text)]
    found = {text for path in programs for text in of_program(path) if remedies.has_command(text)}
    shown = {text for text in (*of_readme(), *of_man()) if remedies.has_command(text)}
    wrong = list(judge(found, shown))
    print(*wrong, *(f"not seen as a command: {text!r}" for text in missed), sep="\n")
    return not wrong and not missed and len(found) > 50 and len(shown) > 50


if __name__ == "__main__":
    sys.exit(0 if main(*sys.argv[1:]) else 1)
