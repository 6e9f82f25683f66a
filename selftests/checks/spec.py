#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Holds include/livegrow.yaml against the UAPI header: same names, same numbers."""
import pathlib
import re
import sys

import yaml

INCLUDE = pathlib.Path(__file__).resolve().parents[2] / "include"


def constant(*words):
    return "_".join(words).replace("-", "_").upper()


def spec_constants(spec):
    """Every constant that a generator makes of the spec."""
    family = spec["name"]
    for definition in spec["definitions"]:
        for number, entry in enumerate(definition["entries"]):
            value = 1 << number if definition["type"] == "flags" else number
            yield constant(family, definition["name"], entry), value
    for attributes in spec["attribute-sets"]:
        for number, attribute in enumerate(attributes["attributes"], 1):
            yield constant(family, attributes["name"], attribute["name"]), number
    for number, operation in enumerate(spec["operations"]["list"], 1):
        yield constant(family, "cmd", operation["name"]), number


def header_constants(text):
    """Every enumerator of the header, but for those that only count or pad."""
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.S)
    for body in re.findall(r"enum\s+\w+\s*\{(.*?)\}", text, re.S):
        value = -1
        for entry in filter(None, map(str.strip, body.split(","))):
            name, _, given = map(str.strip, entry.partition("="))
            shift = re.fullmatch(r"1 << (\d+)", given)
            value = 1 << int(shift[1]) if shift else value + 1
            if not name.startswith("__") and not re.search(r"_(A|CMD)_UNSPEC$", name):
                yield name, value


def main():
    spec = dict(spec_constants(yaml.safe_load((INCLUDE / "livegrow.yaml").read_text())))
    header = dict(header_constants((INCLUDE / "uapi/linux/livegrow.h").read_text()))
    wrong = {name for name in spec.keys() | header.keys() if spec.get(name) != header.get(name)}
    for name in sorted(wrong):
        print(f"{name}: {spec.get(name)} by the spec, {header.get(name)} by the header")
    return 1 if wrong or not spec else 0


if __name__ == "__main__":
    sys.exit(main())
