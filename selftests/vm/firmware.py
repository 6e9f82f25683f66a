# SPDX-License-Identifier: GPL-2.0-or-later
"""Guests that start from their own disk: firmware, GRUB, kernel, and the root beside them.

    disk = firmware.disk("vda.raw", size)
    with firmware.Started("boot", [Drive("vda", disk, bootindex=0)], efi=True) as g:
        g.sh("cat /proc/cmdline")

The same disk starts by OVMF and by SeaBIOS. Its root is the tiny guest's tree, mounted
read-only, so that nothing but the firmware has written to the disk until a test does.
"""
import pathlib
import shutil
import struct
import tempfile

import gpt
import images
import initramfs
import overlay
import paths
import root
from guest import COMMAND_LINE, Guest

OVMF = pathlib.Path("/usr/share/OVMF")
GRUB = pathlib.Path("/usr/lib/grub")
MODULES = ["part_gpt", "ext2", "search_label", "linux", "reboot"]
# GRUB finds the root by its label, as Debian's does by its UUID. Where it cannot, the
# reboot ends QEMU, and with it whatever waits for the guest.
CONFIG = f"""search.fs_label root root
linux /boot/vmlinuz {COMMAND_LINE} root=/dev/vda1 rootflags=ro started=$cmdpath,$root
initrd /boot/initrd
boot
reboot
"""
BIOS_BOOT, ESP, ROOT = 14, 15, 1


def layout(size):
    """As in Debian's cloud images: the first partition is the last by offset."""
    last = (size // 512 - 33) // 2048 * 2048 - 1
    return gpt.Table(size, [
        gpt.Part(2048, 4095, gpt.BIOS_BOOT, name="bios", number=BIOS_BOOT),
        gpt.Part(4096, 20479, gpt.ESP, name="esp", number=ESP),
        gpt.Part(20480, last, gpt.ROOT_X86_64, name="root", number=ROOT),
    ])


def grub_image(platform, out, modules):
    with images.temporary() as config:
        config.write_text(CONFIG)
        images.run("grub-mkimage", "-O", platform, "-p", "/boot/grub", "-c", config, "-o", out,
                   *MODULES, *modules)


def efi_files(tree):
    """GRUB where a firmware that knows nothing of the disk looks for a loader."""
    directory = tree / "EFI/BOOT"
    directory.mkdir(parents=True)
    grub_image("x86_64-efi", directory / "BOOTX64.EFI", ["fat"])


def core_image(lba):
    """GRUB as it lies at LBA: its first sector says where the rest is."""
    with images.temporary() as file:
        grub_image("i386-pc", file, ["biosdisk"])
        core = bytearray(file.read_bytes())
    struct.pack_into("<Q", core, 500, lba + 1)
    return bytes(core)


def boot_code(lba):
    """The MBR's code, which loads the sector at LBA and enters it."""
    code = bytearray((GRUB / "i386-pc/boot.img").read_bytes()[:440])
    struct.pack_into("<Q", code, 0x5c, lba)
    return bytes(code)


def install_bios(image, table):
    offset, size = table.offset(BIOS_BOOT)
    core = core_image(offset // 512)
    assert len(core) <= size, len(core)
    with open(image, "r+b") as file:
        file.write(boot_code(offset // 512))
        file.seek(offset)
        file.write(core)


def install_efi(image, table):
    tree = pathlib.Path(tempfile.mkdtemp(prefix="esp-", dir=paths.DISKS))
    try:
        efi_files(tree)
        images.format_partition(image, table, ESP, "vfat", label="ESP", tree=tree)
    finally:
        shutil.rmtree(tree)


def install_root(image, table, files):
    files = {"/boot/vmlinuz": root.kernel(), "/boot/initrd": initramfs.switch(), **files}
    with initramfs.tiny_tree(files) as tree:
        overlay.symlink(tree, "/sbin/init", "/init")
        images.format_partition(image, table, ROOT, "ext4", label="root", tree=tree)


def disk(name, size, files):
    """Makes the raw disk NAME; FILES as initramfs.tiny_tree()."""
    image, table = images.path(name), layout(size)
    table.write(image)
    install_bios(image, table)
    install_efi(image, table)
    install_root(image, table, files)
    return image


class Started(Guest):
    """A guest of a disk(): its first drive is vda, with bootindex=0."""

    def __init__(self, name, drives, efi, **options):
        super().__init__(name, initrd=None, drives=drives, **options)
        self.efi = efi

    def start_arguments(self):
        if not self.efi:
            # Without graphics, SeaBIOS and GRUB talk to the console.
            return ["-machine", "pc,graphics=off"]
        # Nothing is known of any earlier boot.
        flash = paths.disk_image(f"{self.name}-vars.fd")
        shutil.copy(OVMF / "OVMF_VARS.fd", flash)
        return ["-machine", "q35",
                "-drive", f"if=pflash,unit=0,format=raw,readonly=on,file={OVMF}/OVMF_CODE.fd",
                "-drive", f"if=pflash,unit=1,format=raw,file={flash}"]
