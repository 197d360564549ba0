"""Downloads a file from Telegram, again when it doesn't come whole."""

from __future__ import annotations

import asyncio
from pathlib import Path

import aiohttp
from aiogram import Bot
from aiogram.exceptions import TelegramNetworkError
from aiogram.methods import GetFile

_WAITS = (1, 3, 10)  # seconds between tries


async def download(bot: Bot, file_id: str, target: Path) -> None:
    """Write the file to `target`; raises what Telegram says, or `TelegramNetworkError`."""
    for wait in (*_WAITS, None):
        try:
            await bot.download(file_id, destination=target)
            return
        except (aiohttp.ClientError, TimeoutError) as error:  # the file itself did not come whole
            if wait is None:
                raise TelegramNetworkError(GetFile(file_id=file_id), str(error)) from error
            await asyncio.sleep(wait)
