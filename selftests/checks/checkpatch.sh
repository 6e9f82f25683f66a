#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# checkpatch.sh RELEASE: the module and its headers, by that kernel's checkpatch.pl.
# What a module outside the tree has to ignore: its compat headers ask for the
# version, which is taken for a constant on the wrong side of a comparison, too; its
# core also compiles in userspace; uevents want char *[]. And two macros are given what
# has no side effects: the walk over the partitions its iterator, a GUID its numbers.
set -eu

here=$(dirname "$(readlink -f "$0")")
cd "$here/../.."
script=$("$here/checkpatch-script.sh" "$1")
find kmod include -name '*.[ch]' -print0 | xargs -0 perl "$script" --strict --no-tree --quiet --terse \
	--ignore LINUX_VERSION_CODE,CONSTANT_COMPARISON \
	--ignore STATIC_CONST_CHAR_ARRAY,MACRO_ARG_REUSE \
	--ignore PREFER_DEFINED_ATTRIBUTE_MACRO,PREFER_PACKED --file
