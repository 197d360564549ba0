"""Tells waiting people their place in the queue, and when it changes."""

from __future__ import annotations

import asyncio
import logging

from aiogram import Bot

from jobs.chat.status import StatusMessage
from jobs.chat.wording import queued
from jobs.line.estimates import Estimates
from jobs.line.queue import PaintingQueue
from keyboards import inline
from utils.process.running import raise_if_cancelled
from utils.texts import texts

log = logging.getLogger(__name__)

_EVERY = 3.0  # seconds
_EDITS = 10  # in a round, first in line first; the others are told in the next rounds


async def announce_places(bot: Bot, queue: PaintingQueue, estimates: Estimates) -> None:
    """Edit the status messages of waiting paintings, for ever; in one process only."""
    told: dict[str, str] = {}
    resting: dict[int, float] = {}
    while True:
        raise_if_cancelled()
        await asyncio.sleep(_EVERY)
        try:
            told = await _announce(bot, queue, estimates, told, resting)
        except Exception as error:  # the database or Telegram may be away: there is a next time
            log.warning("places not announced: %s", error)


async def _announce(
    bot: Bot,
    queue: PaintingQueue,
    estimates: Estimates,
    told: dict[str, str],
    resting: dict[int, float],
) -> dict[str, str]:
    """Edit the messages whose text has changed since `told`; returns the new `told`.

    It holds the text that was said last, by painting. `resting` are the chats in which Telegram
    asked to wait, and the loop's time until which: nobody else waits for that.
    """
    time = asyncio.get_running_loop().time
    places = await queue.places()
    begins = await estimates.until(places) if places else {}
    still_told = {painting: words for painting, words in told.items() if painting in places}
    edits = 0
    for record in await queue.paintings.several(places) if places else []:
        speak = texts(record.request.locale)
        place = places.index(record.id) + 1
        words = queued(place, begins.get(record.id, 0.0), speak)
        if not record.is_open or told.get(record.id) == words:
            continue
        if resting.get(record.chat_id, 0.0) > time():
            continue
        if (edits := edits + 1) > _EDITS:
            break
        status = StatusMessage(bot, queue.paintings, record)
        wait = await status.mention(words, inline.stop(speak, record.id))
        if wait is None:
            still_told[record.id] = words
        else:
            resting[record.chat_id] = time() + max(wait, _EVERY)
    return still_told
