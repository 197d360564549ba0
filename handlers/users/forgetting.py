"""/forget: deletes at once everything that the bot knows of a person."""

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
    """The command, which asks back, and the button under that question and under /privacy."""
    router = Router(name="forgetting")
    router.message.register(ask, Command("forget"))
    router.callback_query.register(forget_me, Forget.filter(F.sure))
    return router


async def ask(message: Message, speak: Texts) -> None:
    """Ask once more, since it can't be undone."""
    await message.answer(speak("forget-ask"), reply_markup=inline.forget(speak))


async def forget_me(
    query: CallbackQuery, bot: Bot, speak: Texts, queue: PaintingQueue, event_update: Update
) -> None:
    """Stop all paintings and delete everything; the status messages say it too."""
    await answer(query)
    for record in await stop_and_forget(queue, query.from_user.id, event_update.update_id):
        await StatusMessage(bot, queue.paintings, record).say(
            speak("forgotten-painting"), last=True
        )
    if isinstance(query.message, Message):
        await query.message.edit_text(speak("forgotten"))
