# SPDX-License-Identifier: GPL-2.0-or-later
"""B1 to B3 where the module cannot tell what a partition holds: it waits for growctl's answer until content_wait is over."""
import gpt
import images
import kernels
import ktap
import livegrow
import scenario
from agent import CommandTimeout
from drive import Drive
from images import GIB, MIB

TIMEOUT = 300
OLD, NEW, LATER, LAST = 256 * MIB, GIB, 2 * GIB, 3 * GIB
WAIT = 10
FIRST_END = 2048 + 32768
KEY = "00" * 64
MODULES = ("btrfs", "xts", "ecb", "aesni_intel")
LOG = "/tmp/daemon.log"
AWAITED, UNKNOWN, READ_ONLY = "content-awaited", "part-unknown", "mounted-read-only"
UNKNOWN_TEXT = "nothing that is known to use more space was found on its last partition"

# The last partition of each disk: its content, and commands that use it. The first is a mounted ext4, where there is one.
CONTENTS = {
    "a": ("btrfs", "mount /dev/{d}1 /mnt/{d}"),
    "b": (None, "{crypt} && dmsetup mknodes && mkswap /dev/mapper/{d} && swapon /dev/mapper/{d}"),
    "c": ("ext4", "true"),
    "d": (None, "lvm pvcreate -q /dev/{d}2 && lvm vgcreate -q vg /dev/{d}2 && lvm lvcreate -q -y -W n -Z n -l 4 -n lv vg"),
    "e": ("ext4", "true"),
    "f": ("ext4", "dmsetup create {d} --readonly --table \"0 $(blockdev --getsz /dev/{d}2) linear /dev/{d}2 0\" && dmsetup mknodes && "
          "mount -o ro,noload /dev/mapper/{d} /mnt/{d}.2"),
    "g": ("btrfs", "mount -o ro /dev/{d}2 /mnt/{d}.2"),
    "h": (None, "{crypt} && dmsetup mknodes && mke2fs -q -t ext4 /dev/mapper/{d} && mount -o noinit_itable /dev/mapper/{d} /mnt/{d}.2"),
    "i": (None, "dd if=/dev/urandom of=/dev/{d}2 bs=64k count=2 status=none"),
    "j": ("ext4", "mount /dev/{d}1 /mnt/{d}"),
    "k": ("btrfs", "true"),
    "l": ("ext4", "mount /dev/{d}2 /mnt/{d}.2"),
}
ONLY = "aej"


def name(letter):
    return f"vd{letter}"


def last(letter):
    return f"{name(letter)}{1 if letter in ONLY else 2}"


def make(letter):
    content, _ = CONTENTS[letter]
    image = images.path(f"asked-{letter}.raw")
    end = OLD // 512 - 2048 - 1
    kind = gpt.MICROSOFT_BASIC if letter == "l" else gpt.LINUX
    parts = [gpt.Part(2048, end)] if letter in ONLY else [gpt.Part(2048, FIRST_END - 1), gpt.Part(FIRST_END, end, kind)]
    table = gpt.Table(OLD, parts, guid=gpt.guid_of(f"asked-{letter}"))
    table.write(image)
    if letter not in ONLY:
        images.format_partition(image, table, 1, "ext4")
    if content:
        images.format_partition(image, table, len(parts), content)
    return Drive(name(letter), image)


def use(g, letter):
    words = {"d": name(letter), "crypt": "dmsetup create {d} --uuid CRYPT-PLAIN-{d} --table "
             '"0 $(blockdev --getsz /dev/{d}2) crypt aes-xts-plain64 %s 0 /dev/{d}2 0"' % KEY}
    words["crypt"] = words["crypt"].format(**words)
    g.sh(f"mkdir -p /mnt/{name(letter)} /mnt/{name(letter)}.2")
    if letter not in ONLY:
        g.sh(f"mount /dev/{name(letter)}1 /mnt/{name(letter)}")
    g.sh(CONTENTS[letter][1].format(**words))


def grow(g, letters, size):
    for letter in letters:
        g.resize(name(letter), size)
    return {letter: livegrow.settled(g, name(letter), size) for letter in letters}


def verdict(g, letter):
    record = livegrow.status(g, name(letter))
    return record["state"], record["reason"]


def wait_verdict(g, letter, reason, timeout=30):
    g.wait_for(lambda: verdict(g, letter)[1] == reason, timeout)


def is_large(g, letter, size):
    start = int(g.sh(f"cat /sys/class/block/{last(letter)}/start"))
    return (start + livegrow.sectors(g, last(letter))) * 512 > size - 4 * MIB


def wait_grown(g, letter, size, timeout=30):
    try:
        g.wait_for(lambda: is_large(g, letter, size), timeout)
    except CommandTimeout as error:
        raise AssertionError(f"{name(letter)}: {livegrow.status(g, name(letter))}\n{g.run(f'cat {LOG}')[1]}") from error


def seconds(watch, letter, since, size):
    """From the change of the capacity to the new table."""
    event = watch.wait(since=since, event="table-updated", disk=name(letter), capacity=size)
    return (event["time_table"] - event["time_changed"]) / 1e9


def nobody_answers(t, g, watch):
    since = watch.mark()
    found = grow(g, "abcdehij", NEW)
    at_once = {letter for letter, record in found.items() if record["state"] == "full"}
    t.equal(at_once, set("j" if kernels.current().shows_mounts else ""), "a writable ext4 grows at once if the kernel shows its mount")
    t.equal({found[letter]["reason"] for letter in "abcdhi"}, {AWAITED}, "the others wait for growctl")
    t.equal((found["e"]["state"], found["e"]["reason"]), ("unused", "not-in-use"), "a disk that nothing uses is not asked about")
    text = g.run("growctl status vdb")[1]
    t.ok("growctl has not reported yet what its last partition holds" in text, "growctl status says what is waited for", text)
    wait_grown(g, "a", NEW)
    took = seconds(watch, "a", since, NEW)
    t.ok(took >= WAIT, f"a btrfs that is mounted grows by its type after {WAIT} s without an answer", took)
    with t.case("so does LVM"):
        wait_grown(g, "d", NEW)
    t.equal([(verdict(g, letter), is_large(g, letter, NEW)) for letter in "bchi"], [(("waiting", AWAITED), False)] * 4,
            "B1: nothing else grows without an answer")


def the_daemon_comes(t, g):
    g.start(f"exec growctl daemon 2>{LOG}")
    for letter, title in (("c", "an ext4 that is not mounted"), ("h", "an ext4 in a plain mapping")):
        with t.case(f"growctl answers, and it grows: {title}"):
            wait_grown(g, letter, NEW)
    for letter, title in (("b", "B1: swap in a mapping with a random key"), ("i", "B1: random bytes, as of a closed mapping")):
        with t.case(f"{title} stays as it is by growctl's answer"):
            wait_verdict(g, letter, UNKNOWN)
            record = livegrow.status(g, name(letter))
            assert record["text"] == UNKNOWN_TEXT, record
            assert not is_large(g, letter, NEW)
    t.equal(verdict(g, "e"), ("unused", "not-in-use"), "a disk that nothing uses stays as it is")


def the_daemon_is_there(t, g, watch):
    since = watch.mark()
    grow(g, "fg", NEW)
    grow(g, "a", LATER)
    with t.case("a btrfs that is mounted grows by growctl's answer"):
        wait_grown(g, "a", LATER)
        assert seconds(watch, "a", since, LATER) < WAIT
    for letter, reason, title in (("f", READ_ONLY, "B3: a filesystem in a read-only mapping"),
                                  ("g", READ_ONLY, "B3: a btrfs that is mounted read-only")):
        with t.case(f"{title} stays as it is by growctl's answer"):
            wait_verdict(g, letter, reason)
            assert not is_large(g, letter, NEW)
    g.sh("mount -o remount,rw /mnt/vdg.2")
    with t.case("B3: the btrfs grows once it is mounted writable"):
        wait_grown(g, "g", NEW)
    g.sh("swapoff /dev/mapper/vdb")
    # The daemon looks at what is on it.
    g.wait_for("dmsetup remove vdb")
    g.sh("mke2fs -q -F -t ext4 /dev/vdb2 && mount -o noinit_itable /dev/vdb2 /mnt/vdb.2")
    with t.case("B1: an ext4 grows that is made and mounted in place of the swap"):
        wait_grown(g, "b", NEW)


def a_wider_limit(t, g):
    """What the limit had left is free space by then: growctl repeats the permission to take it with its answer."""
    for letter, size, title in (("h", GIB - 32 * MIB, "an ext4 in a plain mapping"), ("l", OLD, "an ext4 whose type does not tell")):
        g.sh(f"growctl policy set {name(letter)} max={size}")
        g.wait_for(lambda: livegrow.status(g, name(letter)).get("max") == size)
        grow(g, letter, LATER)
        g.wait_for(lambda: verdict(g, letter) == ("full", "part-max"))
        g.sh(f"growctl policy set {name(letter)} max=")
        with t.case(f"{title} grows once its limit is wider"):
            wait_grown(g, letter, LATER)


def the_answer_is_kept(t, g):
    """Without the daemon: what it said about a capacity holds for that capacity only."""
    livegrow.grow(g, "vdi")
    t.equal(verdict(g, "i"), ("waiting", UNKNOWN), "a look without a new answer keeps the answer")
    t.equal(livegrow.grow(g, "vdi", "content", "dry-run")["reason"], "none", "a permission in a dry run would grow it")
    t.equal(verdict(g, "i"), ("waiting", UNKNOWN), "the dry run keeps the answer")
    livegrow.grow(g, "vdi", f"max={GIB}")
    t.equal(livegrow.grow(g, "vdi")["reason"], UNKNOWN, "a look with a limit voids nothing either")
    status, text = g.run(f"lgnl grow vdi {UNKNOWN} content")
    t.ok(status and "cannot be combined with FLAGS" in text, "an answer with a permission is refused", text)


def the_daemon_hangs(t, g, watch):
    since = watch.mark()
    pid = livegrow.stop(g, "-o -f '^growctl daemon'")
    the_answer_is_kept(t, g)
    grow(g, "a", LAST)
    with t.case(f"a mounted btrfs waits {WAIT} s for a daemon that hangs"):
        wait_grown(g, "a", LAST)
        assert seconds(watch, "a", since, LAST) >= WAIT
    g.sh(f"kill -KILL {pid}; kill -CONT {pid}; true")
    g.wait_for(f"[ ! -d /proc/{pid} ]")


def the_daemon_comes_late(t, g, watch):
    """It is started when nine tenths of the wait are over."""
    g.sh("mount /dev/vdk2 /mnt/vdk.2")
    since = watch.mark()
    grow(g, "ik", LATER)
    changed = watch.wait(since=since, event="capacity-changed", disk="vdk")["time_changed"] / 1e9
    g.wait_for(lambda: float(g.sh("cat /proc/uptime").split()[0]) - changed >= 0.9 * WAIT, 2 * WAIT)
    t.equal((verdict(g, "i"), verdict(g, "k")), (("waiting", AWAITED),) * 2, "both still wait in second 9")
    g.start(f"exec growctl daemon 2>{LOG}")
    with t.case("a daemon that starts in second 9: random bytes stay as they are"):
        wait_verdict(g, "i", UNKNOWN)
        assert not is_large(g, "i", LATER)
    with t.case("a daemon that starts in second 9: a btrfs grows"):
        wait_grown(g, "k", LATER)


def main():
    with ktap.Report(plan=7 + 5 + 5 + 2 + 6 + 3) as t:
        with scenario.tiny("content-asked", [make(letter) for letter in CONTENTS], memory=768,
                           files={**scenario.LVM_CONF, **scenario.kernel_modules(*MODULES)}) as g:
            # Some kernels have the ciphers built in.
            g.run(f"for module in {' '.join(MODULES)}; do modprobe $module; done")
            for letter in CONTENTS:
                use(g, letter)
            livegrow.load(g, f"content_wait={WAIT}")
            watch = scenario.Watch(g)
            nobody_answers(t, g, watch)
            the_daemon_comes(t, g)
            the_daemon_is_there(t, g, watch)
            a_wider_limit(t, g)
            the_daemon_hangs(t, g, watch)
            the_daemon_comes_late(t, g, watch)
            g.run("pkill -x growctl")
            g.sh("swapoff -a; true")
            g.poweroff()


main()
