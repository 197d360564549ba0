"""Groups: /style paints a picture for everybody to see.

All of it is in `painting`.
"""

from __future__ import annotations

from aiogram import Router

from handlers.groups import painting


def routers() -> list[Router]:
    """The router for groups."""
    return [painting.router()]
