"""Brings sketches into the chat: always of the table as it is, never of what it was."""

from __future__ import annotations

import asyncio
import dataclasses
import logging
from collections.abc import Awaitable, Callable
from pathlib import Path

from aiogram import Bot
from aiogram.exceptions import TelegramAPIError
from aiogram.fsm.context import FSMContext
from aiogram.fsm.storage.base import BaseEventIsolation
from aiogram.types import FSInputFile, InlineKeyboardMarkup, InputMediaPhoto

from database.records import Request
from handlers.users.pair.table import Picture, Table
from jobs.sketching.sketcher import Sketcher
from utils.telegram.edit import edit_words
from utils.texts import Texts

log = logging.getLogger(__name__)

Keyboard = Callable[[Table], Awaitable[InlineKeyboardMarkup]]


@dataclasses.dataclass(frozen=True, slots=True)
class Wish:
    """A sketch that a person waits for."""

    chat_id: int
    state: FSMContext
    table: Table
    request: Request
    words: str
    keyboard: Keyboard
    speak: Texts
    pictured: bool
    """Whether an earlier sketch is shown."""


class Sketching:
    """At most one sketch is made for a chat at a time; of several wishes the last one counts."""

    def __init__(self, bot: Bot, sketcher: Sketcher, isolation: BaseEventIsolation) -> None:
        """`isolation` is what keeps a person's updates one after another."""
        self._bot = bot
        self._sketcher = sketcher
        self._isolation = isolation
        self._wishes: dict[int, Wish] = {}
        self._tasks: dict[int, asyncio.Task[None]] = {}

    @property
    def possible(self) -> bool:
        """Whether a sketch may be expected now."""
        return self._sketcher.possible

    def expect(self, picture: Picture) -> None:
        """A picture has come: have it and the process ready."""
        self._sketcher.expect(_small(picture))

    def begin(self, wish: Wish) -> None:
        """Make a sketch in the background and show it, unless the table has changed by then."""
        if not self.possible and not wish.pictured:
            return
        self._wishes[wish.chat_id] = wish
        if wish.chat_id not in self._tasks:
            task = asyncio.create_task(self._work(wish.chat_id))
            self._tasks[wish.chat_id] = task
            task.add_done_callback(lambda _: self._tasks.pop(wish.chat_id, None))

    async def _work(self, chat_id: int) -> None:
        while (wish := self._wishes.pop(chat_id, None)) is not None:
            assert wish.table.content
            small = dataclasses.replace(
                wish.request,
                content=_small(wish.table.content),
                styles=tuple(map(_small, wish.table.styles)),
            )
            sketch: Path | None = None
            try:
                sketch = await self._sketcher.make(small)
                if chat_id not in self._wishes:
                    await self._show(wish, sketch)
            except (TelegramAPIError, OSError) as error:
                log.info("chat %d: no sketch: %s", chat_id, error)
            except Exception:
                log.exception("chat %d: no sketch", chat_id)
            finally:
                if sketch:
                    sketch.unlink(missing_ok=True)

    async def _show(self, wish: Wish, sketch: Path | None) -> None:
        # While this lock is held no tap of this person is handled: what is true stays true.
        async with self._isolation.lock(key=wish.state.key):
            table = Table.read(await wish.state.get_data())
            message = table.status_message
            asked, now = ((t.version, t.laid_after) for t in (wish.table, table))
            if message is None or now != asked:
                return
            keyboard = await wish.keyboard(table)
            if sketch is not None:
                caption = "\n".join((wish.words, wish.speak("sketch-note")))
                await self._bot.edit_message_media(
                    media=InputMediaPhoto(media=FSInputFile(sketch), caption=caption),
                    chat_id=wish.chat_id,
                    message_id=message,
                    reply_markup=keyboard,
                )
            elif wish.pictured:
                words = "\n".join((wish.words, wish.speak("sketch-old")))
                await edit_words(
                    *(self._bot, wish.chat_id, message, words, keyboard), pictured=True
                )


def _small(picture: Picture) -> str:
    return str(picture.get("small") or picture["file_id"])
