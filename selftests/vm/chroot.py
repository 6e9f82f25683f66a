# SPDX-License-Identifier: GPL-2.0-or-later
"""Commands in a Debian tree of the cache, which stays as it is: what they write is kept apart.

    with chroot.Chroot(root.build_tree()) as c:
        c.copy(paths.TOP, "/src")
        c.run("make -C /src")
        c.inside("/src/livegrow.ko")        the host's path of it
"""
import pathlib
import shlex
import shutil
import subprocess
import tempfile

import paths

# In a mount namespace of its own that ends with the command.
MERGE = """
mount -t overlay overlay -o lowerdir=LOWER,upperdir=UPPER/upper,workdir=UPPER/work UPPER/root
"""
# With /proc, which objtool reads.
ENTER = """
mount -t proc proc UPPER/root/proc
mount --rbind /dev UPPER/root/dev
mount --bind /etc/resolv.conf UPPER/root/etc/resolv.conf
exec chroot UPPER/root /bin/sh -ec COMMAND
"""


# Nothing of a make that called this: its descriptors end here, and make warns of that.
ENVIRONMENT = "export LC_ALL=C PATH=/usr/sbin:/usr/bin:/sbin:/bin; unset MAKEFLAGS MFLAGS MAKELEVEL"


class Chroot:
    def __init__(self, tree):
        self.tree = tree

    def __enter__(self):
        self.top = pathlib.Path(tempfile.mkdtemp(prefix="chroot-", dir=paths.cache()))
        for name in ("upper", "work", "root"):
            (self.top / name).mkdir()
        (self.top / "upper/etc").mkdir()
        (self.top / "upper/etc/resolv.conf").touch()
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.top)

    def inside(self, name):
        """The host's path of NAME, where it was written in the chroot."""
        return self.top / f"upper/{name.lstrip('/')}"

    def copy(self, source, name):
        """Copies the files that git has or would take from the host's directory SOURCE to NAME."""
        files = subprocess.run(["git", "-C", source, "ls-files", "-coz", "--exclude-standard"],
                               check=True, capture_output=True, text=True).stdout
        for file in filter(None, files.split("\0")):
            target = self.inside(f"{name}/{file}")
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(f"{source}/{file}", target)

    def run(self, command, check=True, **options):
        """Runs the shell's COMMAND as root of the tree; raises when it fails."""
        script = ENTER.replace("COMMAND", shlex.quote(f"{ENVIRONMENT}\n{command}"))
        return self._merged(script, check=check, **options)

    def run_outside(self, command, **options):
        """Runs the host's shell COMMAND, for which @ROOT@ stands for the whole tree as it now is."""
        return self._merged(command.replace("@ROOT@", "UPPER/root"), check=True, **options)

    def _merged(self, script, **options):
        script = (MERGE + script).replace("LOWER", str(self.tree)).replace("UPPER", str(self.top))
        return subprocess.run(["unshare", "--mount", "--pid", "--fork", "/bin/sh", "-ec", script],
                              stdin=subprocess.DEVNULL, **options)
