"""Placement a trial's programs run: on hosts of a network, in a cgroup, or simply here."""

from __future__ import annotations

import asyncio
import shlex
import socket
from dataclasses import dataclass
from pathlib import Path

from database.server.embedded import DatabaseStartError
from tests.trials.network import Network


@dataclass(frozen=True)
class Placement:
    """What is special about it; by default nothing is."""

    network: Network | None = None
    """A program that is named as one of its hosts runs there."""
    group: Path | None = None
    """A cgroup for all of them, and for what they start."""

    def before(self, name: str) -> tuple[str, ...]:
        """What stands before this program's command."""
        enter = ('echo $$ > "$0/cgroup.procs" && exec "$@"', str(self.group))
        inside = self.network.inside(name) if self.network else ()
        return (*(("sh", "-c", *enter) if self.group else ()), *inside)


HERE = Placement()


async def listen(data: Path, network: Network) -> str:
    """Have the server of this folder answer in a network too, and only there; its URL."""
    words = shlex.split((data / "postmaster.opts").read_text())
    with (data / "pg_hba.conf").open("a") as rules:
        rules.write(f"host all all {network.subnet} trust\n")
    with socket.socket() as free:
        free.bind((network.address, 0))
        port = free.getsockname()[1]
    options = f"-h {network.address} -p {port} -k {words[words.index('-k') + 1]}"
    owner = data.stat()
    restart = await asyncio.create_subprocess_exec(
        *(str(Path(words[0]).with_name("pg_ctl")), "-w", "-D", str(data)),
        *("-o", options, "-l", str(data / "log"), "-m", "fast", "restart"),
        user=owner.st_uid,
        group=owner.st_gid,
        extra_groups=[],
        stdout=asyncio.subprocess.DEVNULL,
    )
    if await restart.wait():
        raise DatabaseStartError("the server does not listen in the network")
    return f"postgresql://postgres@{network.address}:{port}/postgres"
