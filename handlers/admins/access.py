"""/block and /unblock a person; /pause and /resume, which stop and go on taking paintings."""

from __future__ import annotations

from aiogram import Bot, Router
from aiogram.filters import Command, CommandObject
from aiogram.types import Message

from database.blocked import Blocked
from handlers.admins.filters import FromAdmin
from jobs.line.queue import PaintingQueue
from jobs.stopping import stop_painting
from utils.texts import Texts


def router() -> Router:
    """The four commands, for admins."""
    router = Router(name="access")
    router.message.register(block, Command("block"), FromAdmin())
    router.message.register(unblock, Command("unblock"), FromAdmin())
    router.message.register(pause, Command("pause"), FromAdmin())
    router.message.register(resume, Command("resume"), FromAdmin())
    return router


async def block(
    message: Message,
    command: CommandObject,
    *,
    bot: Bot,
    blocked: Blocked,
    queue: PaintingQueue,
    admins: tuple[int, ...],
    speak: Texts,
) -> None:
    """Turn a person away from now on, and stop their paintings."""
    person = _person(command)
    if person is None or person in admins:
        await message.answer(speak("block-how"))
        return
    fresh = await blocked.block(person)
    for record in await queue.paintings.open_of(person):
        await stop_painting(bot, queue, record)
    await message.answer(speak("block-done" if fresh else "block-already", person=str(person)))


async def unblock(message: Message, command: CommandObject, blocked: Blocked, speak: Texts) -> None:
    """Let a blocked person use the bot again."""
    person = _person(command)
    if person is None:
        await message.answer(speak("block-how"))
        return
    done = await blocked.unblock(person)
    await message.answer(speak("unblock-done" if done else "unblock-already", person=str(person)))


async def pause(message: Message, queue: PaintingQueue, speak: Texts) -> None:
    """Take no new paintings; those in line go on."""
    done = await queue.switches.pause()
    await message.answer(speak("pause-done" if done else "pause-already"))


async def resume(message: Message, queue: PaintingQueue, speak: Texts) -> None:
    """Take paintings again."""
    done = await queue.switches.resume()
    await message.answer(speak("resume-done" if done else "resume-already"))


def _person(command: CommandObject) -> int | None:
    words = (command.args or "").split()
    digits = len(words) == 1 and words[0].isascii() and words[0].isdigit() and len(words[0]) < 16
    return int(words[0]) if digits else None
