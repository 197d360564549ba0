"""Makes one picture of photo and painting, in a process of its own."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import sys
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import aiohttp
from aiogram import Bot
from aiogram.exceptions import TelegramAPIError

from data.config import ROOT, environment_without_secrets
from jobs.worker import scratch
from nst.machine.environment import CHILD_ENVIRONMENT

log = logging.getLogger(__name__)

_TIMEOUT = 60.0  # seconds


class NoPicture(Exception):
    """One of the two can't be downloaded any more, or can't be read."""


class NotNow(NoPicture):
    """There is no memory for it any more: a painting was begun meanwhile."""


class Comparing:
    """Makes one picture at a time; it is asked for seldom and takes a second."""

    def __init__(self, bot: Bot, folder: Path, may_run: Callable[[], bool]) -> None:
        """`may_run` says whether there is memory for another process now."""
        self._bot = bot
        self._folder = folder
        self._may_run = may_run
        self._turn = asyncio.Lock()

    @property
    def possible(self) -> bool:
        """Whether there is memory for it now."""
        return self._may_run()

    @contextlib.asynccontextmanager
    async def picture(self, before: str, after: str) -> AsyncIterator[Path]:
        """The picture made of two file ids, gone at the end; raises `NoPicture` or `NotNow`."""
        async with self._turn:
            scratch.sweep(self._folder)
            with scratch.new_folder(self._folder) as folder:
                files = folder / "before", folder / "after"
                try:
                    for file_id, file in zip((before, after), files, strict=True):
                        await self._bot.download(file_id, destination=file)
                except (TelegramAPIError, aiohttp.ClientError, OSError) as error:
                    raise NoPicture(str(error)) from error
                if not self.possible:  # it was, but waiting and fetching took their time
                    raise NotNow("no memory for it any more")
                out = folder / "compared.jpg"
                await _compose(*files, out)
                yield out


async def _compose(before: Path, after: Path, out: Path) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "sketch.compare",
        str(before),
        str(after),
        str(out),
        cwd=ROOT,
        env=environment_without_secrets() | CHILD_ENVIRONMENT,
        stdin=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
        process_group=0,
    )
    try:
        async with asyncio.timeout(_TIMEOUT):
            returncode = await process.wait()
    except BaseException as error:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        await process.wait()
        if isinstance(error, TimeoutError):
            raise NoPicture("it took too long") from error
        raise
    if returncode:
        raise NoPicture(f"exit code {returncode}")
