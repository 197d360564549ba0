"""Answers callback queries; one that is too old for an answer is handled all the same."""

from __future__ import annotations

import logging

from aiogram.exceptions import TelegramAPIError
from aiogram.types import CallbackQuery

log = logging.getLogger(__name__)


async def answer(query: CallbackQuery, text: str | None = None, *, alert: bool = False) -> None:
    """End the wait of the tapped button, with a toast or an alert; an error is only logged."""
    try:
        await query.answer(text, show_alert=alert)
    except TelegramAPIError as error:
        log.info("callback query not answered: %s", error)
