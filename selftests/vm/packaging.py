# SPDX-License-Identifier: GPL-2.0-or-later
"""Of each suite two trees for its packages: what builds and checks them, and a user's machine.

A user's machine has its kernel, the kernel's headers, and the packages that ours
depend on, so that these are installed without the archive.

    LIVEGROW_KERNEL=6.12 python3 selftests/vm/packaging.py      makes and prints them
"""
import hashlib
import re

import debian
import kernels
import paths
import root

BUILD_PACKAGES = """
    build-essential debhelper fakeroot lintian pkg-config systemd git
    libnl-3-dev libnl-genl-3-dev libblkid-dev libmount-dev libsmartcols-dev libinih-dev zlib1g-dev
""".split()
# dh's helper for DKMS is a package of its own from Debian 12 on.
HELPER = {"bullseye": ["dkms"], "bookworm": ["dh-dkms"], "trixie": ["dh-dkms", "systemd-dev"]}
USER_PACKAGES = """
    systemd-sysv udev kmod mount util-linux procps busybox-static
    e2fsprogs xfsprogs dosfstools fdisk gdisk parted dmsetup lvm2
    libnl-3-200 libnl-genl-3-200 libblkid1 libmount1 libsmartcols1 libinih1
    zlib1g dkms build-essential openssl initramfs-tools zstd
""".split()

# An archive may have lost a metapackage, so what it depends on is named. The next kernel
# is for an upgrade that is tried without the archive.
KERNEL = r"""
chroot "$1" sh -ec '
real() { apt-cache depends "$1" | sed -n "s/.* Depends: \(linux-\(image\|headers\)-[0-9].*\)/\1/p"; }
export DEBIAN_FRONTEND=noninteractive
install="apt-get -qq -y --no-install-recommends install"
$install $(real linux-image-FLAVOUR) $(real linux-headers-FLAVOUR)
for next in NEXT; do
    mkdir -p /upgrade/partial
    $install --download-only -o Dir::Cache::archives=/upgrade \
        $(real linux-image-$next) $(real linux-headers-$next)
done'
"""
# The kernel that a suite's user gets by an upgrade.
NEXT = {"6.1": "6.12-cloud-amd64"}


def recipe(*parts):
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:16]


def build_tree():
    kernel = kernels.current()
    packages = BUILD_PACKAGES + HELPER[kernel.suite]
    suite = kernels.Kernel(kernel.suite, kernel.suite, kernel.sources[:2])
    return debian.tree(f"packages-{kernel.suite}-{recipe(suite, packages)}", suite, packages, "")


def user_tree():
    kernel = kernels.current()
    script = KERNEL.replace("FLAVOUR", kernel.flavour).replace("NEXT", NEXT.get(kernel.name, ""))
    script += root.settle()
    return debian.tree(f"user-{kernel.name}-{recipe(kernel, USER_PACKAGES, script)}", kernel,
                       USER_PACKAGES, script)


def kernel_versions(directory):
    """The kernels in DIRECTORY, a tree's /boot."""
    return [p.name.removeprefix("vmlinuz-") for p in directory.glob("vmlinuz-*")]


def sort_versions(versions):
    """The oldest first."""
    return sorted(versions, key=lambda v: [int(n) for n in re.findall(r"\d+", v)])


def directory():
    """Where the suite's packages are."""
    return paths.BUILD / "deb" / kernels.current().suite


if __name__ == "__main__":
    print(build_tree())
    print(user_tree())
