"""Downloads a file from Telegram, again when it doesn't come whole."""

from __future__ import annotations

import asyncio
from pathlib import Path

import aiohttp
from aiogram import Bot
from aiogram.exceptions import TelegramNetworkError
from aiogram.methods import GetFile

from utils.telegram.session import SLOW

_WAITS = (1,)  # seconds between tries; who needs more puts the work off


async def download(bot: Bot, file_id: str, target: Path) -> None:
    """Write the file to `target`; raises what Telegram says, or `TelegramNetworkError`."""
    for wait in (*_WAITS, None):
        try:
            await bot.download(file_id, destination=target, timeout=SLOW)  # type: ignore[arg-type]
            return
        except (aiohttp.ClientError, TimeoutError) as error:  # the file itself did not come whole
            if wait is None:
                # Of a refused download the text has the address, and the address the token.
                said = f"{type(error).__name__} {getattr(error, 'status', '')}".rstrip()
                raise TelegramNetworkError(GetFile(file_id=file_id), said) from None
            await asyncio.sleep(wait)
