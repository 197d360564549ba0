"""The table `inbox`: updates written down before Telegram is told that they arrived.

Telegram repeats an update until the next `getUpdates` confirms it, and that call goes out while
handlers are at work. Without this table a killed process would lose what it was just handling, and
an update that comes twice would be two photos. An update's content is forgotten when it has been
handled; its number stays for a day, which is as long as Telegram may repeat it.
"""

from __future__ import annotations

import hashlib
import json
import logging
from typing import Any

from aiogram import Bot
from aiogram.types import Update
from aiogram.utils.serialization import deserialize_telegram_object_to_python

from database.server.pool import Pool
from database.table import Connection

log = logging.getLogger(__name__)

_ABANDONED = 10  # seconds without `keep` after which nobody is thought to be at work on an update
_REPEATED_FOR = "1 day"


class Inbox:
    """The `inbox` table."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    async def take(self, updates: list[Update]) -> list[Update]:
        """Write them down; those that are new."""
        fresh = []
        async with self._pool.connection() as connection, connection.transaction():
            for update in updates:
                # As text: PostgreSQL's JSON takes no zero characters, and people send any.
                content = json.dumps(deserialize_telegram_object_to_python(update), sort_keys=True)
                cursor = await connection.execute(
                    "INSERT INTO inbox (update_id, fingerprint, user_id, content) "
                    "VALUES (%s, %s, %s, %s) ON CONFLICT DO NOTHING",
                    (update.update_id, _fingerprint(content), sender(update), content),
                )
                if cursor.rowcount:
                    fresh.append(update)
                else:
                    log.info("update %d came again", update.update_id)
        return fresh

    async def strike(self, update: Update) -> None:
        """It has been handled: forget what it said."""
        async with self._pool.connection() as connection:
            await connection.execute(
                "UPDATE inbox SET content = NULL, user_id = NULL WHERE update_id = %s",
                (update.update_id,),
            )

    async def keep(self, at_work: set[int]) -> None:
        """These are still `at_work` here: nobody shall take them over."""
        async with self._pool.connection() as connection:
            await connection.execute(
                "UPDATE inbox SET taken_at = now() "
                "WHERE content IS NOT NULL AND update_id = ANY(%s)",
                (list(at_work),),
            )

    async def left(self, bot: Bot, at_work: set[int]) -> list[Update]:
        """What a dead process left unhandled, in order, taken over; not what is `at_work` here.

        What can't be read, because another version wrote it, is struck out.
        """
        left = []
        async with self._pool.connection() as connection:
            cursor = await connection.execute(
                "UPDATE inbox SET taken_at = now() WHERE content IS NOT NULL "
                "AND taken_at < now() - make_interval(secs => %s) AND update_id <> ALL(%s) "
                "RETURNING update_id, fingerprint, content",
                (_ABANDONED, list(at_work)),
            )
            rows = sorted(await cursor.fetchall(), key=lambda row: int(row[0]))
            for number, fingerprint, content in rows:
                try:
                    left.append(Update.model_validate(json.loads(content), context={"bot": bot}))
                except ValueError:  # its words would quote what people wrote
                    log.warning("update %d can't be read: it is dropped", number)
                    await connection.execute(
                        "UPDATE inbox SET content = NULL, user_id = NULL "
                        "WHERE update_id = %s AND fingerprint = %s",
                        (number, fingerprint),
                    )
        return left

    async def forget_old(self) -> None:
        """Forget the numbers of updates that Telegram no longer repeats."""
        async with self._pool.connection() as connection:
            await connection.execute(
                "DELETE FROM inbox WHERE created_at < now() - %s::interval", (_REPEATED_FOR,)
            )


def sender(update: Update) -> int | None:
    """Whose update it is."""
    person: Any = getattr(update.event, "from_user", None)
    return None if person is None else int(person.id)


def _fingerprint(content: str) -> str:
    # A Bot API server that was set up anew counts from the beginning: not the number alone tells.
    return hashlib.sha256(content.encode()).hexdigest()[:32]


async def forget(connection: Connection, user_id: int, asking: int) -> None:
    """Forget what a person's updates said, but for the one that asks for it.

    That one is struck out as usual when it has been answered.
    """
    await connection.execute(
        "UPDATE inbox SET content = NULL, user_id = NULL WHERE user_id = %s AND update_id <> %s",
        (user_id, asking),
    )
