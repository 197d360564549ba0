"""Tokens, methods, and the ways in which parameters come."""

from __future__ import annotations

import aiohttp
import pytest
from aiogram import Bot
from aiogram.exceptions import TelegramUnauthorizedError

from local_chat.people.person import Person
from local_chat.server import LocalChat
from tests.local_chat.conftest import TOKEN, Raw, hang_up, make_bot, picture


async def test_get_me_has_the_number_of_the_token(bot: Bot) -> None:
    me = await bot.get_me()
    assert (me.id, me.is_bot, me.username) == (42, True, "local_chat_bot")


@pytest.mark.parametrize("token", ["", "nonsense", "12", ":x", "12:"])
async def test_a_token_of_another_form_is_unauthorized(raw: Raw, token: str) -> None:
    answer = await raw.call("getMe", token)
    assert answer == {
        "ok": False, "error_code": 401, "description": "Unauthorized", "status": 401,
    }  # fmt: skip


async def test_aiogram_sees_the_401(chat: LocalChat) -> None:
    bot = Bot("7:ok", session=make_bot(chat.url).session)
    object.__setattr__(bot, "_Bot__token", "nonsense")
    with pytest.raises(TelegramUnauthorizedError):
        await bot.get_me()
    await hang_up(bot)


async def test_unknown_method_is_404(raw: Raw) -> None:
    answer = await raw.call("paintMe")
    assert answer["status"] == answer["error_code"] == 404
    assert answer["description"] == "Not Found: method not found"


async def test_known_method_that_is_not_here_says_so(raw: Raw) -> None:
    answer = await raw.call("getMyStarBalance")
    assert answer["status"] == 400
    assert "not available in the local chat" in answer["description"]


async def test_method_names_do_not_mind_case(raw: Raw) -> None:
    assert (await raw.call("GETme"))["ok"]


async def test_query_form_json_and_multipart_mean_the_same(raw: Raw, alice: Person) -> None:
    address = f"{raw.url}/bot{TOKEN}/sendMessage"
    params = {"chat_id": "1", "text": "123", "disable_notification": "true"}
    async with raw.session.get(address, params=params) as response:
        assert (await response.json())["result"]["text"] == "123"
    async with raw.session.post(address, data=params) as response:
        assert (await response.json())["result"]["text"] == "123"
    form = aiohttp.FormData(params)
    form.add_field("reply_parameters", '{"message_id": 1}')
    form._is_multipart = True
    async with raw.session.post(address, data=form) as response:
        answer = await response.json()
    assert answer["result"]["text"] == "123"
    assert answer["result"]["reply_to_message"]["message_id"] == 1
    assert (await raw.call("sendMessage", chat_id=1, text="123"))["result"]["text"] == "123"


async def test_a_text_of_digits_stays_a_text(bot: Bot, alice: Person) -> None:
    assert (await bot.send_message(1, "2026")).text == "2026"


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"chat_id": 1, "text": "a", "txt": "b"}, 'unknown parameter "txt"'),
        (
            {"chat_id": 1, "text": "a", "reply_parameters": {"message_id": 1, "allow": True}},
            'unknown parameter "allow"',
        ),
        ({"chat_id": 1, "text": "a", "disable_notification": "maybe"}, "can't parse"),
        ({"chat_id": 1, "text": "a", "entities": "["}, "can't parse entities JSON object"),
        ({"text": "a"}, "chat_id is empty"),
        ({"chat_id": 1}, "message text is empty"),
        ({"chat_id": 1, "text": " \n "}, "message text is empty"),
        ({"chat_id": 1, "text": "x" * 4097}, "message is too long"),
        ({"chat_id": 99, "text": "a"}, "chat not found"),
        ({"chat_id": "@someone", "text": "a"}, "chat not found"),
    ],
)
async def test_bad_parameters(raw: Raw, alice: Person, body: dict[str, object], words: str) -> None:
    answer = await raw.call("sendMessage", **body)
    assert answer["status"] == answer["error_code"] == 400
    assert answer["description"].startswith("Bad Request: ")
    assert words in answer["description"]
    assert alice.messages == []


async def test_a_body_that_is_no_json(raw: Raw) -> None:
    headers = {"Content-Type": "application/json"}
    address = f"{raw.url}/bot{TOKEN}/getMe"
    async with raw.session.post(address, data="{", headers=headers) as response:
        assert response.status == 400
    async with raw.session.post(address, data="[]", headers=headers) as response:
        assert response.status == 400


async def test_upload_under_the_name_of_its_parameter(raw: Raw, alice: Person) -> None:
    form = aiohttp.FormData({"chat_id": "1"})
    form.add_field("photo", picture(), filename="p.jpg", content_type="image/jpeg")
    async with raw.session.post(f"{raw.url}/bot{TOKEN}/sendPhoto", data=form) as response:
        assert (await response.json())["result"]["photo"][-1]["width"] == 640


async def test_a_reference_to_nothing(raw: Raw, alice: Person) -> None:
    answer = await raw.call("sendPhoto", chat_id=1, photo="attach://nothing")
    assert answer["description"] == "Bad Request: file for photo not found in the request"
