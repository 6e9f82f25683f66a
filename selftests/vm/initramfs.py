# SPDX-License-Identifier: GPL-2.0-or-later
"""The tiny guest: an initramfs with busybox, the disk tools and the agent, and no disk of its own.

Cut from the guest root, so that tools and libraries are those of the systemd guest.
Also the few files that the systemd guest starts from, before its root is mounted.
"""
import contextlib
import hashlib
import itertools
import lzma
import os
import pathlib
import re
import shutil
import subprocess

import cpio
import debian
import overlay
import paths
import root

# Real tools where busybox's own are poorer or missing.
TOOLS = """
    mount umount findmnt lsblk blkid blockdev partx losetup swapon swapoff mkswap
    sfdisk sgdisk dmsetup lvm mke2fs e2fsck resize2fs dumpe2fs mkfs.xfs xfs_growfs
    xfs_repair xfs_io dd stat timeout fsfreeze parted dash
    pgrep pkill drbdmeta
""".split()
MODULES = """
    virtio_pci virtio_blk virtio_console virtio_scsi sd_mod scsi_debug ext4 xfs vfat squashfs erofs
    nls_cp437 nls_ascii nls_iso8859-1 nls_utf8 dm-mod dm-crypt dm-snapshot
    dm-flakey dm-delay loop null_blk brd raid1 raid456 drbd crc32c-intel
""".split()
# From 6.14 on the kernel's own is as fast.
FASTER = ["crc32c-intel"]
BOOT_MODULES = "virtio_pci virtio_blk virtio_console crc32c-intel".split()
LIBRARY_PATH = ["/lib/x86_64-linux-gnu", "/usr/lib/x86_64-linux-gnu", "/lib", "/usr/lib",
                "/usr/lib/x86_64-linux-gnu/systemd", "/lib/systemd"]
NUMBERS = itertools.count(1)
AGENT = "/usr/sbin/livegrow-test-agent"
PORT = "/dev/vport0p1"

MOUNTS = """#!/bin/sh
mount -t devtmpfs dev /dev
mount -t proc proc /proc
mount -t sysfs sys /sys
"""
# The applets are enough for /init; virtio_scsi is loaded where the host plugged one.
INIT = MOUNTS + """
mount -t tmpfs run /run
mount -t tmpfs tmp /tmp
mount -t debugfs debug /sys/kernel/debug
mount -t tracefs tracing /sys/kernel/tracing
exec </dev/console >/dev/console 2>&1
for module in $(cat /modules.load); do insmod /lib/modules/$module; done
grep -qs 0x0008 /sys/bus/virtio/devices/*/device && modprobe -a virtio_scsi sd_mod
AGENT PORT
poweroff -f
""".replace("AGENT", AGENT).replace("PORT", PORT)
SWITCH = MOUNTS + """
for module in $(cat /modules.load); do insmod /lib/modules/$module; done
for word in $(cat /proc/cmdline); do
    case $word in
    root=*) root=${word#root=};;
    rootfstype=*) type=${word#rootfstype=};;
    rootflags=*) flags=${word#rootflags=};;
    esac
done
mount -t ${type:-ext4} -o ${flags:-rw} $root /newroot || { echo "cannot mount $root"; poweroff -f; }
umount /sys /proc
mount --move /dev /newroot/dev
exec switch_root /newroot /sbin/init
"""


def dynamic(path):
    """What the file asks the loader for: names of libraries, and the loader itself."""
    text = subprocess.run(["readelf", "-ld", path], capture_output=True, text=True).stdout
    return (re.findall(r"Shared library: \[(.+?)\]", text)
            + re.findall(r"program interpreter: (.+?)\]", text))


def find_library(tree, name):
    candidates = [name] if name.startswith("/") else [f"{d}/{name}" for d in LIBRARY_PATH]
    for candidate in candidates:
        if overlay.inside(tree, candidate).is_file():
            return candidate
    raise FileNotFoundError(f"{name} is not in the guest root")


def libraries(tree, programs):
    """Every library that the host's files PROGRAMS need, as the guest's paths."""
    found, todo = set(), list(programs)
    while todo:
        for name in dynamic(todo.pop()):
            library = find_library(tree, name)
            if library not in found:
                found.add(library)
                todo.append(overlay.inside(tree, library))
    return sorted(found)


def find_tool(tree, name):
    for directory in ("/usr/sbin", "/usr/bin", "/sbin", "/bin"):
        if overlay.inside(tree, f"{directory}/{name}").is_file():
            return f"{directory}/{name}"
    raise FileNotFoundError(f"{name} is not in the guest root")


def module_name(file):
    return pathlib.PurePath(file).name.split(".ko")[0].replace("-", "_")


def to_load(directory, names):
    """Those of NAMES that are not in the kernel itself."""
    builtin = {module_name(line) for line in (directory / "modules.builtin").read_text().splitlines()}
    there = {module_name(path) for path in directory.rglob("*.ko*")}
    return [name for name in names if name.replace("-", "_") not in builtin
            and (name not in FASTER or name.replace("-", "_") in there)]


def module_files(tree, names):
    """The .ko files of NAMES in the order they must be loaded in, dependencies first."""
    directory = overlay.inside(tree, f"/lib/modules/{root.kernel_version()}")
    depends = dict(line.split(":", 1) for line in (directory / "modules.dep").read_text().splitlines())
    by_name = {module_name(f): f for f in depends}
    order = {}
    for name in to_load(directory, names):
        file = by_name[name.replace("-", "_")]
        for needed in reversed(depends[file].split()):
            order[needed] = None
        order[file] = None
    return list(order)


def add_busybox(source, tree):
    busybox = source / "usr/bin/busybox"
    overlay.place(tree, "/usr/bin/busybox", busybox)
    applets = subprocess.run([busybox, "--list"], check=True, capture_output=True, text=True)
    for applet in set(applets.stdout.split()) - {"busybox"}:
        overlay.symlink(tree, f"/usr/bin/{applet}", "busybox")
    overlay.symlink(tree, "/usr/sbin/modprobe", "../bin/busybox")


def place_module(tree, name, file):
    """Uncompressed: busybox does not load it otherwise."""
    if file.suffix == ".xz":
        overlay.place(tree, name.removesuffix(".xz"), lzma.decompress(file.read_bytes()))
    else:
        overlay.place(tree, name, file)


def add_modules(source, tree, names, boot):
    kver = root.kernel_version()
    modules = overlay.inside(source, f"/lib/modules/{kver}")
    for file in module_files(source, names):
        place_module(tree, f"/lib/modules/{kver}/{file}", modules / file)
    for index in ("modules.order", "modules.builtin", "modules.builtin.modinfo"):
        overlay.place(tree, f"/lib/modules/{kver}/{index}", modules / index)
    subprocess.run(["depmod", "-b", tree, kver], check=True)
    load = "".join(f"{kver}/{file.removesuffix('.xz')}\n" for file in module_files(source, boot))
    overlay.place(tree, "/modules.load", load.encode())


def add_programs(source, tree, names):
    for name in names:
        path = find_tool(source, name)
        overlay.inside(tree, "/usr/bin").joinpath(name).unlink(missing_ok=True)
        overlay.place(tree, path, overlay.inside(source, path).resolve())
    real = [overlay.inside(tree, find_tool(source, name)) for name in names]
    add_libraries(source, tree, real)


def add_libraries(source, tree, programs):
    for library in libraries(source, programs):
        overlay.place(tree, library, overlay.inside(source, library))


def skeleton(tree):
    for name in ("dev", "proc", "sys", "run", "tmp", "mnt", "root", "etc", "newroot", "var/lib",
                 "usr/bin", "usr/sbin", "usr/lib", "usr/lib64"):
        (tree / name).mkdir(parents=True, exist_ok=True)
    for name in ("bin", "sbin", "lib", "lib64"):
        (tree / name).symlink_to(f"usr/{name}")
    (tree / "etc/mtab").symlink_to("/proc/self/mounts")
    (tree / "etc/passwd").write_text("root::0:0:root:/root:/bin/sh\n")


def key(kind):
    text = pathlib.Path(__file__).read_bytes() + root.tree().name.encode()
    return f"{kind}-{hashlib.sha256(text).hexdigest()[:16]}"


def base(kind, make):
    """A cached tree, made by MAKE(source, tree) when missing."""
    done = paths.cache() / key(kind)
    if done.exists():
        return done
    with debian.locked(kind):
        if not done.exists():
            partial = done.with_suffix(".partial")
            shutil.rmtree(partial, ignore_errors=True)
            partial.mkdir()
            skeleton(partial)
            add_busybox(root.tree(), partial)
            make(root.tree(), partial)
            partial.rename(done)
    return done


def make_tiny(source, tree):
    add_programs(source, tree, TOOLS)
    add_modules(source, tree, MODULES, BOOT_MODULES)
    # busybox's own shell would run its applets and never look for the real tools.
    overlay.symlink(tree, "/usr/bin/sh", "dash")
    overlay.place(tree, "/init", INIT.encode())


def make_switch(source, tree):
    # A module of the generic flavour's kernel, and nothing here loads it on demand.
    boot = [*BOOT_MODULES, "ext4"]
    add_modules(source, tree, boot, boot)
    overlay.place(tree, "/init", SWITCH.encode())


def helpers():
    """The static programs of selftests/guest, compiled when older than their source."""
    with debian.locked("helpers"):
        subprocess.run(["make", "-s", "-C", paths.GUEST_SOURCES, f"OUT={paths.GUEST_PROGRAMS}"],
                       check=True, stdout=subprocess.DEVNULL)
    return paths.GUEST_PROGRAMS


def elf_files(files):
    """Of the files laid over, the programs whose libraries must come along."""
    for source in files.values():
        if isinstance(source, bytes):
            continue
        found = [source] if os.path.isfile(source) else [p for p in pathlib.Path(source).rglob("*") if p.is_file()]
        for path in found:
            if not str(path).endswith((".ko", ".o")) and open(path, "rb").read(4) == b"\x7fELF":
                yield path


@contextlib.contextmanager
def tiny_tree(files=None):
    """The tiny guest's files with FILES {guest's name: bytes or host's path} laid over.

    A host's program brings its libraries along; a module below /lib/modules is
    found by modprobe; the programs of selftests/guest are in /usr/sbin.
    """
    built = helpers()
    files = {**{f"/usr/sbin/{p.name}": p for p in built.iterdir() if p.name != "agent"},
             AGENT: built / "agent", **(files or {})}
    with overlay.merged(base("tiny", make_tiny), files, root.kernel_version()) as tree:
        add_libraries(root.tree(), tree, elf_files(files))
        yield tree


def tiny(files=None, out=None):
    """The tiny guest's initramfs; FILES as tiny_tree()."""
    out = out or paths.disk_image(f"{next(NUMBERS)}-tiny.cpio")
    with tiny_tree(files) as tree:
        cpio.write(tree, out)
    return out


def switch():
    """The initramfs that only finds and enters the systemd guest's root."""
    tree = base("switch", make_switch)
    out = tree.with_suffix(".cpio")
    if not out.exists():
        partial = out.with_suffix(f".{os.getpid()}.partial")
        cpio.write(tree, partial)
        partial.rename(out)
    return out
