"""aiogram's bot with a policy: how `utils.telegram.retry` makes its requests.

Bots of several policies share one session. A request depends on nothing but the bot that makes it,
so each part is built with the right one: handlers answer at once, broadcasts are without repeats.
"""

from __future__ import annotations

import dataclasses

from aiogram import Bot


@dataclasses.dataclass(frozen=True, slots=True)
class RequestPolicy:
    """How requests are made."""

    at_once: bool = False
    """Whether edits of a message are made without waiting for a while after the one before."""
    repeats: bool = True
    """Whether a request is made again when its answer got lost, so that it may be done twice."""
    optional: bool = False
    """Whether a request is made once at most: what Telegram puts off isn't waited for."""


class PolicyBot(Bot):
    """A bot that makes its requests by a policy, also those of the messages that it returns."""

    def __init__(self, bot: Bot, policy: RequestPolicy) -> None:
        """The same bot in the same session as `bot`."""
        super().__init__(bot.token, session=bot.session, default=bot.default)
        self.policy = policy


def policy_of(bot: Bot) -> RequestPolicy:
    """A bot's policy; the default one for a bot of aiogram's own."""
    return bot.policy if isinstance(bot, PolicyBot) else RequestPolicy()


def at_once(bot: Bot) -> PolicyBot:
    """The same bot for answers to a person who waits: its edits are made at once."""
    return PolicyBot(bot, dataclasses.replace(policy_of(bot), at_once=True))


def without_repeats(bot: Bot) -> PolicyBot:
    """The same bot for what must not be done twice: a lost answer is an error."""
    return PolicyBot(bot, dataclasses.replace(policy_of(bot), repeats=False))


def optional(bot: Bot) -> PolicyBot:
    """The same bot for what may as well be left out: one try, and no waiting for another."""
    return PolicyBot(bot, dataclasses.replace(policy_of(bot), optional=True))
