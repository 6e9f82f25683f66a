# SPDX-License-Identifier: GPL-2.0-or-later
"""The texts that hold a command which a person may paste, and how each is judged.

Every text of growctl, of the module, of the manual pages and of the README that has a command
has a row here: checks/commands.py collects the texts, and test_remedies.py runs the commands.
"""
import dataclasses
import re

# The programs that an administrator of disks may be told to run, whether a text names them today or not.
TOOLS = """
    apt apt-get badblocks blkdiscard blkid blockdev blkzone btrfstune cfdisk cgdisk chmod chown
    cryptsetup curl dd ddrescue debugfs depmod dkms dmesg dmsetup drbdadm drbdmeta dumpe2fs e2fsck e2image
    fallocate fatresize fdisk fsck fsfreeze fstrim fuser gdisk gfs2_grow gpart growpart grub-install
    grub-mkconfig hdparm insmod integritysetup journalctl kexec kpartx losetup lsblk lslocks lvm mdadm mkdir
    mke2fs mkswap modprobe mokutil multipath multipathd nbd-client ntfsresize nvme openssl parted partprobe partx
    pkill printf qemu-img qemu-nbd resize2fs resize_reiserfs resizepart restorecon rm rmmod rsync scp sfdisk
    sg_format sgdisk shred shutdown ssh sudo swapoff swapon sysctl systemctl systemd-repart testdisk truncate
    tune2fs tunefs.ocfs2 udevadm umount update-grub update-initramfs veritysetup virsh wipefs xfs_admin xfs_db
    xfs_freeze xfs_growfs xfs_repair zfs zpool
""".split()
# Programs that come in families.
FAMILIES = r"mkfs(?:\.\w+)?|fsck\.\w+|resize\.\w+|(?:lv|vg|pv)(?:[a-z]{4,}|s|ck)"
# Programs whose names are also English: they count with an option, a path, or as all there is.
ENGLISH = r"(?:cat|cp|echo|eject|kill|ln|mount|mv|poweroff|reboot|sed|sync|tee|test|touch)(?=\s+[-/'~\[]|\s*(?:;|&&|\||$))"
# Others are names of filesystems, or of the programs that have the texts: they count with a command of theirs.
WITH_COMMAND = (r"growctl(?= (?:status|watch|wait|plan|grow|doctor|history|metrics|tables|rollback|policy|check-config|daemon|help|--)\b)"
                r"|btrfs(?= (?:balance|check|device|filesystem|quota|replace|rescue|restore|scrub|subvolume)\b)"
                r"|bcachefs(?= (?:device|format|fsck|set-option)\b)")
# A name that is part of a longer one, such as growctl.service, is no program's.
PROGRAM = re.compile(rf"(?<![\w./-])(?:(?:{'|'.join(sorted(map(re.escape, TOOLS), key=len, reverse=True))}|{FAMILIES})"
                     rf"(?![\w-]|\.\w|'s\b)|{ENGLISH}|{WITH_COMMAND})")
# What only a shell takes in that way, whatever the program; not "with --json", "for grow --dry-run" of the help.
SHELL = re.compile(r"(?<![\w-])(?!(?:and|for|grow|is|or|that|which|with) )[a-z][\w.]* --?[a-z][\w-]*(?=[ =]|$)|&&|\|\||(?<!\S)>{1,2}(?=\S)|\$\("
                   r"|[a-z]\w+ /dev/(?=%s|[A-Zvs])")


def has_command(text):
    """Does TEXT name a program, or have what only a shell takes?"""
    return bool(PROGRAM.search(text) or SHELL.search(text))


@dataclasses.dataclass
class Row:
    """What a text has its reader run, as it stands there.

    commands    with DISK, PARTITION and NUMBER for a disk's name, its last partition's, and its number
    by          "module": doctor prints it for one of the module's reasons
    destroys    the commands destroy something, which the text says in front of them
    """
    commands: tuple
    by: str = None
    destroys: bool = False


def run(*commands, **options):
    return Row(commands, **options)


def module(*commands, **options):
    return Row(commands, by="module", **options)


GROW, POLICY, RELOAD = "growctl grow DISK", "growctl policy DISK", "systemctl reload growctl"
AGAIN = "rmmod livegrow; modprobe livegrow"
# What stands for %s in a command.
FILLED = {
    "cryptsetup resize %s": "cryptsetup resize secret", "pvresize %s": "pvresize /dev/PARTITION",
    "fuser -v %s": "fuser -v /dev/DISK", "growctl grow %s": GROW, "growctl tables %s": "growctl tables DISK",
    "udevadm trigger /dev/%s": "udevadm trigger /dev/DISK",
    "mokutil --import %s": "mokutil --import /var/lib/dkms/mok.pub",
    "growctl grow %s; rm %s/%s.ask; systemctl reload growctl":
        "growctl grow DISK; rm /var/lib/livegrow/GUID.ask; systemctl reload growctl",
    "lvextend -r -l +100%%FREE VG/LV": "lvextend -r -l +100%FREE VG/LV",
}

# By the module's reason, and what doctor says beside that.
DOCTOR = {
    GROW: module(GROW),
    "growctl policy DISK shows whether a rule sets it; if none does, put options livegrow mode=auto into "
    "/etc/modprobe.d/livegrow-local.conf, or take livegrow.mode=off from the kernel's command line; then: "
    "rmmod livegrow; modprobe livegrow": run(POLICY, AGAIN),
    "mount what is on it; or, if no other guest or host uses the disk: growctl grow DISK": module(GROW),
    "lsblk /dev/DISK shows what holds it: that has to grow by its own tools": module("lsblk /dev/DISK"),
    "growctl plan --recover DISK shows what can be saved; then: growctl grow --recover DISK":
        module("growctl plan --recover DISK", "growctl grow --recover DISK"),
    "do not reboot before the table is repaired: growctl tables DISK lists stored older ones; loading one replaces the "
    "whole table, and README, \"If a guest is ever lost\", has the way that keeps a copy": module("growctl tables DISK"),
    "sgdisk -v /dev/DISK shows which": module("sgdisk -v /dev/DISK"),
    "if another tool is at work, wait until it has finished; then: growctl grow DISK": module(GROW),
    "growctl status DISK shows what is on PARTITION, if that is known. Growing it may destroy what another format keeps "
    "at its end: only if you know that its content survives that, set its partition type to Linux filesystem. It then grows "
    "while it is mounted writable, or on command":
        module("growctl status DISK"),
    "the free space may be meant for something else, and the table's last usable LBA may reserve it. This takes all of "
    "it, a reserve included, and destroys what another program stores there: growctl grow DISK": module(GROW, destroys=True),
    "what was cut off is gone: check what is on it, by e2fsck -fn or xfs_repair -n, which write nothing; then: "
    "growctl grow DISK": module("e2fsck -fn", "xfs_repair -n", GROW),
    "have the host give the disk its size back: nothing is lost then that was not lost on the host. If it cannot, the table "
    "can be fitted to the smaller disk after a reboot, while the kernel has none of its partitions. This destroys what the "
    "last partition holds in front of the disk's end, where the backup table is written, and makes the partition end there: "
    "growctl grow --recover DISK": module("growctl grow --recover DISK", destroys=True),
    "growctl rollback --dry-run DISK shows why": run("growctl rollback --dry-run DISK"),
    "stop the tool that changes it, then: growctl grow DISK": run(GROW),
    "growctl grow DISK; growctl policy DISK shows the rule that sets min-step": module(GROW, POLICY),
    "systemctl start growctl": run("systemctl start growctl"),
    "growctl status DISK shows what is on PARTITION, if that is known; it grows once a filesystem on it is mounted writable":
        run("growctl status DISK"),
    "the kernel's log shows what failed (journalctl -k); then: growctl grow DISK": run("journalctl -k", GROW),
    "only the last partition can grow, and a swap file can take the place of this one. This destroys the partition "
    "PARTITION, with any hibernation image in it: swapoff /dev/PARTITION && sfdisk --delete /dev/DISK NUMBER && "
    "{ partx -d --nr NUMBER /dev/DISK; growctl grow DISK; }; its line in /etc/fstab has to be removed too":
        run("swapoff /dev/PARTITION && sfdisk --delete /dev/DISK NUMBER && "
            "{ partx -d --nr NUMBER /dev/DISK; growctl grow DISK; }", destroys=True),
    "livegrow does not grow an MBR; growpart, of the package cloud-guest-utils, does, and growctl's service has the "
    "filesystem follow once it is mounted: growpart /dev/DISK NUMBER": module("growpart /dev/DISK NUMBER", "growpart"),
    "livegrow does not grow an MBR; growpart, of the package cloud-guest-utils, does: growpart /dev/DISK NUMBER && "
    "pvresize /dev/PARTITION": run("growpart /dev/DISK NUMBER && pvresize /dev/PARTITION", "growpart"),
    "systemctl reload growctl has the module look at it again; or: growctl grow DISK": run(RELOAD, GROW),
    "options livegrow drivers=%s in /etc/modprobe.d/livegrow-local.conf, then: rmmod livegrow; modprobe livegrow": run(AGAIN),
    "growctl grow DISK when it is larger; growctl policy DISK shows why it is so": run(GROW, POLICY),
    "growctl policy DISK shows which rule limits it; with a larger max there, or set by growctl policy set, it grows":
        run(POLICY, "growctl policy set"),
    "mend that line, then: systemctl reload growctl": run(RELOAD),
    "systemctl enable --now growctl": run("systemctl enable --now growctl"),
}

# What growctl and the module say elsewhere.
SAID = {
    "%s: the table was fitted to the smaller disk. What lay behind the disk's end is gone: before you mount what is on the "
    "last partition, check it by e2fsck -fn or xfs_repair -n, which write nothing\n": run("e2fsck -fn", "xfs_repair -n"),
    "# Written by 'growctl policy set', which keeps the keys but not comments.\n# See growctl.conf(5).\n[%s=%s]\n":
        run("growctl policy set"),
    "%s: %s of %s, and mode %s: growctl grow %s": run("growctl grow %s"),
    "%s: %s reaches further than its partition now: take the space again at once, by 'growctl grow %s'":
        run("growctl grow %s"),
    "%s: not in force after %d s, since the daemon does not answer: see systemctl status growctl":
        run("systemctl status growctl"),
    "not all of it is in force after %d s; 'growctl policy' shows it": run("growctl policy"),
    "%s: lies on other devices (lsblk -s); name the disk at the bottom": run("lsblk -s"),
    "%s: lies on several devices (btrfs filesystem show); name the disk": run("btrfs filesystem show"),
    "%s: mode ask from now on, over reboots too; 'growctl grow %s' takes the space again\n": run("growctl grow %s"),
    "%s: neither a disk, 'growctl status' lists them, nor an image's file": run("growctl status"),
    "%s: no such disk; 'growctl status' lists those there are": run("growctl status"),
    "%s: not a disk's name; 'growctl status' lists those there are": run("growctl status"),
    "%s: say 'update-initramfs -u -k all' now: the initramfs has growctl too, and does not know of this\n":
        run("update-initramfs -u -k all"),
    "%s: the module's parameter has mode=off, which is stronger; 'growctl doctor' says what to do about it":
        run("growctl doctor"),
    "%s: waiting for another program that has locked %s; lslocks or 'fuser -v %s' shows which":
        run("lslocks", "fuser -v %s"),
    ": growctl doctor": run("growctl doctor"),
    ": it is not installed for this kernel, %s; install the kernel's headers, then: dkms autoinstall, modprobe livegrow":
        run("dkms autoinstall", "modprobe livegrow"),
    ": this kernel (Secure Boot) refuses modules signed with a key that is not enrolled; enrol DKMS's, then reboot: "
    "mokutil --import %s; if it is enrolled: modprobe livegrow": run("mokutil --import %s", "modprobe livegrow"),
    "; load it with: modprobe livegrow": run("modprobe livegrow"),
    "; see 'growctl --help'\n": run("growctl --help"),
    "LUKS follows by cryptsetup resize %s": run("cryptsetup resize %s"),
    "LVM follows by pvresize %s": run("pvresize %s"),
    "no active LVM volume uses %s at its end: if vgs shows it free, and it is not kept for snapshots, "
    "lvextend -r -l +100%%FREE VG/LV takes it for good": run("vgs", "lvextend -r -l +100%%FREE VG/LV"),
    "a %s file, with the guest's disk inside of it: qemu-nbd shows it as a disk, qemu-img convert -O raw makes an image":
        run("qemu-nbd", "qemu-img convert -O raw"),
    "btrfs filesystem resize max": run("btrfs filesystem resize max"),
    "by cryptsetup resize in the guest": run("cryptsetup resize"),
    "by pvresize in the guest": run("pvresize"),
    "cannot grow while mounted: umount it and run fatresize -s max": run("umount", "fatresize -s max"),
    "cannot grow while mounted: umount it and run its own tool, which is ntfsresize for NTFS": run("umount", "ntfsresize"),
    "cannot grow while mounted: umount it and run ntfsresize": run("umount", "ntfsresize"),
    "cannot grow while mounted: umount it and run resize.f2fs": run("umount", "resize.f2fs"),
    "growctl cannot grow this type; bcachefs device resize can, while it is mounted": run("bcachefs device resize"),
    "growctl cannot grow this type; gfs2_grow can, while it is mounted": run("gfs2_grow"),
    "growctl cannot grow this type; mount -o remount,resize can": run("mount -o remount,resize"),
    "growctl cannot grow this type; resize_reiserfs can, while it is mounted": run("resize_reiserfs"),
    "growctl cannot grow this type; tunefs.ocfs2 -S can, while it is mounted": run("tunefs.ocfs2 -S"),
    "DRBD follows by drbdadm resize, before its resource is stopped: its metadata is not at the end of %s":
        run("drbdadm resize"),
    "a DRBD backing device with its metadata at the end, which drbdadm resize moves": run("drbdadm resize"),
    "growctl grow %s": run("growctl grow %s"),
    "growctl grow %s takes it": run("growctl grow %s"),
    "growctl grow %s; is growctl.service running?": run("growctl grow %s"),
    "growctl has not set its policy yet: see systemctl status growctl": run("systemctl status growctl"),
    "growctl has not reported yet what its last partition holds: see systemctl status growctl": run("systemctl status growctl"),
    "growctl has not reported yet how the disk is used: see systemctl status growctl": run("systemctl status growctl"),
    "has errors: umount it and run btrfs check": run("umount", "btrfs check"),
    "has errors: umount it and run e2fsck -f": run("umount", "e2fsck -f"),
    "has errors: umount it and run xfs_repair": run("umount", "xfs_repair"),
    "has sparse_super2, with which the kernel grows none: umount it and run resize2fs": run("umount", "resize2fs"),
    "it has no room left for what a larger one needs: make some, then growctl grow": run("growctl grow"),
    "it was rolled back; to end that: growctl grow %s; rm %s/%s.ask; systemctl reload growctl":
        run("growctl grow %s; rm %s/%s.ask; systemctl reload growctl"),
    "it would grow by less than min-step: growctl grow takes it": run("growctl grow"),
    "its blocks have numbers of 32 bits: umount it and run resize2fs -b": run("umount", "resize2fs -b"),
    "its metadata are damaged; pvck tells more": run("pvck"),
    "may not be read; run growctl as root, or chmod a+r it": run("chmod a+r it"),
    "no daemon runs: it holds from its start on (systemctl start growctl)": run("systemctl start growctl"),
    "no old table%s is stored in which %s was smaller; 'growctl tables %s' lists those there are": run("growctl tables %s"),
    "not while a device of it is replaced (btrfs replace status)": run("btrfs replace status"),
    "not while it is balanced (btrfs balance status)": run("btrfs balance status"),
    "resize2fs": run("resize2fs"),
    "say what to set: growctl policy set DISK KEY=VALUE...": run("growctl policy set DISK KEY=VALUE..."),
    "space after the last partition was free before or is reserved: growctl grow takes it": run("growctl grow"),
    "systemctl reload growctl": run(RELOAD),
    "table and kernel differ in %s; see 'growctl status'": run("growctl status"),
    "the configuration has errors (%zu); 'growctl check-config' lists them": run("growctl check-config"),
    "the daemon could not be told: %s; systemctl restart growctl": run("systemctl restart growctl"),
    "the daemon takes CAP_SYS_ADMIN; run it as root, or by: systemctl start growctl": run("systemctl start growctl"),
    "the disk was smaller meanwhile: check what is on it, then growctl grow": run("growctl grow"),
    "the kernel could not read its new end, or needs a larger journal: see dmesg, then growctl grow":
        run("dmesg", "growctl grow"),
    "the kernel could not read or write it: see dmesg, then umount and check it": run("dmesg", "umount"),
    "the kernel knows this device by a name that is gone (btrfs device scan)": run("btrfs device scan"),
    "%s is smaller in the kernel than in the table, as after an interrupted growth: growctl grow %s": run("growctl grow %s"),
    "the mode is ask: say growctl grow": run("growctl grow"),
    "the primary GPT is damaged: growctl grow --recover takes its backup": run("growctl grow --recover"),
    "livegrow: %s: %s failed with errno %d. Try: growctl grow %s\n": run("growctl grow %s"),
    "livegrow: %s: cannot watch it: out of memory. Try: udevadm trigger /dev/%s\n": run("udevadm trigger /dev/%s"),
    "xfs_growfs": run("xfs_growfs"),
}

PROGRAMS = {**DOCTOR, **SAID}

# Lines and words of the manual pages and of the README that are commands themselves.
SHOWN = r"""
awk '$2 == 16 && $7 == 1 {print $10}' /proc/net/netlink |
while read -r inode; do
    ls -l /proc/[0-9]*/fd/* 2>&1 | grep "socket:.$inode."
apt install ./livegrow-dkms_*.deb ./growctl_*.deb
apt install dkms linux-headers-cloud-amd64 gcc make pkg-config libnl-genl-3-dev libblkid-dev libmount-dev libsmartcols-dev libinih-dev zlib1g-dev
apt install linux-headers-cloud-amd64
apt install mokutil openssl
apt purge livegrow-dkms growctl
bcachefs device resize
cryptsetup open
cryptsetup resize
debugfs -R 'rdump /var/lib/livegrow .' 'try.raw?offset=69206016'
dkms build --force livegrow/VERSION && dkms install --force livegrow/VERSION
dkms status
dmesg
dumpe2fs 'try.raw?offset=...'
e2fsck -fn
sfdisk -d try.raw | grep -v ^last-lba | sfdisk --no-reread try.raw
echo ", $(( ($(wc -c <try.raw) / 512 - 33 - $(partx -go START -n 3 try.raw)) / 8 * 4 ))KiB" | sfdisk --no-reread -N 3 try.raw
echo INITRAMFS=yes >> /etc/default/growctl && update-initramfs -u -k all
fatresize -s max
gdisk /dev/nbd0
gfs2_grow
growctl check-config
growctl doctor
growctl grow
growctl grow --recover
growctl grow --recover --dry-run DISK
growctl grow --recover DISK
growctl grow DISK
growctl grow vdb --size 600G
growctl history
growctl metrics
growctl plan
growctl plan guest.raw
growctl plan vdc
growctl policy
growctl policy set
growctl policy set vdb max=500G
growctl policy set vdb max=500G keep-free=none
growctl policy wait
growctl rollback
growctl rollback DISK
growctl rollback DISK --dry-run
growctl rollback DISK --to ID
growctl status
growctl status --json
growctl tables DISK
growctl wait vda --at-least 40G --timeout 60
growctl watch
journalctl -u growctl LIVEGROW_DISK=vda
losetup -b 4096 -f --show try.raw
lsblk -o NAME,START
make ctl && make install
mdadm --examine
mkdir -p /etc/growctl.conf.d; printf '[all]\nmode = ask\n' >>/etc/growctl.conf.d/local.conf
modprobe livegrow
modprobe nbd && qemu-nbd --connect /dev/nbd0 try.qcow2 && sgdisk --verify /dev/nbd0
mokutil --import /var/lib/dkms/mok.pub
mount -o remount,resize
ntfsresize
openssl
printf '[serial=shared-1]\nmode = off\n' >>/etc/growctl.conf.d/shared.conf
pvresize
pvresize --setphysicalvolumesize
qemu-nbd
qemu-nbd --disconnect /dev/nbd0
resize.f2fs
resize_reiserfs
rm
rmmod livegrow
rmmod livegrow; modprobe livegrow
sfdisk --lock
sfdisk -N
sgdisk --backup
sgdisk --load-backup
sgdisk --load-backup=livegrow/GUID.7.gpt try.raw
sgdisk --move-second-header /dev/nbd0
sgdisk --print /dev/nbd0
sgdisk --verify /dev/nbd0
sgdisk --verify try.raw
ssh guest growctl wait vda --at-least 40G --timeout 60
systemctl disable --now growctl growctl-policy; rmmod livegrow
systemctl enable --now growctl-policy growctl
systemctl reload growctl
test -e /root/mok.priv || openssl req -new -x509 -newkey rsa:2048 -nodes -days 36500 -subj /CN=livegrow -outform DER -keyout /root/mok.priv -out /root/mok.der
test -e try.qcow2 || qemu-img create -f qcow2 -b guest.qcow2 -F qcow2 try.qcow2
test -e try.raw || qemu-img convert -O raw guest.qcow2 try.raw
tunefs.ocfs2 -S
update-initramfs -u -k all
xfs_repair -n
""".strip().splitlines()
# Lines of the README that are what a program prints, whose texts have rows of their own, a drawing, or the tests' names.
PRINTED = [
    "run.py --kernel ROW NAME",
    "selftests/vm/run.py --missing",
    "Nov 26 08:57:53      +8.765 ms  vdc    blocked           waiting: the mode is ask: say growctl grow",
    "vdc         6 GiB disk    waiting    1122222222222222++++++++            the mode is ask: say growctl grow; 2 GiB free, not taken",
    "that is not enrolled; enrol DKMS's, then reboot: mokutil --import /var/lib/dkms/mok.pub;",
    "if it is enrolled: modprobe livegrow",
    "growctl daemon  compares filesystem and partition, runs the grow ioctl,",
]


def commands_of(text):
    """The commands of a text that has a row, or that is a command."""
    row = PROGRAMS.get(text)
    return [FILLED.get(command, command) for command in row.commands] if row else [text]


def fill(text, disk, part):
    """TEXT with the names of a disk and of its partition."""
    names = {"DISK": disk, "PARTITION": f"{disk}{part}", "NUMBER": str(part)}
    return re.sub(rf"\b(?:{'|'.join(names)})\b", lambda found: names[found[0]], text)


def commands(disk, part):
    """Each command of every text, once, for a disk and its last partition."""
    texts = [*PROGRAMS, *SHOWN]
    return list(dict.fromkeys(fill(command, disk, part) for text in texts for command in commands_of(text)))
