# SPDX-License-Identifier: GPL-2.0-or-later
"""The systemd guest: a Debian root on a partitioned disk, as on a user's machine.

    disk = system.disk("vda.raw", {"/": destdir}, units=["livegrow.service"])
    with system.guest("boot", disk.path, drives=[...]) as g:
        system.wait_booted(g)

The disk is GPT: BIOS boot, ESP and the ext4 root last. The host loads the kernel.
"""
import dataclasses
import pathlib
import re

import gpt
import images
import initramfs
import overlay
import root
from drive import Drive
from guest import Guest

AGENT_UNIT = f"""[Unit]
Description=Runs the commands of the test on the host
DefaultDependencies=no

[Service]
ExecStart={initramfs.AGENT} {initramfs.PORT}
OOMScoreAdjust=-900
StandardInput=null
IgnoreSIGPIPE=no
""".encode()
# Without ordering, so that a test sees the boot go on; without a conflict with
# shutdown.target, so that it sees the shutdown too.
UNIT_DIRECTORIES = ("/etc/systemd/system", "/usr/lib/systemd/system", "/lib/systemd/system",
                    "/usr/local/lib/systemd/system")


@dataclasses.dataclass
class Disk:
    """A root disk that was made; TABLE is what was written, PATH the raw image."""
    path: pathlib.Path
    table: gpt.Table


def layout(size, root_type=gpt.ROOT_X86_64):
    """1 MiB BIOS boot, 64 MiB ESP, and root up to the last whole MiB before the backup."""
    last = (size // 512 - 34) // 2048 * 2048 - 1
    return gpt.Table(size, [
        gpt.Part(2048, 4095, gpt.BIOS_BOOT, name="bios"),
        gpt.Part(4096, 135167, gpt.ESP, name="esp"),
        gpt.Part(135168, last, root_type, name="root"),
    ])


def wanted_by(tree, unit):
    """The targets that UNIT's own [Install] section names."""
    for directory in UNIT_DIRECTORIES:
        file = overlay.inside(tree, f"{directory}/{unit}")
        if file.is_file():
            found = re.findall(r"^WantedBy=(.+)$", file.read_text(), re.M)
            return f"{directory}/{unit}", " ".join(found).split() or ["multi-user.target"]
    raise FileNotFoundError(f"no unit {unit} in the guest's root")


def enable(tree, units):
    for unit in units:
        file, targets = wanted_by(tree, unit)
        for target in targets:
            overlay.symlink(tree, f"/etc/systemd/system/{target}.wants/{unit}", file)


def mask(tree, units):
    for unit in units:
        overlay.symlink(tree, f"/etc/systemd/system/{unit}", "/dev/null")


def guest_files():
    """The agent with its unit, and the programs of selftests/guest."""
    built = initramfs.helpers()
    files = {f"/usr/sbin/{p.name}": p for p in built.iterdir() if p.name != "agent"}
    return {**files, initramfs.AGENT: built / "agent",
            "/etc/systemd/system/livegrow-test-agent.service": AGENT_UNIT}


def disk(name, files=None, *, size=1500 * images.MIB, table=None, units=(), masked=()):
    """Makes the raw root disk NAME.

    FILES {guest's path: bytes, host's file or host's tree}: "/" with a DESTDIR
    lays the whole of it over the root, and modules in it are found by modprobe.
    """
    table = table or layout(size)
    image = images.path(name)
    table.write(image)
    images.format_partition(image, table, 2, "vfat", label="ESP")
    with overlay.merged(root.tree(), {**guest_files(), **(files or {})},
                        root.kernel_version()) as tree:
        overlay.symlink(tree, "/etc/systemd/system/sysinit.target.wants/livegrow-test-agent.service",
                        "/etc/systemd/system/livegrow-test-agent.service")
        enable(tree, units)
        mask(tree, masked)
        images.format_partition(image, table, 3, "ext4", label="root", tree=tree)
    return Disk(image, table)


def guest(name, path, drives=(), *, append="", memory=1024, root_drive=None, **options):
    """The guest whose vda is the root disk at PATH; DRIVES are vdb and on."""
    first = root_drive or Drive("vda", path)
    return Guest(name, initrd=initramfs.switch(), drives=[first, *drives], memory=memory,
                 append=f"root=/dev/vda3 rootfstype=ext4 {append}", **options)


def wait_booted(g, timeout=90, states=("running",)):
    """Waits until systemd calls the boot finished; says which units failed if it is degraded."""
    state = g.run("systemctl is-system-running --wait", timeout)[1].strip()
    if state not in states:
        raise AssertionError(f"the boot ended {state}: {g.run('systemctl --failed --no-legend')[1]}")
    return state
