#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs tests/test_*.py, each in a process of its own, and keeps its KTAP.

    run.py [NAME...]      NAME is that of tests/test_NAME.py; all without one
    run.py --list
    run.py --summary      counts build/results/*.ktap, whoever wrote them

A test file may say TIMEOUT = seconds. What it leaves running is killed with it.
"""
import contextlib
import os
import re
import signal
import subprocess
import sys
import time

import ktap
import latency
import paths

DEFAULT_TIMEOUT = 600


def names():
    return sorted(p.stem[len("test_"):] for p in paths.TESTS.glob("test_*.py"))


def timeout_of(file):
    found = re.search(r"^TIMEOUT = (\d+)", file.read_text(), re.M)
    return int(found[1]) if found else DEFAULT_TIMEOUT


def end_group(process):
    """A test file leads a process group: no QEMU of it outlives it."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def execute(file, out):
    """Runs FILE with its output going to OUT; returns why it ended badly, or None."""
    environment = {**os.environ, "PYTHONPATH": str(paths.TESTS.parent), "PYTHONUNBUFFERED": "1",
                   "PYTHONDONTWRITEBYTECODE": "1"}
    process = subprocess.Popen([sys.executable, file], stdout=out, stdin=subprocess.DEVNULL,
                               env=environment, start_new_session=True)
    try:
        status = process.wait(timeout_of(file))
    except subprocess.TimeoutExpired:
        return f"timed out after {timeout_of(file)} s"
    finally:
        end_group(process)
    return f"exit status {status}" if status else None


def run(name):
    """Runs one test file; a crash or a timeout becomes a result line of its own."""
    file = paths.TESTS / f"test_{name}.py"
    result = paths.RESULTS / f"{name}.ktap"
    started = time.monotonic()
    with open(result, "w") as out:
        bad = execute(file, out)
    with open(result, "a+") as out:
        out.seek(0)
        text = out.read()
        if bad and not re.search("^not ok", text, re.M):
            seen = len(re.findall("^ok", text, re.M))
            out.write(f"\nnot ok {seen + 1} test_{name} {bad}\n")
        elif bad:
            out.write(f"# test_{name}: {bad}\n")
    print(result.read_text(), end="")
    print(f"# {name}: {time.monotonic() - started:.1f} s", flush=True)


def main(arguments):
    paths.RESULTS.mkdir(parents=True, exist_ok=True)
    if arguments == ["--list"]:
        print("\n".join(names()))
        return 0
    if arguments == ["--summary"]:
        return ktap.summary(paths.RESULTS)
    unknown = set(arguments) - set(names())
    if unknown:
        print(f"no such test: {', '.join(sorted(unknown))}", file=sys.stderr)
        return 1
    for name in arguments or names():
        paths.remove_images()
        latency.forget(name)
        run(name)
    paths.remove_images()
    return ktap.summary(paths.RESULTS)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
