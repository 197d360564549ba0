"""The conversation in a private chat, from /start to the painting.

Read `basics`, `pictures` (the photo and the paintings come), `styles` (or are chosen in the
gallery), `controls` (what is chosen about them), `painting` and `results`. What these share is in
`pair`. `fallback` answers everything else.
"""

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
    """The routers in the order in which they are tried."""
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
