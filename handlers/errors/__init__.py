"""What is left when a handler fails."""

from __future__ import annotations

from aiogram import Router

from handlers.errors import unexpected


def routers() -> list[Router]:
    """The catch-all."""
    return [unexpected.router()]
