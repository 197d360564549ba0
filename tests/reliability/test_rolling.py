"""A rolling deploy: everybody is replaced, one after another, while paintings wait."""

from __future__ import annotations

import asyncio

from tests.trials.orders import Order
from tests.trials.setup import QUICK, Deployment, Layout, deployment


async def until(place: Deployment, query: str) -> None:
    """Until the database has a row for it."""
    async with asyncio.timeout(180):
        while not await place.rows(query):
            await asyncio.sleep(0.1)


async def test_a_rolling_deploy_of_renderers_and_bot_drops_no_painting() -> None:
    async with deployment(Layout(slots=0, renderers=2, server=True), settings=QUICK) as place:
        orders = [await Order.prepare(place.chat) for _ in range(4)]
        for order in orders:
            await order.tap()
        for name in ("renderer-0", "renderer-1", "bot"):
            await until(place, "SELECT 1 FROM paintings WHERE state IN ('painting', 'done')")
            assert await place.replace(name) == 0, place.log
        for order in orders:
            await order.end()
            assert len(order.results) == 1, place.log
            assert (order.explanations, order.frozen) == ([], []), place.log
        assert await place.rows("SELECT 1 FROM paintings WHERE state <> 'done'") == []
