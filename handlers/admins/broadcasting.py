"""/broadcast: a message to everybody, shown first, sent after a tap."""

from __future__ import annotations

import contextlib

from aiogram import Bot, Router
from aiogram.exceptions import TelegramAPIError
from aiogram.filters import Command, CommandObject
from aiogram.types import CallbackQuery, Message

from database.broadcasts import EVERYBODY, Broadcast
from handlers.admins.filters import FromAdmin
from jobs.chat.broadcasts import Broadcasts, Report
from keyboards import admins as keyboards
from keyboards.admins import SendBroadcast, StopBroadcast
from utils.telegram.answer import answer
from utils.texts import Texts, texts


def router() -> Router:
    """The command and its buttons, for admins."""
    router = Router(name="broadcasting")
    router.message.register(ask, Command("broadcast"), FromAdmin())
    router.callback_query.register(send, SendBroadcast.filter(), FromAdmin())
    router.callback_query.register(stop, StopBroadcast.filter(), FromAdmin())
    return router


async def ask(
    message: Message, command: CommandObject, bot: Bot, broadcasts: Broadcasts, speak: Texts
) -> None:
    """Show the message as people will get it, and how many they are."""
    if message.reply_to_message:
        original = message.reply_to_message.message_id
        shown = await bot.copy_message(message.chat.id, message.chat.id, original)
        preview = shown.message_id
    elif command.args:
        # The words after the command, with the formatting that the admin gave them.
        preview = (await message.answer(message.html_text.split(maxsplit=1)[1])).message_id
    else:
        await message.answer(speak("broadcast-how"))
        return
    audience = await broadcasts.audience()
    everybody = sum(audience.values())
    number = await broadcasts.prepare(message.chat.id, preview, speak.locale)
    choices = {EVERYBODY: speak("button-broadcast-all", people=everybody)}
    if len(audience) > 1:
        for locale, people in sorted(audience.items()):
            name = texts(locale)("language-name")
            choices[locale] = speak("button-broadcast-some", language=name, people=str(people))
    await bot.send_message(
        message.chat.id,
        speak("broadcast-ask", people=everybody),
        reply_markup=keyboards.confirm(speak, number, choices),
    )


async def send(
    query: CallbackQuery, callback_data: SendBroadcast, broadcasts: Broadcasts, speak: Texts
) -> None:
    """Start sending; the message with the button tells how far it is from then on."""
    if not isinstance(query.message, Message):
        await answer(query)
        return
    started = await broadcasts.start(
        callback_data.number, query.message.message_id, callback_data.audience
    )
    await answer(query, speak("broadcast-begins" if started else "broadcast-decided"))


async def stop(
    query: CallbackQuery, callback_data: StopBroadcast, broadcasts: Broadcasts, speak: Texts
) -> None:
    """Drop a broadcast that has not begun, or stop one that is being sent."""
    await answer(query)
    if await broadcasts.stop(callback_data.number) and isinstance(query.message, Message):
        await query.message.edit_text(speak("broadcast-stopping"))


def reporter(bot: Bot) -> Report:
    """The function that tells the admin, in their language, how far a broadcast is."""

    async def report(broadcast: Broadcast, numbers: dict[str, int], over: bool) -> None:
        speak = texts(broadcast.locale)
        text = speak(
            "broadcast-over" if over else "broadcast-progress",
            sent=str(numbers.get("sent", 0)),
            total=str(sum(numbers.values())),
            left=str(numbers.get("left", 0)),
            failed=str(numbers.get("failed", 0)),
            unknown=str(numbers.get("unknown", 0)),
            waiting=str(numbers.get("waiting", 0)),
        )
        keyboard = None if over else keyboards.stop(speak, broadcast.id)
        with contextlib.suppress(TelegramAPIError):
            await bot.edit_message_text(
                text=text,
                chat_id=broadcast.chat_id,
                message_id=broadcast.status_message_id,
                reply_markup=keyboard,
            )

    return report
