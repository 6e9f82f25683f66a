# SPDX-License-Identifier: GPL-2.0-or-later
"""Results that outlive a run: `make check-kernels` does not repeat a test file that has passed.

    row = kept.Row("7", trees)          # TREES names the Debian that guests of the row have
    if not row.restore("three_disks", ktap_file):
        ...                             # run it
        row.keep("three_disks", ktap_file)

A result is kept in the cache, below the git tree that the work tree would make if all of it were
committed; so an uncommitted change has a tree of its own. It counts again only for the same tree, Debian and
QEMU. Only a result without a failure and without a skipped test is kept.
"""
import datetime
import hashlib
import json
import os
import pathlib
import shutil
import subprocess
import tempfile

import ktap
import latency
import paths

# Of that many trees, the ones used last, results are kept.
TREES = 8
# No row's result depends on these, but for a test that names the README.
LEFT_OUT = ("README.md", "LICENSE", ".gitignore", ".ci", "debian")


def directory():
    return paths.cache() / "kernel-results"


def git(*arguments, **environment):
    done = subprocess.run(["git", "-C", paths.TOP, *arguments], check=True, capture_output=True, text=True,
                          env={**os.environ, **environment})
    return done.stdout.strip()


def work_tree():
    """The git tree of the work tree without LEFT_OUT. Nothing is written to the repository."""
    objects = paths.TOP / git("rev-parse", "--git-path", "objects")
    with tempfile.TemporaryDirectory() as scratch:
        environment = {"GIT_INDEX_FILE": f"{scratch}/index", "GIT_OBJECT_DIRECTORY": scratch,
                       "GIT_ALTERNATE_OBJECT_DIRECTORIES": str(objects)}
        git("add", "--all", "--", ".", *(f":!{name}" for name in LEFT_OUT), **environment)
        return git("write-tree", **environment)


def emulator():
    return subprocess.run(["qemu-system-x86_64", "--version"], check=True, capture_output=True, text=True).stdout


def readme_of(name):
    """The README, where the test file reads it."""
    test, readme = paths.TESTS / f"test_{name}.py", paths.TOP / "README.md"
    return readme.read_text() if test.exists() and readme.name in test.read_text() else ""


def prune():
    """Removes what was kept of all but the last TREES trees."""
    by_use = sorted(directory().iterdir(), key=lambda path: path.stat().st_mtime, reverse=True)
    for old in by_use[TREES:]:
        shutil.rmtree(old)


class Row:
    """The results of one kernel with the work tree as it is now."""

    def __init__(self, kernel, trees):
        self.kernel, self.setup = kernel, (trees, emulator())
        self.tree = work_tree()
        self.top = directory() / self.tree
        self.top.mkdir(parents=True, exist_ok=True)
        os.utime(self.top)
        prune()

    def file(self, name):
        made_by = hashlib.sha256(repr((self.setup, readme_of(name))).encode()).hexdigest()[:16]
        return self.top / f"{self.kernel}-{name}-{made_by}.json"

    def has(self, name):
        return self.file(name).exists()

    def restore(self, name, result):
        """Writes the kept result of NAME to RESULT, with the time at which it ran; False without one."""
        if not self.has(name):
            return False
        found = json.loads(self.file(name).read_text())
        result.parent.mkdir(parents=True, exist_ok=True)
        result.write_text(f"{ktap.KEPT}: it ran on {found['time']}, and the tree is the same\n{found['ktap']}")
        latency.replace(self.kernel, name, found["latency"])
        return True

    def keep(self, name, result):
        """Keeps RESULT if it is good, of the module that is built here, and of the tree that this row began with."""
        text = result.read_text()
        count = ktap.count(text)
        if count.failed or count.skipped or not count.passed or "LIVEGROW_KO" in os.environ or work_tree() != self.tree:
            return
        now = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d %H:%M UTC")
        entry = {"time": now, "ktap": text, "latency": latency.rows_of(self.kernel, name)}
        partial = pathlib.Path(f"{self.file(name)}.{os.getpid()}.partial")
        partial.write_text(json.dumps(entry))
        partial.rename(self.file(name))
