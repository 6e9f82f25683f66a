# SPDX-License-Identifier: GPL-2.0-or-later
"""Three disks grow at once under load, and nobody types anything in the guest."""
import images
import ktap
import latency
import oracles
import scenario
from images import GIB, MIB

TIMEOUT = 240
ALONE = True

# disk: the new capacity, start and size of every partition in sectors then, and the
# bytes of the filesystem.
EXPECTED = {
    "vda": (2524 * MIB, [(2048, 2048), (4096, 131072), (135168, 5031936)], 5031936 * 512),
    "vdb": (2 * GIB, [], 2 * GIB),
    "vdc": (3 * GIB, [(2048, 6287360)], 6287360 * 512),
}
SECOND = 1_000_000_000


def grow_all(t, g, watch, volumes):
    """Nothing runs in the guest meanwhile but what was started before."""
    mark = g.pace.mark()
    for name, (size, _, _) in EXPECTED.items():
        g.resize(name, size)
    for volume in volumes:
        name = volume.drive.name
        with t.case(f"{name}: the filesystem has its new size within 1 s"):
            grown = watch.wait(event="filesystem-grown", disk=name, fs_size=EXPECTED[name][2])
            assert grown["time"] - grown["time_changed"] <= SECOND * g.pace.factor(mark), grown
            assert grown["capacity"] == EXPECTED[name][0], grown


def check_live(t, g, volumes):
    for v in volumes:
        size = EXPECTED[v.drive.name][2]
        t.equal(scenario.fs_bytes(g, v.kind, v.device, v.mount), size,
                f"{v.drive.name}: the filesystem's own tool says so")
        with t.case(f"{v.drive.name}: more than the old disk's size can be written"):
            g.sh(f"fallocate -l {size - 900 * MIB} {v.mount}/big && rm {v.mount}/big")


def run(t, disk, volumes):
    with scenario.installed("three-disks", disk, [v.drive for v in volumes[1:]]) as g:
        watch = scenario.Watch(g)
        writers = scenario.start_writers(g, [v.load for v in volumes])
        grow_all(t, g, watch, volumes)
        check_live(t, g, volumes)
        t.note(f"blocks written: {scenario.stop_writers(g, writers)}")
        latency.record(t, watch.update())
        g.poweroff()


def check_kernel(t, volumes):
    with scenario.afterwards("three-disks", volumes) as g:
        for v in volumes:
            name, parts = v.drive.name, EXPECTED[v.drive.name][1]
            t.equal([scenario.part_sectors(g, f"{name}{n}") for n in range(1, len(parts) + 1)],
                    parts, f"{name}: a stock kernel sees the new partitions")
            t.equal(g.run(f"ls /sys/block/{name} | grep -c ^{name}")[1], f"{len(parts)}\n",
                    f"{name}: and no others")
            with t.case(f"{name}: every checksum is right"):
                t.note(f"{name}: {scenario.verify_writer(g, v)}")


def check_images(t, volumes):
    for v in volumes:
        name, parts = v.drive.name, EXPECTED[v.drive.name][1]
        with images.raw(v.drive.path, v.drive.format) as image:
            if parts:
                t.equal(oracles.table(image, parts), [], f"{name}: sfdisk and sgdisk agree")
            t.equal(oracles.filesystem(image, v.kind, *v.range(image)), [],
                    f"{name}: fsck finds nothing in the {v.kind}")


def main():
    with ktap.Report(plan=3 * 3 + 3 * 3 + 5) as t:
        disk, volumes = scenario.three_disks()
        run(t, disk, volumes)
        check_kernel(t, volumes)
        check_images(t, volumes)


main()
