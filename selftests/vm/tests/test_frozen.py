# SPDX-License-Identifier: GPL-2.0-or-later
"""A frozen filesystem waits for its thaw, alone: no other one, no stop of the daemon, no person does."""
import time

import images
import ktap
import livegrow
import overlay
import root
import scenario
from drive import Drive
from guest import Guest
from images import GIB

TIMEOUT = 180
ALONE = True
KINDS = {"vda": "ext4", "vdb": "ext4", "vdc": "xfs"}
FROZEN = ["vda", "vdc"]
QUESTION = "does not answer; is it frozen? If so, it grows once thawed"
LOG = "/tmp/daemon.log"


def whole(name, kind):
    image = images.empty(f"frozen-{name}.raw", GIB)
    images.mkfs(image, kind)
    return Drive(name, image)


def size(g, name):
    return scenario.fs_bytes(g, KINDS[name], name, f"/mnt/{name}")


def daemon(g):
    """The daemon's process beside whatever it leaves behind; its number by `exec`."""
    command = g.start(f"echo $$ >/tmp/daemon.pid; exec growctl daemon 2>>{LOG}")
    g.wait_for(f"grep -q connected {LOG}")
    return command


def daemon_end(g, command):
    """Seconds from SIGTERM to its end, which must be a good one; and the factor of the machine's pace."""
    started, mark = time.monotonic(), g.pace.mark()
    g.sh("kill -TERM $(cat /tmp/daemon.pid)")
    status, _ = command.wait(20)
    assert status == 0, status
    return time.monotonic() - started, g.pace.factor(mark)


def log_has(g, *words, count=1):
    lines = [line for line in g.sh(f"cat {LOG}").splitlines() if all(w in line for w in words)]
    return len(lines) == count


def others_follow(t, g, frozen, capacity):
    """Everything is resized; only what is not frozen grows; the daemon asks about it, once."""
    old = size(g, frozen)
    g.sh(f"fsfreeze -f /mnt/{frozen}")
    for name in KINDS:
        g.resize(name, capacity)
    for name in KINDS.keys() - {frozen}:
        with t.case(f"{frozen} frozen: {name} follows within seconds"):
            g.wait_for(lambda name=name: size(g, name) == capacity, 5)
    with t.case(f"{frozen} frozen: the daemon asks about it, once"):
        g.wait_for(lambda: log_has(g, f"{frozen}: {KINDS[frozen]} on /mnt/{frozen} {QUESTION}"), 10)
        assert size(g, frozen) == old
    asked(t, g, frozen)
    with t.case(f"{frozen} frozen: the daemon waits without a wake-up"):
        livegrow.wait_idle(g, "$(cat /tmp/daemon.pid)", 2)


def asked(t, g, frozen):
    """What a person hears who asks."""
    words = "growctl.service is growing it; is it frozen? If so, it grows once thawed"
    heard = {c: g.run(f"growctl {c}", 20) for c in (f"status {frozen}", f"doctor {frozen}", f"wait {frozen} --timeout 1")}
    t.ok(all(words in text for _, text in heard.values()) and [status for status, _ in heard.values()] == [0, 1, 4],
         f"{frozen} frozen: status, doctor and wait ask so too", f"{heard}")


def stop_and_thaw(t, g, command, frozen, capacity):
    seconds, factor = daemon_end(g, command)
    t.ok(seconds < 1 * factor, f"{frozen} frozen: SIGTERM ends the daemon", f"{seconds:.2f} s")
    command = daemon(g)
    g.sh(f"fsfreeze -u /mnt/{frozen}")
    with t.case(f"{frozen} thawed: it follows"):
        g.wait_for(lambda: size(g, frozen) == capacity, 20)
    with t.case(f"{frozen} thawed: nothing is left running but the daemon"):
        g.wait_for("[ $(pgrep -x growctl) = $(cat /tmp/daemon.pid) ]", 20)
    return command


def person(t, g, name, capacity):
    """growctl grow waits too, says for what, and can be interrupted."""
    g.sh(f"fsfreeze -f /mnt/{name}")
    g.resize(name, capacity)
    livegrow.settled(g, name, capacity)
    command = g.start(f"exec growctl grow {name} >/tmp/grow.log 2>&1")
    with t.case("growctl grow says what it waits for"):
        g.wait_for(f"grep -qF '{name}: {KINDS[name]} on /mnt/{name} {QUESTION}' /tmp/grow.log", 15)
    t.ok(not command.finished(), "and waits")
    with t.case("a terminal is told how far it is"):
        g.sh("mkdir -p /dev/pts && mount -t devpts devpts /dev/pts")
        typed = g.start(f"exec script -qfec 'exec growctl grow {name}' /tmp/typed >/dev/null")
        g.wait_for(f"grep -qF '{name}: {KINDS[name]} on /mnt/{name}: 3 GiB of 4 GiB' /tmp/typed")
        g.sh("pkill -INT -n -x growctl")
        typed.wait(20)
    t.ok("3 GiB of" not in g.sh("cat /tmp/grow.log"), "and nothing else is")
    g.sh(f"fsfreeze -u /mnt/{name}")
    status, _ = command.wait(20)
    text = g.sh("cat /tmp/grow.log")
    t.ok(status == 0 and f"{name}: {KINDS[name]} on /mnt/{name} grown from" in text
         and size(g, name) == capacity, "until the thaw, then it has grown", f"{status} {text}")


def main():
    with ktap.Report(plan=2 * (5 + 3) + 5) as t:
        tools = {"/usr/bin/script": overlay.inside(root.tree(), "/usr/bin/script")}
        drives = [whole(name, kind) for name, kind in KINDS.items()]
        with Guest("frozen", initrd=livegrow.initrd(**tools), drives=drives, memory=768) as g:
            livegrow.load(g)
            g.sh("mkdir -p /run")
            for name, kind in KINDS.items():
                g.sh(f"mkdir -p /mnt/{name} && mount -t {kind} /dev/{name} /mnt/{name}")
            command = daemon(g)
            for number, frozen in enumerate(FROZEN, 2):
                others_follow(t, g, frozen, number * GIB)
                command = stop_and_thaw(t, g, command, frozen, number * GIB)
            daemon_end(g, command)
            person(t, g, "vdb", 4 * GIB)
            livegrow.unmount(g)
            g.poweroff()


main()
