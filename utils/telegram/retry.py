"""Asks Telegram again when it says "later", when it fails, and when its answer gets lost."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from aiogram import Bot
from aiogram.client.session.middlewares.base import (
    BaseRequestMiddleware,
    NextRequestMiddlewareType,
)
from aiogram.exceptions import (
    ClientDecodeError,
    TelegramNetworkError,
    TelegramRetryAfter,
    TelegramServerError,
)
from aiogram.methods import GetUpdates, Response, TelegramMethod

from utils.telegram.bot import policy_of
from utils.telegram.rate_limit import RateLimit

log = logging.getLogger(__name__)

_TRIES = 4
_LONGEST_WAIT = 60  # seconds; a longer `retry_after` is an error for the caller
_AGAIN = 5.0  # seconds between the tries of `until_answered`


class Retry(BaseRequestMiddleware):
    """Makes each request when it is due, and again when it has failed.

    It obeys `retry_after`, and repeats after network and server errors. Where the answer got lost,
    a message may come twice; without the repeat it might never come. What must come once is
    therefore either an edit, as a painting is, or asked by a bot `without_repeats`, as a broadcast
    is: then only `retry_after` is obeyed, which says that nothing was done. An answer that is not
    the Bot API's (a proxy's "502 Bad Gateway" page) is a server error too.

    A repeated edit waits for its turn, even one that should have been made at once. What is
    `optional` is asked once.
    """

    def __init__(self, limit: RateLimit) -> None:
        self._limit = limit

    async def __call__(
        self,
        make_request: NextRequestMiddlewareType[Any],
        bot: Bot,
        method: TelegramMethod[Any],
    ) -> Response[Any]:
        """Make the request, several times if need be."""
        if isinstance(method, GetUpdates):  # polling has retries of its own
            return await _ask(make_request, bot, method)
        name, policy = method.__api_method__, policy_of(bot)
        if policy.optional:
            async with self._limit.turn(method, at_once=policy.at_once):
                return await _ask(make_request, bot, method)
        for attempt in range(1, _TRIES):
            try:
                async with self._limit.turn(method, at_once=policy.at_once and attempt == 1):
                    return await _ask(make_request, bot, method)
            except TelegramRetryAfter as error:
                if error.retry_after > _LONGEST_WAIT:
                    raise
                log.info("%s: asked to wait %d s", name, error.retry_after)
                await asyncio.sleep(error.retry_after)
            except (TelegramNetworkError, TelegramServerError) as error:
                if not policy.repeats:
                    raise
                log.info("%s: %s, trying again", name, error)
                await asyncio.sleep(attempt)
        async with self._limit.turn(method, at_once=False):
            return await _ask(make_request, bot, method)


async def until_answered(call: Callable[[], Awaitable[object]]) -> None:
    """Call until Telegram answers."""
    while True:
        try:
            await call()
            return
        except (TelegramNetworkError, TelegramServerError) as error:
            log.warning("trying again in %.0f s: %s", _AGAIN, error)
            await asyncio.sleep(_AGAIN)


async def _ask(
    make_request: NextRequestMiddlewareType[Any], bot: Bot, method: TelegramMethod[Any]
) -> Response[Any]:
    try:
        return await make_request(bot, method)
    except ClientDecodeError as error:
        raise TelegramServerError(method, "the answer is not the Bot API's") from error
