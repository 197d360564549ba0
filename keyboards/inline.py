"""Inline keyboards, each in the person's language."""

from __future__ import annotations

from aiogram.types import InlineKeyboardMarkup

from keyboards.button import BAD, GOOD, Text, button
from keyboards.callbacks import Again, Forget, Language, Stop, Use
from keyboards.result import result

__all__ = ["again", "forget", "languages", "result", "stop", "third"]


def third(text: Text, *, mix: bool) -> InlineKeyboardMarkup:
    """A third picture came: which of the two does it replace, or is it one more style?"""
    rows = [
        [button(text("button-use-content"), Use(role="content"))],
        [button(text("button-use-style"), Use(role="style"))],
    ]
    if mix:
        rows.append([button(text("button-use-mix"), Use(role="mix"))])
    return InlineKeyboardMarkup(inline_keyboard=rows)


def stop(text: Text, painting: str) -> InlineKeyboardMarkup:
    """A painting waits or is being painted."""
    return InlineKeyboardMarkup(
        inline_keyboard=[[button(text("button-stop"), Stop(painting=painting), BAD)]]
    )


def again(text: Text, painting: str) -> InlineKeyboardMarkup:
    """A painting ended without a result."""
    return InlineKeyboardMarkup(
        inline_keyboard=[[button(text("button-retry"), Again(painting=painting), GOOD)]]
    )


def forget(text: Text) -> InlineKeyboardMarkup:
    """Forget me, under /privacy and /forget."""
    return InlineKeyboardMarkup(
        inline_keyboard=[[button(text("button-forget"), Forget(sure=True))]]
    )


def languages(names: dict[str, str]) -> InlineKeyboardMarkup:
    """One button per language, each in its own language."""
    return InlineKeyboardMarkup(
        inline_keyboard=[[button(name, Language(locale=locale))] for locale, name in names.items()]
    )
