# SPDX-License-Identifier: GPL-2.0-or-later
"""The harness itself: both guests boot in time, a resize arrives, a panic is noticed, results are kept."""
import contextlib
import io
import os
import pathlib
import subprocess
import tempfile
import time
import unittest.mock

import gpt
import images
import initramfs
import kernels
import ktap
import oracles
import pace
import paths
import run
import system
from agent import CommandTimeout
from drive import Drive
from guest import DOUBLE_FAULT, EMULATOR_FAULT, STALE_BREAKPOINT, Guest, GuestDied

TIMEOUT = 180
ALONE = True
SECTORS_2G = 4194304


def sectors(g, disk):
    return int(g.sh(f"cat /sys/block/{disk}/size"))


def check_disks(t, drives):
    for drive in drives:
        with images.raw(drive.path, drive.format) as image:
            t.equal(oracles.table(image, block=drive.logical), [], f"{drive.name}: all agree on the table")


def make_drives():
    """A plain disk, one with 4096-byte blocks, and an unusual table on a qcow2."""
    plain = images.path("plain.raw")
    gpt.Table(images.GIB, [gpt.Part(2048, 2097118, name="data")]).write(plain)
    big = images.path("big.raw")
    table = gpt.Table(images.GIB, [gpt.Part(256, 262138)], block=4096)
    table.write(big)
    images.format_partition(big, table, 1, "xfs")
    odd = images.path("odd.raw")
    gpt.Table(images.GIB, [gpt.Part(34, 2047), gpt.Part(2048, 40959)], entries=64, array=16,
              first_usable=34).write(odd)
    return [Drive("vda", plain), Drive("vdb", big, logical=4096),
            Drive("vdc", images.to_qcow2(odd), "qcow2")]


def resize_live(t, g, name):
    before = sectors(g, name)
    waiting = g.start(f"until [ $(cat /sys/block/{name}/size) = {SECTORS_2G} ]; do sleep 0.01; done")
    started = time.monotonic()
    g.resize(name, 2 * images.GIB)
    status = waiting.wait(30)[0]
    t.note(f"{name}: the new size is seen after {(time.monotonic() - started) * 1000:.0f} ms")
    t.ok((before, status) == (2097152, 0), f"{name}: a resize over QMP is seen",
         f"{before} sectors before, status {status}")


def check_channel(t, g):
    with t.case("the agent: status, input, output, files, background"):
        assert g.run("echo out; echo err >&2; exit 7") == (7, "out\nerr\n")
        assert g.run("cat", stdin=b"in") == (0, "in")
        g.push(bytes(range(256)) * 4096, "/tmp/file")
        assert g.pull("/tmp/file") == bytes(range(256)) * 4096
        g.sh("setsid sleep 1000 &")
    try:
        t.ok(False, f"a command is killed at its timeout: {g.run('echo begun; sleep 1000', timeout=0.5)}")
    except CommandTimeout as error:
        t.ok("begun" in str(error), "a command is killed at its timeout, and its output is known", f"{error}")
    with t.case("nothing of it is left"):
        g.wait_for("[ $(pgrep -c -x sleep) = 1 ]")


def tiny(t):
    drives = make_drives()
    with Guest("harness-tiny", initrd=initramfs.tiny(), drives=drives) as g:
        t.note(f"tiny guest: agent after {g.boot_seconds:.1f} s")
        t.ok(g.boot_seconds < 10 * g.pace.factor(pace.START), "the tiny guest boots in time", f"{g.boot_seconds:.1f} s")
        t.equal(g.sh("cat /proc/sys/kernel/panic_on_warn"), "1", "a kernel warning is a panic")
        check_channel(t, g)
        for drive in drives[:2]:
            resize_live(t, g, drive.name)
        g.sh("mkdir /mnt/b && mount /dev/vdb1 /mnt/b && writer /mnt/b 1 && umount /mnt/b && "
             "mount /dev/vdb1 /mnt/b && writer --verify /mnt/b && umount /mnt/b")
        g.poweroff()
    check_disks(t, drives[2:])
    t.ok(oracles.table(drives[0].path), "a displaced backup header is objected to")


def panic(t):
    with Guest("harness-panic", initrd=initramfs.tiny()) as g:
        try:
            g.run("echo c > /proc/sysrq-trigger; sleep 1000")
            t.ok(False, "a panic fails what waits")
        except GuestDied as error:
            t.ok("sysrq" in str(error), "a panic fails what waits", f"{error}")


def blame(t):
    """Only what an emulated processor is known for, without our code in its trace, is the emulator's."""
    dead = Guest("harness-dead", initrd="none", kernel="none")
    breakpoint_oops = f"Oops: {STALE_BREAKPOINT}1] PREEMPT SMP NOPTI"
    for fault in (DOUBLE_FAULT, breakpoint_oops):
        for trace, emulator in (("? kernel_clone+0xbd/0x440", True), ("lg_look+0x1/0x2 [livegrow]", False)):
            dead.console.write_text("\n".join([fault, trace, *["RSP: 0018"] * 80]))
            t.equal(EMULATOR_FAULT in dead.obituary(), emulator, f"who is to blame for {fault} in {trace}")
    dead.console.write_text("Kernel panic - not syncing: sysrq")
    t.ok(EMULATOR_FAULT not in dead.obituary(), "a panic is not the emulator's")


def not_built(t):
    """A kernel whose Debian cannot be made has no build and no test that would fail."""
    error = subprocess.CalledProcessError(1, "root.py")
    with tempfile.TemporaryDirectory() as directory, contextlib.redirect_stdout(io.StringIO()) as out, \
            unittest.mock.patch.multiple(paths, RESULTS=pathlib.Path(directory)), \
            unittest.mock.patch.multiple(run, make_trees=unittest.mock.Mock(side_effect=error)):
        run.run_all([("7", ["three_disks"])])
        failed = ktap.summary(paths.RESULTS)
    t.ok(failed and "0 passed, 1 failed" in out.getvalue(), "a kernel that was not built for is a failure", out.getvalue())


# A test file that says that it ran, and passes where the file "good" is beside it.
FAKE = """import pathlib
here = pathlib.Path(__file__).parent
with open(here.parent / "ran", "a") as ran:
    print("NAME", file=ran)
print("1..1\\n" + ("ok 1 it" if "NAME" == "one" or (here / "good").exists() else "not ok 1 it"))
"""


class Clone:
    """A clone with two test files, and a cache; run.py takes them for its own."""

    def __init__(self, top):
        self.top, self.tests = top / "clone", top / "clone/vm/tests"
        self.tests.mkdir(parents=True)
        for name in ("one", "two"):
            (self.tests / f"test_{name}.py").write_text(FAKE.replace("NAME", name))
        (self.top / ".gitignore").write_text("ran\n")
        subprocess.run(["git", "init", "--quiet", self.top], check=True)
        self.results = top / "results"
        self.patches = [unittest.mock.patch.dict(os.environ, XDG_CACHE_HOME=str(top / "cache")),
                        unittest.mock.patch.multiple(paths, TOP=self.top, TESTS=self.tests, RESULTS=self.results),
                        unittest.mock.patch.object(run, "make_trees", lambda kernel: "the same Debian")]

    def check(self, **patched):
        """Runs --check-kernels on one row; returns (the names of those that ran, exit status, the summary)."""
        ran, out = self.top / "vm/ran", io.StringIO()
        ran.unlink(missing_ok=True)
        for result in self.results.glob("*"):
            result.unlink()
        status = None
        with contextlib.ExitStack() as stack:
            stack.enter_context(contextlib.redirect_stdout(out))
            for patch in [*self.patches, *(unittest.mock.patch.object(run, *one) for one in patched.items())]:
                stack.enter_context(patch)
            with contextlib.suppress(KeyboardInterrupt):
                status = run.main(["--check-kernels", kernels.HOST])
        return ran.read_text().split() if ran.exists() else [], status, out.getvalue()


def interrupt_at(name):
    """As Ctrl-C does when that file is to begin."""
    execute = run.execute

    def interrupted(file, *rest):
        if file.stem == f"test_{name}":
            raise KeyboardInterrupt
        return execute(file, *rest)
    return interrupted


def takes_up(t):
    with tempfile.TemporaryDirectory() as directory:
        clone = Clone(pathlib.Path(directory))
        good = clone.tests / "good"
        ran, status, _ = clone.check(execute=interrupt_at("two"), BESIDE=1)
        t.equal((ran, status), (["one"], None), "a check of a kernel is interrupted between two files")
        ran, status, text = clone.check()
        t.ok((ran, status) == (["two"], 1) and "1 results are kept; missing: two" in text and "one: # kept: it ran on 20" in text,
             "the next one names and runs what is missing, and counts what is kept", f"{ran} {status} {text}")
        t.equal(clone.check()[:2], (["two"], 1), "a failure is not kept")
        good.touch()
        ran, status, _ = clone.check()
        t.equal((sorted(ran), status), (["one", "two"], 0), "with a changed tree all runs again")
        t.equal(clone.check()[:2], ([], 0), "and when all has passed, nothing")
        good.unlink()
        t.equal(clone.check()[:2], (["two"], 1), "with the earlier tree its own results count")
        (clone.top / "README.md").write_text("Words.")
        t.equal(clone.check()[0], ["two"], "words in the README are no change")


def follows_the_pace(t):
    """Of a thread that ran for a second while it waited for sixty."""
    with tempfile.TemporaryDirectory() as directory:
        file = pathlib.Path(directory, "schedstat")
        file.write_text("0 0 0\n")
        guest = pace.Pace(lambda: [file])
        limit = pace.Limit(guest, 0)
        t.ok(limit.is_over(), "a time limit is over at its end")
        file.write_text(f"{10 ** 9} {60 * 10 ** 9} 1\n")
        left, factor = limit.left(), guest.factor(pace.START)
        t.ok(50 < left <= 60 and factor > 30, "but not while the guest had no processor", f"{left} s, {factor} times")


def systemd(t):
    started = time.monotonic()
    disk = system.disk("root.raw")
    t.note(f"systemd guest: disk made in {time.monotonic() - started:.1f} s")
    started = time.monotonic()
    with system.guest("harness-systemd", disk.path) as g:
        t.equal(system.wait_booted(g), "running", "systemd calls the boot finished")
        t.note(f"systemd guest: agent after {g.boot_seconds:.1f} s, "
               f"boot finished after {time.monotonic() - started:.1f} s")
        t.equal(g.sh("cat /proc/1/comm"), "systemd", "systemd is pid 1")
        g.resize("vda", 2 * images.GIB)
        g.wait_for(f"[ $(cat /sys/block/vda/size) = {SECTORS_2G} ]", 10)
        t.equal(sectors(g, "vda"), SECTORS_2G, "the root disk is resized while it is mounted")
        g.poweroff()
    t.equal(oracles.filesystem(disk.path, "ext4", *disk.table.offset(3)), [], "e2fsck -fn of root")


def main():
    with ktap.Report(plan=20 + 7 + 2) as t:
        tiny(t)
        panic(t)
        blame(t)
        not_built(t)
        takes_up(t)
        follows_the_pace(t)
        systemd(t)


main()
