"""What happens when a handler fails: `unexpected` catches it."""

from __future__ import annotations

from aiogram import Router

from handlers.errors import unexpected


def routers() -> list[Router]:
    """The router that catches everything."""
    return [unexpected.router()]
