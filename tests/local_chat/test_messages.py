"""Sending, editing, deleting, copying: what changes and what is refused."""

from __future__ import annotations

import pytest
from aiogram import Bot
from aiogram.exceptions import TelegramBadRequest, TelegramForbiddenError
from aiogram.types import (
    BufferedInputFile,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputMediaDocument,
    InputMediaPhoto,
    Message,
    ReplyParameters,
)

from local_chat.people.person import Person
from local_chat.server import LocalChat
from tests.local_chat.conftest import picture


def keyboard(text: str = "Go", data: str = "go:1") -> InlineKeyboardMarkup:
    return InlineKeyboardMarkup(
        inline_keyboard=[[InlineKeyboardButton(text=text, callback_data=data)]]
    )


def photo(color: str = "navy", size: tuple[int, int] = (640, 480)) -> BufferedInputFile:
    return BufferedInputFile(picture(size, color), f"{color}.jpg")


NOT_MODIFIED = (
    "Bad Request: message is not modified: specified new message content and reply markup are "
    "exactly the same as a current content and reply markup of the message"
)


async def test_one_counter_for_both_sides(bot: Bot, alice: Person, chat: LocalChat) -> None:
    boris = Person(chat, 2, "Boris", known=True)
    ids = [
        (await alice.send_text("a")).id,
        (await bot.send_message(1, "b")).message_id,
        (await alice.send_text("c")).id,
    ]
    assert ids == [1, 2, 3]
    assert (await boris.send_text("d")).id == 1
    await bot.delete_message(1, 3)
    assert (await bot.send_message(1, "e")).message_id == 4  # a number is never used twice


async def test_a_bot_cannot_begin_nor_write_to_who_left(bot: Bot, chat: LocalChat) -> None:
    clara = Person(chat, 3, "Clara")
    with pytest.raises(TelegramBadRequest, match="chat not found"):
        await bot.send_message(3, "hello?")
    await clara.send_text("/start")
    await bot.send_message(3, "hello")
    clara.block()
    with pytest.raises(TelegramForbiddenError, match="bot was blocked by the user"):
        await bot.send_message(3, "hello?")
    updates = await bot.get_updates()
    assert updates[-1].my_chat_member is not None
    assert updates[-1].my_chat_member.new_chat_member.status == "kicked"


async def test_replies(bot: Bot, alice: Person) -> None:
    asked = await alice.send_text("why?")
    answer = await bot.send_message(
        1, "because", reply_parameters=ReplyParameters(message_id=asked.id)
    )
    assert answer.reply_to_message is not None and answer.reply_to_message.text == "why?"
    again = await alice.send_text("oh", reply_to=answer.message_id)
    assert "reply_to_message" not in again["reply_to_message"]
    alice.delete(asked)
    with pytest.raises(TelegramBadRequest, match="message to be replied not found"):
        await bot.send_message(1, "?", reply_parameters=ReplyParameters(message_id=asked.id))
    lost = ReplyParameters(message_id=asked.id, allow_sending_without_reply=True)
    assert (await bot.send_message(1, "!", reply_parameters=lost)).reply_to_message is None


async def test_editing_a_text(bot: Bot, alice: Person) -> None:
    message = await bot.send_message(1, "<b>one</b>", parse_mode="HTML", reply_markup=keyboard())
    same = {"text": "<b>one</b>", "parse_mode": "HTML", "reply_markup": keyboard()}
    with pytest.raises(TelegramBadRequest) as caught:
        await message.edit_text(**same)
    assert caught.value.message == NOT_MODIFIED
    edited = await message.edit_text("two")
    assert isinstance(edited, Message)
    assert (edited.text, edited.entities, edited.reply_markup) == ("two", None, None)
    assert edited.edit_date is not None and edited.date == message.date
    assert alice.messages[-1].buttons == []


async def test_what_cannot_be_edited(bot: Bot, alice: Person) -> None:
    theirs = await alice.send_text("mine")
    with pytest.raises(TelegramBadRequest, match="message can't be edited"):
        await bot.edit_message_text("x", chat_id=1, message_id=theirs.id)
    with pytest.raises(TelegramBadRequest, match="message to edit not found"):
        await bot.edit_message_text("x", chat_id=1, message_id=99)
    with pytest.raises(TelegramBadRequest, match="no text in the message to edit"):
        await (await bot.send_photo(1, photo())).edit_text("x")
    with pytest.raises(TelegramBadRequest, match="no caption in the message to edit"):
        await (await bot.send_message(1, "x")).edit_caption(caption="y")


async def test_a_text_becomes_a_photo_becomes_a_file(bot: Bot, alice: Person) -> None:
    message = await bot.send_message(1, "Painting…", reply_markup=keyboard())
    shown = await message.edit_media(
        InputMediaPhoto(media=photo(), caption="50 %"), reply_markup=keyboard("Stop", "stop")
    )
    assert isinstance(shown, Message) and shown.photo
    assert (shown.text, shown.caption, shown.message_id) == (None, "50 %", message.message_id)
    captioned = await shown.edit_caption(caption="<i>done</i>", parse_mode="HTML")
    assert isinstance(captioned, Message) and captioned.caption_entities
    assert captioned.photo == shown.photo and captioned.reply_markup is None
    file = BufferedInputFile(b"%PDF-", "painting.pdf")
    kept = await captioned.edit_media(InputMediaDocument(media=file))
    assert isinstance(kept, Message) and kept.document
    assert (kept.photo, kept.caption, kept.document.file_name) == (None, None, "painting.pdf")
    assert [m.kind for m in alice.messages] == ["document"]


async def test_the_same_photo_again_is_no_change(bot: Bot, alice: Person) -> None:
    message = await bot.send_photo(1, photo(), caption="c")
    assert message.photo
    media = InputMediaPhoto(media=message.photo[-1].file_id, caption="c")
    with pytest.raises(TelegramBadRequest, match="message is not modified"):
        await message.edit_media(media)


async def test_keyboards_come_and_go(bot: Bot, alice: Person) -> None:
    message = await bot.send_message(1, "x", reply_markup=keyboard())
    assert await message.edit_reply_markup(reply_markup=keyboard("Stop", "stop"))
    assert alice.messages[-1].buttons == [("Stop", "stop")]
    assert await message.edit_reply_markup(reply_markup=None)
    assert alice.messages[-1].buttons == []
    with pytest.raises(TelegramBadRequest, match="message is not modified"):
        await message.edit_reply_markup(reply_markup=None)


@pytest.mark.parametrize("data", ["x" * 65, "ы" * 33])
async def test_callback_data_has_64_bytes(bot: Bot, alice: Person, data: str) -> None:
    with pytest.raises(TelegramBadRequest, match="BUTTON_DATA_INVALID"):
        await bot.send_message(1, "x", reply_markup=keyboard(data=data))


async def test_deleting(bot: Bot, alice: Person) -> None:
    theirs, ours = await alice.send_text("a"), await bot.send_message(1, "b")
    assert await bot.delete_message(1, theirs.id)  # in a private chat a bot may
    with pytest.raises(TelegramBadRequest, match="message to delete not found"):
        await bot.delete_message(1, theirs.id)
    assert await bot.delete_message(1, ours.message_id)
    assert alice.messages == [] and list(alice.deleted) == [theirs.id, ours.message_id]


async def test_copying(bot: Bot, alice: Person) -> None:
    source = await alice.send_photo(picture(), caption="mine")
    copied = await bot.copy_message(1, 1, source.id, caption="copied")
    last = alice.messages[-1]
    assert (last.id, last.text, last.from_bot) == (copied.message_id, "copied", True)
    assert last["photo"] == source["photo"]
    with pytest.raises(TelegramBadRequest, match="message to copy not found"):
        await bot.copy_message(1, 1, 99)


async def test_a_person_sends_an_album(bot: Bot, alice: Person) -> None:
    theirs = await alice.send_album([picture(), picture(color="red")], caption="hi")
    updates = await bot.get_updates()
    assert [u.message.message_id for u in updates if u.message] == [m.id for m in theirs]
    assert len({u.message.media_group_id for u in updates if u.message}) == 1


async def test_captions_have_1024_characters(bot: Bot, alice: Person) -> None:
    await bot.send_photo(1, photo(), caption="<b>" + "x" * 1024 + "</b>", parse_mode="HTML")
    with pytest.raises(TelegramBadRequest, match="message caption is too long"):
        await bot.send_photo(1, photo(), caption="x" * 1025)


async def test_a_long_text_of_a_person_comes_in_pieces(bot: Bot, alice: Person) -> None:
    await alice.send_text("word " * 2000)
    updates = await bot.get_updates()
    texts = [u.message.text for u in updates if u.message and u.message.text]
    assert [len(text) <= 4096 for text in texts] == [True, True, True]
    assert " ".join(texts).split() == ["word"] * 2000


async def test_a_text_becomes_a_photo_with_the_words_as_its_caption(
    bot: Bot, alice: Person
) -> None:
    sent = await bot.send_message(1, "words")
    media = InputMediaPhoto(media=photo(), caption="more words")
    await bot.edit_message_media(media, chat_id=1, message_id=sent.message_id)
    assert (alice.messages[-1].kind, alice.messages[-1].text) == ("photo", "more words")
    await bot.edit_message_caption(chat_id=1, message_id=sent.message_id, caption="others")
    assert (alice.messages[-1].kind, alice.messages[-1].text) == ("photo", "others")
    with pytest.raises(TelegramBadRequest, match="there is no text in the message to edit"):
        await bot.edit_message_text("a text again", chat_id=1, message_id=sent.message_id)


async def test_a_button_has_one_of_the_three_colours_or_none(bot: Bot, alice: Person) -> None:
    def colored(style: str) -> InlineKeyboardMarkup:
        button = InlineKeyboardButton(text="Go", callback_data="go", style=style)
        return InlineKeyboardMarkup(inline_keyboard=[[button]])

    await bot.send_message(1, "?", reply_markup=colored("danger"))
    [[button]] = alice.messages[-1]["reply_markup"]["inline_keyboard"]
    assert button["style"] == "danger"
    with pytest.raises(TelegramBadRequest, match="button style"):
        await bot.send_message(1, "?", reply_markup=colored("pink"))
