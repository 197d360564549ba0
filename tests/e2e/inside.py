"""The whole bot inside the test's process: quicker than a process of its own, and to be looked into.

Only what no test here is about is left out: the start of a process, the sketch and, without
`slots`, the painting itself.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import app
import loader
from data.config import Secret, Settings
from database.inbox import Inbox
from database.server.pool import Pool
from local_chat.server import LocalChat
from tests.e2e.bot import ADMIN, TOKEN


@contextlib.asynccontextmanager
async def inside(
    chat: LocalChat,
    pool: Pool,
    *,
    folder: Path = Path("/nonexistent"),
    slots: int = 0,
    max_size: int = 512,
) -> AsyncIterator[loader.Parts]:
    """Its parts, while it polls `chat`."""
    settings = Settings(
        var=folder,
        bot_token=Secret(TOKEN),
        bot_api_base=chat.url,
        database_url=Secret("postgresql://the.tests/own"),
        memory_limit_mb=900,
        admins=(ADMIN,),
        render_slots=slots,
        max_size=max_size,
        try_out=False,
    )
    async with AsyncExitStack() as closing:
        bot = await loader.build_bot(settings, closing)
        parts = loader.build_parts(settings, bot, pool)
        await parts.queue.connect()
        parts.sketcher._installed = False
        dispatcher = loader.build_dispatcher(settings, pool, parts)
        running = [asyncio.create_task(app._serve(parts, dispatcher, Inbox(pool)))]
        if parts.worker:
            running.append(asyncio.create_task(parts.worker.run()))
        try:
            yield parts
        finally:
            if parts.worker:
                await parts.worker.stop()
            for task in running:
                task.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await task
