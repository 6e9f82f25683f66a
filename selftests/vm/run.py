#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs tests/test_*.py, each in a process of its own, and keeps its KTAP.

    run.py [NAME...]                NAME is that of tests/test_NAME.py; all without one
    run.py --kernel ROW [NAME...]   on another kernel, a row of kernels.py, which is built for first
    run.py --check                  all on this machine's kernel, some on others, which are built for first
    run.py --check-kernels [ROW...] builds for all rows, or for some; all tests on each. What has passed
                                    with the same tree before is not run again (kept.py)
    run.py --missing                names what --check-kernels has still to run
    run.py --list
    run.py --summary                counts build/results/*.ktap, whoever wrote them

A test file may say TIMEOUT = seconds of an idle machine (pace.py), and ALONE = True where it measures how long something
takes: no other runs beside that one; and KERNEL = "ROW" where other kernels lack what it tests.
What a file leaves running is killed with it.
"""
import concurrent.futures
import contextlib
import os
import re
import signal
import subprocess
import sys
import time

import guest
import kept
import kernels
import ktap
import latency
import pace
import paths
import root

DEFAULT_TIMEOUT = 600
# An emulated guest that boots keeps little more than one processor busy.
BESIDE = 2
PACE_EVERY = 5
BUILD = paths.TESTS.parent / "build.py"
# What every line of kernels shows in the everyday check.
LINE_TESTS = ["three_disks", "daemon_stopped", "refusals"]


def names():
    return sorted(p.stem[len("test_"):] for p in paths.TESTS.glob("test_*.py"))


def file_of(name):
    return paths.TESTS / f"test_{name}.py"


def kernel_of(name):
    """The one kernel that a test is for, or None."""
    found = re.search(r'^KERNEL = "(.+)"', file_of(name).read_text(), re.M)
    return found[1] if found else None


def names_for(kernel):
    return [name for name in names() if kernel_of(name) in (None, kernel)]


def own_kernels():
    """[(kernel, its tests)]: those of one kernel that is not this machine's."""
    return [(row.name, tests) for row in kernels.ROWS if row.name != kernels.HOST
            and (tests := [name for name in names() if kernel_of(name) == row.name])]


def timeout_of(file):
    found = re.search(r"^TIMEOUT = (\d+)", file.read_text(), re.M)
    return int(found[1]) if found else DEFAULT_TIMEOUT


def is_alone(file):
    return bool(re.search(r"^ALONE = True", file.read_text(), re.M))


def end_group(process):
    """A test file leads a process group: no QEMU of it outlives it."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def wait(process, seconds):
    """The exit status, or None when it still runs after so many SECONDS of an idle machine."""
    limit = pace.Limit(pace.Pace(lambda: pace.threads_of_session(process.pid)), seconds)
    while not limit.is_over():
        with contextlib.suppress(subprocess.TimeoutExpired):
            return process.wait(min(PACE_EVERY, limit.left()))
        # Of a guest that has ended, nothing is known afterwards.
        limit.pace.mark()
    return None


def execute(file, kernel, out):
    """Runs FILE with its output going to OUT; returns why it ended badly, or None."""
    environment = {**os.environ, "PYTHONPATH": str(paths.TESTS.parent), "PYTHONUNBUFFERED": "1",
                   "PYTHONDONTWRITEBYTECODE": "1", "LIVEGROW_KERNEL": kernel}
    process = subprocess.Popen([sys.executable, file], stdout=out, stdin=subprocess.DEVNULL,
                               env=environment, start_new_session=True)
    try:
        status = wait(process, timeout_of(file))
    finally:
        end_group(process)
    if status is None:
        return f"timed out after {timeout_of(file)} s of an idle machine"
    return f"exit status {status}" if status else None


def label(kernel, name):
    return name if kernel == kernels.HOST else f"{kernel}-{name}"


def attempt(result, file, kernel, note=""):
    paths.remove_images()
    with open(result, "w") as out:
        print(note, end="", file=out, flush=True)
        return execute(file, kernel, out)


def run_into(result, file, kernel):
    """Runs FILE into RESULT, and once more where the emulator broke down under it."""
    bad = attempt(result, file, kernel)
    if bad and guest.EMULATOR_FAULT in result.read_text():
        print(result.read_text(), end="")
        bad = attempt(result, file, kernel, f"{ktap.AGAIN}: {guest.EMULATOR_FAULT}\n")
    return bad


def run(file, kernel, name):
    """Runs one file; a crash or a timeout becomes a result line of its own."""
    paths.RESULTS.mkdir(parents=True, exist_ok=True)
    result = paths.RESULTS / f"{label(kernel, name)}.ktap"
    started = time.monotonic()
    bad = run_into(result, file, kernel)
    with open(result, "a+") as out:
        out.seek(0)
        text = out.read()
        if bad and not re.search("^not ok", text, re.M):
            seen = len(re.findall("^ok", text, re.M))
            out.write(f"\nnot ok {seen + 1} test_{name} {bad}\n")
        elif bad:
            out.write(f"# test_{name}: {bad}\n")
    print(f"{result.read_text()}# {label(kernel, name)}: {time.monotonic() - started:.1f} s\n", end="", flush=True)
    return not bad


def run_jobs(jobs, prepare=lambda kernel: True, done=lambda name, result: None):
    """Runs JOBS, each what run() takes: some at a time, the slowest kinds first, then those that want to be alone.

    PREPARE is called once for each kernel, as a job as well; its tests run if it returns true. DONE is
    called with the name and the result's file of each that ended well.
    """
    def one(job):
        if ready[job[1]].result() and run(*job):
            done(job[2], paths.RESULTS / f"{label(*job[1:])}.ktap")

    beside = [job for job in jobs if not is_alone(job[0])]
    beside.sort(key=lambda job: timeout_of(job[0]), reverse=True)
    with concurrent.futures.ThreadPoolExecutor(BESIDE) as pool:
        # Jobs begin in their order: none waits for a kernel whose preparation has not begun.
        ready = {kernel: pool.submit(prepare, kernel) for kernel in dict.fromkeys(job[1] for job in jobs)}
        list(pool.map(one, beside))
    for job in jobs:
        if job not in beside:
            one(job)


def make_trees(kernel):
    """Before the tests, whose timeouts know nothing of it. Returns the trees' names."""
    done = subprocess.run([sys.executable, paths.TESTS.parent / "root.py"], check=True, text=True,
                          stdout=subprocess.PIPE, env={**os.environ, "LIVEGROW_KERNEL": kernel})
    return done.stdout


def not_built(kernel, why):
    """A kernel whose build did not even begin gets a result that says so."""
    result = paths.RESULTS / f"{label(kernel, 'build')}.ktap"
    result.write_text(f"1..1\nnot ok 1 {kernel} was not built for\n")
    print(f"# {kernel}: not built for: {why}", flush=True)


def build(kernel):
    """Whether KERNEL has what its guests need, after this; its tests do not run without."""
    try:
        make_trees(kernel)
    except subprocess.CalledProcessError as error:
        not_built(kernel, error)
        return False
    return kernel == kernels.HOST or run(BUILD, kernel, "build")


def jobs_of(kernel, wanted):
    """Those of the tests WANTED, of which no earlier run's latencies are left."""
    for name in wanted:
        latency.replace(kernel, name)
    return [(file_of(name), kernel, name) for name in wanted]


def run_all(rows):
    """The tests of ROWS, [(kernel, its tests)]. While one kernel is built for, tests of another run."""
    run_jobs([job for row in rows for job in jobs_of(*row)], build)


def results_of(kernel):
    """What a row of --check-kernels is to have: that of the host is built by make."""
    return names_for(kernel) if kernel == kernels.HOST else ["build", *names_for(kernel)]


def take_up(kernel):
    """All tests on KERNEL, but for those of which a result is kept."""
    row = kept.Row(kernel, make_trees(kernel))
    missing = [name for name in results_of(kernel)
               if not row.restore(name, paths.RESULTS / f"{label(kernel, name)}.ktap")]
    tell_missing(kernel, missing)
    wanted = [name for name in missing if name != "build"]
    if not missing or not build(kernel):
        return
    if kernel != kernels.HOST:
        row.keep("build", paths.RESULTS / f"{label(kernel, 'build')}.ktap")
    run_jobs(jobs_of(kernel, wanted), done=row.keep)


def tell_missing(kernel, missing):
    has = len(results_of(kernel)) - len(missing)
    print(f"# {kernel}: {has} results are kept; missing: {' '.join(missing) or 'none'}", flush=True)


def missing_of(kernel):
    """What is not kept; nothing is where the row's Debian was never made."""
    recipe = root.recipe(kernels.named(kernel))
    if not any(paths.cache().glob(f"root-*-{recipe}")):
        return results_of(kernel)
    row = kept.Row(kernel, make_trees(kernel))
    return [name for name in results_of(kernel) if not row.has(name)]


def tell_all_missing():
    missing = {row.name: missing_of(row.name) for row in kernels.ROWS}
    for kernel, names_of in missing.items():
        tell_missing(kernel, names_of)
    return 1 if any(missing.values()) else 0


def plan(arguments):
    """[(kernel, its tests)]"""
    if arguments == ["--check"]:
        return [(kernels.HOST, names_for(kernels.HOST)), *((line, LINE_TESTS) for line in kernels.LINES), *own_kernels()]
    kernel = kernels.HOST
    if arguments[:1] == ["--kernel"]:
        kernel, arguments = kernels.named(arguments[1]).name, arguments[2:]
    unknown = set(arguments) - set(names())
    if unknown:
        raise SystemExit(f"no such test: {', '.join(sorted(unknown))}")
    unfit = set(arguments) - set(names_for(kernel))
    if unfit:
        raise SystemExit(f"not on {kernel}: {', '.join(f'{name} is for {kernel_of(name)}' for name in sorted(unfit))}")
    return [(kernel, arguments or names_for(kernel))]


def main(arguments):
    if arguments == ["--list"]:
        print("\n".join(names()))
        return 0
    if arguments == ["--missing"]:
        return tell_all_missing()
    if arguments[:1] == ["--check-kernels"]:
        for name in arguments[1:] or [row.name for row in kernels.ROWS]:
            take_up(kernels.named(name).name)
    elif arguments != ["--summary"]:
        run_all(plan(arguments))
    paths.remove_images()
    return ktap.summary(paths.RESULTS)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
