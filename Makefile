# SPDX-License-Identifier: GPL-2.0-or-later
#
#   make                    the module, for the running kernel, and growctl
#   make install            growctl, its unit and manual page
#   make dkms-install       the module, by DKMS, for this and every later kernel
#   make uninstall          takes back what these two did
#   make deb                packages for Debian, below build/deb
#   make check-packages     builds those of each suite; installs, upgrades and purges them
#   make demo               three disks of a guest grow before your eyes
#   make check              all tests; make quick: those that need no guest
#   make check-kernels      all tests on every kernel of selftests/vm/kernels.py; takes hours. It can be
#                           stopped: what has passed is not run again on the same tree. ROWS names some
#   make check-beside-load  test files TIMES times (10), or those of NAMES, beside a guest that is busy
#   make soak               kills of QEMU, races with other tools, and bursts of resizes, during grows
#   make crash              what a power cut can leave of a grow
#
# KDIR is the kernel to build for, DESTDIR and PREFIX the place to install to.

VERSION := 0.1.0
PREFIX ?= /usr
BUILD := $(CURDIR)/build
override DESTDIR := $(abspath $(DESTDIR))

# Installing packages and building a guest's root need root.
AS_ROOT := $(if $(filter-out 0,$(shell id -u)),sudo)
CACHE := $(or $(XDG_CACHE_HOME),$(HOME)/.cache)
WITH_CACHE := $(AS_ROOT) env XDG_CACHE_HOME="$(CACHE)"

# The guest's kernel is the newest one of this machine's cloud headers.
guest_kernel = $(shell ls /usr/src | sed -n 's/^linux-headers-\(.*-cloud-amd64\)$$/\1/p' | sort -V | tail -n 1)
guest_kdir = /lib/modules/$(guest_kernel)/build

KDIR ?= $(or $(wildcard /lib/modules/$(shell uname -r)/build),$(guest_kdir))

.PHONY: all module module-clean ctl clean
.PHONY: install module-install conf-install dkms-tree dkms-install uninstall
.PHONY: deb check-packages
.PHONY: setup setup-quick failcall guest-tree demo check check-kernels check-beside-load soak crash quick quick-tests guest-tests

all: module ctl

module:
	$(MAKE) -C $(KDIR) M=$(CURDIR) modules

module-clean:
	$(MAKE) -C $(KDIR) M=$(CURDIR) clean

ctl:
	$(MAKE) -C ctl O=$(BUILD)/ctl

install: ctl
	$(MAKE) -C ctl O=$(BUILD)/ctl install DESTDIR=$(DESTDIR) PREFIX=$(PREFIX)

module-install: module conf-install
	$(MAKE) -C $(KDIR) M=$(CURDIR) INSTALL_MOD_PATH=$(DESTDIR) CONFIG_MODULE_SIG_ALL= modules_install

# When and how the module is loaded; what somebody has changed in /etc stays.
load_conf := $(DESTDIR)/usr/lib/modules-load.d/livegrow.conf
module_conf := $(DESTDIR)/etc/modprobe.d/livegrow.conf

conf-install:
	install -D -m 644 kmod/conf/modules-load.d/livegrow.conf $(load_conf)
	test -e $(module_conf) || install -D -m 644 kmod/conf/modprobe.d/livegrow.conf $(module_conf)

dkms_tree := $(DESTDIR)/usr/src/livegrow-$(VERSION)
# What a package owns goes with that, under the name that it has there, or by way of /lib or /usr/lib.
packaged = dpkg-query -S $(1) "$$(readlink -m $(1))" 2>/dev/null | grep -q .
ifeq ($(DESTDIR),)
# Older versions too, which would come back with the next kernel; but none that is packaged.
dkms_remove = for version in $$(ls /var/lib/dkms/livegrow 2>/dev/null | grep '^[0-9]'); do \
	! $(call packaged,/usr/src/livegrow-$$version) || continue; \
	dkms remove livegrow/$$version --all && rm -rf /usr/src/livegrow-$$version || exit 1; done
# One that it is not for is skipped, as dkms.conf says; the exit status is 9 or, later, 77.
dkms_install = for kernel in $$(ls /lib/modules); do [ -e /lib/modules/$$kernel/build ] || continue; \
	dkms install livegrow/$(VERSION) -k $$kernel || case $$? in 9|77) ;; *) exit 1 ;; esac; done
all_depmod = for kernel in $$(ls /lib/modules); do [ ! -e /lib/modules/$$kernel/modules.dep ] || depmod $$kernel; done
endif

dkms-tree: conf-install
	install -d $(dkms_tree)/kmod $(dkms_tree)/include
	install -m 644 Kbuild Makefile dkms.conf LICENSE $(dkms_tree)
	cd kmod && find . -name '*.[ch]' ! -name '*.mod.c' -exec install -D -m 644 '{}' $(dkms_tree)/kmod/'{}' ';'
	cd include && find . -name '*.h' -exec install -D -m 644 '{}' $(dkms_tree)/include/'{}' ';'

dkms-install:
	$(dkms_remove)
	$(MAKE) dkms-tree
	$(dkms_install)

uninstall:
	$(MAKE) -C ctl uninstall DESTDIR=$(DESTDIR) PREFIX=$(PREFIX)
	$(dkms_remove)
	for file in $(dkms_tree) $(load_conf); do $(call packaged,$$file) || rm -rf $$file; done
	$(call packaged,$(module_conf)) || ! cmp -s kmod/conf/modprobe.d/livegrow.conf $(module_conf) || rm $(module_conf)
	$(if $(wildcard $(DESTDIR)/lib/modules),find $(DESTDIR)/lib/modules -name 'livegrow.ko*' \
		'(' -path '*/updates/*' -o -path '*/extra/*' ')' ! -path '*/updates/dkms/*' -delete)
	$(all_depmod)

clean:
	$(if $(wildcard $(KDIR)),$(MAKE) module-clean)
	$(AS_ROOT) rm -rf $(BUILD)

# Packages, for the suite of the kernel that LIVEGROW_KERNEL names (selftests/vm/kernels.py).

with_kernel = $(if $(LIVEGROW_KERNEL),LIVEGROW_KERNEL=$(LIVEGROW_KERNEL))

deb: setup
	$(WITH_CACHE) $(with_kernel) selftests/vm/deb.py

check-packages: setup
	$(WITH_CACHE) selftests/vm/packages.py

# Tests

# The cache and the results are made here, since what runs as root later would own them.
setup setup-quick:
	mkdir -p $(BUILD)/results $(CACHE)/livegrow
	selftests/setup.sh $@

# A module for tests only. A copy, so that its build leaves nothing beside the sources.
failcall:
	mkdir -p $(BUILD)/failcall
	cp selftests/guest/failcall/* $(BUILD)/failcall
	$(MAKE) -C $(KDIR) M=$(BUILD)/failcall modules

# What a guest gets: the module for its kernel, and what `make install` installs.
guest-tree: setup
	$(MAKE) module failcall KDIR=$(guest_kdir)
	rm -rf $(BUILD)/dest
	$(MAKE) install module-install KDIR=$(guest_kdir) DESTDIR=$(BUILD)/dest

demo: guest-tree
	$(WITH_CACHE) selftests/vm/demo.py

# Without the other partition tools, which take their time.
quick: crash_check := quick-check
crash_check := check
run_crash = $(MAKE) --no-print-directory -C selftests/crash O=$(BUILD)/crash KTAP=$(BUILD)/results/crash.ktap

crash: setup-quick
	mkdir -p $(BUILD)/results
	$(run_crash) check

quick-tests: setup-quick
	rm -rf $(BUILD)/results
	mkdir -p $(BUILD)/results
	touch $(BUILD)/results/checks.ktap $(BUILD)/results/unit.ktap $(BUILD)/results/crash.ktap
	-$(MAKE) -k -j2 $(quick_parts) crash_check=$(crash_check)

# Beside each other: the first takes longest, on one processor.
quick_parts := run-crash run-checks run-unit

.PHONY: run-crash run-checks run-unit
run-crash:
	$(run_crash) $(crash_check)

run-checks:
	selftests/checks/run.sh $(guest_kdir) > $(BUILD)/results/checks.ktap

run-unit:
	$(MAKE) -C selftests/unit O=$(BUILD)/unit KTAP=$(BUILD)/results/unit.ktap check

quick: quick-tests
	selftests/vm/run.py --summary

check: setup quick-tests guest-tree
	$(WITH_CACHE) selftests/vm/run.py --check

check-kernels: quick-tests guest-tree
	$(WITH_CACHE) selftests/vm/run.py --check-kernels $(ROWS)

check-beside-load: guest-tree
	$(WITH_CACHE) selftests/vm/beside.py --times $(or $(TIMES),10) $(NAMES)

soak: guest-tree
	$(WITH_CACHE) $(with_kernel) selftests/vm/soak.py
