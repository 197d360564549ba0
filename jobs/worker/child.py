"""Starts, feeds, watches and kills the process that paints, the only one that loads torch.

Whatever happens to it, the worker gets either its messages up to `Finished` or `Failed`, or a
`ChildDied` that says how it ended.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
import sys
from collections import deque
from collections.abc import AsyncGenerator

from data.config import ROOT, environment_without_secrets
from nst.machine.environment import CHILD_ENVIRONMENT
from nst.messages import Failed, Finished, Message, Order, Planned, decode, encode
from utils.process import memory

log = logging.getLogger(__name__)

_SILENCE = 600.0  # seconds without a message until a child counts as hung
_STDERR_LINES = 12
_LOOK_EVERY = 0.1  # seconds between looks at how much memory a child holds


class ChildDied(Exception):
    """The painting process ended without `Finished` or `Failed`.

    Says its exit code (None when it hung), the last lines of its standard error, its plan as far
    as it told it, and the most anonymous memory that was seen, in MB (10⁶ bytes).
    """

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
    """Run one painting and yield the child's messages, the last of them `Finished` or `Failed`.

    Raises `ChildDied`. Leaving the iteration, by cancellation too, kills the child at once; close
    the iterator (`contextlib.aclosing`) so that this happens when you expect it.
    """
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "nst.child",
        cwd=ROOT,
        env=environment_without_secrets() | CHILD_ENVIRONMENT,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        # Ctrl-C in a terminal must reach the bot alone, which then hands the painting back. A new
        # session would do that too, but the kernel gives each session an equal share of the
        # processor, whatever its niceness.
        process_group=0,
    )
    assert process.stdin and process.stdout and process.stderr
    stderr: deque[str] = deque(maxlen=_STDERR_LINES)
    watch = _MemoryWatch()
    helpers = (
        asyncio.create_task(_collect(process.stderr, stderr)),
        asyncio.create_task(watch.run(process.pid)),
    )
    finished = False
    planned: Planned | None = None
    try:
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            process.stdin.write(encode(order).encode())
            await process.stdin.drain()
        while True:
            # `wait_for` of Python 3.11 would lose a stop that comes at the same moment as a line.
            async with asyncio.timeout(_SILENCE):
                line = await process.stdout.readline()
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
        raise ChildDied(returncode, "\n".join(stderr), planned, watch.highest_mb)


class _MemoryWatch:
    """The most anonymous memory that a process was seen to hold.

    It is looked at all the time: between two messages a child may take all that it is killed for.
    """

    def __init__(self) -> None:
        self.highest_mb = 0.0
        """In MB (10⁶ bytes); 0 where the system doesn't tell."""

    async def run(self, pid: int) -> None:
        """Look until cancelled."""
        while True:
            self.highest_mb = max(self.highest_mb, (memory.anonymous_bytes(pid) or 0) / 1e6)
            await asyncio.sleep(_LOOK_EVERY)


async def _collect(stream: asyncio.StreamReader, lines: deque[str]) -> None:
    """Keep the last lines of standard error, each cut to 300 characters."""
    while True:
        try:
            line = await stream.readline()
        except ValueError:  # a line longer than the buffer: skip it
            continue
        if not line:
            return
        lines.append(line.decode(errors="replace").rstrip()[:300])
