"""Shows a pair: one message with its words, its controls and its sketch."""

from __future__ import annotations

import contextlib
import dataclasses

from aiogram.exceptions import TelegramAPIError
from aiogram.fsm.context import FSMContext
from aiogram.types import CallbackQuery, InlineKeyboardMarkup, Message

from database.choices import LastChoices
from database.records import Request
from handlers.users.pair.sketching import PendingSketch, Sketching
from jobs.chat.wording import about
from jobs.line.estimates import Estimates
from keyboards.controls import Controls, controls
from nst.choices import Choices, size_here, sizes
from states import Painting
from states.dialogue import Dialogue, Pair, Picture
from utils.telegram.edit import edit_words
from utils.texts import Texts


class PairView:
    """Shows pairs in the chat, keeps what it shows up to date, and makes requests of them."""

    def __init__(
        self, choices: LastChoices, estimates: Estimates, max_size: int, sketching: Sketching | None
    ) -> None:
        """`max_size` is the longest side in pixels that the owner allows."""
        self.choices = choices
        self.estimates = estimates
        self._max_size = max_size
        self._sketching = sketching

    @property
    def max_size(self) -> int:
        """The longest side in pixels that may be chosen: what can be painted in time."""
        return min(self._max_size, self.estimates.longest_side)

    def expect_sketch(self, picture: Picture) -> None:
        """Prepare for a sketch with this picture."""
        if self._sketching:
            self._sketching.expect(picture)

    async def show(
        self, message: Message, state: FSMContext, speak: Texts, dialogue: Dialogue
    ) -> None:
        """Answer `message` with a new message that shows the complete pair from now on."""
        choices = await self.choices.of(state.key.user_id)
        pair = dataclasses.replace(
            dialogue.pair, view="main", laid_after=max(message.message_id, dialogue.pair.newest)
        )
        keyboard = await self._keyboard(pair, choices, speak)
        status = await message.answer(words(pair, speak), reply_markup=keyboard)
        pair = pair.changed(status_message=status.message_id, adding=False)
        await dialogue.with_pair(pair).save(state)
        await state.set_state(Painting.ready)
        self._sketch(state, speak, pair, choices, pictured=False)

    async def current(
        self, query: CallbackQuery, state: FSMContext
    ) -> tuple[Message, Dialogue] | None:
        """The tapped message and the dialogue, where it shows the pair that is there now.

        Of a message that Telegram got twice, the one that was tapped stays.
        """
        message, dialogue = query.message, await Dialogue.load(state)
        pair = dialogue.pair
        if not isinstance(message, Message) or not pair.is_shown_by(message.message_id):
            return None
        twin = pair.status_message
        if message.message_id != twin:
            pair = dataclasses.replace(pair, status_message=message.message_id)
            dialogue = dialogue.with_pair(pair)
            await dialogue.save(state)
            assert message.bot and twin
            with contextlib.suppress(TelegramAPIError):
                await message.bot.delete_message(message.chat.id, twin)
        return message, dialogue

    async def update(
        self,
        message: Message,
        state: FSMContext,
        speak: Texts,
        dialogue: Dialogue,
        *,
        view: str = "main",
        pictured: bool = False,
    ) -> None:
        """Say in the pair's message what has changed of the pair or the choices, and sketch anew.

        `message` is any in the chat; `pictured` is whether the pair's own shows a sketch.
        """
        pair = dataclasses.replace(dialogue.pair, view=view)
        assert pair.status_message and message.bot
        choices = await self.choices.of(state.key.user_id)
        keyboard = await self._keyboard(pair, choices, speak)
        said = words(pair, speak)
        if pictured:
            possible = self._sketching is not None and self._sketching.possible
            said += "\n" + speak("sketch-refreshing" if possible else "sketch-old")
        await dialogue.with_pair(pair).save(state)
        await edit_words(
            message.bot, message.chat.id, pair.status_message, said, keyboard, pictured=pictured
        )
        self._sketch(state, speak, pair, choices, pictured=pictured)

    async def turn(
        self, message: Message, state: FSMContext, speak: Texts, dialogue: Dialogue, view: str
    ) -> None:
        """Show another page of the controls; nothing else changes."""
        pair = dataclasses.replace(dialogue.pair, view=view)
        await dialogue.with_pair(pair).save(state)
        keyboard = await self._keyboard(pair, await self.choices.of(state.key.user_id), speak)
        await message.edit_reply_markup(reply_markup=keyboard)

    def request(self, pair: Pair, choices: Choices, speak: Texts) -> Request:
        """The request for a complete pair with these choices."""
        assert pair.content and pair.styles
        return Request(
            content=pair.content.file_id,
            styles=tuple(style.file_id for style in pair.styles),
            locale=speak.locale,
            reply_to=pair.content.message,
            recipe=choices.recipe(self.max_size, pair.weights),
            shape=pair.content.shape,
        )

    async def _times(self, request: Request, speak: Texts) -> dict[str, str]:
        """How long this request would take at each offered size, in words."""
        outlook = await self.estimates.outlook()
        return {
            name: about(outlook.seconds(request.resized(pixels)), speak)
            for name, pixels in sizes(self.max_size).items()
        }

    async def _keyboard(self, pair: Pair, choices: Choices, speak: Texts) -> InlineKeyboardMarkup:
        shown = Controls(
            choices=choices,
            size=size_here(choices, self.max_size),
            times=await self._times(self.request(pair, choices, speak), speak),
            pixels=sizes(self.max_size),
            weights=pair.weights,
            view=pair.view,
        )
        return controls(speak, shown)

    def _sketch(
        self, state: FSMContext, speak: Texts, pair: Pair, choices: Choices, *, pictured: bool
    ) -> None:
        if self._sketching is None:
            return

        async def keyboard(now: Pair) -> InlineKeyboardMarkup:
            # Another size may have been chosen while the sketch was made.
            return await self._keyboard(now, await self.choices.of(state.key.user_id), speak)

        self._sketching.begin(
            PendingSketch(
                chat_id=state.key.chat_id,
                state=state,
                pair=pair,
                request=self.request(pair, choices, speak),
                words=words(pair, speak),
                keyboard=keyboard,
                speak=speak,
                pictured=pictured,
            )
        )


def words(pair: Pair, speak: Texts) -> str:
    """What the message above the controls says."""
    return speak("got-both-swapped" if pair.swapped else "got-both", styles=len(pair.styles))
