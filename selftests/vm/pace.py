# SPDX-License-Identifier: GPL-2.0-or-later
"""How much slower this machine is for a guest than an idle one, and time limits that follow that.

    limit = g.limit(30)
    while not done():
        if limit.is_over(): ...

    mark = g.pace.mark()
    ...
    t.ok(seconds < 1 * g.pace.factor(mark), "...")

The kernel counts for each thread how long it ran, and how long it waited for a processor. A limit
lasts longer by what the guest has waited. What takes a guest a second of running takes it two where QEMU's
threads wait as long as they run: that factor is for a bound of the product's own, which is the bound itself on an
idle machine. What others do to the processors, by their caches and as hyperthreads, shows in a
loop of which the processor time is known.
"""
import contextlib
import functools
import pathlib
import random
import threading
import time
import typing
import zlib

# What the loop takes on the idle machine for which the limits were set.
LOOP_SECONDS = 0.012
LOOPS = 3
# A guest that has the machine to itself waits for that share of its time, too.
IDLE = 1.25


@functools.cache
def loop_data():
    return random.Random(1).randbytes(1 << 16).hex().encode() * 2


def loop_seconds():
    started = time.thread_time()
    zlib.compress(loop_data(), 6)
    return time.thread_time() - started


def slowness():
    """How many times as long as on the reference machine the same instructions take here and now."""
    return sorted(loop_seconds() for _ in range(LOOPS))[LOOPS // 2] / LOOP_SECONDS


def threads_of(pid):
    return pathlib.Path(f"/proc/{pid}/task").glob("*/schedstat")


def session_of(stat):
    """The session in a /proc/PID/stat; the program's name, which may hold anything, ends with the last parenthesis."""
    return int(stat.rpartition(")")[2].split()[3])


def threads_of_session(session):
    """Those of all processes that one process started with start_new_session has started."""
    for stat in pathlib.Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            if session_of(stat.read_text(errors="replace")) == session:
                yield from threads_of(stat.parent.name)


def read_times(files):
    """(file, (seconds that the thread ran, seconds that it waited)) of each of the FILES that is there."""
    for file in files:
        with contextlib.suppress(OSError, ValueError):
            ran, waited, _ = map(int, file.read_text().split())
            yield str(file), (ran / 1e9, waited / 1e9)


class Mark(typing.NamedTuple):
    """Seconds until a moment: what all threads ran, and waited; and what the guest as a whole lost by waiting."""
    ran: float
    waited: float
    lost: float


START = Mark(0, 0, 0)


class Pace:
    """Of the threads that THREADS() finds: files of schedstat."""

    def __init__(self, threads):
        self.threads, self.last = threads, {}
        self.total = START
        self.lock = threading.Lock()

    def mark(self):
        """The Mark of now. Of a thread that has ended, what came after the mark before is not counted."""
        with self.lock:
            now = dict(read_times(self.threads()))
            rows = [(time - then for time, then in zip(times, self.last.get(file, (0, 0)))) for file, times in now.items()]
            ran, waited = zip(*rows) if rows else ((0,), (0,))
            # One thread waits for the other, or they wait beside each other: the longest wait is what is lost for sure.
            self.total = Mark(*(sum(pair) for pair in zip(self.total, (sum(ran), sum(waited), max(waited)))))
            self.last = now
            return self.total

    def factor(self, since):
        """How many times as long as on an idle machine things that were done since that mark took."""
        now = self.mark()
        ran, waited = now.ran - since.ran, now.waited - since.waited
        found = slowness() * (1 + waited / ran if ran > 0 else 1)
        return found if found > IDLE else 1


class Limit:
    """SECONDS on an idle machine, from now on."""

    def __init__(self, pace, seconds):
        self.pace, self.seconds = pace, seconds
        self.started, self.since = time.monotonic(), pace.mark()

    def left(self):
        """The seconds that are left by the clock, as far as it is known by now; 0 when it is over."""
        elapsed = time.monotonic() - self.started
        if elapsed < self.seconds:
            return self.seconds - elapsed
        lost = self.pace.mark().lost - self.since.lost
        return max(self.seconds * max(slowness(), 1) + lost - elapsed, 0)

    def is_over(self):
        return not self.left()
