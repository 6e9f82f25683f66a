# SPDX-License-Identifier: GPL-2.0-or-later
"""What is tested: the built module and growctl in a guest, and the kernel's word on each disk."""
import json

import built
import initramfs
import kernels
import root
from agent import CommandTimeout

# A time limit of what is run in the guest, for which the host has a limit that follows the machine's pace.
FOREVER = 100000


def initrd(**files):
    """The tiny guest's initramfs with the module, not loaded yet, and growctl."""
    return initramfs.tiny({f"/lib/modules/{root.kernel_version()}/updates/livegrow.ko": built.module(),
                           "/usr/sbin/growctl": built.growctl(), **files})


def load(g, *parameters):
    """Where the kernel shows no mounts, a test that says nothing of the wait for growctl does without it."""
    if not kernels.current().shows_mounts and not any("content_wait" in word for word in parameters):
        parameters += ("content_wait=0",)
    g.sh(f"modprobe livegrow {' '.join(parameters)}")


def looked(g):
    """Waits until the module has looked at every disk that it knows, as it does when it is loaded."""
    for name, record in statuses(g).items():
        settled(g, name, record["capacity"])


def wait_for_listener(g, number=1):
    """Until NUMBER sockets in the guest have joined a group of generic netlink."""
    g.wait_for(f"awk '$2 == 16 && $4 ~ /[1-9a-f]/ {{n++}} END {{exit n < {number}}}' /proc/net/netlink")


def stop(g, pattern):
    """Stops the process that `pgrep PATTERN` finds, and returns its number once it runs no more."""
    pid = g.sh(f"pgrep {pattern}")
    g.sh(f"kill -STOP {pid}")
    wait_stopped(g, pattern)
    return pid


def wait_stopped(g, pattern):
    """Waits until the process that `pgrep PATTERN` finds is stopped."""
    g.wait_for(f"grep -q '^State:.T' /proc/$(pgrep {pattern})/status")


def wait_idle(g, pid, seconds=1):
    """Waits until the process has slept for so many SECONDS without a wake-up."""
    switches = f"awk '/ctxt/ {{n += $2}} END {{print n}}' /proc/{pid}/status"
    g.wait_for(f"a=$({switches}); sleep {seconds}; [ $a = $({switches}) ]")


def unload(g):
    """Removes the module. Another process's dump holds it for a moment."""
    g.sh("until rmmod livegrow 2>/tmp/rmmod; do "
         "grep -q -e unavailable -e 'in use' /tmp/rmmod || { cat /tmp/rmmod; exit 1; }; sleep 0.02; done")


def unmount(g, *places, timeout=10):
    """Unmounts PLACES, or all of /mnt: a process that has just grown one holds it for a moment yet."""
    for place in places or g.sh("awk '$2 ~ \"^/mnt\" {print $2}' /proc/mounts").split()[::-1]:
        g.wait_for(f"umount {place}", timeout)


def parse(text):
    return [json.loads(line) for line in text.splitlines() if line.startswith("{")]


def status(g, name):
    return parse(g.sh(f"lgnl get {name}"))[-1]


def statuses(g):
    """{disk's name: its status} of all disks."""
    return {record["disk"]: record for record in parse(g.sh("lgnl dump"))}


def settled(g, name, capacity, timeout=40):
    """The status of the disk once a look that saw CAPACITY bytes has ended."""
    try:
        return parse(g.sh(f"lgnl wait {name} {capacity} {FOREVER}", timeout))[-1]
    except CommandTimeout as error:
        raise AssertionError(f"no look at {name} saw {capacity} bytes: {g.run(f'lgnl get {name}')[1]}") from error


def grow(g, name, *flags):
    """Asks for a look with FLAGS, or limits such as "max=N", and returns how it ended."""
    return parse(g.sh(f"lgnl grow {name} {' '.join(flags)}"))[-1]


def set_policy(g, name, *settings):
    """SETTINGS are a mode, limits such as "max=N" and flags."""
    g.sh(f"lgnl set {name} {' '.join(map(str, settings))}")


def roll_back(g, name, part, start, size, *flags):
    """Orders the partition back to SIZE bytes and returns how the look ended."""
    return parse(g.sh(f"lgnl rollback {name} {part} {start} {size} {' '.join(flags)}"))[-1]


def kept(chunks):
    """{id: (the attributes of its first chunk, its bytes)} of an answer's chunks."""
    tables = {}
    for chunk in chunks:
        first, data = tables.setdefault(chunk["backup-id"], (chunk, bytearray()))
        assert chunk["backup-offset"] == len(data), (chunk["backup-offset"], len(data))
        assert all(chunk[key] == first[key] for key in ("disk", "backup-size", "backup-time"))
        data += bytes.fromhex(chunk["backup-data"])
    return tables


def old_tables(g, name=""):
    """The old tables that the module keeps, all of them complete."""
    tables = kept(parse(g.sh(f"lgnl backups {name}")))
    assert all(len(data) == first["backup-size"] for first, data in tables.values())
    return tables


def taken(g, name, number, errno=""):
    """(exit status, the refusal's text) of telling that an old table is stored, or is not."""
    return g.run(f"lgnl taken {name} {number} {errno}")


def sectors(g, name):
    """The kernel's size of a disk or partition."""
    return int(g.sh(f"cat /sys/class/block/{name}/size"))


def live(g, disk):
    """[(start, size)] in sectors of the partitions that the kernel has, by their number."""
    text = g.sh(f"for p in /sys/block/{disk}/{disk}*; do "
                "[ ! -e $p ] || echo $(cat $p/partition $p/start $p/size); done")
    return [tuple(row[1:]) for row in sorted([int(n) for n in line.split()] for line in text.splitlines())]
