"""Stops a painting and says so, wherever it stands."""

from __future__ import annotations

from aiogram import Bot

from database.records import PaintingRecord
from jobs.chat.last_words import Endings
from jobs.line.queue import PaintingQueue


async def stop_painting(bot: Bot, queue: PaintingQueue, record: PaintingRecord) -> None:
    """Stop it; a running one is told of by its worker, a waiting one here."""
    if await queue.stop(record):
        await Endings(bot, queue.paintings).close(record.id)
