"""A painting for nobody on a new machine: whether it paints at all, and how fast.

Times are promised from the pace of earlier paintings. Before there is one, a few evaluations of a
small painting tell more than any guess; and what would spoil the first person's painting comes to
the admins' ears before it does.
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


class TrialFailed(Exception):
    """A machine can't paint; the message is one line for admins."""


async def pace_here(folder: Path, memory_mb: int) -> float:
    """Seconds per unit of `nst.schedule.work`; some seconds of painting within `memory_mb`.

    Its files lie in `folder` meanwhile. Raises `TrialFailed`.
    """
    with scratch.room(folder) as desk:
        order = Order(
            content=str(_PICTURE),
            styles=(str(_PICTURE),),
            out_dir=str(desk),
            settings=Settings(size=_SIZE, memory_limit_mb=memory_mb),
        )
        try:
            async with asyncio.timeout(_WITHIN):
                return await _pace(order)
        except ChildDied as died:
            last = died.stderr.strip().rsplit("\n", 1)[-1]
            raise TrialFailed(f"{died} {last}".strip()) from died
        except TimeoutError:
            raise TrialFailed(f"it wasn't done in {_WITHIN:.0f} s") from None


async def _pace(order: Order) -> float:
    whole = 0.0
    async with contextlib.aclosing(paint(order)) as conversation:
        async for message in conversation:
            match message:
                case Planned():
                    whole = work(message.width, message.height)
                case Evaluated(progress) if progress.evaluation == _EVALUATIONS:
                    return progress.seconds_left / ((1 - progress.fraction) * whole)
                case Failed():
                    raise TrialFailed(f"{message.kind}: {message.detail}")
    raise TrialFailed("it ended sooner than it should have")
