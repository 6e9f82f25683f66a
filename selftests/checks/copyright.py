# SPDX-License-Identifier: GPL-2.0-or-later
"""Whether debian/copyright gives each file the license that its SPDX line does."""
import fnmatch
import pathlib
import re
import subprocess
import sys

COPYRIGHT = "debian/copyright"
# The same in the words of either.
SPDX = {"GPL-2.0 ": "GPL-2.0-only ", "WITH Linux-syscall-note": "with Linux-syscall-note exception",
        "OR": "or", "(": "", ")": ""}


def in_words_of_debian(spdx):
    for theirs, ours in SPDX.items():
        spdx = spdx.replace(theirs, ours)
    return spdx


def paragraphs():
    """[(patterns, license)]; of those that match a file the last one counts."""
    text = pathlib.Path(COPYRIGHT).read_text()
    return [(patterns.split(), name) for patterns, name in
            re.findall(r"^Files: (.*)\nCopyright: .*\nLicense: (.*)$", text, re.M)]


def license_of(file, known):
    return [name for patterns, name in known
            if any(fnmatch.fnmatchcase(file, pattern) for pattern in patterns)][-1]


def declared():
    """(file, its SPDX license) of all that have one."""
    lines = subprocess.run(["git", "grep", "--untracked", "SPDX-License-Identifier: ", "--", f":!{COPYRIGHT}"],
                           check=True, capture_output=True, text=True).stdout
    return re.findall(r"^([^:]+):(?:/\*|//|#|\.\\\") SPDX-License-Identifier: (.*?)(?: \*/)?$", lines, re.M)


def main():
    known = paragraphs()
    wrong = [f"{file}: {spdx}, in {COPYRIGHT} {license_of(file, known)}" for file, spdx in declared()
             if in_words_of_debian(spdx) != license_of(file, known)]
    print("\n".join(wrong))
    return bool(wrong)


if __name__ == "__main__":
    sys.exit(main())
