# SPDX-License-Identifier: GPL-2.0-or-later
"""A guest's disk as QEMU is told of it: the block nodes from the file up, and the device."""
import dataclasses

# The name under which a filter knows the node below it.
FILTER_CHILD = {"blkdebug": "image", "blkverify": "test"}


@dataclasses.dataclass
class Drive:
    """One disk; NAME is its node, its device id and what resize() is told.

    filters     QEMU filter nodes from the bottom to the top, each a dict
                {"driver": "blklogwrites", "log": NODE, ...}; their nodes are
                NAME-l1, NAME-l2, ... and the top one is NAME
    throttle    limits of a throttle group: {"bps-write": 1 << 20, ...}
    props       further properties of the device: {"write-cache": "off"}
    """
    name: str
    path: str
    format: str = "raw"
    driver: str = "virtio-blk"
    logical: int = 512
    physical: int = None
    serial: str = None
    readonly: bool = False
    bootindex: int = None
    throttle: dict = None
    filters: tuple = ()
    props: dict = dataclasses.field(default_factory=dict)
    file_props: dict = dataclasses.field(default_factory=dict)

    def objects(self):
        if self.throttle:
            yield {"qom-type": "throttle-group", "id": f"{self.name}-limit",
                   "limits": self.throttle}

    def layers(self):
        """The nodes above the file's, without their names."""
        yield {"driver": self.format}
        yield from self.filters
        if self.throttle:
            yield {"driver": "throttle", "throttle-group": f"{self.name}-limit"}

    def nodes(self):
        """The -blockdev dicts, lowest first. The host's cache is used and flushes are real."""
        common = {"read-only": self.readonly, "auto-read-only": False,
                  "cache": {"direct": False, "no-flush": False}}
        below = f"{self.name}-file"
        yield {"driver": "file", "node-name": below, "filename": str(self.path),
               **common, **self.file_props}
        layers = list(self.layers())
        for number, layer in enumerate(layers):
            top = number == len(layers) - 1
            name = self.name if top else f"{self.name}-l{number}"
            child = FILTER_CHILD.get(layer["driver"], "file")
            yield {**common, "node-name": name, child: below, **layer}
            below = name

    def device(self):
        """The -device dict. I/O errors go to the guest, or QEMU would stop it."""
        maker = {"virtio-blk": self._virtio_blk, "virtio-scsi": self._scsi, "nvme": self._nvme}
        device = {"id": f"dev-{self.name}", "drive": self.name,
                  "logical_block_size": self.logical,
                  "physical_block_size": self.physical or self.logical,
                  **maker[self.driver]()}
        if self.bootindex is not None:
            device["bootindex"] = self.bootindex
        return {**device, **self.props}

    def _virtio_blk(self):
        return {"driver": "virtio-blk-pci", "serial": self.serial or self.name,
                "werror": "report", "rerror": "report"}

    def _scsi(self):
        return {"driver": "scsi-hd", "bus": "scsi.0", "serial": self.serial or self.name,
                "werror": "report", "rerror": "report"}

    def _nvme(self):
        return {"driver": "nvme", "serial": self.serial or self.name}
