"""/forget: stops a person's paintings, then forgets the person."""

from __future__ import annotations

import logging

from database.forgetting import forget
from database.records import PaintingRecord
from jobs.line.queue import PaintingQueue

log = logging.getLogger(__name__)


async def stop_and_forget(queue: PaintingQueue, user_id: int, asking: int) -> list[PaintingRecord]:
    """Stop this person's paintings and delete everything; returns what was stopped.

    `asking` is the update that asks for it.
    """
    stopped = await queue.paintings.open_of(user_id)
    for record in stopped:
        await queue.stop(record)
    await queue.settled(record.id for record in stopped)
    await forget(queue.pool, user_id, asking)
    log.info("a person was forgotten, %d paintings stopped", len(stopped))
    return stopped
