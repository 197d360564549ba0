"""Retries, the rate limit, and notices to admins, against a server that misbehaves."""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack

import pytest
from aiogram import Bot
from aiogram.exceptions import TelegramNetworkError, TelegramServerError

import loader
from data.config import Secret, Settings
from local_chat.api.faults import Fault
from local_chat.people.person import Person
from local_chat.server import LocalChat
from utils import errors
from utils.notify_admins import AdminNotices
from utils.process import logs
from utils.telegram.bot import at_once, without_repeats
from utils.telegram.rate_limit import EDIT_EVERY


@pytest.fixture
async def bot(chat: LocalChat) -> AsyncIterator[Bot]:
    async with AsyncExitStack() as closing:
        settings = Settings(bot_token=Secret("42:TEST"), bot_api_base=chat.url)
        yield await loader.build_bot(settings, closing)


@pytest.fixture
def admin(chat: LocalChat) -> Person:
    return Person(chat, 9, "Admin", known=True)


async def test_a_retry_after_is_obeyed_and_the_message_sent_once(
    chat: LocalChat, bot: Bot, admin: Person
) -> None:
    chat.faults.append(Fault.retry_after("sendMessage", 1))
    await bot.send_message(9, "hello")
    assert [m.text for m in admin.messages] == ["hello"]


async def test_what_is_safe_is_repeated_after_a_server_error(chat: LocalChat, bot: Bot) -> None:
    chat.faults.append(Fault.server_error("getMe"))
    assert (await bot.get_me()).is_bot


@pytest.mark.slow
async def test_words_whose_answer_is_lost_are_said_again(
    chat: LocalChat, bot: Bot, admin: Person
) -> None:
    chat.faults += [Fault.server_error("sendMessage"), Fault.cut("sendMessage")]
    await bot.send_message(9, "hello")
    assert [m.text for m in admin.messages] == ["hello"]


async def test_what_must_not_come_twice_is_sent_once_and_the_lost_answer_is_an_error(
    chat: LocalChat, bot: Bot, admin: Person
) -> None:
    chat.faults += [Fault.retry_after("sendMessage", 1), Fault.cut_after("sendMessage", times=1)]
    with pytest.raises(TelegramNetworkError):
        await without_repeats(bot).send_message(9, "hello")
    assert [m.text for m in admin.messages] == ["hello"]


@pytest.mark.slow
async def test_an_edit_at_once_that_failed_waits_for_its_turn_when_it_is_repeated(
    chat: LocalChat, bot: Bot, admin: Person
) -> None:
    time = asyncio.get_running_loop().time
    said = await bot.send_message(9, "0")
    await bot.edit_message_text("1", chat_id=9, message_id=said.message_id)
    chat.faults.append(Fault.server_error("editMessageText"))
    begun = time()
    await at_once(bot).edit_message_text("2", chat_id=9, message_id=said.message_id)
    assert time() - begun > EDIT_EVERY - 0.1 and [m.text for m in admin.messages] == ["2"]


async def test_what_comes_back_from_a_bot_is_answered_by_its_policy(
    bot: Bot, admin: Person
) -> None:
    answering = at_once(bot)
    said = await answering.send_message(9, "0")
    assert said.bot is answering and said.bot.session is bot.session


async def test_a_connection_gives_up_soon_what_nobody_hears(bot: Bot) -> None:
    await bot.get_me()
    session = await bot.session.create_session()  # type: ignore[attr-defined]
    ((kept, *_),) = session.connector._conns.values()
    line = kept[0].transport.get_extra_info("socket")
    assert line.getsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT) == 10_000
    assert line.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)


@pytest.mark.slow
async def test_an_edit_waits_for_the_one_before_even_if_that_came_while_it_waited(
    bot: Bot, admin: Person
) -> None:
    time = asyncio.get_running_loop().time
    said = await bot.send_message(9, "0")

    async def edit(bot: Bot, text: str) -> float:
        await bot.edit_message_text(text, chat_id=9, message_id=said.message_id)
        return time()

    await edit(bot, "1")
    waiting = asyncio.create_task(edit(bot, "3"))
    await asyncio.sleep(0.5)
    tapped = await edit(at_once(bot), "2")
    assert not waiting.done() and [m.text for m in admin.messages] == ["2"]
    assert await waiting - tapped > EDIT_EVERY - 0.1


@pytest.mark.slow
async def test_a_server_that_stays_away_is_an_error_in_the_end(chat: LocalChat, bot: Bot) -> None:
    chat.faults.append(Fault.server_error("getMe", times=-1))
    with pytest.raises(TelegramServerError):
        await bot.get_me()


async def test_notices_of_one_kind_come_once_a_minute_with_a_count(
    bot: Bot, admin: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = [1000.0]
    monkeypatch.setattr("utils.notify_admins.time.monotonic", lambda: clock[0])
    notices = AdminNotices(bot, (9,))
    for _ in range(4):
        await notices.send("disk <full>", kind="disk")
    await notices.send("other", kind="other")
    assert [m.text for m in admin.messages] == ["disk <full>", "other"]
    clock[0] += 61
    await notices.send("disk <full>", kind="disk")
    assert "and 3 more" in admin.messages[-1].text


async def test_an_admin_who_cannot_be_reached_is_no_error(bot: Bot, admin: Person) -> None:
    await AdminNotices(bot, (404, 9)).send("still here")
    assert admin.messages[-1].text == "still here"


def test_an_error_becomes_one_line_without_values(caplog: pytest.LogCaptureFixture) -> None:
    try:
        errors.line(None)  # type: ignore[arg-type]
    except AttributeError as error:
        line = errors.line(error)
    assert "\n" not in line and line.startswith("AttributeError")
    assert "errors.py" in line and "test_talking" in line


def test_the_token_never_reaches_the_log(capsys: pytest.CaptureFixture[str]) -> None:
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    try:
        logs.set_up("INFO", ("42:SECRET", ""))
        try:
            raise RuntimeError("POST https://host/bot42:SECRET/getMe\nfailed")
        except RuntimeError:
            logging.getLogger("x").exception("calling 42:SECRET")
    finally:
        root.handlers[:] = before
        root.setLevel(level)
    printed = capsys.readouterr().err
    assert "SECRET" not in printed and printed.count("\n") == 1 and "RuntimeError" in printed
