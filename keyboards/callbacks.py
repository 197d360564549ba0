"""Typed callback data of every button; a forged or outdated one fails to parse and is refused."""

from __future__ import annotations

from typing import Literal

from aiogram.filters.callback_data import CallbackData


class Paint(CallbackData, prefix="paint"):
    """Start painting the two pictures collected in the dialogue."""


class Swap(CallbackData, prefix="swap"):
    """Exchange photo and painting."""


class Discard(CallbackData, prefix="discard"):
    """Forget both pictures."""


class Use(CallbackData, prefix="use"):
    """What to do with a third picture."""

    role: Literal["content", "style", "mix"]


class Panel(CallbackData, prefix="panel"):
    """Show another page of the controls under the pair."""

    view: Literal["main", "size", "strength", "brush", "styles"]


class Choose(CallbackData, prefix="set"):
    """Choose one of the settings; remembered for the next painting too."""

    what: Literal["size", "strength", "colors", "brush"]
    value: str


class Weigh(CallbackData, prefix="weigh"):
    """Give a style of the mix more or less weight, or take it out."""

    style: int
    change: Literal["more", "less", "out"]


class Mix(CallbackData, prefix="mix"):
    """The next picture is one more style."""


class Stop(CallbackData, prefix="stop"):
    """Stop a painting that waits or is being painted."""

    painting: str


class Again(CallbackData, prefix="again"):
    """Paint the same pair once more."""

    painting: str


class Vary(CallbackData, prefix="vary"):
    """Paint the same pair once more with one setting changed, or go on with this very painting."""

    painting: str
    what: Literal["strength", "size", "larger"]
    value: str


class More(CallbackData, prefix="more"):
    """Show or fold away the other settings under a result."""

    painting: str
    open: bool


class Reuse(CallbackData, prefix="reuse"):
    """Keep one of a painting's two sides; the next picture is the other."""

    painting: str
    side: Literal["content", "styles"]


class Compare(CallbackData, prefix="compare"):
    """Show photo and painting side by side."""

    painting: str


class File(CallbackData, prefix="file"):
    """Send the full-quality file of a finished painting."""

    painting: str


class Forget(CallbackData, prefix="forget"):
    """Delete everything the bot knows of the person who taps."""

    sure: bool


class Language(CallbackData, prefix="language"):
    """Choose the bot's language."""

    locale: str


class ShowFigures(CallbackData, prefix="figures"):
    """Send the losses of a painting as a table and as a chart."""

    painting: str
