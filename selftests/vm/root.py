# SPDX-License-Identifier: GPL-2.0-or-later
"""Of each kernel two trees: the guests' root, a small Debian with it, and what builds for it.

Both guests are cut from the root.

    python3 selftests/vm/root.py        makes what is missing and prints the trees
"""
import hashlib
import pathlib
import re

import debian
import kernels

PACKAGES = """
    systemd-sysv udev kmod mount util-linux procps busybox-static
    e2fsprogs xfsprogs dosfstools fdisk gdisk parted dmsetup lvm2 drbd-utils
    cryptsetup-bin
    libnl-3-200 libnl-genl-3-200 libblkid1 libmount1 libsmartcols1 libinih1
    zlib1g
""".split()

# pahole is in dwarves up to Debian 11, in a package of its own that dwarves needs from 12 on.
BUILD_PACKAGES = """
    make gcc libc6-dev kmod dwarves xz-utils pkg-config libnl-3-dev libnl-genl-3-dev libblkid-dev
    libmount-dev libsmartcols-dev libinih-dev zlib1g-dev sparse
""".split()

# What only costs a slow guest time: it has no network, no clock to set, nobody
# logs in, and its journal is read while it runs.
MASKED = """
    apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer
    e2scrub_all.timer e2scrub_reap.service fstrim.timer
    systemd-tmpfiles-clean.timer systemd-timesyncd.service
    systemd-networkd.service systemd-resolved.service systemd-logind.service
    systemd-update-utmp.service systemd-update-utmp-runlevel.service
    systemd-random-seed.service systemd-pstore.service systemd-sysusers.service
    systemd-firstboot.service systemd-machine-id-commit.service
    systemd-boot-system-token.service systemd-user-sessions.service
    ldconfig.service systemd-hwdb-update.service systemd-update-done.service
    systemd-journal-catalog-update.service systemd-journal-flush.service
    systemd-binfmt.service proc-sys-fs-binfmt_misc.automount getty.target
    modprobe@drm.service modprobe@efi_pstore.service modprobe@fuse.service
    systemd-ask-password-wall.path systemd-ask-password-console.path
    dev-hugepages.mount dev-mqueue.mount
    lvm2-monitor.service lvm2-lvmpolld.socket blk-availability.service dm-event.socket
    drbd.service
""".split()

SETTLE = r"""
set -e
cd "$1"
passwd --root "$PWD" -d root
echo livegrow > etc/hostname
: > etc/fstab
echo 4c69766567726f772d746573742d3031 > etc/machine-id
mkdir -p etc/systemd/journald.conf.d
printf '[Journal]\nStorage=volatile\n' > etc/systemd/journald.conf.d/volatile.conf
ln -sf /lib/systemd/system/multi-user.target etc/systemd/system/default.target
for unit in MASKED; do ln -sf /dev/null etc/systemd/system/$unit; done
rm -rf boot/initrd.img-* initrd.img* var/cache/apt var/lib/apt/lists/* var/log/*
"""
SHRINK = r"""rm -rf usr/share/doc usr/share/man usr/share/locale usr/share/perl usr/lib/python3*
"""


def newest(directory, pattern):
    """The largest version of KERNEL's among the names in DIRECTORY that PATTERN has as its group."""
    found = [match[1] for p in pathlib.Path(directory).glob("*") if (match := re.fullmatch(pattern, p.name))]
    return max(found, key=lambda v: [int(n) for n in re.findall(r"\d+", v)], default=None)


def settle():
    """Makes a tree the root of a guest that boots quickly."""
    return SETTLE.replace("MASKED", " ".join(MASKED))


def customize():
    return settle() + SHRINK


def recipe(kernel):
    """Of both trees: an image whose headers the archive does not have any more is of no use."""
    return hashlib.sha256(repr((kernel, PACKAGES, BUILD_PACKAGES, HEADERS, customize())).encode()).hexdigest()[:16]


# What the package linux-headers-FLAVOUR stands for, since an archive may have lost that itself.
HEADERS = r"""
chroot "$1" sh -ec '
real=$(apt-cache depends linux-headers-FLAVOUR | sed -n "s/.* Depends: \(linux-headers-[0-9].*\)/\1/p")
DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-install-recommends install "$real"'
rm -rf "$1"/var/lib/apt/lists/* "$1"/var/cache/apt
"""


def build_tree():
    """A tree with the compiler of the kernel's suite, its headers and growctl's libraries."""
    kernel = kernels.current()
    return debian.tree(f"build-{kernel.name}-{recipe(kernel)}", kernel, BUILD_PACKAGES,
                       HEADERS.replace("FLAVOUR", kernel.flavour))


def kernel_version():
    """What kmod/ is built for: this machine's newest headers of the flavour, or those of build_tree()."""
    kernel = kernels.current()
    flavour = re.sub(r"^[\d.]+-", "", kernel.flavour)
    sources = pathlib.Path("/usr/src") if kernels.is_host(kernel) else build_tree() / "usr/src"
    version = newest(sources, rf"linux-headers-(\d.*-{flavour})")
    if not version:
        raise SystemExit(f"no linux-headers-*-{flavour} in {sources}: apt install linux-headers-{flavour}")
    return version


def tree():
    """The guests' root."""
    kernel = kernels.current()
    version = kernel_version()
    return debian.tree(f"root-{version}-{recipe(kernel)}", kernel, PACKAGES + [f"linux-image-{version}"],
                       customize())


def kernel():
    """The kernel as Debian ships it; unpacking itself costs it half a second under TCG."""
    return tree() / "boot" / f"vmlinuz-{kernel_version()}"


if __name__ == "__main__":
    if not kernels.is_host(kernels.current()):
        print(build_tree())
    print(tree())
    print(kernel())
