"""Forgets a person: every row that knows them, in every table, at once."""

from __future__ import annotations

import logging

from database.records import PaintingRecord
from jobs.line.queue import PaintingQueue

log = logging.getLogger(__name__)

# Each deletes what one table holds of a person. A test walks through every table that there is.
_STATEMENTS = (
    "DELETE FROM paintings WHERE user_id = %(user)s",
    "DELETE FROM saq_jobs WHERE group_key = %(user)s::text",
    # One row a dialogue: fsm:<bot>:<chat>:<person>:…
    "DELETE FROM dialogue WHERE split_part(key, ':', 4) = %(user)s::text",
    "DELETE FROM people WHERE user_id = %(user)s",
    "DELETE FROM choices WHERE user_id = %(user)s",
    # What went wrong with a painting is told with its chat, in private the person's number.
    r"DELETE FROM notices WHERE text ~ ('\m' || %(user)s || '\M')",
    "UPDATE inbox SET content = NULL, user_id = NULL "
    "WHERE user_id = %(user)s AND update_id <> %(asking)s",
)


async def forget(queue: PaintingQueue, user_id: int, asking: int) -> list[PaintingRecord]:
    """Stop this person's paintings and delete everything; returns what was stopped.

    `asking` is the update that asks for it: it is struck out as usual when it has been answered.
    """
    stopped = await queue.paintings.open_of(user_id)
    for record in stopped:
        await queue.stop(record)
    await queue.settled(record.id for record in stopped)
    async with queue.pool.connection() as connection, connection.transaction():
        for statement in _STATEMENTS:
            await connection.execute(statement, {"user": user_id, "asking": asking})
    log.info("a person was forgotten, %d paintings stopped", len(stopped))
    return stopped
