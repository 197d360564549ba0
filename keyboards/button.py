"""One inline button; its colour only repeats what its words say."""

from __future__ import annotations

from collections.abc import Callable

from aiogram.filters.callback_data import CallbackData
from aiogram.types import InlineKeyboardButton

Text = Callable[..., str]

GOOD = "success"
"""Green: begins something."""
BAD = "danger"
"""Red: ends something."""
CHOSEN = "primary"
"""Blue: this is the present choice."""


def button(text: str, data: CallbackData, style: str | None = None) -> InlineKeyboardButton:
    """A button with typed callback data. Apps that know no colours show it plain."""
    return InlineKeyboardButton(text=text, callback_data=data.pack(), style=style)
