"""Answers callback queries; a query too old to be answered must not stop what it asked for."""

from __future__ import annotations

import logging

from aiogram.exceptions import TelegramAPIError
from aiogram.types import CallbackQuery

log = logging.getLogger(__name__)


async def answer(query: CallbackQuery, text: str | None = None, *, alert: bool = False) -> None:
    """End the button's waiting, with a toast or an alert; failing to is only logged."""
    try:
        await query.answer(text, show_alert=alert)
    except TelegramAPIError as error:
        log.info("callback query not answered: %s", error)
