"""Whatever is sent, the server answers in Telegram's words and goes on."""

from __future__ import annotations

from typing import Any

import pytest

from local_chat.api.methods import METHODS
from local_chat.people.person import Person
from local_chat.server import LocalChat
from tests.local_chat.conftest import Raw

NONSENSE: list[Any] = [
    "", "x", "[", "{}", "[]", "null", "🎨", -1, 0, 10**30, 1.5, True, None, [], {}, [[]], [{}],
    {"type": "photo"}, [{"type": "photo", "media": 5}], {"message_id": 10**30},
    {"inline_keyboard": [[{"text": "a"}]]}, {"inline_keyboard": "x"},
]  # fmt: skip


@pytest.mark.parametrize("method", [*METHODS, "getUpdates"])
async def test_no_parameter_breaks_a_method(
    raw: Raw, chat: LocalChat, alice: Person, method: str
) -> None:
    """Each field in turn holds nonsense, the others what they should."""
    sent = await alice.send_text("there")
    good = {"chat_id": 1, "from_chat_id": 1, "message_id": sent.id, "text": "a", "action": "typing"}
    import aiogram.methods

    fields = getattr(aiogram.methods, method[0].upper() + method[1:]).model_fields
    base = {name: value for name, value in good.items() if name in fields}
    names = [name for name in fields if name != "timeout"]
    for name in names or ["anything"]:
        for value in NONSENSE[:: 1 if len(names) < 6 else 4]:
            answer = await raw.call(method, **{**base, name: value})
            assert answer["status"] < 500, (name, value, answer)
            assert answer["ok"] or answer["description"]
    assert len(chat.calls) >= 5 * len(names)


@pytest.mark.parametrize(
    "path",
    [
        "/chat/history?person=1&before=99999999999999999999",
        "/chat/history?person=x&before=1",
        "/chat/history",
        "/chat/live",
        "/chat/files/%00",
        "/chat/files/" + "x" * 3000,
        "/static/%00.js",
    ],
)
async def test_no_address_breaks_the_page(raw: Raw, path: str) -> None:
    status, _, _ = await raw.get(path, Origin=raw.url)
    assert 400 <= status < 500


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/chat/press", {"person": 1, "message_id": 10**40, "data": "x"}),
        ("/chat/press", {"person": 1, "message_id": [], "data": "x"}),
        ("/chat/press", {"person": 10**40, "message_id": 1, "data": "x"}),
        ("/chat/press", [1]),
        ("/chat/delete", {"person": 1, "message_id": 10**40}),
        ("/chat/send", {"person": 1}),
    ],
)
async def test_no_act_breaks_the_page(raw: Raw, path: str, body: Any) -> None:
    status, _ = await raw.post(path, body, Origin=raw.url)
    assert 400 <= status < 500
