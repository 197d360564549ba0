"""The render worker: takes paintings from the queue and sees each through to its end."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from pathlib import Path
from typing import Any, ClassVar

from aiogram import Bot
from aiogram.exceptions import (
    TelegramNetworkError,
    TelegramRetryAfter,
    TelegramServerError,
)
from saq import Job, Worker

from database.figures import Figures
from database.pool import AWAY
from database.records import ENDED_STATES, PaintingRecord
from database.renderers import Renderer
from jobs.chat.delivery import Delivery, HeldElsewhere, NobodyThere, Result
from jobs.chat.last_words import Endings
from jobs.chat.status import StatusMessage
from jobs.line.queue import FUNCTION, HEARTBEAT, PaintingQueue
from jobs.worker import scratch
from jobs.worker.attempts import Attempts, Elsewhere, Ended
from jobs.worker.fetch import fetch
from jobs.worker.self_test import TrialFailed, pace_here
from keyboards import inline
from nst.schedule import work
from utils.notify_admins import AdminNotices
from utils.telegram.rate_limit import at_once
from utils.texts import texts

log = logging.getLogger(__name__)

_BEAT = 4.0  # seconds between signs of life
_TRUST = HEARTBEAT - 3.0  # seconds after one in which no other machine can have the painting
_BACK_OFF = 20.0  # seconds after Telegram could not be reached, Patience notwithstanding
_DATABASE_BACK = 5.0  # seconds; the queue needs it to take the painting back
_GRACE = 8.0  # seconds a cancelled painting gets to tell the person
_LOOK = 0.5  # seconds between looks at the line


class PatientWorker(Worker[Any]):
    """SAQ's worker as paintings need it.

    It leaves signals to the process, and it looks at the line instead of waiting for PostgreSQL's
    notifications. SAQ's own timer may take a job for the process just before it listens; the
    notification is then lost, and the job lies until its heartbeat has run out.
    """

    SIGNALS: ClassVar[list[Any]] = []  # type: ignore[misc]

    def __init__(
        self, queue: PaintingQueue, paint: Any, *, slots: int, abort: float = 0.5, sweep: int = 5
    ) -> None:
        """`paint` is the coroutine function of a job, at most `slots` of which run at once.

        Every `abort` seconds it looks for running jobs to stop, every `sweep` for dead workers'.
        """
        super().__init__(
            queue.saq,
            [(FUNCTION, paint)],
            concurrency=slots,
            poll_interval=_LOOK,
            timers={"abort": abort, "sweep": sweep},  # type: ignore[arg-type]
            cancellation_hard_deadline_s=_GRACE,
        )


class _AnotherRuns(Exception):
    """The queue shall give this painting out again later."""


class RenderWorker:
    """Paints up to `slots` pictures at once, each in a child process of its own."""

    def __init__(
        self,
        bot: Bot,
        queue: PaintingQueue,
        notices: AdminNotices,
        attempts: Attempts,
        renderer: Renderer,
        *,
        figures: Figures,
        slots: int,
        folder: Path,
        try_out: bool = True,
    ) -> None:
        """`folder` is where pictures lie while they are worked on; nothing is kept there.

        `try_out` paints a little for nobody before anything was ever painted.
        """
        self._bot = bot
        self._queue = queue
        self._paintings = queue.paintings
        self._delivery = Delivery(bot, queue.paintings, figures)
        self._endings = Endings(bot, queue.paintings)
        self._folder = folder
        self._notices = notices
        self._attempts = attempts
        self.busy = 0
        """Paintings that are being made here."""
        self._renderer = renderer
        self._lost: set[str] = set()
        queue.saq.renderer = renderer
        self._figures = figures
        self._try_out = try_out
        self._worker = PatientWorker(queue, self._paint, slots=slots)

    async def run(self) -> None:
        """Work until `stop`."""
        await asyncio.to_thread(scratch.sweep, self._folder)
        await self._renderer.announce()
        announcing = asyncio.create_task(self._renderer.keep_announcing())
        try:
            if self._try_out:
                await self._trial()
            await self._worker.start()
        finally:
            announcing.cancel()

    async def stop(self) -> None:
        """Kill running children and give their paintings' places back to the queue."""
        await self._worker.stop()
        await self._renderer.leave()

    async def _trial(self) -> None:
        """Where nothing was painted yet: whether this machine can, and how fast it is."""
        self.busy += 1
        try:
            if await self._paintings.paces(1):
                return
            self._renderer.pace = await pace_here(self._folder, self._attempts.memory_mb())
            await self._renderer.announce()
        except TrialFailed as error:
            log.error("the trial painting failed: %s", error)
            await self._notices.send(
                f"⚠️ a trial painting failed, so people's will: {error}", kind="trial"
            )
        except AWAY as error:
            log.warning("no trial painting: %s", error)
        except Exception as error:  # nothing in a trial may keep people's paintings from starting
            log.exception("the trial painting: unexpected error")
            await self._notices.error("the trial painting", error)
        finally:
            self.busy -= 1

    async def _paint(self, context: dict[str, Any], *, painting: str) -> None:
        if await self._queue.saq.taken_over(context["job"]):
            return  # this machine was cut off since it was given the painting
        record = await self._paintings.hold(painting)
        if record is None:
            return
        if not record.is_open:  # it ended while whoever had it was dying
            await self._endings.close(painting)
            return
        status = StatusMessage(self._bot, self._paintings, record)
        status.trust(asyncio.get_running_loop().time() + _TRUST)
        heart = asyncio.create_task(self._beat(context["job"], asyncio.current_task(), status))
        try:
            await self._see_through(record, status)
        except asyncio.CancelledError:
            if record.id in self._lost:
                log.warning("painting %s: another machine has it by now", record.id)
                return
            await self._explain_cancel(record, status)
            raise
        except Elsewhere as elsewhere:
            log.info("painting %s: left to a larger machine: %s", record.id, elsewhere)
            await self._wait(record)
            raise
        except HeldElsewhere:
            log.warning("painting %s: another machine has it by now", record.id)
        except NobodyThere as error:
            log.info("painting %s: nobody in chat %d: %s", record.id, record.chat_id, error)
            await self._paintings.update(
                record.id, unless=ENDED_STATES, state="failed", failure=error.failure
            )
        except (TelegramNetworkError, TelegramServerError, TelegramRetryAfter) as error:
            log.warning("painting %s: %s; the queue will try again", record.id, error)
            await asyncio.sleep(_BACK_OFF)
            raise
        except AWAY as error:
            log.warning("painting %s: %s; the queue will try again", record.id, error)
            await asyncio.sleep(_DATABASE_BACK)
            raise
        except _AnotherRuns:
            raise
        except Ended as ended:
            await self._end(record, status, ended)
        except Exception as error:
            log.exception("painting %s: unexpected error", record.id)
            await self._end(record, status, Ended("failed-unknown", "error"))
            await self._notices.error(f"painting {record.id}, chat {record.chat_id}", error)
        finally:
            heart.cancel()
            # It may have been marked just when it ended otherwise. It can come back to this
            # machine, and a stop then would be taken for a loss.
            self._lost.discard(record.id)
            await status.settle()

    async def _see_through(self, record: PaintingRecord, status: StatusMessage) -> None:
        """Fetch, paint, deliver."""
        with scratch.room(self._folder) as folder:
            if record.state == "sending" and await self._delivery.resume(record, folder, status):
                log.info("painting %s: delivered after an interruption", record.id)
                return
            if not await self._paintings.begin(record):
                await self._not_now(record, status)
                return
            speak = texts(record.request.locale)
            status.soon(speak("preparing"), inline.stop(speak, record.id))
            pictures = await fetch(self._bot, record.request, folder)
            self.busy += 1
            try:
                painted = await self._attempts.paint(record, pictures, folder, status)
            finally:
                self.busy -= 1
            await self._figures.keep(record.id, painted)
            await status.settle()
            took = work(painted.width, painted.height, record.request.start_size)
            await self._paintings.update(record.id, work=took)
            result = Result(
                photo=Path(painted.photo),
                picture=Path(painted.picture),
                width=painted.width,
                height=painted.height,
                seconds=painted.seconds,
                peak_mb=painted.peak_mb,
            )
            if not await self._delivery.deliver(record, result, status):
                await self._endings.close(record.id, status)
                return
        log.info(
            "painting %s: delivered to chat %d, %d×%d in %.0f s, peak %.0f MB",
            *(record.id, record.chat_id, result.width, result.height),
            *(result.seconds, result.peak_mb),
        )

    async def _not_now(self, record: PaintingRecord, status: StatusMessage) -> None:
        """Stopped while the worker that had it was dying, or its person has another running."""
        current = await self._paintings.get(record.id)
        if current is None or not current.is_open:
            await self._endings.close(record.id, status)
            return
        await asyncio.sleep(1.0)
        raise _AnotherRuns(f"painting {record.id}: its person has another one running")

    async def _end(self, record: PaintingRecord, status: StatusMessage, ended: Ended) -> None:
        """Tell the person why there is no picture, and what to do."""
        await self._paintings.update(
            record.id,
            unless=ENDED_STATES,
            held_by=record.holder,
            state="failed",
            failure=ended.failure,
            last_word=ended.text,
        )
        await self._endings.close(record.id, status)
        log.info("painting %s: ended, %s", record.id, ended.failure)

    async def _wait(self, record: PaintingRecord) -> None:
        await self._paintings.update(
            record.id, unless=ENDED_STATES, held_by=record.holder, state="waiting"
        )

    async def _explain_cancel(self, record: PaintingRecord, status: StatusMessage) -> None:
        """Stopped by the person, or handed back because this process ends."""
        with at_once():
            current = await self._paintings.get(record.id)
            if current is None:
                return  # its person asked to be forgotten
            if not current.is_open:
                await self._endings.close(record.id, status)
                return
            if current.state == "painting":
                await self._wait(record)
            speak = texts(record.request.locale)
            await status.say(speak("restarting"), inline.stop(speak, record.id))

    async def _beat(
        self, job: Job, painting: asyncio.Task[Any] | None, status: StatusMessage
    ) -> None:
        """Signs of life, so that the queue gives the painting to another worker when they end.

        Has it been given to another by now, since this machine was cut off, painting ends here.
        And as long as that can't be known, the chat hears nothing of it.
        """
        time = asyncio.get_running_loop().time
        while True:
            await asyncio.sleep(_BEAT)
            with contextlib.suppress(Exception):  # the database may be away for a moment
                asked = time()
                await job.update()
                if not await self._queue.saq.taken_over(job):
                    status.trust(asked + _TRUST)
                elif painting:
                    status.trust(asked)
                    self._lost.add(job.key)
                    painting.cancel()
