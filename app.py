"""Starts the bot: reads the settings, composes the parts, runs them until told to stop."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import dataclasses
import gc
import logging
import sys
from typing import TYPE_CHECKING

from data import VERSION
from data.config import ConfigError, Settings, load
from nst.machine.environment import trim
from utils.process import logs
from utils.process.running import (
    CannotStart,
    WrongSettings,
    raise_if_cancelled,
    run_until_signalled,
)
from utils.telegram import lean_import

if TYPE_CHECKING:
    from aiogram import Dispatcher

    from database.inbox import Inbox
    from loader import Parts

log = logging.getLogger("app")

_MAINTAIN_EVERY = 60.0  # seconds
_LOST_AFTER = 60.0  # seconds that a record without a job may be on its way to the queue
_STOP_WITHIN = 12.0  # seconds for handing paintings back, should the database not answer
_LAST_WORDS_EVERY = 5.0  # seconds between looks at paintings that ended without a last word
_UPDATES = ("message", "callback_query", "my_chat_member")


async def run(settings: Settings, *, renderer: bool = False) -> None:
    """Run bot and worker, or as a `renderer` the worker alone; ends when cancelled.

    Raises `CannotStart`.
    """
    # PostgreSQL starts as a process of its own: aiogram is imported beside it, and leanly, which
    # must come before anything that would import it whole.
    from database.server.errors import CannotOpen
    from database.server.opening import BOT_CONNECTIONS, RENDERER_CONNECTIONS, open_database

    async with contextlib.AsyncExitStack() as closing:
        connections = RENDERER_CONNECTIONS if renderer else BOT_CONNECTIONS
        database = asyncio.create_task(open_database(settings, closing, connections=connections))
        lean_import.import_aiogram()

        import loader
        from database.inbox import Inbox

        try:
            pool = await database
        except CannotOpen as error:
            raise CannotStart(str(error)) from error
        bot = await loader.build_bot(settings, closing)
        parts = loader.build_parts(settings, bot, pool)
        if settings.health_port:
            from utils.process import health

            async def facts() -> dict[str, float]:
                return dataclasses.asdict(await parts.statistics.facts())

            await closing.enter_async_context(
                health.serving(settings.health_port, facts, metrics=settings.metrics)
            )
        await _introduce(parts)
        await parts.queue.connect()
        if recovered := await parts.queue.recover():
            log.warning("%d paintings put in line again", recovered)
        try:
            async with asyncio.TaskGroup() as tasks:
                if parts.worker:
                    tasks.create_task(parts.worker.run())
                if not renderer:
                    dispatcher = loader.build_dispatcher(settings, pool, parts)
                    tasks.create_task(_serve(parts, dispatcher, Inbox(pool)))
        finally:
            parts.sketcher.end()
            if parts.worker:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(parts.worker.stop(), _STOP_WITHIN)


async def _introduce(parts: Parts) -> None:
    """Meet Telegram: wait for the network as long as it takes, refuse a wrong token."""
    from aiogram.exceptions import (
        TelegramNetworkError,
        TelegramNotFound,
        TelegramRetryAfter,
        TelegramServerError,
        TelegramUnauthorizedError,
    )

    wait = 1.0
    while True:
        try:
            me = await parts.bot.me()
            break
        except (TelegramUnauthorizedError, TelegramNotFound) as error:
            raise WrongSettings(
                "the Bot API refuses BOT_TOKEN: get the right one from @BotFather"
            ) from error
        except (TelegramNetworkError, TelegramServerError, TelegramRetryAfter) as error:
            log.warning("the Bot API can't be reached, trying again in %.0f s: %s", wait, error)
            await asyncio.sleep(wait)
            wait = min(30.0, wait * 2)
    log.info("this is @%s", me.username)


async def _serve(parts: Parts, dispatcher: Dispatcher, inbox: Inbox) -> None:
    """Hold the conversation, until cancelled."""
    from jobs.line.places import announce_places
    from utils.telegram.bot import at_once
    from utils.telegram.retry import until_answered
    from utils.updates.dispatch import Handling
    from utils.updates.polling import Polling

    answering = at_once(parts.bot)  # what a handler edits is the answer to a person who waits
    handling = Handling(answering, dispatcher, inbox)
    listening: contextlib.AbstractAsyncContextManager[None] = contextlib.nullcontext()
    if parts.webhook:
        from utils.updates import webhook  # with aiohttp's server, which polling does without

        listening = webhook.listening(answering, handling, parts.webhook[1])
    async with handling.going_on(), listening, asyncio.TaskGroup() as tasks:
        tasks.create_task(announce_places(parts.bot, parts.queue, parts.estimates))
        tasks.create_task(_maintain(parts, inbox))
        tasks.create_task(_say_last_words(parts))
        tasks.create_task(parts.broadcasts.run())
        tasks.create_task(_greet(parts))
        if parts.webhook:
            await webhook.invite(parts.bot, parts.webhook[0], _UPDATES)
            return  # the other tasks go on
        await until_answered(parts.bot.delete_webhook)  # there may be one from other days
        await Polling(answering, handling, _UPDATES).run()


async def _greet(parts: Parts) -> None:
    """Menus and the start-up notice, beside the first answers."""
    from utils.telegram.commands import set_commands

    log.info("%s", parts.notice.text().replace("\n", ", "))
    try:
        await parts.notices.send("🎨 " + parts.notice.text(), kind="start")
        await set_commands(parts.bot, parts.notices.admins)
    except Exception as error:  # the conversation works without
        log.warning("greeting cut short: %s", error)
    # What the start used and left is given back; what it made is there for good, and looking
    # through it for garbage ever again would only hold up the answers.
    gc.collect()
    gc.freeze()
    trim()


async def _say_last_words(parts: Parts) -> None:
    """For ever: say how paintings ended where the process that ended them died before it could."""
    from jobs.chat.last_words import LastWords

    last_words = LastWords(parts.bot, parts.queue.paintings)
    while True:
        raise_if_cancelled()
        await asyncio.sleep(_LAST_WORDS_EVERY)
        try:
            if said := await last_words.say_left(parts.notices):
                log.warning("%d ended paintings had no last word", said)
        except Exception as error:  # the database or Telegram may be away: there is a next time
            log.warning("last words not said: %s", error)


async def _maintain(parts: Parts, inbox: Inbox) -> None:
    """For ever, once a minute: put lost jobs in line again, delete what is older than promised."""
    from database import dialogues
    from database.paintings import KEEP_DAYS

    async def recover() -> None:
        if recovered := await parts.queue.recover(untouched=_LOST_AFTER):
            log.warning("%d paintings put in line again", recovered)

    async def forget_old() -> None:
        await dialogues.forget_old(parts.queue.pool, KEEP_DAYS)
        if old := await parts.queue.paintings.forget_old():
            log.info("%d old records deleted", old)

    while True:
        for step in (recover, inbox.forget_old, forget_old, parts.notices.tell_held_back):
            try:
                await step()
            except Exception as error:  # the database may be away: there is a next time
                log.warning("maintenance: %s: %s", step.__name__, error)
        gc.collect()  # of what came since the start; a few milliseconds
        trim()
        raise_if_cancelled()
        await asyncio.sleep(_MAINTAIN_EVERY)


def start(settings: Settings, *, renderer: bool = False) -> int:
    """Run as a process; returns its exit code."""
    secrets = (settings.bot_token or "", settings.database_url or "", settings.sentry_dsn or "")
    code = 0
    logs.set_up(settings.log_level, secrets, settings.log_format)
    try:
        if settings.sentry_dsn:
            from utils.process import tracking

            tracking.set_up(settings.sentry_dsn, secrets)
        run_until_signalled(run(settings, renderer=renderer))
    except* CannotStart as group:
        error: BaseException = group
        while isinstance(error, BaseExceptionGroup):
            error = error.exceptions[0]
        assert isinstance(error, CannotStart)
        sys.stderr.write(f"{error}\n")
        code = error.exit_code
    return code


def main() -> int:
    """0 after a clean stop; 1 when it can't start; 2 for wrong settings."""
    parser = argparse.ArgumentParser(
        description="A chat bot that paints your photo the way of any painting. "
        "Settings come from the environment and .env; see .env.example.",
    )
    parser.add_argument("--version", action="version", version=VERSION)
    parser.parse_args()
    try:
        settings = load()
    except ConfigError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    return start(settings)


if __name__ == "__main__":
    sys.exit(main())
