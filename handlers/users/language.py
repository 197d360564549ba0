"""/language and its buttons: which language the bot speaks to a person."""

from __future__ import annotations

from aiogram import Router
from aiogram.filters import Command
from aiogram.types import CallbackQuery, Message

from database.people import People
from keyboards import inline
from keyboards.callbacks import Language
from utils.telegram.answer import answer
from utils.texts import Texts, locales, texts


def router() -> Router:
    """The command, and the buttons under its question."""
    router = Router(name="language")
    router.message.register(ask, Command("language"))
    router.callback_query.register(choose, Language.filter())
    return router


async def ask(message: Message, speak: Texts) -> None:
    """Offer every language the bot has texts for."""
    names = {locale: texts(locale)("language-name") for locale in locales()}
    await message.answer(speak("language-ask"), reply_markup=inline.languages(names))


async def choose(query: CallbackQuery, callback_data: Language, people: People) -> None:
    """Remember the choice; a forged one is ignored."""
    await answer(query)
    if callback_data.locale not in locales():
        return
    await people.set_locale(query.from_user.id, callback_data.locale)
    if isinstance(query.message, Message):
        await query.message.edit_text(texts(callback_data.locale)("language-set"))
