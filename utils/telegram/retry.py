"""Asks Telegram again when it says "later", when it fails and when it can't be heard."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, nullcontext
from contextvars import ContextVar
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

from utils.telegram.rate_limit import in_turn

log = logging.getLogger(__name__)

_TRIES = 4
_LONGEST_WAIT = 60  # seconds; a longer `retry_after` is an error for the caller
_AGAIN = 5.0  # seconds between the tries of who insists

_once: ContextVar[bool] = ContextVar("once", default=False)


@contextmanager
def once() -> Iterator[None]:
    """What is asked inside may be heard twice by nobody: a lost answer is an error at once."""
    token = _once.set(True)
    try:
        yield
    finally:
        _once.reset(token)


class Patience(BaseRequestMiddleware):
    """Obeys `retry_after`; repeats after network and server errors.

    Where the answer got lost, a message may come twice; without the repeat it might never come.
    What must come once is therefore brought by an edit, as a painting is, or asked for within
    `once`, as a broadcast is: then only `retry_after`, which says that nothing was done, is obeyed.
    An answer that is not the Bot API's (a proxy's "502 Bad Gateway" page) is a server error too.
    """

    async def __call__(
        self,
        make_request: NextRequestMiddlewareType[Any],
        bot: Bot,
        method: TelegramMethod[Any],
    ) -> Response[Any]:
        """Make the request, several times if need be."""
        if isinstance(method, GetUpdates):  # polling has a patience of its own
            return await _ask(make_request, bot, method)
        name = method.__api_method__
        for attempt in range(1, _TRIES):
            try:
                with nullcontext() if attempt == 1 else in_turn():
                    return await _ask(make_request, bot, method)
            except TelegramRetryAfter as error:
                if error.retry_after > _LONGEST_WAIT:
                    raise
                log.info("%s: asked to wait %d s", name, error.retry_after)
                await asyncio.sleep(error.retry_after)
            except (TelegramNetworkError, TelegramServerError) as error:
                if _once.get():
                    raise
                log.info("%s: %s, trying again", name, error)
                await asyncio.sleep(attempt)
        with in_turn():
            return await _ask(make_request, bot, method)


async def insist(call: Callable[[], Awaitable[object]]) -> None:
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
