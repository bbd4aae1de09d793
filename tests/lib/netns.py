"""A second host on this machine: a network namespace behind a virtual cable, which can start to drop everything.

Needs root and iproute2; Skip is raised where they are missing.
"""
import ctypes
import os
import subprocess

from check import Skip

CLONE_NEWNET = 0x40000000


def _ip(*args):
    subprocess.run(["ip"] + list(args), check=True, capture_output=True)


class Host:
    def __init__(self):
        self.name = "pl%d" % os.getpid()
        net = 16 + os.getpid() % 200
        self.server_address, self.address = "10.213.%d.1" % net, "10.213.%d.2" % net
        try:
            _ip("netns", "add", self.name)
            _ip("link", "add", self.name, "type", "veth", "peer", "name", "eth0", "netns", self.name)
            _ip("addr", "add", self.server_address + "/24", "dev", self.name)
            _ip("link", "set", self.name, "up")
            self._inside("addr", "add", self.address + "/24", "dev", "eth0")
            self._inside("link", "set", "eth0", "up")
            self._inside("link", "set", "lo", "up")
        except (OSError, subprocess.CalledProcessError) as e:
            self.close()
            raise Skip("no network namespaces here: %s" % e) from e

    def _inside(self, *args):
        _ip("-n", self.name, *args)

    def run(self, fn):
        """fn() with sockets of that host; they stay there afterwards."""
        libc = ctypes.CDLL(None, use_errno=True)
        with open("/proc/thread-self/ns/net", "rb") as home, open("/run/netns/" + self.name, "rb") as there:
            if libc.setns(there.fileno(), CLONE_NEWNET) != 0:
                raise OSError(ctypes.get_errno(), "setns")
            try:
                return fn()
            finally:
                libc.setns(home.fileno(), CLONE_NEWNET)

    def drop(self):
        """From now on nothing leaves that host, not even an acknowledgement, and nobody is told."""
        self._inside("route", "replace", "blackhole", self.server_address + "/32")

    def close(self):
        subprocess.run(["ip", "link", "del", self.name], check=False, capture_output=True)
        subprocess.run(["ip", "netns", "del", self.name], check=False, capture_output=True)
