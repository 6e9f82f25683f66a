# SPDX-License-Identifier: GPL-2.0-or-later
"""Prometheus's own judge of a metrics text, unpacked from Debian's package, which would start a server."""
import fcntl
import os
import subprocess
import tempfile

import paths


AS_ROOT = [] if os.geteuid() == 0 else ["sudo"]


def policy():
    return subprocess.run(["apt-cache", "policy", "prometheus"], check=True, capture_output=True, text=True,
                          env={"LC_ALL": "C", "PATH": "/usr/bin:/bin"}).stdout


def candidate():
    """The archive's version of the package."""
    text = policy()
    if "Candidate: (none)" in text or "Candidate:" not in text:
        subprocess.run([*AS_ROOT, "apt-get", "-qq", "update"], check=True)
        text = policy()
    return text.split("Candidate:")[1].split()[0]


def download(directory):
    return subprocess.run(["apt-get", "-qq", "download", "prometheus"], cwd=directory, capture_output=True).returncode


def unpack(to):
    with tempfile.TemporaryDirectory() as directory:
        # The archive may have another version by now than the machine's lists say.
        if download(directory):
            subprocess.run([*AS_ROOT, "apt-get", "-qq", "update"], check=True)
            if download(directory):
                raise FileNotFoundError("prometheus: apt-get cannot download it")
        subprocess.run(f"dpkg-deb --fsys-tarfile {directory}/prometheus_*.deb | tar -x -C {to} ./usr/bin/promtool",
                       shell=True, check=True)


def promtool():
    home = paths.cache() / f"promtool-{candidate()}"
    program = home / "usr/bin/promtool"
    with open(paths.cache() / "promtool.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not program.exists():
            home.mkdir(exist_ok=True)
            unpack(home)
    return program


def check(text):
    """What it objects to; nothing where it does not."""
    done = subprocess.run([promtool(), "check", "metrics"], input=text, capture_output=True, text=True)
    objections = (done.stdout + done.stderr).strip()
    return objections or (f"exit status {done.returncode}" if done.returncode else "")
