"""The pool's one difference from psycopg's."""

from __future__ import annotations

import asyncio

from database.server.pool import Pool

MOMENTS = 30  # turns of the event loop; a connection is handed over within half of them


async def test_a_cancellation_is_not_lost_whenever_the_connection_comes(database_url: str) -> None:
    pool = Pool(database_url, min_size=1, max_size=1, kwargs={"autocommit": True}, open=False)
    async with pool:
        for moment in range(MOMENTS):
            ended = asyncio.Event()

            async def use_and_wait(ended: asyncio.Event = ended) -> None:
                async with pool.connection():
                    pass
                await ended.wait()

            held = await pool.getconn()
            task = asyncio.create_task(use_and_wait())
            while not pool.get_stats()["requests_waiting"]:
                await asyncio.sleep(0)
            await pool.putconn(held)
            for _ in range(moment):
                await asyncio.sleep(0)
            task.cancel()
            await asyncio.wait([task], timeout=60)
            assert task.cancelled(), moment
