# SPDX-License-Identifier: GPL-2.0-or-later
"""growctl watch: what was told before it listened, what it lost, and a module that goes and comes."""
import json

import ktap
import livegrow
import scenario
from images import GIB, MIB
from scenario import Drive

TIMEOUT = 120
LOG = "/tmp/daemon.log"
GROWTH = ["capacity-changed", "table-updated", "partition-grown", "filesystem-grown"]
REMEMBERED = 64


def lines(g, file):
    """The events of FILE. The last line may still be on its way to it."""
    text = g.news(file)[0]
    return [json.loads(line) for line in text[:text.rfind("\n") + 1].splitlines()]


def kinds(events):
    return [event["event"] for event in events]


def begin(g, file):
    command = g.start(f"exec growctl watch --json >{file}")
    g.wait_for(f"grep -q subscribed {file}")
    return command


def grown(g, capacity, times):
    """The daemon logs a growth after the module has taken its report."""
    g.resize("vda", capacity)
    g.wait_for(f"[ $(grep -c 'ext4 grown' {LOG}) = {times} ]")


def before(t, g):
    """What happened before anybody listened."""
    grown(g, 640 * MIB, 1)
    begin(g, "/tmp/late")
    events = lines(g, "/tmp/late")
    t.equal([kind for kind in kinds(events) if kind in GROWTH], GROWTH, "a growth of before is told in its order")
    t.equal(kinds(events)[-1], "subscribed", "in front of what is new")
    t.ok("settled" not in kinds(events), "but not that looks ended", kinds(events))
    grown(g, 768 * MIB, 2)
    g.wait_for("[ $(grep -c filesystem-grown /tmp/late) = 2 ]")
    events = [event for event in lines(g, "/tmp/late") if "seq" in event]
    t.equal(len({event["seq"] for event in events}), len(events), "none is told twice")
    t.equal([e["capacity"] for e in events if e["event"] == "partition-grown"], [640 * MIB, 768 * MIB],
            "and each as it was then")
    watch = g.start("exec growctl watch >/tmp/people")
    g.wait_for("grep -q subscribed /tmp/people")
    g.sh("pkill -INT -n -x growctl")
    status, text = watch.wait(10)[0], g.sh("cat /tmp/people")
    t.ok(status == 0 and "vda1 638 MiB -> 766 MiB" in text and text.splitlines()[-1].endswith("subscribed"),
         "for people too, until SIGINT", f"{status} {text}")


def many(t, g):
    """More than it keeps; what a person asked for is among it."""
    g.sh(f"for i in $(seq {REMEMBERED + 20}); do lgnl grow vda asked; done")
    begin(g, "/tmp/many")
    events = lines(g, "/tmp/many")[:-1]
    t.equal(len(events), REMEMBERED, "so many are remembered")
    t.equal([b["seq"] > a["seq"] for a, b in zip(events, events[1:])], [True] * (REMEMBERED - 1), "the newest, in order")
    g.sh("pkill -x growctl")


def lost(t, g):
    """A watch that is stopped while more happens than its buffer holds."""
    begin(g, "/tmp/lost")
    watch = livegrow.stop(g, "-n -x growctl")
    # One is looked at as often as asked, and each end of a look is an event.
    g.sh("lgnl looks vda 2500 >/dev/null", 100)
    grown_before = g.sh("grep -c partition-grown /tmp/lost || :").strip()
    g.resize("vda", GIB)
    livegrow.settled(g, "vda", GIB)
    g.sh(f"kill -CONT {watch}")
    g.wait_for(f"[ $(grep -c partition-grown /tmp/lost) -gt {grown_before} ]")
    events = lines(g, "/tmp/lost")
    at = kinds(events).index("lost") if "lost" in kinds(events) else None
    t.ok(at is not None, "it says that it lost events", kinds(events)[-10:])
    t.ok(any(e["event"] == "partition-grown" and e["capacity"] == GIB for e in events[at or 0:]),
         "and tells those that the module remembers", kinds(events)[at or 0:][:10])
    seqs = [event["seq"] for event in events if "seq" in event]
    t.equal(len(set(seqs)), len(seqs), "none twice")


def reload(t, g):
    livegrow.unload(g)
    g.wait_for("grep -q unloaded /tmp/lost")
    livegrow.load(g)
    g.wait_for("[ $(grep -c subscribed /tmp/lost) = 2 ]")
    g.resize("vda", 1152 * MIB)
    g.wait_for(f"grep -q 'partition-grown.*\"capacity\":{1152 * MIB}' /tmp/lost")
    events = kinds(lines(g, "/tmp/lost"))
    t.ok(events.index("unloaded") < len(events) - 1 - events[::-1].index("subscribed"),
         "it is told when the module goes, and when it is back", events[-12:])
    t.ok("partition-grown" in events[len(events) - events[::-1].index("subscribed"):], "and what happens then")


def main():
    with ktap.Report(plan=6 + 2 + 3 + 2) as t:
        drive = Drive("vda", scenario.one_partition("watch.raw", 512 * MIB, "ext4"))
        with scenario.tiny("watch", [drive]) as g:
            g.sh("mkdir -p /mnt && mount /dev/vda1 /mnt")
            livegrow.load(g)
            daemon = g.start(f"exec growctl daemon 2>{LOG}")
            before(t, g)
            # The daemon would hear what is lost by watch alone.
            g.sh("pkill -x growctl")
            daemon.wait(10)
            many(t, g)
            lost(t, g)
            reload(t, g)
            g.poweroff()


main()
