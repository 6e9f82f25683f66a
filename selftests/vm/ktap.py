# SPDX-License-Identifier: GPL-2.0-or-later
"""KTAP: what a test file prints, and how all that was printed is counted.

    with ktap.Report(plan=2) as t:
        t.ok(size == 4194304, "vda has its new size", f"size {size}")
        with t.case("every checksum is right"):
            guest.sh("writer --verify /data")
"""
import contextlib
import dataclasses
import re
import sys
import time
import traceback

RESULT = re.compile(r"^(ok|not ok)\b\s*(\d*)\s*(?:-\s*)?(.*)$")
SKIP = re.compile(r"#\s*SKIP\b", re.I)
PLAN = re.compile(r"^1\.\.(\d+)")
# How a file begins that was run a second time.
AGAIN = "# run again"
# How one begins that was taken from an earlier run.
KEPT = "# kept"


class Skip(Exception):
    """Raised in a case that cannot be tried here; the text says why."""


class Report:
    """Prints the lines as the tests end. A missing one is a failure: the plan comes first."""

    def __init__(self, plan, out=sys.stdout):
        self.plan, self.out = plan, out
        self.number = 0
        self.failed = 0
        self._print("KTAP version 1", f"1..{plan}")

    def _print(self, *lines):
        print(*lines, sep="\n", file=self.out, flush=True)

    def note(self, text):
        """Diagnostics, as comment lines."""
        self._print(*(f"# {line}" for line in str(text).splitlines()))

    def ok(self, good, name, diagnostic=""):
        """One result; the diagnostic is printed before it, when it failed."""
        self.number += 1
        if not good:
            self.failed += 1
            self.note(diagnostic)
        self._print(f"{'ok' if good else 'not ok'} {self.number} {name.replace('#', '')}")
        return bool(good)

    def equal(self, got, expected, name):
        return self.ok(got == expected, name, f"got      {got!r}\nexpected {expected!r}")

    def skip(self, name, why):
        self.number += 1
        self._print(f"ok {self.number} {name} # SKIP {why}")

    @contextlib.contextmanager
    def case(self, name):
        """A result that is good when the block raises nothing."""
        started = time.monotonic()
        try:
            yield
        except Skip as why:
            self.skip(name, why)
        except Exception:
            self.ok(False, name, traceback.format_exc())
        else:
            self.note(f"{name}: {time.monotonic() - started:.1f} s")
            self.ok(True, name)

    def __enter__(self):
        return self

    def __exit__(self, kind, value, trace):
        """Ends the process: exit status 1 with a failure, or with less than was planned."""
        if kind is not None and kind is not SystemExit:
            self.note("".join(traceback.format_exception(kind, value, trace)))
        if kind is not None or self.failed or self.number != self.plan:
            sys.exit(1)


@dataclasses.dataclass
class Count:
    passed: int = 0
    failed: int = 0
    skipped: int = 0

    def __add__(self, other):
        return Count(self.passed + other.passed, self.failed + other.failed,
                     self.skipped + other.skipped)

    def __str__(self):
        return f"{self.passed} passed, {self.failed} failed, {self.skipped} skipped"


def count(text):
    """Counts the unindented result lines; the results that a plan lacks have failed.

    Of nested KTAP only the parent's own line counts. No plan at all, or more
    results than planned, is a failure of its own.
    """
    total, plan = Count(), None
    for line in text.splitlines():
        planned, result = PLAN.match(line), RESULT.match(line)
        if planned:
            plan = (plan or 0) + int(planned[1])
        elif result and SKIP.search(result[3]):
            total.skipped += 1
        elif result and result[1] == "ok":
            total.passed += 1
        elif result:
            total.failed += 1
    seen = total.passed + total.failed + total.skipped
    if plan is None or seen > plan:
        total.failed += 1
    else:
        total.failed += plan - seen
    return total


def end_of(text, lines=12):
    """Why a file that did not come to its end stopped: the last that it said."""
    return [line for line in text.splitlines() if line.startswith("#")][-lines:]


def summary(directory, pattern="*.ktap", out=None):
    """Counts every KTAP file of DIRECTORY; prints what failed, a line a file, and the total last."""
    total, kept, out = Count(), [], out or sys.stdout
    files = sorted(directory.glob(pattern))
    for file in files:
        text = file.read_text(errors="replace")
        one = count(text)
        total += one
        for line in text.splitlines():
            if line.startswith(("not ok", AGAIN)) or (RESULT.match(line) and SKIP.search(line)):
                print(f"{file.stem}: {line}", file=out)
        if one.failed:
            print(*end_of(text), sep="\n", file=out)
        print(f"{file.stem}: {one}", file=out)
        if text.startswith(KEPT):
            kept.append(file.stem)
            print(f"{file.stem}: {text.splitlines()[0]}", file=out)
    if kept:
        print(f"{len(kept)} of these {len(files)} files were kept from earlier runs on the same tree", file=out)
    print(total, file=out, flush=True)
    return 1 if total.failed or total.skipped or not total.passed else 0
