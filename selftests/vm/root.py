# SPDX-License-Identifier: GPL-2.0-or-later
"""The guests' root: a small Debian bookworm with the kernel that livegrow is built for.

Both guests are cut from it. It is kept outside the clone, as a tarball and as the
tree unpacked from it, under a name that is a hash of everything that made it; a
changed package list or kernel is a new name, and nothing is ever repaired in place.

    python3 selftests/vm/root.py        builds what is missing and prints the tree
"""
import contextlib
import fcntl
import hashlib
import os
import pathlib
import re
import shutil
import subprocess
import sys

import paths

SUITE = "bookworm"
SOURCES = [
    f"deb http://deb.debian.org/debian {SUITE} main",
    f"deb http://deb.debian.org/debian-security {SUITE}-security main",
]
PACKAGES = """
    systemd-sysv udev kmod mount util-linux procps busybox-static
    e2fsprogs xfsprogs dosfstools fdisk gdisk parted dmsetup
    libnl-3-200 libnl-genl-3-200 libblkid1 libmount1 libsmartcols1
    libsystemd0 zlib1g
""".split()

OPTIONS = ["--quiet", "--variant=minbase"] + [
    f"--dpkgopt=path-exclude=/usr/share/{name}/*" for name in ("doc", "man", "locale")]

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
""".split()

CUSTOMIZE = r"""
set -e
cd "$1"
passwd --root "$PWD" -d root
echo livegrow > etc/hostname
: > etc/fstab
echo 4c69766567726f772d746573742d3031 > etc/machine-id
mkdir -p etc/systemd/journald.conf.d
printf '[Journal]\nStorage=volatile\n' > etc/systemd/journald.conf.d/volatile.conf
ln -sf /lib/systemd/system/multi-user.target etc/systemd/system/default.target
for unit in $MASKED; do ln -sf /dev/null etc/systemd/system/$unit; done
rm -rf boot/initrd.img-* initrd.img* var/cache/apt var/lib/apt/lists/* var/log/*
rm -rf usr/share/doc usr/share/man usr/share/locale usr/share/perl usr/lib/python3*
"""


def kernel_version():
    """The newest cloud kernel whose headers are installed: what kmod/ is built for."""
    found = pathlib.Path("/usr/src").glob("linux-headers-*-cloud-amd64")
    versions = [p.name[len("linux-headers-"):] for p in found]
    if not versions:
        raise SystemExit("no linux-headers-*-cloud-amd64 in /usr/src: apt install linux-headers-cloud-amd64")
    return max(versions, key=lambda v: [int(n) for n in re.findall(r"\d+", v)])


def key(kver):
    recipe = repr((kver, SUITE, SOURCES, PACKAGES, MASKED, CUSTOMIZE, OPTIONS))
    return hashlib.sha256(recipe.encode()).hexdigest()[:16]


@contextlib.contextmanager
def locked(name):
    """Two tests that start on an empty cache must not both build it."""
    with open(paths.cache() / f"{name}.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def build_tarball(kver, tar):
    packages = PACKAGES + [f"linux-image-{kver}"]
    partial = tar.with_suffix(f".{os.getpid()}.partial.tar")
    print(f"# building the guest root for {kver}, once ...", file=sys.stderr, flush=True)
    try:
        subprocess.run(
            ["mmdebstrap", *OPTIONS, "--include=" + ",".join(packages),
             "--customize-hook=" + CUSTOMIZE.strip(), SUITE, str(partial), *SOURCES],
            check=True, stdin=subprocess.DEVNULL, stdout=sys.stderr,
            env={**os.environ, "MASKED": " ".join(MASKED)})
        partial.rename(tar)
    finally:
        partial.unlink(missing_ok=True)


def unpack(tar, tree):
    partial = tree.with_suffix(f".{os.getpid()}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir()
    subprocess.run(["tar", "--numeric-owner", "--xattrs", "--xattrs-include=*",
                    "-C", partial, "-xf", tar], check=True)
    partial.rename(tree)


def tree():
    """The unpacked root, built when missing. Nobody writes into it."""
    kver = kernel_version()
    tar = paths.cache() / f"root-{key(kver)}.tar"
    directory = tar.with_suffix("")
    if directory.exists():
        return directory
    with locked("root"):
        if not tar.exists():
            build_tarball(kver, tar)
        if not directory.exists():
            unpack(tar, directory)
    return directory


def kernel():
    """The kernel as Debian ships it; unpacking itself costs it half a second under TCG."""
    return tree() / "boot" / f"vmlinuz-{kernel_version()}"


if __name__ == "__main__":
    print(tree())
    print(kernel())
