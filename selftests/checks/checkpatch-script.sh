#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Prints where checkpatch.pl is, after taking it out of Debian's kernel source:
# no other package has it. Kept in the cache, by the package's version.
set -eu

package=linux-source-6.1
version=$(apt-cache show --no-all-versions "$package" | sed -n 's/^Version: //p')
cache=${XDG_CACHE_HOME:-$HOME/.cache}/livegrow/checkpatch-$version

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
