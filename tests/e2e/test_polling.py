"""Polling goes on, whatever comes."""

from __future__ import annotations

import asyncio

import pytest

from database.server.pool import Pool
from local_chat.people.person import LONG, Person
from local_chat.server import LocalChat
from tests.e2e.inside import inside


async def test_an_update_that_cannot_be_read_is_passed_over(
    chat: LocalChat, pool: Pool, alice: Person, caplog: pytest.LogCaptureFixture
) -> None:
    await alice.send_text("/help")
    chat.core.updates.add("message", {"text": "of a kind to come"})
    last = await alice.send_text("/privacy")
    async with inside(chat, pool):
        await alice.wait_for("How it works")
        await alice.wait_for("What I keep")
        async with asyncio.timeout(LONG):
            while chat.core.store.updates(1):  # confirmed, none brought again
                await asyncio.sleep(0.05)
        await alice.send_text("/help")
        await alice.wait_for("How it works", after=last.id)
    assert "is of no kind that we know" in caplog.text
    assert "of a kind to come" not in caplog.text
