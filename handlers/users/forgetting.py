"""/forget: everything the bot knows of a person, gone at once."""

from __future__ import annotations

from aiogram import Bot, F, Router
from aiogram.filters import Command
from aiogram.types import CallbackQuery, Message, Update

from jobs.chat.status import StatusMessage
from jobs.line.forgetting import stop_and_forget
from jobs.line.queue import PaintingQueue
from keyboards import inline
from keyboards.callbacks import Forget
from utils.telegram.answer import answer
from utils.texts import Texts


def router() -> Router:
    """The command asks back; the button under it, or under /privacy, does it."""
    router = Router(name="forgetting")
    router.message.register(ask, Command("forget"))
    router.callback_query.register(forget_me, Forget.filter(F.sure))
    return router


async def ask(message: Message, speak: Texts) -> None:
    """It can't be undone: ask once."""
    await message.answer(speak("forget-ask"), reply_markup=inline.forget(speak))


async def forget_me(
    query: CallbackQuery, bot: Bot, speak: Texts, queue: PaintingQueue, event_update: Update
) -> None:
    """Stop, delete, say so. Their status messages say it too: nothing will come."""
    await answer(query)
    for record in await stop_and_forget(queue, query.from_user.id, event_update.update_id):
        await StatusMessage(bot, queue.paintings, record).say(
            speak("forgotten-painting"), last=True
        )
    if isinstance(query.message, Message):
        await query.message.edit_text(speak("forgotten"))
