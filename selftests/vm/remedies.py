# SPDX-License-Identifier: GPL-2.0-or-later
"""Which texts hold a command that a person may paste into a shell."""
import re

# Every program that an administrator of disks may be told to run, whether a text names it today or not.
TOOLS = """
    apt apt-get badblocks bcachefs blkdiscard blkid blockdev blkzone btrfs btrfstune cat cfdisk cgdisk chmod chown
    cp cryptsetup curl dd ddrescue debugfs depmod dkms dmesg dmsetup drbdadm drbdmeta dumpe2fs e2fsck e2image echo
    eject fallocate fatresize fdisk fsck fsfreeze fstrim fuser gdisk gfs2_grow gpart grep growctl growpart grub-install
    grub-mkconfig hdparm insmod integritysetup journalctl kexec kill kpartx ln losetup lsblk lslocks lvchange
    lvconvert lvcreate lvextend lvm lvreduce lvremove lvresize make mdadm mkdir mke2fs mkswap modprobe mokutil mount
    multipath multipathd mv nbd-client ntfsresize nvme openssl parted partprobe partx pkill poweroff printf pvchange
    pvck pvcreate pvmove pvremove pvresize pvs python qemu-img qemu-nbd reboot resize2fs resize_reiserfs resizepart
    restorecon rm rmmod rsync scp sed sfdisk sg_format sgdisk shred shutdown ssh sudo swapoff swapon sync sysctl
    systemctl systemd-repart tee testdisk touch truncate tune2fs tunefs.ocfs2 udevadm umount update-grub
    update-initramfs veritysetup vgcfgrestore vgchange vgck vgcreate vgextend vgreduce vgremove vgs virsh wipefs
    xfs_admin xfs_db xfs_freeze xfs_growfs xfs_repair zfs zpool
""".split()
# Programs that come in families.
FAMILIES = r"mkfs(?:\.\w+)?|fsck\.\w+|resize\.\w+|(?:lv|vg|pv)[a-z]{2,}"
PROGRAM = re.compile(rf"(?<![\w./-])(?:{'|'.join(sorted(map(re.escape, TOOLS), key=len, reverse=True))}|{FAMILIES})(?![\w-]|\.\w)")
# What only a shell would take in that way.
SHELL = re.compile(r"(?<!\S)--?[a-z][\w-]*(?=[ =])|/dev/(?!DISK\b|%s|loop\b)\w+ |&&|\|\||(?<!\S)>{1,2}(?=\S)|\$\(")


def has_command(text):
    """Does TEXT name a program, or have what only a shell takes?"""
    return bool(PROGRAM.search(text) or SHELL.search(text))
