"""A loop ends when it is cancelled, even where the cancellation gets lost on its way."""

from __future__ import annotations

import asyncio
import contextlib
from typing import Any

import pytest
from aiogram import Bot
from aiogram.types import Update

from utils.process.running import raise_if_cancelled
from utils.updates.polling import Polling


async def lose_cancellation(reached: asyncio.Event) -> None:
    """Return when cancelled, as `asyncio.wait_for` does when a result comes at that moment."""
    reached.set()
    with contextlib.suppress(asyncio.CancelledError):
        await asyncio.Event().wait()


async def test_a_lost_cancellation_is_raised_once_more() -> None:
    reached, went_on = asyncio.Event(), False

    async def loop() -> None:
        nonlocal went_on
        raise_if_cancelled()  # not yet
        await lose_cancellation(reached)
        raise_if_cancelled()
        went_on = True

    task = asyncio.create_task(loop())
    await reached.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert not went_on


async def test_polling_ends_though_its_cancellation_got_lost() -> None:
    reached = asyncio.Event()

    class Losing:
        async def take(self, updates: list[Update]) -> None:
            await lose_cancellation(reached)

    class OneUpdate(Bot):
        async def __call__(self, method: Any, request_timeout: int | None = None) -> Any:
            return [Update(update_id=1)]

    polling = Polling(OneUpdate("42:TEST"), Losing(), ("message",))  # type: ignore[arg-type]
    task = asyncio.create_task(polling.run())
    await reached.wait()
    reached.clear()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asyncio.wait_for(task, 5)
    assert not reached.is_set()
