# SPDX-License-Identifier: GPL-2.0-or-later
"""growctl's help, its man pages and its completions name the same: words.py GROWCTL

Commands, the options of each, the columns of `status`, the exit codes, and the sections,
keys and modes of the configuration.
"""
import pathlib
import re
import subprocess
import sys
import tempfile

CTL = pathlib.Path(__file__).resolve().parents[2] / "ctl"
MAN = (CTL / "man/growctl.8").read_text()
BASH = CTL / "completion/growctl.bash"
MODULE = (CTL / "man/livegrow.4").read_text()
HEADER = (CTL.parent / "include/uapi/linux/livegrow.h").read_text()
ZSH = (CTL / "completion/_growctl").read_text()
CONF = (CTL / "man/growctl.conf.5").read_text()
SAMPLE = (CTL / "growctl.conf").read_text()


def said(*command, within=None):
    done = subprocess.run(command, capture_output=True, text=True, cwd=within)
    return done.stdout + done.stderr


def of_help(text):
    """{command: its options}"""
    lines = re.findall(r"^  ([a-z][a-z-]*)((?: .*)?)$", text, re.M)
    return {name: set(re.findall(r"--([a-z-]+)", rest)) for name, rest in lines}


def of_man():
    found = {}
    for name, text in re.findall(r"^\.It Cm ([a-z-]+)(.*?)(?=^\.It Cm|^\.Sh)", MAN, re.M | re.S):
        found.setdefault(name, set()).update(re.findall(r"(?:Fl|,) -([a-z][a-z-]+)", text))
    return found


def bash(*words, within=None, apart=None):
    """What bash offers for the last of WORDS, in the directory WITHIN."""
    script = (f"source {BASH}; COMP_WORDS=({' '.join(map(repr, words))}); COMP_CWORD={len(words) - 1}; "
              "_growctl; printf '%s\\n' \"${COMPREPLY[@]}\"")
    return said("bash", "-c", script, within=within).split(apart)


def bash_takes_names():
    """A file's name is offered as it is, and no part of it is run."""
    with tempfile.TemporaryDirectory() as directory:
        names = ["x$(touch${IFS}ran)", "y`touch ran`", "my disk.raw"]
        for name in names:
            pathlib.Path(directory, name).touch()
        offered = bash("growctl", "plan", "", within=directory, apart="\n")
        found = set(names) <= set(offered) and not pathlib.Path(directory, "ran").exists()
    if not found:
        print(f"file names: bash offers {offered}")
    return found


def letters_of_man():
    """{letter: option}, of those that stand beside each other somewhere."""
    return dict(re.findall(r"Fl ([A-Za-z]) ,(?: Fl)? -([a-z]+)", MAN))


def letters_of_zsh():
    return dict(re.findall(r"\{-([A-Za-z]),--([a-z]+)\}", ZSH))


def of_bash(commands):
    return {name: {word[2:] for word in bash("growctl", name, "--")} for name in commands}


def of_zsh(commands):
    found = {name: set() for name in commands}
    for name, text in re.findall(r"^([a-z-]+)\)$(.*?);;", ZSH, re.M | re.S):
        found[name] = set(re.findall(r"--([a-z-]+)(?:\[|\})", text))
    return found


def of_header(kind):
    """The names of an enum as growctl has them."""
    return [name.lower().replace("_", "-") for name in re.findall(rf"^\tLIVEGROW_{kind}_(\w+)", HEADER, re.M)]


def of_module(section):
    text = MODULE[MODULE.index(f".Sh {section}"):].split(".El")[0]
    return [name for line in re.findall(r"^\.It Sy (.*)", text, re.M) for name in line.split(" , ")]


def of_errors(growctl):
    """The kinds of sections and the keys that growctl says there are."""
    with tempfile.TemporaryDirectory() as directory:
        path = pathlib.Path(directory, "etc/growctl.conf")
        path.parent.mkdir()
        path.write_text("[all]\nnosuch = 1\n[nosuch]\n")
        keys, kinds = said(growctl, "check-config", directory).splitlines()
    kinds = re.findall(r"\[([a-z]+)", kinds.split("; say")[1])
    return set(kinds), set(re.split(r",? and |, ", keys.split("there are ")[1]))


def modes(growctl):
    """Those that growctl says there are."""
    text = said(growctl, "policy", "set", "nosuch", "mode=nosuch")
    return re.split(r", | or ", re.search(r"but (.*);", text)[1])


def of_sample():
    """Those of the file that is installed, where each has to be understood, too."""
    return set(re.findall(r"^#\[([a-z]+)", SAMPLE, re.M)), set(re.findall(r"^#([a-z-]+) =", SAMPLE, re.M))


def of_conf_page():
    sections, keys = CONF[CONF.index(".Sh SECTIONS"):].split(".Sh KEYS")
    return set(re.findall(r"^\.It Sy \[([a-z]+)", sections, re.M)), set(re.findall(r"^\.It Sy ([a-z-]+) No", keys, re.M))


def sample_is_good(growctl):
    """With every line of it that is no sentence taken in."""
    with tempfile.TemporaryDirectory() as directory:
        path = pathlib.Path(directory, "etc/growctl.conf")
        path.parent.mkdir()
        path.write_text(re.sub(r"^#(?=\[|[a-z-]+ =)", "", SAMPLE, flags=re.M))
        text = said(growctl, "check-config", directory)
    rules = len(re.findall(r"^#\[", SAMPLE, re.M))
    if text != f"{rules} rules in 1 file\n":
        print(f"the sample: {text}")
    return text == f"{rules} rules in 1 file\n"


def bash_settings():
    return [word.split("=") for word in bash("growctl", "policy", "set", "vda", "")]


def same(what, expected, **others):
    wrong = [f"{what}: the help has {expected}, {name} {other}" for name, other in others.items()
             if other != expected]
    print(*wrong, sep="\n", end="\n" if wrong else "")
    return not wrong


def main(growctl):
    text = said(growctl, "--help")
    options = {name: found for name, found in of_help(text).items() if name != "help"}
    columns = said(growctl, "status", "-o", "?").strip().split()[-1].split(",")
    codes = re.findall(r"(\d) [a-z]", text[text.index("Exit codes:"):])
    zsh_commands = re.findall(r"^\t'([a-z-]+):", ZSH, re.M)
    man_columns = re.search(r"Fl o , -output Ar columns\n(.*?);", MAN, re.S)[1]
    zsh_columns = re.search(r"columns=\((.*?)\)", ZSH, re.S)[1]
    return all([
        bash_takes_names(),
        len(options) > 1 and len(columns) > 1 and len(codes) > 1,
        same("commands", set(options), bash=set(bash("growctl", "")) - {"help", "--help", "--version"},
             zsh=set(zsh_commands) - {"help"}, man=set(of_man()) - {"help"}),
        same("options", options, bash=of_bash(options), zsh=of_zsh(options), man={name: found for name, found in of_man().items() if name != "help"}),
        same("letters", dict(re.findall(r"-(\w)\|--([a-z]+)", text)) | {"h": "help", "V": "version"}, man=letters_of_man(),
             zsh=letters_of_zsh()),
        same("what policy does", set(re.findall(r"\| (set|hold|wait)", text)), bash=set(bash("growctl", "policy", "")) & {"set", "hold", "wait"},
             zsh=set(re.search(r"compadd - (.*) \$disks\"", ZSH[ZSH.index("\npolicy)"):])[1].split()),
             man=set(re.findall(r"^\.It Cm policy ([a-z]+)", MAN, re.M))),
        said("zsh", "-n", str(CTL / "completion/_growctl")) == "",
        same("sections and keys", of_errors(growctl), man=of_conf_page(), sample=of_sample()),
        same("keys", of_errors(growctl)[1], bash={key for key, _ in bash_settings()},
             zsh=set(re.search(r"'' - (.*)\"", ZSH)[1].replace("=", "").split())),
        same("modes", modes(growctl), bash=[value for key, value in bash_settings() if key == "mode"],
             man=re.search(r"^\.It Sy mode No = Cm (.*)", CONF, re.M)[1].split(" | ")),
        sample_is_good(growctl),
        same("columns", columns, bash=bash("growctl", "status", "-o", ""), zsh=zsh_columns.split(),
             man=re.split(r",\s*", man_columns)),
        same("states", of_header("STATE"), man=of_module("STATES")),
        same("reasons", of_header("REASON"), man=of_module("REASONS")),
        same("exit codes", codes, man=re.findall(r"\b(\d) ", MAN[MAN.index(".Sh EXIT"):MAN.index(".Sh EXAMPLES")])),
    ])


if __name__ == "__main__":
    sys.exit(0 if main(sys.argv[1]) else 1)
