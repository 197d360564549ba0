"""What only admins reach; for everybody else these commands don't exist."""

from __future__ import annotations

from aiogram import Router

from handlers.admins import access, broadcasting, stats, status


def routers() -> list[Router]:
    """Each filters for admins itself."""
    return [status.router(), stats.router(), broadcasting.router(), access.router()]
