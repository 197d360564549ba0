"""Starts, feeds, watches and kills the process that paints.

Torch lives only there. Whatever happens to that process, the worker gets exactly one of: the
messages up to `Finished` or `Failed`, or a `ChildDied` that says how it ended.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
import sys
from collections import deque
from collections.abc import AsyncGenerator
from pathlib import Path

from data.config import ROOT, environment_without_secrets
from nst.machine.environment import CHILD_ENVIRONMENT
from nst.messages import Failed, Finished, Message, Order, Planned, decode, encode

log = logging.getLogger(__name__)

_SILENCE = 600.0  # seconds without a message until a child counts as hung
_STDERR_LINES = 12
_LOOK = 0.1  # seconds between looks at how much a child holds


class ChildDied(Exception):
    """The painting process ended without a last word."""

    def __init__(
        self,
        returncode: int | None,
        stderr: str,
        planned: Planned | None = None,
        peak_mb: float = 0.0,
    ) -> None:
        self.returncode = returncode
        self.stderr = stderr
        self.planned = planned
        self.peak_mb = peak_mb
        super().__init__(f"the painting process {self.how}")

    @property
    def how(self) -> str:
        """How it ended, for a log or an admin."""
        if self.returncode is None:
            return f"was silent for {_SILENCE:.0f} s and was killed"
        if self.returncode < 0:
            return f"was killed by {signal.Signals(-self.returncode).name}"
        return f"ended with exit code {self.returncode}"


async def paint(order: Order) -> AsyncGenerator[Message, None]:
    """Run one painting; yields the child's messages, the last being `Finished` or `Failed`.

    Raises `ChildDied`. Leaving the iteration, by cancellation too, kills the child at once: close
    the iterator (`contextlib.aclosing`) to be sure of when.
    """
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "nst.child"),
        cwd=ROOT,
        env=environment_without_secrets() | CHILD_ENVIRONMENT,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        # Ctrl-C in a terminal is for the bot alone, which then hands the painting back. Not a new
        # session: the kernel would give that an equal share of the processor, however nice it is.
        process_group=0,
    )
    assert process.stdin and process.stdout and process.stderr
    stderr: deque[str] = deque(maxlen=_STDERR_LINES)
    peak = _Peak()
    helpers = (
        asyncio.create_task(_collect(process.stderr, stderr)),
        asyncio.create_task(peak.watch(process.pid)),
    )
    finished = False
    planned: Planned | None = None
    try:
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            process.stdin.write(encode(order).encode())
            await process.stdin.drain()
        while True:
            line = await asyncio.wait_for(process.stdout.readline(), _SILENCE)
            if not line:
                break
            try:
                message = decode(line.decode())
            except ValueError:
                log.warning("the child said something that is not a message")
                continue
            finished = isinstance(message, Finished | Failed)
            planned = message if isinstance(message, Planned) else planned
            yield message
        returncode: int | None = await process.wait()
    except TimeoutError:
        returncode = None
    finally:
        if process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
        for helper in helpers:
            helper.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await helper
    if not finished:
        raise ChildDied(returncode, "\n".join(stderr), planned, peak.mb)


class _Peak:
    """The most that was seen of a process's memory: it is looked at all the time, since between
    two messages it may take in all that it is then killed for.
    """

    def __init__(self) -> None:
        self.mb = 0.0

    async def watch(self, pid: int) -> None:
        """Look, until cancelled."""
        while True:
            self.mb = max(self.mb, _anonymous_mb(pid))
            await asyncio.sleep(_LOOK)


def _anonymous_mb(pid: int) -> float:
    """What the process holds now, in MB (10⁶ bytes); 0 where that can't be seen."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0.0
    return next((int(x.split()[1]) * 1.024e-3 for x in lines if x.startswith("RssAnon:")), 0.0)


async def _collect(stream: asyncio.StreamReader, lines: deque[str]) -> None:
    """Keep the last lines of standard error, cut to a sane length."""
    while True:
        try:
            line = await stream.readline()
        except ValueError:  # a line longer than the buffer: skip it
            continue
        if not line:
            return
        lines.append(line.decode(errors="replace").rstrip()[:300])
