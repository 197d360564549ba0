"""The commands of admins; for everybody else they don't exist.

`status` and `stats` tell, `broadcasting` sends, `access` blocks people and pauses the bot;
`filters` is what lets admins alone pass.
"""

from __future__ import annotations

from aiogram import Router

from handlers.admins import access, broadcasting, stats, status


def routers() -> list[Router]:
    """The routers, each of which filters for admins itself."""
    return [status.router(), stats.router(), broadcasting.router(), access.router()]
