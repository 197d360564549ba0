"""Buttons that only admins meet."""

from __future__ import annotations

from aiogram.filters.callback_data import CallbackData
from aiogram.types import InlineKeyboardMarkup

from keyboards.button import Text, button


class SendBroadcast(CallbackData, prefix="broadcast"):
    """Send the message above to everybody, or to those who speak one language."""

    number: int
    audience: str


class StopBroadcast(CallbackData, prefix="nobroadcast"):
    """Drop it, or send it to nobody else."""

    number: int


def confirm(text: Text, number: int, audiences: dict[str, str]) -> InlineKeyboardMarkup:
    """One button per audience, with its words; and the way out."""
    rows = [
        [button(words, SendBroadcast(number=number, audience=audience))]
        for audience, words in audiences.items()
    ]
    no = button(text("button-broadcast-drop"), StopBroadcast(number=number))
    return InlineKeyboardMarkup(inline_keyboard=[*rows, [no]])


def stop(text: Text, number: int) -> InlineKeyboardMarkup:
    """While it is being sent."""
    no = button(text("button-broadcast-stop"), StopBroadcast(number=number))
    return InlineKeyboardMarkup(inline_keyboard=[[no]])
