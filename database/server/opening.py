"""Opens the database that the settings name, or one of the bot's own."""

from __future__ import annotations

import asyncio
import logging
from contextlib import AsyncExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from data.config import Settings
from database.server import embedded
from database.server.errors import CannotOpen

if TYPE_CHECKING:
    from database.server.pool import Pool

log = logging.getLogger(__name__)

_LOOK_EVERY = 3.0  # seconds
_BACK_WITHIN = 30.0  # seconds that a server of our own may take to be there again


async def open_database(settings: Settings, closing: AsyncExitStack) -> Pool:
    """A pool on it, closed with `closing`; an embedded server is stopped after it.

    Raises `CannotOpen`.
    """
    if settings.database_url is not None:
        pool = await _connect(settings.database_url)
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
    pool = await _connect(url, _BACK_WITHIN)
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


async def _connect(url: str, wait_s: float = 15.0) -> Pool:
    from psycopg import Error, OperationalError

    from database.server.pool import connect

    try:
        return await connect(url, wait_s)
    except OperationalError as error:
        reason = str(error).strip().splitlines()[-1]
        raise CannotOpen(f"the database can't be reached: {reason}") from error
    except Error as error:  # its words may hold the password
        raise CannotOpen("DATABASE_URL is not a valid address of a database") from error


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
