#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# sgdisk (gdisk 1.0.9) reserves as many blocks at the end of a disk as lie in front of its first
# usable LBA when it restores a backup of a table to a disk that has become larger.
#
# sfdisk makes tables with first usable LBA 2048 and the last usable LBA 34 blocks in front of the
# disk's end. "sgdisk --backup" and, after the disk was enlarged, "sgdisk --load-backup" keep the
# first usable LBA, and set the last one to the number of blocks minus 2048: 1 MiB minus 17 KiB at
# the end is closed to partitions, though the table that was saved has no such reserve. Restored
# to a disk of the old size, the same file keeps the last usable LBA. So the restored table is
# not the saved one, and a partition that is then given "the rest of the disk" ends up to 1 MiB
# earlier than one that was grown before: its filesystem would be cut off.
#
# Needs no root. Exits 1 if the behaviour changes.
set -eu

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
for package in gdisk=1.0.9-2.1 fdisk=2.38.1-5+deb12u3 libfdisk1=2.38.1-5+deb12u3; do
	apt-get -qq download "$package" 2>/dev/null
done
for file in *.deb; do
	dpkg-deb -x "$file" root
done
LD_LIBRARY_PATH=$(dirname "$(find "$dir/root" -name 'libfdisk.so.1')")
export LD_LIBRARY_PATH
sgdisk=$(find root -path '*sbin/sgdisk')
sfdisk=$(find root -path '*sbin/sfdisk')

# The header has both LBAs at bytes 40 and 48 of LBA 1.
usable() { # IMAGE
	od -An -t u8 -j 552 -N 16 "$1" | awk '{ print $1, $2 }'
}

truncate -s 64M disk
echo ', 16M' | "$sfdisk" -q --label gpt disk
echo "made by sfdisk: usable LBAs $(usable disk)"
[ "$(usable disk)" = "2048 131038" ]

"$sgdisk" --backup=saved disk >log
truncate -s 64M same
"$sgdisk" --load-backup=saved same >log
echo "restored to the old size: usable LBAs $(usable same)"
[ "$(usable same)" = "2048 131038" ]

truncate -s 96M larger
"$sgdisk" --load-backup=saved larger >log
echo "restored to 96 MiB, 196608 blocks: usable LBAs $(usable larger)"
[ "$(usable larger)" = "2048 194560" ]
echo "as described"
