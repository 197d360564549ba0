"""The pool of connections to PostgreSQL."""

from __future__ import annotations

import asyncio
import functools
import logging
import os
from collections.abc import Awaitable, Callable
from typing import ParamSpec, TypeVar

from psycopg import AsyncConnection, OperationalError
from psycopg.rows import TupleRow
from psycopg_pool import AsyncConnectionPool, PoolTimeout

from database.server.errors import AWAY
from database.server.schema import migrate

log = logging.getLogger(__name__)

P = ParamSpec("P")
T = TypeVar("T")

_NAME = "style-transfer-bot"
# TCP's, for the client's side, in seconds and milliseconds; a unix socket ignores them.
_KEEPALIVES = {
    "keepalives_idle": 6,
    "keepalives_interval": 3,
    "keepalives_count": 3,
    "tcp_user_timeout": 15_000,
}


class Pool(AsyncConnectionPool[AsyncConnection[TupleRow]]):
    """Connections in autocommit mode, up to a fixed number of them."""

    async def getconn(self, timeout: float | None = None) -> AsyncConnection[TupleRow]:  # noqa: ASYNC109
        """Return a connection, or pass on the cancellation that came while waiting for it.

        The pool waits by `asyncio.wait_for`, which in Python 3.11 loses a cancellation that comes
        in the moment in which the wait is over: a task that runs for ever would go on for ever.
        """
        task = asyncio.current_task()
        before = task.cancelling() if task else 0
        connection = await super().getconn(timeout)
        if task and task.cancelling() > before:
            await self.putconn(connection)
            raise asyncio.CancelledError
        return connection


async def connect(url: str, wait_s: float = 15.0, connections: int = 5) -> Pool:
    """A pool of at most so many `connections` to the database at `url`, its schema up to date.

    Waits up to `wait_s` seconds for a server that is starting or moving; raises
    `psycopg.OperationalError` after that, and `NewerSchema`.
    """
    loop = asyncio.get_running_loop()
    deadline = loop.time() + wait_s
    while True:
        try:
            connection = await AsyncConnection.connect(url, autocommit=True, connect_timeout=10)
            break
        except OperationalError as error:
            if loop.time() > deadline or "authentication failed" in str(error):
                raise
            log.warning("the database does not answer yet, trying again")
            await asyncio.sleep(2)
    async with connection:
        await migrate(connection)
    pool = Pool(
        url,
        kwargs={"autocommit": True, "application_name": _application_name(), **_KEEPALIVES},
        configure=_watch_this_end,
        min_size=1,
        max_size=connections,
        timeout=10,
        check=Pool.check_connection,
        open=False,
        name=_NAME,
    )
    await pool.open(wait=True, timeout=wait_s)
    return pool


async def _watch_this_end(connection: AsyncConnection[TupleRow]) -> None:
    """Have the server, too, notice soon when this machine has vanished or this process hangs.

    Until it does, it holds the locks of this end's transactions. Kernels wait two hours by
    default, and for ever on a process that is stopped but not dead.
    """
    await connection.execute(
        "SELECT set_config('tcp_keepalives_idle', '6', false), "
        "set_config('tcp_keepalives_interval', '3', false), "
        "set_config('tcp_keepalives_count', '3', false), "
        "set_config('tcp_user_timeout', '15000', false), "
        "set_config('idle_in_transaction_session_timeout', '15000', false)"
    )


def retried(call: Callable[P, Awaitable[T]]) -> Callable[P, Awaitable[T]]:
    """Make a call that may be repeated outlast a restart of the database."""

    @functools.wraps(call)
    async def repeated(*args: P.args, **kwargs: P.kwargs) -> T:
        for wait in (1, 4):
            try:
                return await call(*args, **kwargs)
            except AWAY as error:
                log.warning("the database is away, trying again: %s", error)
                await asyncio.sleep(wait)
        return await call(*args, **kwargs)

    return repeated


async def others_connected(pool: Pool) -> bool:
    """Whether another process of ours uses the same database; False when it can't be asked."""
    try:
        async with pool.connection(timeout=3) as connection:
            cursor = await connection.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
                "AND application_name LIKE %s AND application_name <> %s",
                (f"{_NAME}%", _application_name()),
            )
            row = await cursor.fetchone()
    except (OperationalError, PoolTimeout):
        return False
    return bool(row and row[0])


def _application_name() -> str:
    return f"{_NAME} {os.getpid()}"
