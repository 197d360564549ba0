"""The gallery's buttons: a page of all, a page of one, the last styles of one's own."""

from __future__ import annotations

from collections.abc import Sequence

from aiogram.filters.callback_data import CallbackData
from aiogram.types import InlineKeyboardMarkup

from keyboards.button import Text, button

_PER_ROW = 6
ALL = "all"


class Page(CallbackData, prefix="page"):
    """Show a page of the gallery: `all`, or one style by its name."""

    name: str


class Recent(CallbackData, prefix="recent"):
    """Show one of the person's last styles, or with no key the latest."""

    key: str = ""


class Take(CallbackData, prefix="take"):
    """Take a style of the gallery."""

    name: str


class TakeRecent(CallbackData, prefix="retake"):
    """Take one of the person's last styles."""

    key: str


class Close(CallbackData, prefix="close"):
    """Put the gallery away."""


def open_button(text: Text) -> InlineKeyboardMarkup:
    """Open the gallery, where a painting is expected: one may choose instead of sending."""
    return InlineKeyboardMarkup(inline_keyboard=[[button(text("button-gallery"), Page(name=ALL))]])


def overview(text: Text, names: Sequence[str], *, recent: bool) -> InlineKeyboardMarkup:
    """A number for each style."""
    numbers = [button(str(i), Page(name=name)) for i, name in enumerate(names, start=1)]
    rows = [numbers[i : i + _PER_ROW] for i in range(0, len(numbers), _PER_ROW)]
    if recent:
        rows.append([button(text("button-recent"), Recent())])
    rows.append([button(text("button-close"), Close())])
    return InlineKeyboardMarkup(inline_keyboard=rows)


def one(text: Text, name: str, before: str, after: str) -> InlineKeyboardMarkup:
    """One style: take it, or leaf on."""
    return _leaf(text, Take(name=name), Page(name=before), Page(name=after))


def recent_one(text: Text, key: str, before: str, after: str) -> InlineKeyboardMarkup:
    """One of the person's last styles; where it is the only one there is nothing to leaf."""
    if before == key:
        return _leaf(text, TakeRecent(key=key))
    return _leaf(text, TakeRecent(key=key), Recent(key=before), Recent(key=after))


def _leaf(text: Text, take: CallbackData, *turns: CallbackData) -> InlineKeyboardMarkup:
    rows = [[button(text("button-take"), take)]]
    if turns:
        before, after = turns
        rows.append([button(text("button-previous"), before), button(text("button-next"), after)])
    rows.append([button(text("button-all-styles"), Page(name=ALL))])
    return InlineKeyboardMarkup(inline_keyboard=rows)
