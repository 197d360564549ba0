"""Paints one picture: again with less memory, or smaller, after a failure that this can cure."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import math
import signal
from pathlib import Path

from data.life import BAD, TOO_LARGE, Failure, PaintingFailed, Picture, TooLargeHere
from database.paintings import Paintings
from database.records import PaintingRecord
from jobs.chat.status import StatusMessage
from jobs.chat.wording import describe
from jobs.line.estimates import TIME_LIMIT
from jobs.line.renderer import Renderer
from jobs.worker.child import ChildDied, paint
from jobs.worker.fetch import Pictures
from jobs.worker.memory_budget import MemoryBudget
from keyboards import inline
from nst.messages import Failed, FailureKind, Finished, Order, Planned
from nst.progress import Progress
from nst.settings import Settings
from utils.notify_admins import AdminNotices
from utils.texts import Texts, texts

log = logging.getLogger(__name__)

_MOST_DEATHS = 3
_SMALLEST = 128  # px; nobody would want a smaller painting
_LEANER = 0.8  # of the memory that was too much
_SMALLER = 0.75  # of the longest side that was too large
_IN_TIME = 0.7  # of the time limit: what a smaller painting aims at
_TELLING = 0.15  # fraction of the work from which on the time that is left is well known
_SURELY = 1.2  # times the limit: less than that may be the noise of a busy machine
PREVIEW_EVERY = 3.0  # seconds; a little less than between two edits, so that each has a fresh one


class _TooSlow(Exception):
    """A painting reached the time limit, or is going to."""

    def __init__(self, seconds: float) -> None:
        """`seconds` is what the whole of it would take."""
        self.seconds = seconds
        super().__init__(f"it would take {seconds:.0f} s")


class Attempts:
    """Runs painting processes (children) until one makes the picture or none can."""

    def __init__(
        self,
        paintings: Paintings,
        notices: AdminNotices,
        budget: MemoryBudget,
        max_size: int,
        renderer: Renderer,
    ) -> None:
        """`max_size` is the longest side in pixels that this machine is asked to paint."""
        self._paintings = paintings
        self._notices = notices
        self._budget = budget
        self._max_size = max_size
        self._renderer = renderer

    async def paint(
        self,
        record: PaintingRecord,
        pictures: Pictures,
        folder: Path,
        status: StatusMessage,
    ) -> Finished:
        """The finished painting, its files in `folder`; raises `PaintingFailed`, `TooLargeHere`."""
        request = record.request
        speak = texts(request.locale)
        asked = min(request.recipe.size, record.size_limit or request.recipe.size)
        size = min(asked, self._max_size)
        if size < asked:
            await status.say(speak("smaller-here", size=str(size)), inline.stop(speak, record.id))
        memory, aim = self._budget.make_room(), None
        deaths = record.deaths
        # The person is told once of deaths and of what followed, whichever worker says it.
        told = deaths > 0 or record.size_limit is not None
        while True:
            order = Order(
                content=str(pictures.content),
                styles=tuple(map(str, pictures.styles)),
                out_dir=str(folder),
                settings=Settings.of(
                    request.recipe, size=size, memory_limit_mb=memory, memory_aim_mb=aim
                ),
                start=str(pictures.start) if pictures.start else None,
                preview_seconds=PREVIEW_EVERY,
            )
            try:
                outcome = await self._one_child(record, order, status, speak)
            except _TooSlow as late:
                size = await self._in_time(record, size, late)
                words = speak("smaller-in-time", size=str(size))
                await status.say(words, inline.stop(speak, record.id))
                continue
            except ChildDied as died:
                deaths = await self._paintings.count_death(record.id)
                await self._report_death(record, order, died, deaths)
                if deaths >= _MOST_DEATHS:
                    raise PaintingFailed(Failure.KILLED) from died
                aim = _leaner(order, died.planned)
                if deaths > 1 and died.returncode == -signal.SIGKILL:
                    size = await self._go_smaller(record, size, int(size * _SMALLER))
                if not told:
                    told = True
                    await status.say(speak("interrupted"), inline.stop(speak, record.id))
                continue
            if isinstance(outcome, Finished):
                return outcome
            if outcome.kind is FailureKind.OUT_OF_MEMORY:
                smaller = outcome.fitting_size or int(size * _SMALLER)
                if outcome.fitting_size and await self._renderer.learn(outcome.fitting_size):
                    raise TooLargeHere(outcome.detail)
                await self._report(record, order, outcome)
                if _SMALLEST <= smaller < size:
                    size = await self._go_smaller(record, size, smaller)
                    if not told:
                        told = True
                        await status.say(
                            speak("smaller", size=str(size)), inline.stop(speak, record.id)
                        )
                    continue
            failure = _failure(outcome)
            if failure in (Failure.WEIGHTS_MISSING, Failure.INTERNAL):
                await self._report(record, order, outcome)
            raise PaintingFailed(failure, outcome.detail)

    async def _one_child(
        self, record: PaintingRecord, order: Order, status: StatusMessage, speak: Texts
    ) -> Finished | Failed:
        """A child's last message; raises `ChildDied`, `_TooSlow` where it would take too long."""
        keyboard = inline.stop(speak, record.id)
        preview: Path | None = None
        try:
            async with (
                asyncio.timeout(TIME_LIMIT),
                contextlib.aclosing(paint(order)) as conversation,
            ):
                async for message in conversation:
                    if isinstance(message, Finished | Failed):
                        return message
                    if isinstance(message, Planned):
                        _log_plan(record, order, message)
                        continue
                    _check_time(message.progress)
                    preview = Path(message.preview) if message.preview else preview
                    if status.show(describe(message.progress, speak), keyboard, preview):
                        preview = None
        except TimeoutError as error:
            raise _TooSlow(_SURELY * TIME_LIMIT) from error
        raise AssertionError("a child's last message is Finished or Failed")

    async def _in_time(self, record: PaintingRecord, size: int, late: _TooSlow) -> int:
        """The size in pixels that can be painted within the time limit; the work grows with pixels.

        Raises `PaintingFailed` where there is no smaller one.
        """
        log.warning("painting %s: %s at %d px", record.id, late, size)
        if size <= _SMALLEST:
            raise PaintingFailed(Failure.TOO_SLOW) from late
        smaller = size * math.sqrt(_IN_TIME * TIME_LIMIT / late.seconds)
        return await self._go_smaller(record, size, int(smaller))

    async def _go_smaller(self, record: PaintingRecord, size: int, to: int) -> int:
        """The size in pixels to go on with, at most `size`; kept for the worker that goes on."""
        size = min(size, max(_SMALLEST, to))
        await self._paintings.set_size_limit(record.id, size)
        return size

    async def _report_death(
        self, record: PaintingRecord, order: Order, died: ChildDied, deaths: int
    ) -> None:
        log.error("painting %s: %s (death %d)\n%s", record.id, died, deaths, died.stderr)
        await self._notices.send(
            f"⚠️ painting {record.id}, chat {record.chat_id}: {died} "
            f"(death {deaths} of {_MOST_DEATHS})\n{_plan(order, died.planned)}, "
            f"held {died.peak_mb:.0f} MB when last seen\n{died.stderr[-800:]}",
            kind="child died",
        )

    async def _report(self, record: PaintingRecord, order: Order, failed: Failed) -> None:
        log.error("painting %s: %s: %s", record.id, failed.kind, failed.detail)
        await self._notices.send(
            f"⚠️ painting {record.id}, chat {record.chat_id}: {failed.kind}\n"
            f"{failed.detail}\n{_plan(order)}",
            kind=f"failed {failed.kind}",
        )


def _check_time(progress: Progress) -> None:
    """Raise `_TooSlow` where it can be told that the whole would take too long."""
    whole = progress.seconds + progress.seconds_left
    if progress.fraction > _TELLING and whole > _SURELY * TIME_LIMIT:
        raise _TooSlow(whole)


def _log_plan(record: PaintingRecord, order: Order, planned: Planned) -> None:
    log.info(
        "painting %s: %d×%d, %d evaluations, %s, %.0f MB predicted of %s",
        record.id,
        planned.width,
        planned.height,
        planned.evaluations,
        planned.dtype,
        planned.predicted_mb,
        order.settings.memory_limit_mb,
    )


def _failure(failed: Failed) -> Failure:
    """What a child's last message means for its painting."""
    picture = Picture.STYLE if failed.picture == "style" else Picture.CONTENT
    match failed.kind:
        case FailureKind.BAD_PICTURE:
            return BAD[picture]
        case FailureKind.TOO_LARGE:
            return TOO_LARGE[picture]
        case FailureKind.OUT_OF_MEMORY:
            return Failure.OUT_OF_MEMORY
        case FailureKind.WEIGHTS_MISSING:
            return Failure.WEIGHTS_MISSING
    return Failure.INTERNAL


def _leaner(order: Order, planned: Planned | None) -> float:
    """The MB to aim at after a death: noticeably less than the plan took, or the limit.

    A plan may be far below the limit. It is an aim and no limit, since no painting can do with less
    than the leanest plan.
    """
    took = planned.predicted_mb if planned else None
    bounds = (order.settings.memory_limit_mb, order.settings.memory_aim_mb, took)
    return _LEANER * min(bound for bound in bounds if bound is not None)


def _plan(order: Order, planned: Planned | None = None) -> str:
    asked = f"asked: {order.settings.size} px within {order.settings.memory_limit_mb} MB"
    if order.settings.memory_aim_mb is not None:
        asked += f", rather {order.settings.memory_aim_mb:.0f}"
    if planned is None:
        return asked
    return (
        f"{asked}; plan: {planned.width}×{planned.height}, {planned.evaluations} evaluations, "
        f"{planned.dtype}, {planned.predicted_mb:.0f} MB predicted"
    )
