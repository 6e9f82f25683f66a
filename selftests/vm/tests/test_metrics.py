# SPDX-License-Identifier: GPL-2.0-or-later
"""growctl metrics: Prometheus takes them, and they say what growctl status says; the daemon keeps a file of them."""
import re

import ktap
import livegrow
import promtool
import scenario
from images import GIB, MIB
from scenario import Drive

TIMEOUT = 120
FILE = "/tmp/node/livegrow.prom"
PLACE = '/mnt/a "b" \\c'
HISTORY = "/var/lib/livegrow"
LABELLED = r'a \"b\" \\c'


def samples(text):
    """{name and labels: value}"""
    found = dict(re.match(r"livegrow_(.*) (\S+)$", line).groups() for line in text.splitlines() if line[0] != "#")
    return {name: float(value) for name, value in found.items()}


def text_of(g, command):
    """With its last newline, which the format demands."""
    status, text = g.run_bytes(command)
    assert status == 0, (status, text)
    return text.decode()


def accepted(t, text, when):
    t.equal(promtool.check(text), "", f"promtool has no objection: {when}")
    return samples(text)


def is_all(t, found, name, expected):
    t.equal({key: found.get(key) for key in expected}, expected, name)


def grown(t, g):
    before = g.pace.mark()
    g.resize("vda", 2 * GIB)
    g.resize("vdb", 2 * GIB)
    g.wait_for(f"grep -q '^livegrow_grows_total.*vda.* 2' {FILE} && grep -q 'vdb.*unused.* 1' {FILE}", 20)
    text = text_of(g, "growctl metrics")
    found = accepted(t, text, "after a growth")
    filesystem = f'device="vda1",fstype="ext4",mountpoint="/mnt/{LABELLED}"'
    is_all(t, found, "sizes", {
        'disk_capacity_bytes{disk="vda"}': 2 * GIB, 'partition_size_bytes{disk="vda",device="vda1"}': 2 * GIB - 2 * MIB,
        f'filesystem_size_bytes{{disk="vda",{filesystem}}}': 2 * GIB - 2 * MIB,
        f'filesystem_reach_bytes{{disk="vda",{filesystem}}}': 2 * GIB - 2 * MIB,
        'partition_size_bytes{disk="vdb",device="vdb1"}': GIB - 2 * MIB,
        'partition_reach_bytes{disk="vdb",device="vdb1"}': 2 * GIB - 2 * MIB})
    is_all(t, found, "states", {'disk_state{disk="vda",state="full"}': 1, 'disk_state{disk="vdb",state="full"}': 0,
                                'disk_state{disk="vdb",state="unused"}': 1, "module_loaded": 1, "daemon_running": 1})
    is_all(t, found, "counts", {'grows_total{disk="vda"}': 2, 'failures_total{disk="vda"}': 0,
                                'grows_total{disk="vdb"}': 0, 'failures_total{disk="vdb"}': 0})
    t.ok(0 < found['last_grow_duration_seconds{disk="vda"}'] < 10 * g.pace.factor(before) and
         found['last_grow_timestamp_seconds{disk="vda"}'] > 1.7e9, "how long it took, and when", text)


def kept(t, g):
    text = g.sh(f"cat {FILE}")
    t.equal(samples(text).keys(), samples(g.sh("growctl metrics")).keys(), "the daemon keeps a file of the same")
    t.equal(g.sh(f"stat -c %a {FILE}; ls {FILE.rpartition('/')[0]}").split(), ["644", "livegrow.prom"],
            "all may read it, and nothing else is left")


def counts_go_on(t, g):
    """The history forgets its oldest entries; a counter that went down would be taken for a new one."""
    g.sh(f"cd {HISTORY}; line=$(grep filesystem-grown history); "
         f"yes \"$line\" | head -c {257 * 1024} | sed '$d' >history.old; cp history.old history")
    before = samples(g.sh("growctl metrics"))['grows_total{disk="vda"}']
    g.resize("vda", 3 * GIB)
    g.wait_for(f"grep -q '^livegrow_grows_total.*vda.* {before + 2:.0f}' {FILE}", 20)
    t.ok(before > 1000 and int(g.sh(f"wc -l <{HISTORY}/history")) < 10,
         "a count goes on when the entries that it had counted are dropped", f"{before}")


def file_says(t, g, name, expected):
    """Once the module came or went, or the daemon ends: both tell, whatever the history has."""
    g.wait_for(" && ".join(f"grep -q '^livegrow_{line}$' {FILE}" for line in expected), 20)
    t.ok(True, name)
    return accepted(t, text_of(g, f"cat {FILE}"), name)


def module_went(t, g):
    livegrow.unload(g)
    found = file_says(t, g, "the file tells that the module went", ["module_loaded 0", "daemon_running 1"])
    t.equal([name for name in found if "capacity" in name], [], "and no longer of its disks")
    livegrow.load(g)
    file_says(t, g, "and that it came again", ["module_loaded 1", "daemon_running 1", 'disk_capacity_bytes{disk="vda"} .*'])


def daemon_ends(t, g):
    g.sh("pkill -TERM -o -x growctl")
    file_says(t, g, "and that the daemon has ended", ["module_loaded 1", "daemon_running 0"])


def absent(t, g):
    g.wait_for("! pgrep -x growctl")
    livegrow.unload(g)
    found = accepted(t, text_of(g, "growctl metrics"), "without the module")
    is_all(t, found, "which it tells", {"module_loaded": 0, "daemon_running": 0, 'failures_total{disk="vda"}': 0})


def main():
    drives = [Drive("vda", scenario.one_partition("one.raw", GIB, "ext4")),
              Drive("vdb", scenario.one_partition("two.raw", GIB, "ext4"))]
    with ktap.Report(plan=1 + 5 + 2 + 1 + 5 + 2 + 2) as t, scenario.tiny("metrics", drives) as g:
        g.sh(f"mkdir -p /run /var/lib /tmp/node '{PLACE}' && mount /dev/vda1 '{PLACE}'")
        livegrow.load(g)
        g.start(f"METRICS={FILE} exec growctl daemon >/tmp/log 2>&1")
        g.wait_for(f"[ -s {FILE} ]")
        accepted(t, text_of(g, f"cat {FILE}"), "at first")
        grown(t, g)
        kept(t, g)
        counts_go_on(t, g)
        module_went(t, g)
        daemon_ends(t, g)
        absent(t, g)
        g.poweroff()


main()
