"""The global error handler: apologises to the person, and tells the admins the facts."""

from __future__ import annotations

import logging

from aiogram import Router
from aiogram.exceptions import TelegramAPIError, TelegramBadRequest, TelegramForbiddenError
from aiogram.types import CallbackQuery, ErrorEvent, Message

from database.server.errors import AWAY
from utils.notify_admins import AdminNotices
from utils.texts import Texts, choose, texts

log = logging.getLogger(__name__)

_HARMLESS = (
    "message is not modified",
    "query is too old",
    "message to edit not found",
    "message to delete not found",
    "message can't be edited",
    "MESSAGE_ID_INVALID",
    "message to be replied not found",
    # Muted, restricted, or the topic was closed: nothing can be said there, by nobody's fault.
    "not enough rights",
    "have no rights",
    "need administrator rights",
    "CHAT_WRITE_FORBIDDEN",
    "CHAT_RESTRICTED",
    "CHAT_SEND_",  # …PLAIN_FORBIDDEN, …PHOTOS_FORBIDDEN and the like
    "TOPIC_CLOSED",
    "message thread not found",
)
"""What Telegram says where nothing is wrong with the bot: it is only logged."""


def router() -> Router:
    """The errors of every other router."""
    router = Router(name="errors")
    router.errors.register(unexpected)
    return router


async def unexpected(event: ErrorEvent, notices: AdminNotices, speak: Texts | None = None) -> bool:
    """Log, apologise, report; harmless answers of Telegram are only logged."""
    error = event.exception
    if isinstance(error, AWAY):
        raise error  # nothing is lost: the update stays in the inbox and is handled again
    if isinstance(error, TelegramForbiddenError) or (
        isinstance(error, TelegramBadRequest) and any(words in error.message for words in _HARMLESS)
    ):
        log.info("update %d: %s", event.update.update_id, error)
        return True
    log.error("update %d failed", event.update.update_id, exc_info=error)
    await _apologise(event, speak)
    kind = event.update.event_type if event.update else "?"
    await notices.error(f"update {event.update.update_id} ({kind})", error)
    return True


async def _apologise(event: ErrorEvent, speak: Texts | None) -> None:
    source = event.update.message or event.update.callback_query
    if source is None or source.from_user is None:
        return
    # The error may have come before the person's choice of a language was known.
    text = (speak or texts(choose(source.from_user.language_code)))("error")
    try:
        if isinstance(source, CallbackQuery):
            await source.answer(text, show_alert=True)
        elif isinstance(source, Message):
            await source.answer(text)
    except TelegramAPIError as error:
        log.warning("nobody told of the error: %s", error)
