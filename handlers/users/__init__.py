"""What people meet, from /start to the painting."""

from __future__ import annotations

from aiogram import F, Router
from aiogram.enums import ChatType

from handlers.users import (
    basics,
    controls,
    developer,
    forgetting,
    groups,
    language,
    membership,
    painting,
    pictures,
    rest,
    results,
    styles,
)


def routers() -> list[Router]:
    """Private chats hold the whole conversation; groups get one kind hint."""
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
        rest.router(),
    )
    return [private, groups.router(), membership.router()]
