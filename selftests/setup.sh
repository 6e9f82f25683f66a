#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# Installs what a fresh Debian machine lacks: setup.sh setup-quick | setup
set -eu

build="gcc libc6-dev make pkg-config libnl-3-dev libnl-genl-3-dev libblkid-dev
libmount-dev libsmartcols-dev libinih-dev zlib1g-dev linux-headers-cloud-amd64 kmod"
quick="sparse shellcheck clang clang-format python3 python3-yaml perl xz-utils
fdisk gdisk parted cloud-guest-utils zsh"
guest="qemu-system-x86 qemu-utils mmdebstrap e2fsprogs xfsprogs btrfs-progs nilfs-tools dosfstools
squashfs-tools erofs-utils util-linux binutils cpio mtools ovmf grub-common grub-efi-amd64-bin grub-pc-bin"

case ${1-} in
setup-quick) wanted="$build $quick" ;;
setup) wanted="$build $quick $guest" ;;
*) echo "usage: $0 setup-quick|setup" >&2; exit 1 ;;
esac

missing=
for package in $wanted; do
	state=$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null) || state=
	[ "$state" = installed ] || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

as_root=
[ "$(id -u)" -eq 0 ] || as_root=sudo
echo "installing:$missing"
$as_root apt-get -q update
# shellcheck disable=SC2086
$as_root env DEBIAN_FRONTEND=noninteractive apt-get -q -y --no-install-recommends install $missing
