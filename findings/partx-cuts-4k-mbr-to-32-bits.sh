#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# partx (util-linux 2.38.1) shows an MBR partition of 3 TiB as one of 1 TiB on a disk with
# blocks of 4096 bytes.
#
# An MBR counts logical blocks in 32 bits, so with blocks of 4096 bytes a partition can have
# up to 16 TiB, and fdisk shows all of it. partx takes the number times 8, for sectors of
# 512 bytes, in 32 bits: 805306112 blocks become 2147481600 sectors in place of 6442448896.
# "partx --update" hands that size to the kernel, so on such a disk it makes a live
# partition smaller than its table entry says. growpart calls it after it has enlarged
# the entry.
#
# Seen with the packages below, on an image file; exits 1 if the output changes.
set -eu

version=2.38.1-5+deb12u3
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"
for package in fdisk libfdisk1 util-linux libblkid1 libsmartcols1; do
	apt-get -qq download "$package=$version" 2>/dev/null
done
for file in *.deb; do
	dpkg-deb -x "$file" root
done
LD_LIBRARY_PATH=$(dirname "$(find "$dir/root" -name 'libblkid.so.1')"):$(dirname "$(find "$dir/root" -name 'libfdisk.so.1')")
export LD_LIBRARY_PATH
fdisk=$(find root -path '*sbin/fdisk') partx=$(find root -path '*bin/partx')

truncate -s 3T disk
printf 'o\nn\np\n1\n256\n805306367\nw\n' | "$fdisk" -b 4096 disk >fdisk.log 2>&1

by_fdisk=$("$fdisk" -b 4096 -l -o Start,Sectors disk | tail -n 1 | tr -s ' ')
by_partx=$("$partx" --sector-size 4096 --show --noheadings --bytes --output START,SECTORS,SIZE disk | tr -s ' ')
echo "fdisk, in blocks of 4096 bytes: $by_fdisk"
echo "partx, in sectors of 512 bytes, and in bytes: $by_partx"
[ "${by_fdisk# }" = "256 805306112" ]
[ "${by_partx# }" = "2048 2147481600 1099510579200" ]
echo "as described: $((805306112 * 8)) sectors modulo 2^32 are $((805306112 * 8 % 4294967296))"
