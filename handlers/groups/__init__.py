"""Groups: /style paints a picture for everybody to see."""

from __future__ import annotations

from aiogram import Router

from handlers.groups import painting


def routers() -> list[Router]:
    """What a group is answered to."""
    return [painting.router()]
