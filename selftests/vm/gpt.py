# SPDX-License-Identifier: GPL-2.0-or-later
"""The tests' own GPT: builds any table byte for byte, and reads one back as dicts.

Written from the UEFI specification, chapter 5, and kept apart from kmod/core on
purpose: it judges that code, so it must not share its mistakes. Numbers of blocks
are logical blocks throughout.
"""
import dataclasses
import os
import struct
import uuid
import zlib

LINUX = "0FC63DAF-8483-4772-8E79-3D69D8477DE4"
ROOT_X86_64 = "4F68BCE3-E8CD-4DB1-96E7-FBCAF984B709"
ESP = "C12A7328-F81F-11D2-BA4B-00A0C93EC93B"
BIOS_BOOT = "21686148-6449-6E6F-744E-656564454649"
SWAP = "0657FD6D-A4AB-43C4-84E5-0933C84B4F4F"
RAID = "A19D880F-05FC-4D3B-A006-743F0F84911E"
LVM = "E6D6D379-F507-44C2-A23C-238F2A3DF928"
LUKS = "CA7D7CCB-63ED-4C53-861C-1742536059CC"
MICROSOFT_BASIC = "EBD0A0A2-B9E5-4433-87C0-68B6B72699C7"

HEADER = struct.Struct("<8sIIIIQQQQ16sQIII")
ENTRY = struct.Struct("<16s16sQQQ72s")
SIGNATURE = b"EFI PART"


@dataclasses.dataclass
class Part:
    """One partition; LAST is inclusive, as on the disk. NUMBER is its slot, from 1."""
    first: int
    last: int
    type: str = LINUX
    guid: str = None
    name: str = ""
    attrs: int = 0
    number: int = None

    def pack(self, entry_size, seed):
        guid = self.guid or guid_of(seed)
        entry = ENTRY.pack(uuid.UUID(self.type).bytes_le, uuid.UUID(guid).bytes_le,
                           self.first, self.last, self.attrs, self.name.encode("utf-16-le"))
        return entry.ljust(entry_size, b"\0")


@dataclasses.dataclass
class Table:
    """A disk of SIZE bytes with its table. What is None gets the usual place.

    array           LBA of the primary's entry array
    backup_array    LBA of the backup's, right before the backup header if None
    backup          LBA of the backup header, the disk's last if None
    """
    size: int
    parts: list
    block: int = 512
    guid: str = "4C495645-4752-4F57-8000-000000000001"
    entries: int = 128
    entry_size: int = 128
    array: int = 2
    backup: int = None
    backup_array: int = None
    first_usable: int = None
    last_usable: int = None
    header_size: int = 92
    mbr: bytes = None

    def __post_init__(self):
        blocks = self.size // self.block
        length = self.array_blocks
        self.backup = blocks - 1 if self.backup is None else self.backup
        if self.backup_array is None:
            self.backup_array = self.backup - length
        if self.first_usable is None:
            self.first_usable = self.array + length
        if self.last_usable is None:
            self.last_usable = self.backup - length - 1
        if self.mbr is None:
            self.mbr = protective_mbr(blocks)

    @property
    def array_blocks(self):
        return -(-self.entries * self.entry_size // self.block)

    def array_bytes(self):
        """The whole array, up to the end of its last block."""
        array = bytearray(self.array_blocks * self.block)
        for number, part in enumerate(self.parts, 1):
            at = ((part.number or number) - 1) * self.entry_size
            array[at:at + self.entry_size] = part.pack(self.entry_size, f"part-{at}")
        return bytes(array)

    def header(self, me, other, array, **changed):
        fields = {"revision": 0x10000, "my_lba": me, "alternate_lba": other,
                  "first_usable": self.first_usable, "last_usable": self.last_usable,
                  "guid": self.guid, "entries_lba": array, "entries": self.entries,
                  "entry_size": self.entry_size, "header_size": self.header_size, **changed}
        crc = zlib.crc32(self.array_bytes()[:self.entries * self.entry_size])
        return pack_header(fields, changed.get("entries_crc", crc)).ljust(self.block, b"\0")

    def sectors(self, primary=None, secondary=None):
        """{LBA: bytes}; PRIMARY and SECONDARY change header fields, with a right CRC."""
        return {
            0: self.mbr.ljust(self.block, b"\0"),
            1: self.header(1, self.backup, self.array, **(primary or {})),
            self.array: self.array_bytes(),
            self.backup_array: self.array_bytes(),
            self.backup: self.header(self.backup, 1, self.backup_array, **(secondary or {})),
        }

    def write(self, path, primary=None, secondary=None, damage=()):
        """Writes the table into the raw image PATH, made or lengthened to the disk's size.

        DAMAGE: (offset in bytes, bytes) pairs written last, to break what they hit.
        """
        with open(path, "r+b" if os.path.exists(path) else "w+b") as image:
            if os.fstat(image.fileno()).st_size < self.size:
                image.truncate(self.size)
            for lba, data in self.sectors(primary, secondary).items():
                image.seek(lba * self.block)
                image.write(data)
            for offset, data in damage:
                image.seek(offset)
                image.write(data)

    def offset(self, number):
        """(offset, length) of partition NUMBER in bytes."""
        part = next(p for n, p in enumerate(self.parts, 1) if (p.number or n) == number)
        return part.first * self.block, (part.last - part.first + 1) * self.block


def guid_of(name):
    """A GUID for a disk that is to have one of its own, the same in each run."""
    return str(uuid.uuid5(uuid.NAMESPACE_OID, name)).upper()


def pack_header(f, entries_crc):
    def pack(crc):
        return HEADER.pack(SIGNATURE, f["revision"], f["header_size"], crc, 0, f["my_lba"],
                           f["alternate_lba"], f["first_usable"], f["last_usable"],
                           uuid.UUID(f["guid"]).bytes_le, f["entries_lba"], f["entries"],
                           f["entry_size"], entries_crc)
    size = f["header_size"]
    return pack(zlib.crc32(pack(0).ljust(size, b"\0")[:size])).ljust(size, b"\0")


def protective_mbr(blocks, extra=()):
    """The MBR over a disk of BLOCKS; EXTRA (type, first, count) records make it a hybrid one."""
    records = [(0xEE, 1, min(blocks - 1, 0xFFFFFFFF)), *extra]
    mbr = bytearray(512)
    for slot, (kind, first, count) in enumerate(records):
        mbr[446 + slot * 16:462 + slot * 16] = struct.pack(
            "<B3sB3sII", 0, b"\0\2\0", kind, b"\xff\xff\xff", first, count)
    mbr[510:] = b"\x55\xaa"
    return bytes(mbr)


def parse_mbr(sector):
    records = []
    for at in range(446, 510, 16):
        boot, _, kind, _, first, count = struct.unpack_from("<B3sB3sII", sector, at)
        if kind:
            records.append({"boot": boot, "type": kind, "first": first, "count": count})
    return {"signature": sector[510:512] == b"\x55\xaa", "records": records}


def parse_header(block):
    """The header's fields, and "crc_ok"; None where there is no signature."""
    (signature, revision, size, crc, reserved, me, other, first, last, guid,
     array, entries, entry_size, array_crc) = HEADER.unpack_from(block)
    if signature != SIGNATURE:
        return None
    zeroed = block[:16] + bytes(4) + block[20:size]
    return {"revision": revision, "header_size": size, "crc": crc, "reserved": reserved,
            "my_lba": me, "alternate_lba": other, "first_usable": first, "last_usable": last,
            "guid": str(uuid.UUID(bytes_le=guid)).upper(), "entries_lba": array,
            "entries": entries, "entry_size": entry_size, "entries_crc": array_crc,
            "crc_ok": 92 <= size <= len(block) and zlib.crc32(zeroed) == crc,
            "tail": bytes(block[size:])}


def parse_entry(number, raw):
    kind, guid, first, last, attrs, name = ENTRY.unpack_from(raw)
    return {"number": number, "type": str(uuid.UUID(bytes_le=kind)).upper(),
            "guid": str(uuid.UUID(bytes_le=guid)).upper(), "first": first, "last": last,
            "attrs": attrs, "name": name.decode("utf-16-le", "replace").rstrip("\0"),
            "raw": bytes(raw)}


def parse_array(array, header):
    size = header["entry_size"]
    entries = (array[at:at + size] for at in range(0, header["entries"] * size, size))
    return [parse_entry(n, e) for n, e in enumerate(entries, 1) if any(e[:16])]


class Image:
    """A raw image as a GPT reader sees it; every answer is read from the file anew."""

    def __init__(self, path, block=512):
        self.path, self.block = path, block

    def read(self, lba, count=1):
        with open(self.path, "rb") as image:
            image.seek(lba * self.block)
            return image.read(count * self.block)

    @property
    def blocks(self):
        return os.stat(self.path).st_size // self.block

    def table(self, lba=1):
        """The header at LBA as a dict, with "parts" and "array_ok"; None if there is none."""
        header = parse_header(self.read(lba))
        if header is None:
            return None
        length = header["entries"] * header["entry_size"]
        array = self.read(header["entries_lba"], -(-length // self.block))[:length]
        header["array_ok"] = zlib.crc32(array) == header["entries_crc"]
        header["parts"] = parse_array(array, header)
        return header

    def both(self):
        """(primary, backup at the disk's last LBA)."""
        return self.table(1), self.table(self.blocks - 1)

    def mbr(self):
        return parse_mbr(self.read(0))

    def problems(self):
        """What a strict reader objects to, as a list of sentences; empty for a sound table."""
        found = []
        primary, backup = self.both()
        for name, table, me, other in (("primary", primary, 1, self.blocks - 1),
                                       ("backup", backup, self.blocks - 1, 1)):
            if table is None:
                found.append(f"no {name} header")
                continue
            found += [f"{name}: bad {what}" for what, ok in (
                ("header CRC", table["crc_ok"]), ("array CRC", table["array_ok"]),
                ("own LBA", table["my_lba"] == me),
                ("alternate LBA", table["alternate_lba"] == other),
                ("bytes behind the header", not any(table["tail"])),
                ("reserved field", not table["reserved"]),
            ) if not ok]
        if not found:
            found = self._disagreements(primary, backup) + self._misplaced(primary)
        return found + self._mbr_problems()

    def _disagreements(self, primary, backup):
        return [f"primary and backup differ in {field}" for field in
                ("guid", "first_usable", "last_usable", "entries", "entry_size", "parts")
                if primary[field] != backup[field]]

    def _misplaced(self, table):
        found, end = [], table["first_usable"] - 1
        for part in sorted(table["parts"], key=lambda p: p["first"]):
            if part["first"] <= end:
                found.append(f"partition {part['number']} overlaps what is before it")
            if not part["first"] <= part["last"] <= table["last_usable"]:
                found.append(f"partition {part['number']} ends outside the usable blocks")
            end = part["last"]
        return found

    def _mbr_problems(self):
        want = {"boot": 0, "type": 0xEE, "first": 1, "count": min(self.blocks - 1, 0xFFFFFFFF)}
        mbr = self.mbr()
        if not mbr["signature"] or mbr["records"] != [want]:
            return [f"protective MBR is not whole: {mbr}"]
        return []
