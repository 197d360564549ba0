"""Stops a painting and says so in its status message."""

from __future__ import annotations

from aiogram import Bot

from database.records import PaintingRecord
from jobs.chat.last_words import LastWords
from jobs.line.queue import PaintingQueue


async def stop_painting(bot: Bot, queue: PaintingQueue, record: PaintingRecord) -> None:
    """Stop it in line or at work; the worker that has it says so, of a waiting one we do."""
    if await queue.stop(record):
        await LastWords(bot, queue.paintings).say(record.id)
