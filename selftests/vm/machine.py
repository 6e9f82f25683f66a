# SPDX-License-Identifier: GPL-2.0-or-later
"""A user's machine: its Debian in a chroot, where packages are installed, then booted as a guest.

    with machine.Machine() as m:
        m.install(packaging.directory())
        disk = m.disk("vda.raw")
    with disk.boot("install") as g:
        ...

It boots its own kernel with the initramfs that initramfs-tools made of it.
"""
import dataclasses
import pathlib
import shlex
import shutil
import subprocess
import sys

import chroot
import images
import overlay
import packaging
import paths
import system
from drive import Drive
from guest import Guest

MIB = images.MIB
SIZE = 3000 * MIB
ROOT_FIRST = 135168
WANTS = "/etc/systemd/system/sysinit.target.wants/livegrow-test-agent.service"
# The initramfs loads it, so that the test's agent finds its port.
MODULES = b"virtio_console\n"
# To make another one in the guest would take minutes, and none of these tests boots it.
NO_UPDATE = b"update_initramfs=no\n"
PACKAGES = ("livegrow-dkms", "growctl")
APT = "DEBIAN_FRONTEND=noninteractive apt-get -y"
# As Debian's installer and its cloud images name root, to the loader and in fstab.
UUID = "4c495645-4752-4f57-9000-000000000003"
FSTAB = f"UUID={UUID} / ext4 errors=remount-ro 0 1\n".encode()


def root_sectors(size):
    """Of the root partition of a disk of SIZE bytes that is grown as far as it goes."""
    return (size // 512 - 34) // 2048 * 2048 - ROOT_FIRST


@dataclasses.dataclass
class Disk:
    """The root disk, and the kernels in its /boot, as (version, kernel, initramfs), the oldest first."""
    path: pathlib.Path
    kernels: list

    def boot(self, name, kernel=0, append="", **options):
        _, image, initrd = self.kernels[kernel]
        return Guest(name, kernel=image, initrd=initrd, drives=[Drive("vda", self.path)], memory=1024,
                     append=f"root=UUID={UUID} ro {append}", boot_timeout=240, **options)


class Machine(chroot.Chroot):
    def __init__(self):
        super().__init__(packaging.user_tree())

    def place(self, name, source):
        overlay.place(self.top / "upper", name, source)

    def say(self, command):
        """Runs COMMAND; its output is a test's diagnostics. Returns it."""
        done = self.run(f"({command}) 2>&1", check=False, stdout=subprocess.PIPE, text=True)
        print(done.stdout, file=sys.stderr, flush=True)
        if done.returncode:
            raise AssertionError(f"{command}: exit status {done.returncode}\n{done.stdout[-4000:]}")
        return done.stdout

    def bring(self, directory, packages):
        """Copies PACKAGES from the host's DIRECTORY; returns their names here."""
        names = []
        for package in packages:
            file = next(directory.glob(f"{package}_*.deb"))
            names.append(f"/root/{file.name}")
            self.place(names[-1], file)
        return names

    def install(self, directory, packages=PACKAGES):
        """What a user types: apt install, of packages from DIRECTORY."""
        names = self.bring(directory, packages)
        return self.say(f"{APT} install {' '.join(names)}")

    def versions(self):
        boot = [self.tree / "boot", self.inside("/boot")]
        return packaging.sort_versions({v for d in boot for v in packaging.kernel_versions(d)})

    def take_kernels(self, name):
        """[(version, kernel, initramfs)], as copies that outlive the chroot."""
        kernels = []
        for version in self.versions():
            if not self.inside(f"/boot/initrd.img-{version}").exists():
                self.run(f"update-initramfs -c -k {version} >&2")
            files = [paths.disk_image(f"{name}-{kind}-{version}") for kind in ("vmlinuz", "initrd.img")]
            for kind, file in zip(("vmlinuz", "initrd.img"), files):
                inside = self.inside(f"/boot/{kind}-{version}")
                shutil.copy(inside if inside.exists() else self.tree / f"boot/{kind}-{version}", file)
            kernels.append((version, *files))
        return kernels

    def disk(self, name, size=SIZE):
        """The machine's disk as it now is; what the test on the host needs comes along."""
        for file, source in {**system.guest_files(), "/etc/fstab": FSTAB,
                             "/etc/initramfs-tools/modules": MODULES,
                             "/etc/initramfs-tools/update-initramfs.conf": NO_UPDATE}.items():
            self.place(file, source)
        overlay.symlink(self.top / "upper", WANTS, "/etc/systemd/system/livegrow-test-agent.service")
        table = system.layout(size)
        image = images.path(name)
        table.write(image)
        images.format_partition(image, table, 2, "vfat", label="ESP")
        kernels = self.take_kernels(name)
        offset, length = table.offset(3)
        with images.temporary(length) as file:
            self.run_outside(f"mke2fs -q -F -t ext4 -L root -U {UUID} -d @ROOT@ {shlex.quote(str(file))}")
            images.copy_data(file, image, to=offset)
        return Disk(image, kernels)


def wait_booted(g):
    return system.wait_booted(g, 240)


def wait_grown(g, size, timeout=60):
    """Waits until root's partition and filesystem fill the disk of SIZE bytes."""
    sectors = root_sectors(size)
    g.wait_for(f"[ $(cat /sys/block/vda/vda3/size) = {sectors} ]", timeout)
    g.wait_for(f"dumpe2fs -h /dev/vda3 2>&1 | grep -q '^Block count: *{sectors // 8}$'", timeout)


def grow(g, size):
    """What a host does, and all that anybody does."""
    g.resize("vda", size)
    wait_grown(g, size)

