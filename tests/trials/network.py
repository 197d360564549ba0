"""Hosts of a network that exists only here: namespaces of the kernel, joined by a bridge.

This machine itself is one of the hosts, at the bridge's address. One that is cut off hears nothing
and is told nothing, as where a router between two machines fails: its neighbour's hardware address
is written down for good, so that not even a question for that comes back unanswered.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network

_RANGE = IPv4Network("198.18.0.0/15")  # set aside for measurements, RFC 2544
_PREFIX = 28
_MOST = 2 ** (32 - _PREFIX) - 3  # hosts beside the bridge


@dataclass(frozen=True)
class Network:
    """Hosts by name; any other name means this machine itself."""

    name: str
    hosts: tuple[str, ...]
    subnet: IPv4Network

    @property
    def address(self) -> str:
        """Where this machine is reached from all of the hosts."""
        return str(self.subnet[1])

    def inside(self, host: str) -> tuple[str, ...]:
        """What stands before a command that shall run there."""
        if host not in self.hosts:
            return ()
        return ("nsenter", f"--net=/run/netns/{self.place(host)}", "--")

    def cut(self, host: str) -> None:
        """From now on nothing gets there, and nothing comes."""
        _ip("link", "set", self.place(host), "down")

    def mend(self, host: str) -> None:
        """As it was before."""
        _ip("link", "set", self.place(host), "up")

    def place(self, host: str) -> str:
        """The name of its namespace, and of its socket on the bridge."""
        return f"{self.name}-{self.hosts.index(host)}"


@contextlib.contextmanager
def network(hosts: Sequence[str]) -> Iterator[Network]:
    """A network of these hosts, of which nothing is left at the end.

    Several at once don't meet. OSError where none can be made.
    """
    if not 0 < len(hosts) <= _MOST:
        raise ValueError(f"1 to {_MOST} hosts")
    number = secrets.randbelow(2 ** (_PREFIX - _RANGE.prefixlen))
    first = int(_RANGE.network_address) + number * 2 ** (32 - _PREFIX)
    made = Network(
        f"st{secrets.token_hex(3)}", tuple(hosts), IPv4Network((IPv4Address(first), _PREFIX))
    )
    hardware = ":".join(["02", *(f"{byte:02x}" for byte in secrets.token_bytes(5))])
    with contextlib.ExitStack() as undo:
        _ip("link", "add", made.name, "address", hardware, "type", "bridge")
        undo.callback(_try_ip, "link", "del", made.name)
        _ip("address", "add", f"{made.address}/{_PREFIX}", "dev", made.name)
        _ip("link", "set", made.name, "up")
        for number, host in enumerate(hosts):
            place = made.place(host)
            _ip("netns", "add", place)
            undo.callback(_try_ip, "netns", "del", place)
            there = ("type", "veth", "peer", "name", "eth0", "netns", place)
            _ip("link", "add", place, *there)
            # Goes before its namespace does, which may live as long as a process is in it.
            undo.callback(_try_ip, "link", "del", place)
            _ip("link", "set", place, "master", made.name, "up")
            own = f"{made.subnet[number + 2]}/{_PREFIX}"
            _ip("-n", place, "address", "add", own, "dev", "eth0")
            _ip("-n", place, "link", "set", "lo", "up")
            _ip("-n", place, "link", "set", "eth0", "up")
            known = (made.address, "lladdr", hardware, "dev", "eth0", "nud", "permanent")
            _ip("-n", place, "neigh", "add", *known)
        yield made


def why_not() -> str | None:
    """Why this machine can't play several; None when it can."""
    if os.geteuid() != 0:
        return "no network namespace can be made here (needs root)"
    for program in ("ip", "nsenter"):
        if shutil.which(program) is None:
            return f"no network namespace can be made here (needs `{program}`)"
    try:
        with network(("try",)) as tried:
            _run(*tried.inside("try"), "true")
    except OSError as error:
        return f"no network namespace can be made here: {error}"
    return None


def _ip(*words: str) -> None:
    _run("ip", *words)


def _try_ip(*words: str) -> None:
    with contextlib.suppress(OSError):
        _ip(*words)


def _run(*words: str) -> None:
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode:
        raise OSError(f"`{' '.join(words)}` says {done.stderr.strip() or done.returncode}")
