# SPDX-License-Identifier: GPL-2.0-or-later
"""Calls of the livegrow module that fail in a guest, by the test module selftests/guest/failcall.

    files = failcall.files()                        to lay over the guest's
    with Calls(g, "vmalloc", "vmalloc_noprof") as calls:
        calls.fail(3)                               # the third from now on
        calls.fail(1, count=2)                      # the first and the second
        calls.failed()                              # how many did, since the with
"""
import built
import root

# The names that a function has on the kernels of kernels.py.
SKB = ("__alloc_skb",)
VMALLOC = ("vmalloc", "vmalloc_noprof")
KVMALLOC = ("kvmalloc_node", "__kvmalloc_node_noprof")

PARAMETERS = "/sys/module/failcall/parameters"


def files():
    return {f"/lib/modules/{root.kernel_version()}/updates/failcall.ko": built.failcall()}


class Calls:
    """A call that fails returns VALUE: 0 is NULL, else a negative errno."""

    def __init__(self, g, *names, value=0):
        self.g, self.names, self.value = g, names, value

    def __enter__(self):
        self.g.sh(f"modprobe failcall function={','.join(self.names)} value={self.value}")
        return self

    def __exit__(self, *_):
        self.g.sh("rmmod failcall")

    def fail(self, nth, count=1):
        self.g.sh(f"echo {nth} {count} > {PARAMETERS}/fail")

    def failed(self):
        return int(self.g.sh(f"cat {PARAMETERS}/failed"))
