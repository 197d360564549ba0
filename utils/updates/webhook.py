"""Receives updates from Telegram, for owners with a public address.

The address ends in a path that only Telegram and the bot know, and every request must carry the
secret that the bot gave Telegram with it. Both derive from the bot's token, so that every process
of the same bot has the same ones and nobody has to invent them. An update is confirmed when it is
written down in the inbox, before it is handled. What can't be written down, Telegram sends again.
"""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import json
import logging
from collections.abc import AsyncIterator

from aiogram import Bot
from aiogram.exceptions import TelegramBadRequest
from aiogram.types import Update
from aiohttp import web
from pydantic import ValidationError

from utils.process.running import WrongSettings
from utils.telegram.retry import until_answered
from utils.updates.dispatch import Handling, in_one_line

log = logging.getLogger(__name__)

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"
_LARGEST = 1 << 19  # bytes of an update; Telegram's are a few thousand
_GRACE = 5.0  # seconds for updates that are being written down at the end


def secret_of(token: str, purpose: str) -> str:
    """Letters and digits for a purpose, which only the holder of the token can know."""
    return hmac.new(token.encode(), purpose.encode(), hashlib.sha256).hexdigest()


def application(bot: Bot, handling: Handling) -> web.Application:
    """The web application that answers Telegram, at the secret path alone."""
    secret = secret_of(bot.token, "webhook secret").encode()

    async def take(request: web.Request) -> web.Response:
        given = request.headers.get(SECRET_HEADER, "").encode("utf-8", "surrogateescape")
        if not hmac.compare_digest(given, secret):
            raise web.HTTPUnauthorized(text="not from Telegram")
        try:
            update = json.loads(await request.read())
        except ValueError as error:
            raise web.HTTPBadRequest(text="not an update") from error
        if not isinstance(update, dict) or not isinstance(update.get("update_id"), int):
            raise web.HTTPBadRequest(text="not an update")
        try:
            known = Update.model_validate(update, context={"bot": bot})
        except ValidationError:  # to be sent it again would not help
            log.warning("update %d is of no kind that we know", update["update_id"])
            return web.Response()
        try:
            await handling.take([known])
        except Exception as error:  # the database is away: Telegram sends it again
            log.warning("update %d not taken: %s", known.update_id, in_one_line(error))
            raise web.HTTPServiceUnavailable(text="later") from error
        return web.Response()

    app = web.Application(client_max_size=_LARGEST)
    app.router.add_post(path_of(bot), take)
    return app


def path_of(bot: Bot) -> str:
    """The secret path, which Telegram sends updates to."""
    return f"/telegram/{secret_of(bot.token, 'webhook path')[:32]}"


@contextlib.asynccontextmanager
async def listening(bot: Bot, handling: Handling, port: int) -> AsyncIterator[None]:
    """Take updates at `port` meanwhile; raises `WrongSettings` when the port is taken."""
    runner = web.AppRunner(
        application(bot, handling), access_log=None, handle_signals=False, shutdown_timeout=_GRACE
    )
    await runner.setup()
    try:
        try:
            await web.TCPSite(runner, "0.0.0.0", port, reuse_port=True).start()
        except OSError as error:
            raise WrongSettings(f"WEBHOOK_PORT {port} is taken: set it to another") from error
        log.info("waiting for Telegram on port %d", port)
        yield
    finally:
        await runner.cleanup()


async def invite(bot: Bot, url: str, allowed_updates: tuple[str, ...]) -> None:
    """Tell Telegram to send updates to `url`.

    The webhook stays when this process ends: the next one is about to take over. Raises
    `WrongSettings` when Telegram refuses the URL.
    """
    try:
        await until_answered(
            lambda: bot.set_webhook(
                url.rstrip("/") + path_of(bot),
                secret_token=secret_of(bot.token, "webhook secret"),
                allowed_updates=list(allowed_updates),
            )
        )
    except TelegramBadRequest as error:
        raise WrongSettings(f"Telegram refuses WEBHOOK_URL: {error.message}") from error
