"""Answers everything that no other handler took."""

from __future__ import annotations

from aiogram import F, Router
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, Message

from keyboards import gallery
from states import Painting
from utils.telegram.answer import answer
from utils.texts import Texts

_KINDS = {
    "sticker": "sticker",
    "voice": "voice",
    "audio": "voice",
    "video": "video",
    "video_note": "video",
    "animation": "video",
    "document": "document",
}
_SERVICE = frozenset({"pinned_message", "message_auto_delete_timer_changed", "chat_background_set"})


def router() -> Router:
    """The last router."""
    router = Router(name="rest")
    router.message.register(unknown_command, F.text.startswith("/"))
    router.message.register(text, F.text)
    router.message.register(not_a_picture)
    router.callback_query.register(unknown_button)
    return router


async def unknown_command(message: Message, speak: Texts) -> None:
    """Say that there is no such command, at least for this person."""
    await message.answer(speak("unknown-command"))


async def text(message: Message, state: FSMContext, speak: Texts) -> None:
    """Answer words with what is needed next."""
    match await state.get_state():
        case Painting.style.state:
            await message.answer(speak("text-style"), reply_markup=gallery.open_button(speak))
        case Painting.photo.state:
            await message.answer(speak("text-photo"))
        case Painting.ready.state:
            await message.answer(speak("text-ready"))
        case _:
            await message.answer(speak("text-content"))


async def not_a_picture(message: Message, state: FSMContext, speak: Texts) -> None:
    """Say of stickers, voices, videos and other files what works instead."""
    kind = next((kind for field, kind in _KINDS.items() if getattr(message, field)), "other")
    if kind == "other" and message.content_type in _SERVICE:
        return
    await message.answer(speak("not-a-picture", kind=kind))
    if message.media_group_id and await state.get_state() == Painting.style.state:
        # The other part of the album was a photo, which was taken without a word.
        await message.answer(speak("got-content"), reply_markup=gallery.open_button(speak))


async def unknown_button(query: CallbackQuery, speak: Texts) -> None:
    """Answer forged or outdated callback data."""
    await answer(query, speak("pair-gone"))
