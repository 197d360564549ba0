"""The render worker: takes paintings from the queue and sees each through to its end."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, ClassVar

from aiogram import Bot
from aiogram.exceptions import (
    TelegramNetworkError,
    TelegramRetryAfter,
    TelegramServerError,
)
from saq import Job, Worker

from data.life import (
    ChatUnreachable,
    Failure,
    Interruption,
    PaintingFailed,
    PersonIsServed,
    PutOff,
    State,
    TakenOver,
    TooLargeHere,
    TryLater,
)
from database.figures import Figures
from database.records import PaintingRecord
from database.server.errors import AWAY
from jobs.chat.delivery import Delivery, Result
from jobs.chat.figures import Developers, keep_figures
from jobs.chat.last_words import LastWords
from jobs.chat.status import StatusMessage
from jobs.line.queue import FUNCTION, HEARTBEAT, PaintingQueue
from jobs.line.renderer import Renderer
from jobs.worker import scratch
from jobs.worker.attempts import Attempts
from jobs.worker.fetch import fetch
from jobs.worker.kept import KeptResults
from jobs.worker.memory_budget import MemoryBudget
from jobs.worker.self_test import SelfTestFailed, measure_pace
from keyboards import inline
from nst.schedule import work
from utils.notify_admins import AdminNotices
from utils.texts import texts

log = logging.getLogger(__name__)

_BEAT = 4.0  # seconds between signs of life
_TRUST = HEARTBEAT - 3.0  # seconds after one in which no other machine can have the painting
RETRY_AFTER = (20, 60, 180, 600, 1200)
"""Seconds until the second try, the third, … of a painting that Telegram kept from being fetched or
sent. It waits in line meanwhile, and others are painted."""
MOST_TRIES = 6
"""As often a painting is begun; then its person is told that it can't be made."""
_DATABASE_BACK = 5.0  # seconds; the queue needs it to take the painting back
_DROP_EVERY = 30.0  # seconds between looks at what is kept
_GRACE = 8.0  # seconds a cancelled painting gets to tell the person
_LOOK_EVERY = 0.5  # seconds between looks at the line


class PaintingWorker(Worker[Any]):
    """SAQ's worker with what paintings need.

    It leaves signals to the process, and it looks at the line instead of waiting for PostgreSQL's
    notifications. SAQ's own timer may take a job for the process just before it listens; the
    notification is then lost, and the job lies until its heartbeat has run out.
    """

    SIGNALS: ClassVar[list[Any]] = []  # type: ignore[misc]

    def __init__(
        self, queue: PaintingQueue, paint: Any, *, slots: int, abort: float = 0.5, sweep: int = 5
    ) -> None:
        """`paint` is the coroutine function of a job, at most `slots` of which run at once.

        Every `abort` seconds it looks for running jobs to stop, every `sweep` seconds for jobs
        whose worker is dead.
        """
        super().__init__(
            queue.line,
            [(FUNCTION, paint)],
            concurrency=slots,
            poll_interval=_LOOK_EVERY,
            timers={"abort": abort, "sweep": sweep},  # type: ignore[arg-type]
            cancellation_hard_deadline_s=_GRACE,
        )


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
        developers: Developers,
        budget: MemoryBudget,
        slots: int,
        folder: Path,
        self_test: bool = True,
    ) -> None:
        """`folder` is where pictures lie while they are worked on; nothing is kept there.

        With `self_test` a small picture is painted for nobody before anything was ever painted.
        """
        self._bot = bot
        self._queue = queue
        self._paintings = queue.paintings
        self._delivery = Delivery(bot, queue.paintings, developers)
        self._last_words = LastWords(bot, queue.paintings)
        self._folder = folder
        self._notices = notices
        self._attempts = attempts
        self._renderer = renderer
        self._figures = figures
        self._budget = budget
        self._self_test = self_test
        self._kept = KeptResults(folder)
        self._busy = 0
        self._stopping = False
        self._worker = PaintingWorker(queue, self._paint, slots=slots)

    @property
    def busy(self) -> int:
        """How many children paint here now."""
        return self._busy

    async def run(self) -> None:
        """Work until `stop`."""
        await asyncio.to_thread(scratch.sweep, self._folder)
        await self._renderer.announce()
        announcing = asyncio.create_task(self._renderer.keep_announcing())
        dropping = asyncio.create_task(self._drop_unwanted())
        try:
            if self._self_test:
                await self._test_machine()
            await self._worker.start()
        finally:
            announcing.cancel()
            dropping.cancel()

    async def stop(self) -> None:
        """Kill running children and give their paintings' places back to the queue."""
        self._stopping = True
        await self._worker.stop()
        await self._renderer.leave()
        for painting in self._kept.paintings:
            self._kept.drop(painting)

    async def _drop_unwanted(self) -> None:
        """Delete results, for ever, that nobody waits for any more: stopped, failed, forgotten."""
        while True:
            await asyncio.sleep(_DROP_EVERY)
            with contextlib.suppress(*AWAY):
                for painting in self._kept.paintings:
                    record = await self._paintings.get(painting)
                    if record is None or not record.is_open:
                        self._kept.drop(painting)

    async def _test_machine(self) -> None:
        """Where nothing was painted yet, see whether this machine can paint, and how fast."""
        self._busy += 1
        try:
            if await self._paintings.paces(1):
                return
            pace = await measure_pace(self._folder, self._budget.make_room())
            await self._renderer.tell_pace(pace)
        except SelfTestFailed as error:
            log.error("the self test failed: %s", error)
            await self._notices.send(
                f"⚠️ a trial painting failed, so people's will: {error}", kind="trial"
            )
        except AWAY as error:
            log.warning("no self test: %s", error)
        except Exception as error:  # whatever happens here, people's paintings must start
            log.exception("the self test: unexpected error")
            await self._notices.error("the trial painting", error)
        finally:
            self._busy -= 1

    async def _paint(self, context: dict[str, Any], *, painting: str) -> None:
        """SAQ's job: paint and deliver. Raises what SAQ shall try again after."""
        context["job"].retry_delay = 0  # it was only for the try before
        if await self._queue.line.taken_over(context["job"]):
            return  # this machine was cut off since it was given the painting
        record = await self._paintings.hold(painting)
        if record is None:  # forgotten; or unreadable, which the admins were told
            return
        if not record.is_open:  # it ended while the worker that had it was dying
            await self._last_words.say(painting)
            return
        status = StatusMessage(self._bot, self._paintings, record)
        job = _RunningJob(self._queue, context["job"], status)
        async with job.beating():
            if record.tries > MOST_TRIES:  # the processes of the last one died with it
                await self._give_up(record, status)
            else:
                await self._paint_held(record, job)

    async def _paint_held(self, record: PaintingRecord, job: _RunningJob) -> None:
        status = job.status
        try:
            await self._see_through(record, status)
        except asyncio.CancelledError:
            if await self._interrupted(record, job) is Interruption.TAKEN_OVER:
                return
            raise
        except TooLargeHere as error:
            log.info("painting %s: left to a larger machine: %s", record.id, error)
            await self._paintings.wait_again(record.id, held_by=record.holder)
            await self._paintings.count_back(record.id, held_by=record.holder)
            raise
        except TryLater:
            await self._paintings.count_back(record.id, held_by=record.holder)
            raise
        except TakenOver:
            log.warning("painting %s: another machine has it by now", record.id)
        except ChatUnreachable as error:
            log.info("painting %s: nobody in chat %d: %s", record.id, record.chat_id, error)
            await self._paintings.fail(record.id, error.failure)
        except (TelegramNetworkError, TelegramServerError, TelegramRetryAfter) as error:
            if record.tries >= MOST_TRIES:
                await self._give_up(record, status, str(error))
                return
            delay = RETRY_AFTER[min(record.tries, len(RETRY_AFTER)) - 1]
            if isinstance(error, TelegramRetryAfter):
                delay = max(delay, error.retry_after)
            log.warning("painting %s: %s; again in %d s", record.id, error, delay)
            job.put_off(delay)
            await self._paintings.wait_again(record.id, held_by=record.holder)
            raise PutOff(f"painting {record.id}: again in {delay} s") from None
        except AWAY as error:
            log.warning("painting %s: %s; the queue will try again", record.id, error)
            await asyncio.sleep(_DATABASE_BACK)
            with contextlib.suppress(*AWAY):
                await self._paintings.count_back(record.id, held_by=record.holder)
            raise
        except PaintingFailed as error:
            await self._fail(record, status, error.failure)
        except Exception as error:
            log.exception("painting %s: unexpected error", record.id)
            await self._fail(record, status, Failure.ERROR)
            await self._notices.error(f"painting {record.id}, chat {record.chat_id}", error)

    async def _see_through(self, record: PaintingRecord, status: StatusMessage) -> None:
        """Fetch, paint, deliver. Raises an `Outcome` of `data.life` where that doesn't succeed."""
        result = self._kept.find(record.id)
        with scratch.new_folder(self._folder) as folder:
            sending = record.state is State.SENDING and result is None
            if sending and await self._delivery.resume(record, folder, status):
                log.info("painting %s: delivered after an interruption", record.id)
                return
            if not await self._paintings.begin(record):
                await self._not_begun(record, status)
                return
            if result is None:
                result = await self._painted(record, folder, status)
            if not await self._delivered(record, result, status):
                await self._last_words.say(record.id, status)
                return
        log.info(
            "painting %s: delivered to chat %d, %d×%d in %.0f s, peak %.0f MB",
            record.id,
            record.chat_id,
            result.width,
            result.height,
            result.seconds,
            result.peak_mb,
        )

    async def _painted(self, record: PaintingRecord, folder: Path, status: StatusMessage) -> Result:
        """Fetch the pictures and paint; the result's files are in `folder`."""
        speak = texts(record.request.locale)
        status.soon(speak("preparing"), inline.stop(speak, record.id))
        pictures = await fetch(self._bot, record.request, folder)
        self._busy += 1
        try:
            painted = await self._attempts.paint(record, pictures, folder, status)
        finally:
            self._busy -= 1
        await keep_figures(self._figures, record.id, painted)
        took = work(painted.width, painted.height, record.request.start_size)
        await self._paintings.note_work(record.id, took)
        return Result(
            photo=Path(painted.photo),
            picture=Path(painted.picture),
            width=painted.width,
            height=painted.height,
            seconds=painted.seconds,
            peak_mb=painted.peak_mb,
        )

    async def _delivered(
        self, record: PaintingRecord, result: Result, status: StatusMessage
    ) -> bool:
        """Send the result, or keep it for the next try; False when it was stopped meanwhile."""
        await status.settle()
        try:
            delivered = await self._delivery.deliver(record, result, status)
        except (TelegramNetworkError, TelegramServerError, TelegramRetryAfter):
            if self._kept.find(record.id) is None:
                with contextlib.suppress(OSError):  # a full disk: then it is painted again
                    await asyncio.to_thread(self._kept.keep, record.id, result)
            raise
        self._kept.drop(record.id)
        return delivered

    async def _not_begun(self, record: PaintingRecord, status: StatusMessage) -> None:
        """It was stopped while an earlier worker was dying, or its person has another in work."""
        current = await self._paintings.get(record.id)
        if current is None or not current.is_open:
            await self._last_words.say(record.id, status)
            return
        await asyncio.sleep(1.0)
        raise PersonIsServed(f"painting {record.id}: its person has another one running")

    async def _fail(self, record: PaintingRecord, status: StatusMessage, failure: Failure) -> None:
        """Tell the person why there is no picture, and what to do."""
        await self._paintings.fail(record.id, failure, held_by=record.holder)
        await self._last_words.say(record.id, status)
        log.info("painting %s: ended, %s", record.id, failure.value)

    async def _give_up(
        self, record: PaintingRecord, status: StatusMessage, why: str = "its processes died"
    ) -> None:
        """End a painting that was tried as often as it may be."""
        await self._fail(record, status, Failure.GIVEN_UP)
        await self._notices.send(
            f"⚠️ painting {record.id}, chat {record.chat_id}: given up after {MOST_TRIES} tries; "
            f"the last one: {why}",
            kind="given up",
        )

    async def _interrupted(self, record: PaintingRecord, job: _RunningJob) -> Interruption:
        """Say in the chat why the painting was cancelled; returns why."""
        if job.interruption is Interruption.TAKEN_OVER:
            log.warning("painting %s: another machine has it by now", record.id)
            return job.interruption
        job.status.hurry()
        current = await self._paintings.get(record.id)
        if current is None:  # its person asked to be forgotten
            return Interruption.STOPPED
        if not current.is_open:
            await self._last_words.say(record.id, job.status)
            return Interruption.STOPPED
        if self._stopping:
            await self._paintings.count_back(record.id, held_by=record.holder)
        await self._paintings.wait_again(record.id, held_by=record.holder)
        speak = texts(record.request.locale)
        await job.status.say(speak("restarting"), inline.stop(speak, record.id))
        return Interruption.HANDED_BACK


class _RunningJob:
    """A job's heartbeat, and why it was cancelled where the heartbeat knows it."""

    def __init__(self, queue: PaintingQueue, job: Job, status: StatusMessage) -> None:
        self.status = status
        self.interruption: Interruption | None = None
        self._queue = queue
        self._job = job

    def put_off(self, seconds: int) -> None:
        """Let the queue give the job out again after so many seconds."""
        self._job.retry_delay = seconds

    @contextlib.asynccontextmanager
    async def beating(self) -> AsyncIterator[None]:
        """Give signs of life meanwhile; cancel the calling task when another machine has the job.

        The status message has no edit under way afterwards.
        """
        self.status.trust(asyncio.get_running_loop().time() + _TRUST)
        heart = asyncio.create_task(self._beat(asyncio.current_task()))
        try:
            yield
        finally:
            heart.cancel()
            await self.status.settle()

    async def _beat(self, painting: asyncio.Task[Any] | None) -> None:
        """Tell the queue regularly that this worker lives, or it gives the painting to another.

        Where it has done so, since this machine was cut off, the painting ends here. As long as
        that can't be known, the chat is told nothing.
        """
        time = asyncio.get_running_loop().time
        while True:
            await asyncio.sleep(_BEAT)
            with contextlib.suppress(Exception):  # the database may be away for a moment
                asked = time()
                await self._job.update()
                if not await self._queue.line.taken_over(self._job):
                    self.status.trust(asked + _TRUST)
                elif painting:
                    self.status.trust(asked)
                    self.interruption = Interruption.TAKEN_OVER
                    painting.cancel()
