#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# sfdisk (util-linux 2.38.1) zeroes bytes 512 to 4095 of LBA 0 when it restores its own dump of
# an MBR to a disk with blocks of 4096 bytes.
#
# With blocks of 512 bytes "sfdisk -d DISK | sfdisk DISK" keeps the boot code: only a few bytes
# of the partition entries and of the field before the disk signature change. With blocks of
# 4096 bytes the same command keeps the boot code in the first 440 bytes, too, but the
# remaining seven eighths of the block, which the MBR does not use, become zeros. A boot
# loader that has more of its code there does not start afterwards. growpart 0.33 enlarges a
# partition in this way.
#
# Needs root and a loop device with blocks of 4096 bytes, since sfdisk 2.38 has no option for
# the block size of an image. Exits 1 if the behaviour changes.
set -eu

version=2.38.1-5+deb12u3
dir=$(mktemp -d)
loop=
trap '[ -z "$loop" ] || losetup -d "$loop"; rm -rf "$dir"' EXIT
cd "$dir"
for package in fdisk libfdisk1 libblkid1 libsmartcols1; do
	apt-get -qq download "$package=$version" 2>/dev/null
done
for file in *.deb; do
	dpkg-deb -x "$file" root
done
LD_LIBRARY_PATH=$(dirname "$(find "$dir/root" -name 'libblkid.so.1')"):$(dirname "$(find "$dir/root" -name 'libfdisk.so.1')")
export LD_LIBRARY_PATH
sfdisk=$(find root -path '*sbin/sfdisk')

# An image of 64 MiB: LBA 0 full of bytes that are not zero, an MBR with one partition in it.
make_image() { # FILE BLOCK-SIZE
	truncate -s 64M "$1"
	head -c "$2" /dev/zero | tr '\0' 'x' | dd of="$1" conv=notrunc status=none
	head -c 66 /dev/zero | dd of="$1" bs=1 seek=444 conv=notrunc status=none
	# Type 0x83, from block 2048, 8192 blocks; the disk signature; the MBR's own.
	printf '\000\000\002\000\203\377\377\377\000\010\000\000\000\040\000\000' |
		dd of="$1" bs=1 seek=446 conv=notrunc status=none
	printf 'wxyz' | dd of="$1" bs=1 seek=440 conv=notrunc status=none
	printf '\125\252' | dd of="$1" bs=1 seek=510 conv=notrunc status=none
}

restore() { # DISK
	"$sfdisk" -q -d "$1" >dump
	"$sfdisk" -q --force --no-reread --no-tell-kernel "$1" <dump 2>restore.log
}

changed() { # FROM TO, bytes of the image from 0 on
	{ cmp -l before after || :; } | awk -v from="$1" -v to="$2" '$1 > from && $1 <= to { n++ } END { print n + 0 }'
}

make_image after 512
cp after before
restore after
small=$(changed 0 440)

make_image after 4096
cp after before
loop=$(losetup -b 4096 -f --show after)
restore "$loop"
losetup -d "$loop"
loop=
code=$(changed 0 440) rest=$(changed 512 4096)
zeros=$(tail -c +513 after | head -c 3584 | tr -d '\0' | wc -c)

echo "blocks of 512: $small bytes of boot code changed"
echo "blocks of 4096: $code bytes of boot code changed, $rest of the 3584 bytes behind the MBR; $zeros of them are not zero"
[ "$small" -eq 0 ]
[ "$code" -eq 0 ]
[ "$rest" -eq 3584 ] && [ "$zeros" -eq 0 ]
echo "as described"
