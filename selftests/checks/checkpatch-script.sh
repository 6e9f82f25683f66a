#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# checkpatch-script.sh RELEASE: prints where that kernel's checkpatch.pl is, after taking
# it out of Debian's kernel source: no other package has it. Kept in the cache.
set -eu

package=linux-source-$(echo "$1" | cut -d . -f 1,2)
cache=${XDG_CACHE_HOME:-$HOME/.cache}/livegrow/checkpatch-$1

if [ ! -e "$cache/checkpatch.pl" ]; then
	mkdir -p "${cache%/*}"
	work=$(mktemp -d "$cache.XXXXXX")
	trap 'rm -rf "$work"' EXIT
	cd "$work"
	apt-get -q download "$package" >&2
	mkdir scripts
	dpkg-deb --fsys-tarfile ./*.deb |
		tar -xO "./usr/src/$package.tar.xz" |
		tar -xJ --strip-components=2 -C scripts \
			"$package/scripts/checkpatch.pl" "$package/scripts/spelling.txt" \
			"$package/scripts/const_structs.checkpatch"
	chmod 755 scripts
	[ -e "$cache" ] || mv scripts "$cache"
fi
echo "$cache/checkpatch.pl"
