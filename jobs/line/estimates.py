"""How long a painting will take, learned from earlier ones or from the self test."""

from __future__ import annotations

import asyncio
import dataclasses
import itertools

from database.records import PaintingRecord, Request
from jobs.line.queue import PaintingQueue
from nst.choices import SIZES
from nst.schedule import fitting, work
from nst.sizes import painting_size

USUAL_PACE = 2.6e-6
"""Seconds per unit of work where nothing is known yet: a small machine of two cores."""
OVERHEAD = 5.0
"""Seconds beside the work: fetching, starting torch, sending."""
STARTING = 3.0
"""The part of `OVERHEAD` that is included in a painting's own seconds."""
TIME_LIMIT = 100 * 60.0
"""Seconds that one painting may be painted; what would take longer isn't offered."""
_USUAL_SHAPE = (4, 3)
_LAST = 15  # paintings that the pace is learned from
_FRESH = 20.0  # seconds until the pace is learned anew


@dataclasses.dataclass(frozen=True, slots=True)
class Outlook:
    """What an estimate is made from: the pace here, and what is in line already."""

    pace: float
    """Seconds per unit of `nst.schedule.work`."""
    ahead: float
    """Seconds until a painting that is ordered now would begin."""

    def seconds(self, request: Request) -> float:
        """Seconds from the tap to the picture."""
        return self.ahead + alone(request, self.pace)


class Estimates:
    """Learns from the records how fast this installation paints, at most every `_FRESH` seconds."""

    def __init__(self, queue: PaintingQueue) -> None:
        self._queue = queue
        self._pace = USUAL_PACE
        self._learned = float("-inf")

    async def outlook(self) -> Outlook:
        """The outlook of a painting that is ordered now."""
        pace = await self.pace()
        waiting = await self._queue.paintings.several(await self._queue.places())
        *_, ahead = await self._starts(waiting, pace)
        return Outlook(pace, ahead)

    async def until(self, places: list[str]) -> dict[str, float]:
        """Seconds until each of these waiting paintings, first in line first, begins."""
        waiting = await self._queue.paintings.several(places)
        starts = await self._starts(waiting, await self.pace())
        return {record.id: start for record, start in zip(waiting, starts, strict=False)}

    async def pace(self) -> float:
        """Seconds per unit of work."""
        now = asyncio.get_running_loop().time()
        if now - self._learned > _FRESH:
            if paces := await self._queue.paintings.paces(_LAST):
                self._pace = pace_of(paces)
            elif tried := await self._queue.renderers.pace():
                self._pace = tried
            self._learned = now
        return self._pace

    @property
    def longest_side(self) -> int:
        """The largest of the offered sizes, in pixels, that is painted within `TIME_LIMIT` here.

        By the pace that was learned last, for a photo of the usual shape; the smallest in any case.
        """
        smallest, *others = sorted(SIZES.values())
        in_time = [size for size in others if self._alone(size) <= TIME_LIMIT]
        return max((smallest, *in_time))

    def _alone(self, size: int) -> float:
        return OVERHEAD + self._pace * work(*fitting(_USUAL_SHAPE, size))

    async def _starts(self, waiting: list[PaintingRecord], pace: float) -> list[float]:
        """Seconds until each of these begins, and last until one behind them would.

        The running ones are read once for all of them, since this is asked for everybody who joins
        a line that may be long.
        """
        running = await self._queue.paintings.running()
        left = sum(max(2.0, alone(record.request, pace) - age) for record, age in running)
        lengths = (alone(record.request, pace) for record in waiting)
        at_once = max(1, len(running))
        return [before / at_once for before in itertools.accumulate(lengths, initial=left)]


def pace_of(painted: list[tuple[float, float]]) -> float:
    """The median of seconds per unit of work, weighted by work.

    Most of a small painting's seconds go into starting, so it tells little of a large one.
    """
    paces = sorted((max(took - STARTING, took / 2) / weight, weight) for weight, took in painted)
    half = sum(weight for _, weight in paces) / 2
    for pace, weight in paces:
        half -= weight
        if half <= 0:
            return pace
    return paces[-1][0]


def alone(request: Request, pace: float) -> float:
    """Seconds from the tap to the picture when nothing is before it in line."""
    return OVERHEAD + pace * work_of(request)


def work_of(request: Request) -> float:
    """The work of a painting, in the units of `nst.schedule.work`."""
    if request.shape and min(request.shape) > 0:
        size = painting_size(request.shape, request.recipe.size)
    else:
        size = fitting(_USUAL_SHAPE, request.recipe.size)
    return work(*size, request.start_size)
