"""Stops a painting and says so, wherever it stands."""

from __future__ import annotations

from aiogram import Bot

from jobs.endings import Endings
from jobs.queue import PaintingQueue
from jobs.records import PaintingRecord


async def stop_painting(bot: Bot, queue: PaintingQueue, record: PaintingRecord) -> None:
    """Stop it; a running one is told of by its worker, a waiting one here."""
    if await queue.stop(record):
        await Endings(bot, queue.paintings).close(record.id)
