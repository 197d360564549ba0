"""The server as a whole: start, restart, kill, failures on demand, and what it costs."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import aiohttp
import pytest
from aiogram import Bot
from aiogram.exceptions import TelegramNetworkError, TelegramRetryAfter, TelegramServerError
from aiogram.types import BufferedInputFile, InlineKeyboardButton, InlineKeyboardMarkup

from local_chat.api.errors import PortTakenError
from local_chat.api.faults import LOG_LENGTH, Fault
from local_chat.key import kept_key
from local_chat.people.person import Person
from local_chat.server import LocalChat
from tests.local_chat.conftest import TOKEN, hang_up, make_bot, picture

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]


async def test_a_taken_port_is_a_clear_error(chat: LocalChat, tmp_path: Path) -> None:
    port = int(chat.url.rsplit(":", 1)[1])
    with pytest.raises(PortTakenError, match=f"port {port} on 127.0.0.1 is already in use"):
        await LocalChat(tmp_path / "other", port=port).start()


async def test_stopping_twice_and_asking_before_the_start(tmp_path: Path) -> None:
    chat = LocalChat(tmp_path, port=0)
    await chat.stop()
    with pytest.raises(RuntimeError, match="has not been started"):
        _ = chat.core


async def test_everything_survives_a_restart(tmp_path: Path) -> None:
    chat = LocalChat(tmp_path, port=0)
    await chat.start()
    alice = Person(chat, 1)
    bot = make_bot(chat.url)
    theirs = await alice.send_photo(picture())
    button = InlineKeyboardButton(text="Go", callback_data="go")
    sent = await bot.send_document(
        1,
        BufferedInputFile(b"bytes", "a.bin"),
        reply_markup=InlineKeyboardMarkup(inline_keyboard=[[button]]),
    )
    query_id = await alice.press(sent.message_id, "go")
    (first, _) = await bot.get_updates()
    await bot.get_updates(offset=first.update_id + 1)
    before = alice.messages
    await chat.stop()
    await hang_up(bot)

    chat = LocalChat(tmp_path, port=0)
    await chat.start()
    alice = Person(chat, 1)
    bot = make_bot(chat.url)
    assert alice.messages == before
    (update,) = await bot.get_updates()
    assert update.update_id == first.update_id + 1
    assert update.callback_query is not None and update.callback_query.id == query_id
    assert await bot.answer_callback_query(query_id)
    data = await bot.download(theirs["photo"][-1]["file_id"])
    assert data is not None and data.read()[:2] == b"\xff\xd8"
    assert sent.document is not None
    assert (await bot.send_document(1, sent.document.file_id)).message_id == 3
    await alice.send_text("next")
    assert (await bot.get_updates())[-1].update_id == update.update_id + 1
    await hang_up(bot)
    await chat.stop()


async def test_it_runs_alone_and_survives_sigkill(tmp_path: Path) -> None:
    for number in (1, 2):
        process, url = await serve(tmp_path)
        cookie = {f"chat_key_{url.rsplit(':', 1)[1]}": kept_key(tmp_path)}
        async with aiohttp.ClientSession(cookies=cookie) as session:
            form = aiohttp.FormData({"person": "1", "text": f"message {number}"})
            form._is_multipart = True
            headers = {"Origin": url}
            async with session.post(f"{url}/chat/send", data=form, headers=headers) as response:
                assert (await response.json())["ids"] == [number]
            async with session.get(f"{url}/bot{TOKEN}/getUpdates") as response:
                texts = [u["message"]["text"] for u in (await response.json())["result"]]
        assert texts == [f"message {n}" for n in range(1, number + 1)]
        if number == 1:
            process.kill()
        else:
            process.send_signal(signal.SIGTERM)
        code = await process.wait()
        assert code == (-signal.SIGKILL if number == 1 else 0)


async def serve(folder: Path) -> tuple[asyncio.subprocess.Process, str]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "local_chat", "--port", "0", "--folder", str(folder),
        cwd=ROOT, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout is not None
    line = (await process.stdout.readline()).decode()
    return process, line.split()[2]


async def test_failures_on_demand(chat: LocalChat, bot: Bot, alice: Person) -> None:
    chat.faults.append(Fault.retry_after("sendMessage", 7))
    with pytest.raises(TelegramRetryAfter) as caught:
        await bot.send_message(1, "a")
    assert caught.value.retry_after == 7
    chat.faults.append(Fault.server_error("*", times=2))
    for _ in range(2):
        with pytest.raises(TelegramServerError):
            await bot.get_me()
    chat.faults.append(Fault.cut("sendMessage"))
    with pytest.raises(TelegramNetworkError):
        await bot.send_message(1, "b")
    assert alice.messages == []
    chat.faults.append(Fault.cut_after("sendMessage"))
    with pytest.raises(TelegramNetworkError):
        await bot.send_message(1, "c")
    assert [m.text for m in alice.messages] == ["c"]
    only = Fault.refuse("sendMessage", 403, "Forbidden: x", times=-1)
    only.matches = lambda params: params.get("text") == "no"
    chat.faults.append(only)
    await bot.send_message(1, "d")
    chat.faults.clear()
    await bot.send_message(1, "no")


async def test_the_log_of_calls(chat: LocalChat, bot: Bot, alice: Person) -> None:
    await bot.send_message(1, "hello")
    chat.faults.append(Fault.retry_after("sendMessage", 1))
    with pytest.raises(TelegramRetryAfter):
        await bot.send_message(1, "again")
    assert [(c.method, c.status) for c in chat.calls] == [
        ("sendMessage", 200), ("sendMessage", 429),
    ]  # fmt: skip
    assert chat.calls[0].params == {"chat_id": 1, "text": "hello"}
    assert chat.calls[0].at <= chat.calls[1].at
    assert chat.calls.maxlen == LOG_LENGTH


def test_what_it_costs_in_memory(tmp_path: Path) -> None:
    """In a process that has aiogram already, as the bot's has."""
    code = """
import asyncio, gc, json, sys
from pathlib import Path
import aiogram
def rss():
    gc.collect()
    return int(Path('/proc/self/statm').read_text().split()[1]) * 4
before = rss()
from local_chat.server import LocalChat
async def main():
    chat = LocalChat(Path(sys.argv[1]), port=0)
    await chat.start()
    cost = (rss() - before) / 1024
    await chat.stop()
    print(json.dumps({'cost': cost, 'pillow': 'PIL' in sys.modules}))
asyncio.run(main())
"""
    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path)],
        cwd=ROOT, capture_output=True, text=True, check=True, env=dict(os.environ),
    )  # fmt: skip
    figures = json.loads(done.stdout)
    assert figures["pillow"] is False
    assert figures["cost"] < 12, figures


def test_importing_it_does_nothing(tmp_path: Path) -> None:
    code = "import sys, local_chat.server; print('aiogram' in sys.modules, 'PIL' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == ["False", "False"]
