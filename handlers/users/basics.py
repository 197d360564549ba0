"""/start, /help, /privacy, /cancel."""

from __future__ import annotations

from aiogram import Bot, Router
from aiogram.exceptions import TelegramAPIError
from aiogram.filters import Command, CommandStart
from aiogram.fsm.context import FSMContext
from aiogram.types import Message

from data import VERSION
from data.config import ROOT
from database.paintings import KEEP_DAYS
from handlers.users.pair.reuse import left_by_a_failure
from jobs.line.queue import PaintingQueue
from jobs.stopping import stop_painting
from keyboards import inline
from states import Painting
from states.dialogue import Dialogue
from utils.telegram.file_cache import FileCache
from utils.texts import Texts

_EXAMPLE = ROOT / "data" / "example.jpg"


def router() -> Router:
    """The commands, which work anywhere in the dialogue."""
    router = Router(name="basics")
    router.message.register(start, CommandStart())
    router.message.register(help_, Command("help"))
    router.message.register(privacy, Command("privacy"))
    router.message.register(cancel, Command("cancel"))
    return router


async def start(
    message: Message, state: FSMContext, speak: Texts, files: FileCache, admins: tuple[int, ...]
) -> None:
    """Begin anew: greet, and show what a painting looks like."""
    await state.clear()
    await state.set_state(Painting.content)
    greeting = speak("start")
    if message.from_user and message.from_user.id in admins:
        greeting += "\n\n" + speak("start-version", version=VERSION)
    await message.answer(greeting)
    await files.send(message, _EXAMPLE, speak("start-example-caption"))


async def help_(message: Message, speak: Texts) -> None:
    """Explain everything on one screen."""
    await message.answer(speak("help"))


async def privacy(message: Message, speak: Texts) -> None:
    """Say what is kept and for how long."""
    await message.answer(speak("privacy", days=KEEP_DAYS), reply_markup=inline.forget(speak))


async def cancel(
    message: Message, bot: Bot, state: FSMContext, speak: Texts, queue: PaintingQueue
) -> None:
    """Forget the pictures and stop everything this person waits for."""
    assert message.from_user
    dialogue = await Dialogue.load(state)
    left = await left_by_a_failure(message, state, queue)
    await state.clear()
    await state.set_state(Painting.content)
    if shown_by := dialogue.pair.status_message:
        await _drop_keyboard(bot, message.chat.id, shown_by)
    open_paintings = await queue.paintings.open_of(message.from_user.id)
    for record in open_paintings:
        await stop_painting(bot, queue, record)
    if dialogue != Dialogue() or open_paintings or left.pictures:
        await message.answer(speak("cancelled", stopped=len(open_paintings)))
    else:
        await message.answer(speak("nothing-to-cancel"))


async def _drop_keyboard(bot: Bot, chat_id: int, message_id: int) -> None:
    try:
        await bot.edit_message_reply_markup(chat_id=chat_id, message_id=message_id)
    except TelegramAPIError:
        return  # the message was deleted meanwhile
