#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# `make install dkms-install` and `make uninstall`, into a directory: install.sh OUT
set -eu

out=$1

die() { echo "$*"; exit 1; }
files() { (cd "$1" && find . ! -type d | sort); }
have() { [ -e "$1$2" ] || die "$1 lacks $2"; }

# A prefix of /usr is Debian's own layout; another one is an administrator's.
try() {
	dest=$out/dest$1
	rm -rf "$dest"
	make install dkms-install "DESTDIR=$dest" "PREFIX=$1"
	for file in "$1/sbin/growctl" "$1/share/man/man8/growctl.8" "$1/share/man/man4/livegrow.4" \
		"$1/share/man/man5/growctl.conf.5" /etc/growctl.conf \
		"$1/share/bash-completion/completions/growctl" "$1/share/zsh/$3/_growctl" /usr/lib/modules-load.d/livegrow.conf \
		/etc/modprobe.d/livegrow.conf /etc/default/growctl "$2/hooks/growctl" \
		"$2/scripts/local-premount/growctl"; do
		have "$dest" "$file"
	done
	grep -qr "^ExecStart=$1/sbin/growctl daemon" "$dest" || die "no unit runs $1/sbin/growctl"
	grep -o 'kmod/[a-z/-]*\.o' Kbuild | while read -r object; do
		have "$dest"/usr/src/livegrow-* "/${object%.o}.c"
	done
}

# What was changed in /etc outlives an installation over it, and its removal.
keep() {
	echo "options livegrow mode=ask" >"$dest/etc/modprobe.d/livegrow.conf"
	make install dkms-install "DESTDIR=$dest" "PREFIX=$1"
	make uninstall "DESTDIR=$dest" "PREFIX=$1"
	[ "$(files "$dest")" = ./etc/modprobe.d/livegrow.conf ] || die "left behind: $(files "$dest")"
	grep -q mode=ask "$dest/etc/modprobe.d/livegrow.conf" || die "changed configuration was overwritten"
}

try /usr /usr/share/initramfs-tools vendor-completions
make uninstall "DESTDIR=$dest" PREFIX=/usr
[ -z "$(files "$dest")" ] || die "left behind: $(files "$dest")"
try /usr/local /etc/initramfs-tools site-functions
keep /usr/local
