"""The conversation: who says what when."""

from __future__ import annotations

from aiogram import Router

from handlers import admins, errors, groups, users


def routers() -> list[Router]:
    """Every router, in the order in which an update tries them."""
    return [*errors.routers(), *admins.routers(), *users.routers(), *groups.routers()]
