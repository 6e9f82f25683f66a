# SPDX-License-Identifier: GPL-2.0-or-later
"""A running guest: QEMU, its QMP, and the agent inside that runs commands.

    with guest.Guest("tiny", initrd=initramfs.tiny(), drives=[Drive("vda", path)]) as g:
        status, output = g.run("cat /sys/block/vda/size")
        g.resize("vda", 2 << 30)
        g.wait_for("[ $(cat /sys/block/vda/size) = 4194304 ]")
        g.poweroff()

Any kernel warning is a panic, a panic ends QEMU, and QEMU's end fails whatever the
test is waiting for at once, with the last lines of the console.
"""
import json
import os
import re
import socket
import subprocess
import sys
import time

import pace
import paths
import root
from agent import Agent, AgentGone, CommandTimeout
from qmp import Qmp, QmpError

# An emulated processor that gets no time fails the kernel's check of its timer. The emulator
# translates a program again for each new address that it is at: a program with libraries
# starts four times as fast where addresses are not random (norandmaps).
COMMAND_LINE = ("console=ttyS0,115200 panic_on_warn=1 oops=panic panic=-1 loglevel=7 "
                "net.ifnames=0 audit=0 i8042.noaux i8042.nokbd tsc=reliable "
                "no_timer_check norandmaps")

# The kernel alone, which takes two of them.
INIT_TIMEOUT = 30
ESCAPE = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")

# What an emulated processor does now and then that runs code which another is changing: a double
# fault (an overflow of the kernel's stack is told in other words), or a breakpoint that the kernel
# had put there for the change and no longer knows.
EMULATOR_FAULT = "the emulator's fault"
DOUBLE_FAULT = "traps: PANIC: double fault"
STALE_BREAKPOINT = "int3: 0000 [#"

# Page tables of five levels, which no guest here needs, cost an emulated one a third of its speed.
# With erms the kernel copies and clears memory byte by byte, and the emulator does it so, too.
CPU = "max,la57=off,erms=off"


class GuestDied(Exception):
    """QEMU ended while something was asked of the guest."""


class GuestFailed(Exception):
    """A command that was to succeed did not; the text has its output."""


class Guest:
    """Boots on entry and is killed on exit, unless poweroff() ended it before."""

    def __init__(self, name, *, initrd, drives=(), append="", memory=512, smp=2,
                 kernel=None, objects=(), blockdevs=(), qemu_args=(), boot_timeout=90):
        self.name = name
        self.drives = list(drives)
        self.initrd = initrd
        self.append = f"{COMMAND_LINE} {append}"
        self.kernel = kernel or root.kernel()
        self.size = ["-smp", str(smp), "-m", str(memory)]
        self.objects = list(objects)
        self.blockdevs = list(blockdevs)
        self.qemu_args = list(qemu_args)
        self.boot_timeout = boot_timeout
        self.boot_seconds = None
        self.qemu = None
        paths.LOGS.mkdir(parents=True, exist_ok=True)
        self.console = paths.LOGS / f"{name}-{os.getpid()}.console"
        self.said = self.console.with_suffix(".qemu")

    # QEMU's life

    def start_arguments(self):
        """The machine, and what the host starts in it."""
        return ["-machine", "pc", "-kernel", str(self.kernel), "-initrd", str(self.initrd),
                "-append", self.append]

    def arguments(self, qmp_fd, agent_fd):
        yield from ["qemu-system-x86_64", *self.start_arguments(), "-accel", "tcg,thread=multi",
                    "-cpu", CPU, *self.size, "-nodefaults", "-no-user-config",
                    "-display", "none", "-no-reboot"]
        yield from ["-chardev", f"file,id=console,path={self.console}",
                    "-serial", "chardev:console",
                    "-chardev", f"socket,id=qmp,fd={qmp_fd}", "-mon", "chardev=qmp,mode=control",
                    "-chardev", f"socket,id=agent,fd={agent_fd}",
                    "-device", "virtio-serial-pci,id=serial",
                    "-device", "virtserialport,chardev=agent,name=livegrow.agent"]
        yield from self.disk_arguments()
        yield from self.qemu_args

    def disk_arguments(self):
        if any(d.driver == "virtio-scsi" for d in self.drives):
            yield from ["-device", "virtio-scsi-pci,id=scsi"]
        for item in self.objects + [o for d in self.drives for o in d.objects()]:
            yield from ["-object", json.dumps(item)]
        for node in self.blockdevs + [n for d in self.drives for n in d.nodes()]:
            yield from ["-blockdev", json.dumps(node)]
        for drive in self.drives:
            yield from ["-device", json.dumps(drive.device())]

    def launch(self):
        """Starts QEMU: what the guest does then is seen on its console alone."""
        ours, theirs = zip(socket.socketpair(), socket.socketpair())
        fds = [s.fileno() for s in theirs]
        with open(self.said, "w") as said:
            self.qemu = subprocess.Popen(list(self.arguments(*fds)), pass_fds=fds,
                                         stdin=subprocess.DEVNULL, stdout=said)
        for sock in theirs:
            sock.close()
        self.pace = pace.Pace(lambda: pace.threads_of(self.qemu.pid))
        self.qmp, self.agent = Qmp(ours[0], self.limit), Agent(ours[1], self.limit)
        try:
            self.qmp.start()
        except BaseException:
            self.kill(tell=True)
            raise
        return self

    def limit(self, seconds):
        """A time limit: so many seconds on an idle machine."""
        return pace.Limit(self.pace, seconds)

    def boot(self):
        """Starts QEMU and returns when the agent answers.

        An emulated kernel that patches its code while another processor runs it dies or hangs
        now and then. Before it has a driver of any disk, it is started once more.
        """
        started = time.monotonic()
        self.launch()
        try:
            if not self.reaches_init():
                self.kill(tell=True)
                print(f"# {self.name}: no first process; it is started once more", flush=True)
                self.launch()
            self.run("true", timeout=self.boot_timeout)
        except BaseException:
            self.kill(tell=True)
            raise
        self.boot_seconds = time.monotonic() - started
        return self

    def reaches_init(self):
        limit = self.limit(INIT_TIMEOUT)
        while "as init process" not in self.console_tail(10000):
            if self.qemu.poll() is not None or limit.is_over():
                return False
            time.sleep(0.05)
        return True

    def __enter__(self):
        return self if self.qemu else self.boot()

    def __exit__(self, kind, *_):
        self.kill(tell=kind is not None)

    def console_tail(self, lines=60):
        try:
            text = self.console.read_text(errors="replace")
        except FileNotFoundError:
            return ""
        # A loader moves its cursor in the middle of a word.
        text = ESCAPE.sub("", text.replace("\r", ""))
        return "\n".join(text.splitlines()[-lines:])

    def obituary(self):
        """The last lines of the console, and who is to blame when that is plain."""
        console = self.console_tail(400)
        fault = next((fault for fault in (DOUBLE_FAULT, STALE_BREAKPOINT) if fault in console), None)
        ours = not fault or "[livegrow]" in console
        return self.console_tail() + ("" if ours else f"\n{EMULATOR_FAULT}: {fault}")

    def kill(self, tell=False):
        """kill -9: what the host's page cache holds stays, so it is a crash, not a power cut."""
        if self.qemu and self.qemu.poll() is None:
            self.qemu.kill()
        if self.qemu:
            self.qemu.wait()
        if tell:
            print(f"# console of {self.name} ({self.console}):", self.console_tail(),
                  sep="\n", file=sys.stderr, flush=True)

    def _end(self, reason, timeout):
        try:
            data = self.qmp.wait_event("SHUTDOWN", timeout)
        except QmpError as error:
            raise GuestDied(f"{self.name}: no shutdown seen: {error}") from error
        self.qemu.wait(timeout=300)
        if data.get("reason") != reason or "Kernel panic" in self.console_tail(400):
            raise GuestDied(f"{self.name} ended by {data.get('reason')}\n{self.obituary()}")

    def poweroff(self, timeout=60):
        """An orderly power-off, waited for; anything else that ends the guest is an error."""
        self.start("sync; if [ -d /run/systemd/system ]; then systemctl poweroff; else poweroff -f; fi")
        self._end("guest-shutdown", timeout)

    def reboot(self, timeout=60):
        """Lets the guest reboot, which ends this QEMU: boot a new Guest on the same drives."""
        self.start("sync; if [ -d /run/systemd/system ]; then systemctl reboot; else reboot -f; fi")
        self._end("guest-reset", timeout)

    # Commands in the guest

    # Each TIMEOUT is in seconds of an idle machine.

    def start(self, command, stdin=b""):
        """Starts COMMAND beside whatever else runs; wait() on the result gives (status, text)."""
        return self.agent.start(command, stdin)

    def run(self, command, timeout=60, stdin=b""):
        """Runs COMMAND with /bin/sh and returns (exit status, output with stderr)."""
        status, output = self.run_bytes(command, timeout, stdin)
        return status, output.decode(errors="replace")

    def run_bytes(self, command, timeout=60, stdin=b""):
        try:
            return self.start(command, stdin).wait_bytes(timeout)
        except AgentGone as error:
            raise GuestDied(f"{self.name} ended during: {command}\n{self.obituary()}") from error

    def sh(self, command, timeout=60, stdin=b""):
        """Like run() for a command that must succeed; returns its output, stripped."""
        status, output = self.run(command, timeout, stdin)
        if status:
            raise GuestFailed(f"{command}: exit status {status}\n{output}")
        return output.strip()

    def wait_for(self, condition, timeout=30, every=0.05):
        """Waits until CONDITION holds; returns the seconds.

        A shell command is repeated inside the guest until it succeeds; a
        function of no argument is asked on the host until it is true.
        """
        started, limit = time.monotonic(), self.limit(timeout)
        if callable(condition):
            while not condition():
                if limit.is_over():
                    raise CommandTimeout(f"{condition} did not come true in {timeout} s")
                time.sleep(every)
        else:
            self.sh(f"until {{ {condition}\n}} >/dev/null 2>&1; do sleep {every}; done", timeout)
        return time.monotonic() - started

    def push(self, source, target, mode=0o644):
        """Writes SOURCE (bytes or a host's path) to the guest's TARGET."""
        data = source if isinstance(source, bytes) else open(source, "rb").read()
        self.sh(f"cat > '{target}' && chmod {mode:o} '{target}'", 120, data)

    def pull(self, source, timeout=120):
        """The bytes of the guest's file SOURCE."""
        status, data = self.run_bytes(f"cat '{source}'", timeout)
        if status:
            raise GuestFailed(f"{source}: {data.decode(errors='replace')}")
        return data

    def news(self, path, seen=0):
        """(what was appended to the guest's file since its byte SEEN, the new SEEN): a live log."""
        text = self.run_bytes(f"tail -c +{seen + 1} '{path}' 2>/dev/null")[1]
        return text.decode(errors="replace"), seen + len(text)

    # The host's side of its disks

    def resize(self, name, size):
        """What a host does: the disk NAME has SIZE bytes from now on."""
        self.qmp.execute("block_resize", node_name=name, size=size)

    def plug(self, drive):
        for item in drive.objects():
            self.qmp.send({"execute": "object-add", "arguments": item})
        for node in drive.nodes():
            self.qmp.send({"execute": "blockdev-add", "arguments": node})
        self.qmp.send({"execute": "device_add", "arguments": drive.device()})
        self.drives.append(drive)

    def unplug(self, name, timeout=30):
        """Pulls the disk NAME and returns when the guest has let go of it."""
        self.qmp.execute("device_del", id=f"dev-{name}")
        self.qmp.wait_event("DEVICE_DELETED", timeout, lambda d: d.get("device") == f"dev-{name}")
        drive = next(d for d in self.drives if d.name == name)
        for node in reversed(list(drive.nodes())):
            self.qmp.execute("blockdev-del", node_name=node["node-name"])
        self.drives.remove(drive)
