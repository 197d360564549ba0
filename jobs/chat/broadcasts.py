"""Sends one message to everybody, and nobody twice.

Each recipient is a row that is claimed before the message is sent and marked after. Where the
process dies between the two, or the answer is lost, nobody knows whether the message arrived: such
a row is counted as unknown and never tried again. Everything else goes on after a restart, or in
another process. One process at a time sends: Telegram's limit is one for all of them.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass

import aiohttp
from aiogram import Bot
from aiogram.exceptions import (
    TelegramAPIError,
    TelegramBadRequest,
    TelegramForbiddenError,
    TelegramNetworkError,
    TelegramRetryAfter,
    TelegramServerError,
)
from psycopg import AsyncConnection, Error
from psycopg.rows import TupleRow

from database.pool import Pool
from utils.telegram.retry import once

log = logging.getLogger(__name__)

Connection = AsyncConnection[TupleRow]

EVERYBODY = "all"
_APART = 1 / 24  # seconds between messages: under 25 in any second, the rest of 30 is the bot's
_TELL_EVERY = 5.0  # seconds between edits of the admin's status message
_LET_END = 3.0  # seconds for a message under way when the process is told to stop
_AFTER_TROUBLE = 10.0  # seconds until the next try when Telegram or the database was away
_LOOK_EVERY = 30.0  # seconds; another process may have died, or started one and be busy
_KEEP_DAYS = 30
_LOCK = 0x57_21  # an advisory lock, held by the connection of whoever is sending

_AUDIENCE = (
    "people.first_seen IS NOT NULL AND people.left_at IS NULL "
    "AND NOT EXISTS (SELECT 1 FROM blocked WHERE blocked.user_id = people.user_id)"
)


@dataclass(frozen=True, slots=True)
class Broadcast:
    """One row: which message of which chat, and where the admin is told of it."""

    id: int
    chat_id: int
    message_id: int
    status_message_id: int
    locale: str
    state: str


Report = Callable[[Broadcast, dict[str, int], bool], Awaitable[None]]
"""Tell the admin: the numbers by state, and whether it is over."""


class Broadcasts:
    """Prepares, starts, stops and carries out broadcasts."""

    def __init__(self, bot: Bot, pool: Pool, report: Report) -> None:
        self._bot = bot
        self._pool = pool
        self._report = report
        self._news = asyncio.Event()

    async def audience(self) -> dict[str, int]:
        """How many people it would reach, by language."""
        async with self._pool.connection() as connection:
            cursor = await connection.execute(
                "SELECT coalesce(locale, language, 'en'), count(*) FROM people "
                f"WHERE {_AUDIENCE} GROUP BY 1"
            )
            return {str(language): int(number) for language, number in await cursor.fetchall()}

    async def prepare(self, chat_id: int, message_id: int, locale: str) -> int:
        """Remember what an admin may want to send; returns its number."""
        async with self._pool.connection() as connection:
            await connection.execute(
                "DELETE FROM broadcasts WHERE state IN ('asking', 'done') "
                "AND created_at < now() - make_interval(days => %s)",
                (_KEEP_DAYS,),
            )
            cursor = await connection.execute(
                "INSERT INTO broadcasts (chat_id, message_id, locale) VALUES (%s, %s, %s) "
                "RETURNING id",
                (chat_id, message_id, locale),
            )
            row = await cursor.fetchone()
        assert row
        return int(row[0])

    async def start(self, broadcast: int, status_message_id: int, audience: str) -> bool:
        """Send it to everybody, or to those of one language; False when it was decided before."""
        async with self._pool.connection() as connection, connection.transaction():
            cursor = await connection.execute(
                "UPDATE broadcasts SET state = 'sending', status_message_id = %s "
                "WHERE id = %s AND state = 'asking'",
                (status_message_id, broadcast),
            )
            if not cursor.rowcount:
                return False
            await connection.execute(
                "INSERT INTO broadcast_people (broadcast, user_id) "
                f"SELECT %s, user_id FROM people WHERE {_AUDIENCE} "
                "AND %s IN (%s, coalesce(locale, language, 'en'))",
                (broadcast, audience, EVERYBODY),
            )
        self._news.set()
        return True

    async def stop(self, broadcast: int) -> bool:
        """Drop it, or send it to nobody else; False when it is over."""
        async with self._pool.connection() as connection:
            cursor = await connection.execute(
                "UPDATE broadcasts SET state = CASE state WHEN 'asking' THEN 'done' "
                "ELSE 'stopping' END WHERE id = %s AND state IN ('asking', 'sending')",
                (broadcast,),
            )
        return cursor.rowcount == 1

    async def run(self) -> None:
        """Carry out what was started, by this process or by another; for ever."""
        while True:
            try:
                self._news.clear()
                if not await self._carry_out_oldest():
                    with contextlib.suppress(TimeoutError):
                        await asyncio.wait_for(self._news.wait(), _LOOK_EVERY)
            except Exception as error:  # the database or Telegram may be away
                log.warning("broadcast interrupted: %s", error)
                await asyncio.sleep(_AFTER_TROUBLE)

    async def _carry_out_oldest(self) -> bool:
        """False when there is none, or another process is sending."""
        async with self._pool.connection() as connection, _alone(connection) as alone:
            broadcast = await self._oldest(connection) if alone else None
            if broadcast is None:
                return False
            await self._carry_out(broadcast, connection)
        return True

    async def _oldest(self, connection: Connection) -> Broadcast | None:
        cursor = await connection.execute(
            "SELECT id, chat_id, message_id, status_message_id, locale, state "
            "FROM broadcasts WHERE state IN ('sending', 'stopping') ORDER BY id LIMIT 1"
        )
        row = await cursor.fetchone()
        return Broadcast(*row) if row else None

    async def _carry_out(self, broadcast: Broadcast, connection: Connection) -> None:
        """Send it to whom it waits for; claimed over the `connection` that keeps others out."""
        await self._tell(broadcast, over=False)  # before it can be over
        loop = asyncio.get_running_loop()
        send_at, tell_at = loop.time(), loop.time() + _TELL_EVERY
        while True:
            # Wait first: nobody is claimed while nothing is done for them.
            await asyncio.sleep(send_at - loop.time())
            send_at = loop.time() + _APART
            person = await self._claim(broadcast, connection)
            if person is None:
                break
            sending = asyncio.create_task(self._send(broadcast, person))
            try:
                send_at += await asyncio.shield(sending)
            except asyncio.CancelledError:
                await asyncio.wait({sending}, timeout=_LET_END)
                raise
            if loop.time() >= tell_at:
                await self._tell(broadcast, over=False)
                tell_at = loop.time() + _TELL_EVERY
        await self._tell(broadcast, over=True)
        async with connection.transaction():
            await connection.execute(
                "UPDATE broadcasts SET state = 'done' WHERE id = %s", (broadcast.id,)
            )
            # Who got it mattered only so that nobody gets it twice.
            await connection.execute(
                "DELETE FROM broadcast_people WHERE broadcast = %s", (broadcast.id,)
            )

    async def _claim(self, broadcast: Broadcast, connection: Connection) -> int | None:
        """The next recipient, claimed by this process alone; None when there are no more."""
        cursor = await connection.execute(
            """
            UPDATE broadcast_people SET state = 'unknown'
            WHERE broadcast = %(id)s AND user_id = (
                SELECT user_id FROM broadcast_people waiting
                JOIN broadcasts ON broadcasts.id = broadcast
                WHERE broadcast = %(id)s AND waiting.state = 'waiting'
                  AND broadcasts.state = 'sending'
                ORDER BY user_id LIMIT 1 FOR UPDATE OF waiting SKIP LOCKED)
            RETURNING user_id
            """,
            {"id": broadcast.id},
        )
        row = await cursor.fetchone()
        return int(row[0]) if row else None

    async def _send(self, broadcast: Broadcast, person: int) -> float:
        """Send to one and note how it went; returns for how many seconds to pause."""
        pause = 0.0
        try:
            with once():
                await self._bot.copy_message(
                    chat_id=person,
                    from_chat_id=broadcast.chat_id,
                    message_id=broadcast.message_id,
                )
            state = "sent"
        except TelegramForbiddenError:
            state = "left"
        except TelegramRetryAfter as error:
            state, pause = "waiting", float(error.retry_after)
        except TelegramBadRequest as error:
            state = "left" if "chat not found" in error.message else "failed"
            if "message to copy not found" in error.message:
                state = "waiting"
                await self.stop(broadcast.id)
            log.info("broadcast %d: %s", broadcast.id, error.message)
        except (TelegramNetworkError, TelegramServerError) as error:
            never_left = isinstance(error.__cause__, aiohttp.ClientConnectorError)
            state, pause = "waiting" if never_left else "unknown", _AFTER_TROUBLE
            log.warning("broadcast %d: %s", broadcast.id, error)
        except TelegramAPIError as error:
            state = "failed"
            log.warning("broadcast %d: %s", broadcast.id, error)
        async with self._pool.connection() as connection:
            await connection.execute(
                "UPDATE broadcast_people SET state = %s WHERE broadcast = %s AND user_id = %s",
                (state, broadcast.id, person),
            )
            if state == "left":
                await connection.execute(
                    "UPDATE people SET left_at = now() WHERE user_id = %s", (person,)
                )
        return pause

    async def _tell(self, broadcast: Broadcast, *, over: bool) -> None:
        async with self._pool.connection() as connection:
            cursor = await connection.execute(
                "SELECT state, count(*) FROM broadcast_people WHERE broadcast = %s GROUP BY 1",
                (broadcast.id,),
            )
            numbers = {str(state): int(number) for state, number in await cursor.fetchall()}
        log.info("broadcast %d: %s", broadcast.id, numbers)
        await self._report(broadcast, numbers, over)


@contextlib.asynccontextmanager
async def _alone(connection: Connection) -> AsyncIterator[bool]:
    """Whether nobody else sends; nobody else does meanwhile, as long as `connection` lives."""
    alone = True  # until the answer says otherwise: it may be cut off
    try:
        cursor = await connection.execute("SELECT pg_try_advisory_lock(%s)", (_LOCK,))
        row = await cursor.fetchone()
        alone = bool(row and row[0])
        yield alone
    finally:
        if alone:
            try:
                await connection.execute("SELECT pg_advisory_unlock(%s)", (_LOCK,))
            except Error:  # the lock goes with the connection
                await connection.close()
