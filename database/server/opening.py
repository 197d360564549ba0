"""Opens the database that the settings name, or one of the bot's own."""

from __future__ import annotations

import asyncio
import logging
from contextlib import AsyncExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from data.config import Settings
from database.server import embedded
from database.server.errors import CannotOpen, NewerSchema

if TYPE_CHECKING:
    from psycopg import Error

    from database.server.pool import Pool

log = logging.getLogger(__name__)

_LOOK_EVERY = 3.0  # seconds
_BACK_WITHIN = 30.0  # seconds that a server of our own may take to be there again


BOT_CONNECTIONS, RENDERER_CONNECTIONS = 5, 2
"""Of one process at most. Heroku's smallest plan gives 20, and while a new version takes over twice
as many processes are there (docs/scale.md)."""


async def open_database(
    settings: Settings, closing: AsyncExitStack, *, connections: int = BOT_CONNECTIONS
) -> Pool:
    """A pool on it, closed with `closing`; an embedded server is stopped after it.

    Raises `CannotOpen`.
    """
    if settings.database_url is not None:
        pool = await _connect(settings.database_url, connections)
        closing.push_async_callback(pool.close, timeout=3)
        return pool
    folder = settings.var / "postgres"
    try:
        url = await embedded.start(folder)
    except embedded.DatabaseStartError as error:
        raise CannotOpen(str(error)) from error
    # Before the first connection: whatever kills the server may do so in these very moments.
    guard = asyncio.create_task(_guard(folder))
    closing.callback(guard.cancel)
    pool = await _connect(url, connections, _BACK_WITHIN)
    # In leaving the guard goes first once more: it would start again what is being stopped.
    closing.push_async_callback(_leave, pool, folder)
    closing.callback(guard.cancel)
    return pool


async def _guard(folder: Path) -> None:
    """Start the embedded server again when something has killed it; the pool reconnects."""
    while True:
        await asyncio.sleep(_LOOK_EVERY)
        if await embedded.is_running(folder):
            continue
        log.error("the embedded PostgreSQL is gone: starting it again")
        try:
            await embedded.start(folder)
        except embedded.DatabaseStartError as error:  # its last processes may still be ending
            log.warning("%s", error)


async def _connect(url: str, connections: int, wait_s: float = 15.0) -> Pool:
    from psycopg import Error, OperationalError, ProgrammingError
    from psycopg.errors import InsufficientPrivilege
    from psycopg_pool import PoolTimeout

    from database.server.pool import connect

    try:
        return await connect(url, wait_s, connections)
    except InsufficientPrivilege as error:
        raise CannotOpen(
            f"the database refuses: {_sentence(error)}. Its role has to make tables: "
            "GRANT CREATE ON SCHEMA public TO that role, or give it a database of its own"
        ) from error
    except OperationalError as error:
        raise CannotOpen(f"the database can't be reached: {_sentence(error)}") from error
    except PoolTimeout as error:
        raise CannotOpen(
            "the database gives no connection: is it at the most that its plan allows?"
        ) from error
    except NewerSchema as error:
        raise CannotOpen(str(error)) from error
    except ProgrammingError as error:
        if error.diag.message_primary is None:  # its words may hold the password
            raise CannotOpen("DATABASE_URL is not a valid address of a database") from error
        raise CannotOpen(f"the database refuses: {_sentence(error)}") from error
    except Error as error:
        raise CannotOpen(f"the database refuses: {_sentence(error)}") from error


def _sentence(error: Error) -> str:
    """What PostgreSQL says is wrong, or the first line of what the library says."""
    first = (str(error).strip().splitlines() or [type(error).__name__])[0]
    return error.diag.message_primary or first


async def _leave(pool: Pool, folder: Path) -> None:
    """Close the pool; stop the embedded server unless another process still uses it."""
    from database.server.pool import others_connected

    alone = not await others_connected(pool)
    await pool.close(timeout=3)
    if alone:
        try:
            await embedded.stop(folder)
        except embedded.DatabaseStartError as error:
            log.warning("%s", error)
