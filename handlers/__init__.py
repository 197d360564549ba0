"""The conversation: a module with a `router()` holds a part of it, and says what it answers.

Read `users` (private chats), then `groups`, `admins` and `errors`. What handlers share is in
`users/pair`.
"""

from __future__ import annotations

from aiogram import Router

from handlers import admins, errors, groups, users


def routers() -> list[Router]:
    """Every router, in the order in which an update tries them."""
    return [*errors.routers(), *admins.routers(), *users.routers(), *groups.routers()]
