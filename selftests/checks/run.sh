#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
# The checkers, each a KTAP result: run.sh KDIR. KDIR is the kernel to build for.
# A checker that could not run has failed.
# shellcheck disable=SC2317 # check() calls them by name
set -eu
# Of a make that runs others beside this; what those here print is looked at.
unset MAKEFLAGS MFLAGS MAKELEVEL

kdir=$1
here=$(dirname "$(readlink -f "$0")")
top=$(readlink -f "$here/../..")
out=$top/build/checks
cd "$top"

c_files() { git ls-files -co --exclude-standard "$@" | grep '\.[ch]$'; }

# A copy, so that these builds leave nothing beside the sources.
copy_module() {
	rm -rf "$out/module"
	mkdir -p "$out/module"
	cp -R Kbuild kmod include "$out/module"
	find "$out/module" \( -name '*.o' -o -name '.*.cmd' \) -delete
}

build_module() {
	copy_module
	make -C "$kdir" "M=$out/module" "$@" modules > "$out/build.log" 2>&1 || {
		cat "$out/build.log"
		return 1
	}
	grep -E 'warning:|error:' "$out/build.log"
	[ $? -eq 1 ]
}

# As a kernel that has lost what the module needs: under another name it is not found.
module_misses() {
	needed=submit_bio_wait
	copy_module
	printf '#define %s %s_of_old\n' "$needed" "$needed" >> "$out/module/kmod/compat-include/linux/bio.h"
	! make -C "$kdir" "M=$out/module" modules > "$out/build.log" 2>&1 || { echo "it builds"; return 1; }
	[ ! -e "$out/module/livegrow.ko" ] || { echo "it fails and leaves a module"; return 1; }
	grep -q "error: .*$needed" "$out/build.log" || { cat "$out/build.log"; return 1; }
}

module_warnings() { build_module W=1; }
module_sparse() { build_module C=2 CF=-D__CHECK_ENDIAN__; }

checkpatch() { "$here/checkpatch.sh" "$(basename "$(dirname "$kdir")")"; }

kernel_doc() {
	script=$(readlink -f "$kdir/scripts/kernel-doc")
	c_files kmod include/livegrow | xargs perl "$script" -none -Werror
}

growctl_gcc() { make -C ctl "O=$out/ctl-gcc" CC=gcc WERROR=1; }
growctl_clang() { make -C ctl "O=$out/ctl-clang" CC=clang WERROR=1; }
formatted() { c_files ctl selftests | xargs clang-format --dry-run -Werror; }

shell_scripts() {
	git ls-files -co --exclude-standard |
		grep -E '\.(sh|bash)$|^\.ci/run$|^ctl/initramfs-tools/|^debian/.*\.(post|pre)(inst|rm)$' |
		xargs shellcheck
}

no_comments='^(LICENSE|README\.md|\.gitignore|debian/changelog|debian/source/format)$'
licensed() {
	missing=$(git ls-files -co --exclude-standard | grep -vE "$no_comments" |
		xargs grep -L 'SPDX-License-Identifier:') || :
	[ -z "$missing" ] || { echo "no SPDX line: $missing"; return 1; }
}

licenses_of_debian() { python3 "$here/copyright.py"; }

# Each of these files is read by a tool that knows no other.
one_version() {
	versions=$(sed -n 's/^VERSION ?*:*= *//p' Makefile ctl/Makefile
		sed -n 's/^PACKAGE_VERSION="\(.*\)"$/\1/p' dkms.conf
		sed -n '1s/^.* (\(.*\)) .*$/\1/p' debian/changelog)
	[ "$(echo "$versions" | uniq -c | sed 's/^ *//')" = "4 ${versions%%[!0-9.]*}" ] ||
		{ echo "Makefile, ctl/Makefile, dkms.conf, debian/changelog:"; echo "$versions"; return 1; }
}

version_checks() {
	git grep --untracked -nE 'LINUX_VERSION_CODE|KERNEL_VERSION\(' -- \
		'*.c' '*.h' ':!kmod/compat-include/'
	[ $? -eq 1 ]
}

spec_and_header() { python3 "$here/spec.py"; }
growctl_words() { python3 "$here/words.py" "$out/ctl-gcc/growctl"; }
each_command() { python3 "$here/commands.py" "$out/ctl-gcc/growctl" "$out/module/livegrow.ko"; }
installs() { "$here/install.sh" "$out"; }

# By the expression that DKMS matches a kernel's version with.
fit_kernels() {
	fit=$(sed -n 's/^BUILD_EXCLUSIVE_KERNEL="\(.*\)"$/\1/p' dkms.conf)
	for kernel in 5.10.0-46-cloud-amd64 6.1.0-56-amd64 6.4.0 6.12.118+deb13-amd64 6.9.1 6.10.0 7.3.4 10.0.1; do
		echo "$kernel" | grep -qE "$fit" || { echo "$kernel is skipped"; return 1; }
	done
	for kernel in 4.19.0-27-amd64 5.1.2 5.11.0 5.15.0-100-generic 5.19.0 6.0.0-6-amd64 6.5.0 6.8.0-31-generic; do
		! echo "$kernel" | grep -qE "$fit" || { echo "$kernel is not skipped"; return 1; }
	done
}

number=0
failed=0
check() {
	number=$((number + 1))
	if "$1" > "$out/log" 2>&1; then
		echo "ok $number $2"
	else
		sed 's/^/# /' "$out/log"
		echo "not ok $number $2"
		failed=1
	fi
}

mkdir -p "$out"
echo "KTAP version 1"
echo "1..18"
check module_warnings "the module builds without a warning at W=1"
check module_misses "where the kernel lacks what the module needs, the compiler names it and no module is made"
check module_sparse "sparse finds nothing in the module, endianness included"
check checkpatch "checkpatch --strict finds nothing"
check kernel_doc "kernel-doc comments are complete"
check growctl_gcc "growctl builds without a warning by gcc"
check growctl_clang "growctl builds without a warning by clang"
check formatted "ctl/ and selftests/ are formatted by clang-format"
check shell_scripts "shellcheck finds nothing"
check licensed "every file has an SPDX line"
check licenses_of_debian "debian/copyright says the same"
check one_version "the version is the same in all files that have it"
check version_checks "no kernel version is checked outside of compat-include"
check spec_and_header "the YNL spec and the UAPI header say the same"
check installs "what make install and dkms-install bring, make uninstall takes away"
check fit_kernels "dkms.conf takes the kernels that the module can be built for, and no other"
check growctl_words "growctl's help, man page and completions name the same"
check each_command "each text that holds a command has a row, by which a guest runs it"
exit $failed
