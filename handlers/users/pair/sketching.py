"""Shows sketches in the chat: always of the pair as it is, never of an earlier state."""

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
from jobs.sketching.sketcher import Sketcher
from states.dialogue import Dialogue, Pair, Picture
from utils.telegram.edit import edit_words
from utils.texts import Texts

log = logging.getLogger(__name__)

Keyboard = Callable[[Pair], Awaitable[InlineKeyboardMarkup]]
"""The keyboard of a pair's message."""


@dataclasses.dataclass(frozen=True, slots=True)
class PendingSketch:
    """A sketch that a person waits for."""

    chat_id: int
    state: FSMContext
    pair: Pair
    request: Request
    words: str
    keyboard: Keyboard
    speak: Texts
    pictured: bool
    """Whether an earlier sketch is shown."""


class Sketching:
    """Makes at most one sketch for a chat at a time; of several pending ones the last counts."""

    def __init__(self, bot: Bot, sketcher: Sketcher, isolation: BaseEventIsolation) -> None:
        """`isolation` is the dispatcher's, which handles a person's updates one by one."""
        self._bot = bot
        self._sketcher = sketcher
        self._isolation = isolation
        self._pending: dict[int, PendingSketch] = {}
        self._tasks: dict[int, asyncio.Task[None]] = {}

    @property
    def possible(self) -> bool:
        """Whether a sketch may be expected now."""
        return self._sketcher.possible

    def expect(self, picture: Picture) -> None:
        """Download a picture that has come, and start the sketching process."""
        self._sketcher.expect(_small(picture))

    def begin(self, pending: PendingSketch) -> None:
        """Make a sketch in the background and show it, unless the pair has changed by then."""
        if not self.possible and not pending.pictured:
            return
        chat_id = pending.chat_id
        self._pending[chat_id] = pending
        if chat_id not in self._tasks:
            task = asyncio.create_task(self._work(chat_id))
            self._tasks[chat_id] = task
            task.add_done_callback(lambda _: self._tasks.pop(chat_id, None))

    async def _work(self, chat_id: int) -> None:
        while (pending := self._pending.pop(chat_id, None)) is not None:
            assert pending.pair.content
            small = dataclasses.replace(
                pending.request,
                content=_small(pending.pair.content),
                styles=tuple(map(_small, pending.pair.styles)),
            )
            sketch: Path | None = None
            try:
                sketch = await self._sketcher.make(small)
                if chat_id not in self._pending:
                    await self._show(pending, sketch)
            except (TelegramAPIError, OSError) as error:
                log.info("chat %d: no sketch: %s", chat_id, error)
            except Exception:
                log.exception("chat %d: no sketch", chat_id)
            finally:
                if sketch:
                    sketch.unlink(missing_ok=True)

    async def _show(self, pending: PendingSketch, sketch: Path | None) -> None:
        # While this lock is held no tap of this person is handled: the pair stays as it is.
        async with self._isolation.lock(key=pending.state.key):
            pair = (await Dialogue.load(pending.state)).pair
            message = pair.status_message
            asked, now = ((one.version, one.laid_after) for one in (pending.pair, pair))
            if message is None or now != asked:
                return
            keyboard = await pending.keyboard(pair)
            if sketch is not None:
                caption = "\n".join((pending.words, pending.speak("sketch-note")))
                await self._bot.edit_message_media(
                    media=InputMediaPhoto(media=FSInputFile(sketch), caption=caption),
                    chat_id=pending.chat_id,
                    message_id=message,
                    reply_markup=keyboard,
                )
            elif pending.pictured:
                words = "\n".join((pending.words, pending.speak("sketch-old")))
                await edit_words(
                    self._bot, pending.chat_id, message, words, keyboard, pictured=True
                )


def _small(picture: Picture) -> str:
    """The file id of the smallest version that a sketch can be made of."""
    return picture.small or picture.file_id
