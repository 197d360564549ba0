"""Shows the pair on a person's table: one message with its words, its controls and its sketch."""

from __future__ import annotations

import contextlib
import dataclasses

from aiogram.exceptions import TelegramAPIError
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, InlineKeyboardMarkup, Message

from database.choices import LastChoices
from database.records import Request
from handlers.users.pair.sketching import Sketching, Wish
from handlers.users.pair.table import Table
from jobs.chat.wording import about
from jobs.line.estimates import Estimates
from keyboards.controls import Controls, controls
from nst.choices import Choices, size_here, sizes
from states import Painting
from utils.telegram.edit import edit_words
from utils.texts import Texts


class Desk:
    """Lays pairs out, keeps their message true, and makes requests of them."""

    def __init__(
        self, choices: LastChoices, estimates: Estimates, max_size: int, sketching: Sketching | None
    ) -> None:
        self.choices = choices
        self.estimates = estimates
        self.max_size = max_size
        self.sketching = sketching

    async def lay(
        self, message: Message, user_id: int, state: FSMContext, speak: Texts, table: Table
    ) -> None:
        """A complete table: from here on one new message shows everything."""
        choices = await self.choices.of(user_id)
        table = dataclasses.replace(
            table, view="main", laid_after=max(message.message_id, table.newest)
        )
        keyboard = await self._keyboard(table, choices, speak)
        status = await message.answer(words(table, speak), reply_markup=keyboard)
        table = table.changed(status_message=status.message_id, adding=False)
        await state.set_data(table.data())
        await state.set_state(Painting.ready)
        self._sketch(message.chat.id, state, speak, table, choices, pictured=False)

    async def current(
        self, query: CallbackQuery, state: FSMContext
    ) -> tuple[Message, Table] | None:
        """The tapped message and the table, where the button is of the pair that lies there now.

        Of a message that Telegram got twice, the one that was tapped stays.
        """
        message, table = query.message, Table.read(await state.get_data())
        if not isinstance(message, Message) or not table.is_shown_by(message.message_id):
            return None
        twin = table.status_message
        if message.message_id != twin:
            table = dataclasses.replace(table, status_message=message.message_id)
            await state.update_data(status_message=message.message_id)
            assert message.bot and twin
            with contextlib.suppress(TelegramAPIError):
                await message.bot.delete_message(message.chat.id, twin)
        return message, table

    async def update(
        self,
        message: Message,
        state: FSMContext,
        speak: Texts,
        table: Table,
        choices: Choices,
        *,
        view: str = "main",
        pictured: bool = False,
    ) -> None:
        """A changed table or changed choices: its message says so, then the sketch follows.

        `message` is any in the chat; `pictured` is whether the table's own shows a sketch.
        """
        assert table.status_message and message.bot
        chat_id, message_id = message.chat.id, table.status_message
        table = dataclasses.replace(table, view=view)
        keyboard = await self._keyboard(table, choices, speak)
        said = words(table, speak)
        if pictured:
            hopeful = self.sketching is not None and self.sketching.possible
            said += "\n" + speak("sketch-refreshing" if hopeful else "sketch-old")
        await state.update_data(**table.data())
        await edit_words(*(message.bot, chat_id, message_id, said, keyboard), pictured=pictured)
        self._sketch(chat_id, state, speak, table, choices, pictured=pictured)

    async def turn(
        self, message: Message, state: FSMContext, speak: Texts, user_id: int, view: str
    ) -> None:
        """Another page of the controls; nothing else changes."""
        await state.update_data(view=view)
        table = Table.read(await state.get_data())
        keyboard = await self._keyboard(table, await self.choices.of(user_id), speak)
        await message.edit_reply_markup(reply_markup=keyboard)

    def request(self, table: Table, choices: Choices, speak: Texts) -> Request:
        """What the person would get for a tap now."""
        assert table.content and table.styles
        content = table.content
        known = content.get("width") and content.get("height")
        return Request(
            content=content["file_id"],
            styles=tuple(style["file_id"] for style in table.styles),
            locale=speak.locale,
            reply_to=content["message"],
            recipe=choices.recipe(self.max_size, table.weights),
            shape=(content["width"], content["height"]) if known else None,
        )

    async def times(self, request: Request, speak: Texts) -> dict[str, str]:
        """How long this request would take at each size that is to be had, in words."""
        outlook = await self.estimates.outlook()
        return {
            name: about(outlook.seconds(request.resized(pixels)), speak)
            for name, pixels in sizes(self.max_size).items()
        }

    async def _keyboard(self, table: Table, choices: Choices, speak: Texts) -> InlineKeyboardMarkup:
        shown = Controls(
            choices=choices,
            size=size_here(choices, self.max_size),
            times=await self.times(self.request(table, choices, speak), speak),
            pixels=sizes(self.max_size),
            weights=table.weights,
            view=table.view,
        )
        return controls(speak, shown)

    def _sketch(
        self,
        chat_id: int,
        state: FSMContext,
        speak: Texts,
        table: Table,
        choices: Choices,
        *,
        pictured: bool,
    ) -> None:
        if self.sketching is None:
            return

        async def keyboard(now: Table) -> InlineKeyboardMarkup:
            # Another size may have been chosen while the sketch was made.
            return await self._keyboard(now, await self.choices.of(state.key.user_id), speak)

        self.sketching.begin(
            Wish(
                chat_id=chat_id,
                state=state,
                table=table,
                request=self.request(table, choices, speak),
                words=words(table, speak),
                keyboard=keyboard,
                speak=speak,
                pictured=pictured,
            )
        )


def words(table: Table, speak: Texts) -> str:
    """What the message under which the controls are says."""
    return speak("got-both-swapped" if table.swapped else "got-both", styles=len(table.styles))
