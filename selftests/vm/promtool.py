# SPDX-License-Identifier: GPL-2.0-or-later
"""Prometheus's own judge of a metrics text, unpacked from Debian's package, which would start a server."""
import fcntl
import subprocess
import tempfile

import paths


def candidate():
    """The archive's version of the package."""
    text = subprocess.run(["apt-cache", "policy", "prometheus"], check=True, capture_output=True, text=True,
                          env={"LC_ALL": "C", "PATH": "/usr/bin:/bin"}).stdout
    return text.split("Candidate:")[1].split()[0]


def unpack(to):
    with tempfile.TemporaryDirectory() as directory:
        subprocess.run(["apt-get", "-qq", "download", "prometheus"], check=True, cwd=directory, capture_output=True)
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
