"""What people meet, from /start to the painting."""

from __future__ import annotations

from aiogram import F, Router
from aiogram.enums import ChatType

from handlers.users import (
    basics,
    controls,
    developer,
    fallback,
    forgetting,
    language,
    membership,
    painting,
    pictures,
    results,
    styles,
)


def routers() -> list[Router]:
    """Private chats hold the whole conversation."""
    private = Router(name="private")
    private.message.filter(F.chat.type == ChatType.PRIVATE)
    private.include_routers(
        basics.router(),
        forgetting.router(),
        language.router(),
        styles.router(),
        developer.router(),
        pictures.router(),
        controls.router(),
        painting.router(),
        results.router(),
        fallback.router(),
    )
    return [private, membership.router()]
