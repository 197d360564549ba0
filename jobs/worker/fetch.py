"""Fetches a painting's pictures from Telegram."""

from __future__ import annotations

import asyncio
from pathlib import Path

import aiohttp
from aiogram import Bot
from aiogram.exceptions import TelegramBadRequest, TelegramNetworkError
from aiogram.methods import GetFile

from database.records import Request
from jobs.worker.attempts import Ended, Pictures

_WAITS = (1, 3, 10)  # seconds between tries


async def fetch(bot: Bot, request: Request, folder: Path) -> Pictures:
    """Download the pictures into `folder`; raises `Ended` when they can't be had.

    Network errors are raised as they are: the queue tries again.
    """
    content = await _download(bot, request.content, folder / "content", "content")
    styles = []
    for number, style in enumerate(request.styles):
        target = folder / (f"style-{number}" if number else "style")
        styles.append(await _download(bot, style, target, "style"))
    start = None
    if request.start:
        start = await _download(bot, request.start, folder / "start", None)
    return Pictures(content, tuple(styles), start)


async def _download(bot: Bot, file_id: str, target: Path, picture: str | None) -> Path:
    try:
        await download(bot, file_id, target)
    except TelegramBadRequest as error:
        if picture and "too big" in error.message:
            raise Ended(f"failed-{picture}-large", f"large_{picture}") from error
        raise Ended("failed-fetch", "fetch") from error
    return target


async def download(bot: Bot, file_id: str, target: Path) -> None:
    """A file of Telegram's, whole; raises what Telegram says, or `TelegramNetworkError`."""
    for wait in (*_WAITS, None):
        try:
            await bot.download(file_id, destination=target)
            return
        except (aiohttp.ClientError, TimeoutError) as error:  # the file itself did not come whole
            if wait is None:
                raise TelegramNetworkError(GetFile(file_id=file_id), str(error)) from error
            await asyncio.sleep(wait)
