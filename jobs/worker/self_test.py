"""A small painting for nobody on a new machine: whether it can paint, and how fast.

Times are promised from the seconds that earlier paintings took. Before there is one, a few
evaluations of a small painting tell more than a guess would, and the admins hear what is wrong
before a person's painting fails.
"""

from __future__ import annotations

import asyncio
import contextlib
from pathlib import Path

from jobs.worker import scratch
from jobs.worker.child import ChildDied, paint
from nst.messages import Evaluated, Failed, Order, Planned
from nst.schedule import work
from nst.settings import Settings

_PICTURE = Path(__file__).resolve().parents[2] / "data" / "example.jpg"
_SIZE = 128  # px
_EVALUATIONS = 6  # the first ones prepare for the others
_WITHIN = 120.0  # seconds


class SelfTestFailed(Exception):
    """The machine can't paint; the message is one line for admins."""


async def measure_pace(folder: Path, memory_mb: int) -> float:
    """Paint for some seconds; returns the seconds per unit of `nst.schedule.work`.

    The child may take `memory_mb` (10⁶ bytes); its files are in `folder` meanwhile. Raises
    `SelfTestFailed`.
    """
    with scratch.new_folder(folder) as out:
        order = Order(
            content=str(_PICTURE),
            styles=(str(_PICTURE),),
            out_dir=str(out),
            settings=Settings(size=_SIZE, memory_limit_mb=memory_mb),
        )
        try:
            async with asyncio.timeout(_WITHIN):
                return await _run(order)
        except ChildDied as died:
            last = died.stderr.strip().rsplit("\n", 1)[-1]
            raise SelfTestFailed(f"{died} {last}".strip()) from died
        except TimeoutError:
            raise SelfTestFailed(f"it wasn't done in {_WITHIN:.0f} s") from None


async def _run(order: Order) -> float:
    whole = 0.0
    async with contextlib.aclosing(paint(order)) as conversation:
        async for message in conversation:
            match message:
                case Planned():
                    whole = work(message.width, message.height)
                case Evaluated(progress) if progress.evaluation == _EVALUATIONS:
                    return progress.seconds_left / ((1 - progress.fraction) * whole)
                case Failed():
                    raise SelfTestFailed(f"{message.kind}: {message.detail}")
    raise SelfTestFailed("it ended sooner than it should have")
