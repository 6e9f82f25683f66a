# SPDX-License-Identifier: GPL-2.0-or-later
"""Bad input to the kernel family: an errno and a text for each, and the kernel lives on."""
import ktap
import gpt
import images
import livegrow
from drive import Drive
from guest import Guest

TIMEOUT = 120


def lines(text):
    """(plan, [(good, name, the comment lines before it)]) of KTAP that a guest printed."""
    plan, results, notes = 0, [], []
    for line in text.splitlines():
        result = ktap.RESULT.match(line)
        if ktap.PLAN.match(line):
            plan = int(ktap.PLAN.match(line)[1])
        elif result:
            results.append((result[1] == "ok", result[3], "\n".join(notes)))
            notes = []
        else:
            notes.append(line.lstrip("# "))
    return plan, results


def make_disk():
    image = images.path("netlink.raw")
    gpt.Table(64 * images.MIB, [gpt.Part(2048, 65535)]).write(image)
    return Drive("vda", image)


def bad_input():
    """What the guest's own test printed, and whether the guest ended in order."""
    with Guest("netlink", initrd=livegrow.initrd(), drives=[make_disk()]) as g:
        livegrow.load(g)
        status, text = g.run("badinput vda")
        livegrow.unload(g)
        g.poweroff()
    return status, text


def main():
    status, text = bad_input()
    plan, results = lines(text)
    with ktap.Report(plan=plan + 2) as t:
        for good, name, notes in results:
            t.ok(good, name, notes)
        t.ok(plan > 80, f"the guest planned {plan} results", text)
        t.equal(status, 0, "the guest's own verdict, and the module unloads afterwards")


main()
