"""Paints one picture, leaner or smaller after each failure that this can cure."""

from __future__ import annotations

import contextlib
import dataclasses
import logging
import signal
from collections.abc import Callable
from pathlib import Path

from database.paintings import Paintings
from database.records import PaintingRecord
from database.renderers import Renderer
from jobs.chat.status import StatusMessage
from jobs.chat.wording import describe
from jobs.worker.child import ChildDied, paint
from keyboards import inline
from nst.messages import Evaluated, Failed, FailureKind, Finished, Order, Planned
from nst.settings import Settings
from utils.notify_admins import AdminNotices
from utils.texts import Texts, texts

log = logging.getLogger(__name__)

_MOST_DEATHS = 3
_SMALLEST = 128  # px; below it a painting is no gift
_LEANER = 0.8
PREVIEW_EVERY = 3.0  # seconds; a little less than between two edits, so that each has a fresh one
_SMALLER = 0.75


class Ended(Exception):
    """A painting ends without a picture; `text` is what the person is told."""

    def __init__(self, text: str, failure: str) -> None:
        self.text = text
        self.failure = failure
        super().__init__(failure)


@dataclasses.dataclass(frozen=True, slots=True)
class Pictures:
    """What a painting needs, on this machine."""

    content: Path
    styles: tuple[Path, ...]
    start: Path | None


class Elsewhere(Exception):
    """Too large for this machine, and there is another one that may be able to."""


class Attempts:
    """Runs children until one brings a picture or there is no hope."""

    def __init__(
        self,
        paintings: Paintings,
        notices: AdminNotices,
        memory_mb: Callable[[], int],
        max_size: int,
        renderer: Renderer,
    ) -> None:
        self._paintings = paintings
        self._notices = notices
        self.memory_mb = memory_mb
        """What a child may take now."""
        self._max_size = max_size
        self._renderer = renderer

    async def paint(
        self,
        record: PaintingRecord,
        pictures: Pictures,
        folder: Path,
        status: StatusMessage,
    ) -> Finished:
        """The finished painting, its files in `folder`; raises `Ended`, or `Elsewhere`."""
        request = record.request
        speak = texts(request.locale)
        asked = min(request.recipe.size, record.size_limit or request.recipe.size)
        size = min(asked, self._max_size)
        if size < asked:
            await status.say(speak("smaller-here", size=str(size)), inline.stop(speak, record.id))
        memory, aim = self.memory_mb(), None
        deaths = record.deaths
        # Of deaths and of what they led to the person hears once, whichever worker says it.
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
            except ChildDied as died:
                deaths = await self._paintings.count_death(record.id)
                await self._report_death(record, order, died, deaths)
                if deaths >= _MOST_DEATHS:
                    raise Ended("failed-killed", "killed") from died
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
                    raise Elsewhere(outcome.detail)
                await self._report(record, order, outcome)
                if _SMALLEST <= smaller < size:
                    size = await self._go_smaller(record, size, smaller)
                    if not told:
                        told = True
                        await status.say(
                            speak("smaller", size=str(size)), inline.stop(speak, record.id)
                        )
                    continue
            raise await self._no_hope(record, order, outcome)

    async def _one_child(
        self, record: PaintingRecord, order: Order, status: StatusMessage, speak: Texts
    ) -> Finished | Failed:
        keyboard = inline.stop(speak, record.id)
        preview: Path | None = None
        async with contextlib.aclosing(paint(order)) as conversation:
            async for message in conversation:
                match message:
                    case Evaluated():
                        preview = Path(message.preview) if message.preview else preview
                        if status.show(describe(message.progress, speak), keyboard, preview):
                            preview = None
                    case Planned():
                        log.info(
                            "painting %s: %d×%d, %d evaluations, %s, %.0f MB predicted of %s",
                            *(record.id, message.width, message.height, message.evaluations),
                            *(message.dtype, message.predicted_mb, order.settings.memory_limit_mb),
                        )
                    case Finished() | Failed():
                        return message
        raise AssertionError("a child's last message is Finished or Failed")

    async def _go_smaller(self, record: PaintingRecord, size: int, to: int) -> int:
        """The size to go on with, remembered for whoever may go on; never larger than it was."""
        size = min(size, max(_SMALLEST, to))
        await self._paintings.update(record.id, size_limit=size)
        return size

    async def _no_hope(self, record: PaintingRecord, order: Order, failed: Failed) -> Ended:
        """What a child's `Failed` means for the person."""
        picture = failed.picture if failed.picture in ("content", "style") else "content"
        match failed.kind:
            case FailureKind.BAD_PICTURE:
                return Ended(f"failed-{picture}", f"bad_{picture}")
            case FailureKind.TOO_LARGE:
                return Ended(f"failed-{picture}-large", f"large_{picture}")
            case FailureKind.OUT_OF_MEMORY:
                return Ended("failed-memory", "out_of_memory")
        await self._report(record, order, failed)
        if failed.kind is FailureKind.WEIGHTS_MISSING:
            return Ended("failed-weights", "weights_missing")
        return Ended("failed-unknown", "internal")

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


def _leaner(order: Order, planned: Planned | None) -> float:
    """Noticeably less than what was too much: of the plan's memory, which may be far below the
    limit. It is an aim alone, since no painting can do with less than the leanest plan.
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
