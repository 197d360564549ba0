"""The bot with a webhook: a real run, strangers at the door, the way back to polling."""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path

import aiohttp
import psycopg

from database.server import embedded
from local_chat.api.faults import Fault
from local_chat.people.person import LONG, Person
from local_chat.server import LocalChat
from tests.e2e.bot import TOKEN, BotProcess, running
from tests.e2e.steps import send_pair
from utils.updates.webhook import SECRET_HEADER, secret_of


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


def settings(port: int) -> dict[str, str]:
    return {
        "WEBHOOK_URL": f"http://127.0.0.1:{port}",
        "WEBHOOK_PORT": str(port),
        "RENDER_SLOTS": "0",
    }


async def test_a_conversation_by_webhook_through_a_restart_and_back_to_polling(
    chat: LocalChat, database_url: str, tmp_path: Path, alice: Person
) -> None:
    port = free_port()
    chat.faults.append(Fault.server_error("setWebhook"))
    async with running(chat, database_url, tmp_path, **settings(port)):
        _, status = await send_pair(alice)
        assert not any(call.method == "getUpdates" for call in chat.calls)
    await alice.press(status, "paint")  # while nobody is there: brought again until somebody is
    async with running(chat, database_url, tmp_path, **settings(port)):
        await alice.wait_for("You're next")
    async with running(chat, database_url, tmp_path, RENDER_SLOTS="0"):
        sent = await alice.send_text("/help")
        await alice.wait_for("How it works", after=sent.id)
        assert any(call.method == "getUpdates" for call in chat.calls)


async def struck_out(url: str) -> None:
    """Wait until every update that came is noted as handled."""
    async with asyncio.timeout(LONG):
        with psycopg.connect(url, autocommit=True) as inbox:
            while inbox.execute("SELECT 1 FROM inbox WHERE content IS NOT NULL").fetchone():
                await asyncio.sleep(0.05)


async def test_an_update_that_meets_no_database_is_brought_again_and_answered_once(
    chat: LocalChat, open_folder: Path, tmp_path: Path, alice: Person
) -> None:
    port = free_port()
    path = f"/telegram/{secret_of(TOKEN, 'webhook path')[:32]}"
    headers = {SECRET_HEADER: secret_of(TOKEN, "webhook secret")}
    url = await embedded.start(open_folder / "server")
    try:
        async with running(chat, url, tmp_path, **settings(port)):
            await alice.send_text("/help")
            await alice.wait_for("How it works")
            await struck_out(url)  # or it would be answered once more, when the database is back
            await embedded.stop(open_folder / "server")
            person = {"id": alice.id, "is_bot": False, "first_name": "Alice", "language_code": "en"}
            said = {
                "message_id": 9000,
                "date": 1_700_000_000,
                "chat": {"id": alice.id, "type": "private", "first_name": "Alice"},
                "from": person,
                "text": "/privacy",
            }
            update = {"update_id": 900_000_000, "message": said}
            async with aiohttp.ClientSession(f"http://127.0.0.1:{port}") as session:

                async def bring() -> int:
                    async with session.post(path, headers=headers, json=update) as response:
                        return response.status

                assert await bring() == 503
                await embedded.start(open_folder / "server")
                async with asyncio.timeout(LONG):
                    while await bring() != 200:
                        await asyncio.sleep(0.2)
                assert await bring() == 200  # Telegram may not have heard the first answer
            await alice.send_text("/help")
            async with asyncio.timeout(LONG):
                while len(alice.messages) < 5:  # two questions, three answers
                    await asyncio.sleep(0.05)
            assert len([m for m in alice.messages if m.from_bot]) == 3
    finally:
        await embedded.stop(open_folder / "server")


async def test_an_address_that_telegram_refuses_ends_everything_with_one_line(
    chat: LocalChat, database_url: str, tmp_path: Path
) -> None:
    """By then everything runs: the conversation, the painter, the door."""
    chat.faults.append(Fault.refuse("setWebhook", 400, "Bad Request: bad webhook: no TLS"))
    bot = BotProcess(
        chat.url, database_url, tmp_path, **settings(free_port()) | {"RENDER_SLOTS": "1"}
    )
    await bot.start()
    assert await bot.ended(120) == 2
    last = bot.log.read_text().strip().splitlines()[-1]
    assert last.startswith("Telegram refuses WEBHOOK_URL") and "no TLS" in last


async def test_strangers_at_the_door_are_turned_away(
    chat: LocalChat, database_url: str, tmp_path: Path, alice: Person
) -> None:
    port = free_port()
    path = f"/telegram/{secret_of(TOKEN, 'webhook path')[:32]}"
    right = {SECRET_HEADER: secret_of(TOKEN, "webhook secret")}
    async with running(chat, database_url, tmp_path, **settings(port)) as bot:
        await alice.send_text("/help")
        await alice.wait_for("How it works")
        said = len(alice.messages)
        async with aiohttp.ClientSession(f"http://127.0.0.1:{port}") as session:

            async def knock(path: str, headers: dict[str, str], body: bytes) -> int:
                async with session.post(path, headers=headers, data=body) as response:
                    return response.status

            assert await knock(path, {}, b'{"update_id": 1}') == 401
            assert await knock(path, {SECRET_HEADER: "wrong"}, b'{"update_id": 1}') == 401
            assert await knock("/telegram/guess", right, b'{"update_id": 1}') == 404
            assert await knock(path, right, b"not json") == 400
            assert await knock(path, right, b"[]") == 400
            assert await knock(path, right, b" " * (1 << 19) + b"{}") == 413
            # What Telegram may bring some day and we don't know yet is taken, not asked for again.
            assert await knock(path, right, b'{"update_id": 2, "message": 5}') == 200
        assert len(alice.messages) == said
        await alice.send_text("/help")
        async with asyncio.timeout(LONG):
            while len(alice.messages) < said + 2:
                await asyncio.sleep(0.05)
        assert right[SECRET_HEADER] not in bot.log.read_text() and TOKEN not in bot.log.read_text()


async def test_a_taken_port_ends_with_one_line(
    chat: LocalChat, database_url: str, tmp_path: Path
) -> None:
    with socket.socket() as holder:
        holder.bind(("0.0.0.0", 0))
        holder.listen()
        port = int(holder.getsockname()[1])
        bot = BotProcess(chat.url, database_url, tmp_path, **settings(port))
        await bot.start()
        assert await bot.ended(120) == 2
    assert bot.log.read_text().strip().splitlines()[-1].startswith("WEBHOOK_PORT")
