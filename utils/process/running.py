"""Runs one process until it is told to stop."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
from collections.abc import Coroutine
from typing import Any

_AT_MOST = 17.0  # seconds from the signal to the end, whatever hangs
log = logging.getLogger(__name__)


class CannotStart(Exception):
    """The process can't work; the message is one line for the owner."""

    exit_code = 1


class WrongSettings(CannotStart):
    """The process can't work because a setting is wrong."""

    exit_code = 2


def raise_if_cancelled() -> None:
    """Raise CancelledError where this task has been cancelled but the error got lost on its way.

    Python 3.11's `asyncio.wait_for`, which the database's pool uses, returns a result that comes at
    the moment of the cancellation instead of raising. A loop that runs for ever asks here in every
    round, or it would go on and hold up the end of the process.
    """
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError


def run_until_signalled(main: Coroutine[Any, Any, None]) -> None:
    """Run `main`; the first SIGTERM or SIGINT cancels it, after which this returns."""

    async def runner() -> None:
        task = asyncio.ensure_future(main)
        told = False

        def stop() -> None:
            nonlocal told
            if not told:
                told = True
                log.info("stopping")
                task.cancel()
                loop.call_later(_AT_MOST, give_up)

        def give_up() -> None:
            # The database or the network doesn't answer. What has to be durable is so by now, and
            # another process takes it over; platforms would kill this one in a moment anyway.
            log.warning("not everything could be closed in %.0f s: ending", _AT_MOST)
            logging.shutdown()
            os._exit(0)

        loop = asyncio.get_running_loop()
        for signum in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(signum, stop)
        try:
            await task
        except asyncio.CancelledError:
            if not told:
                raise

    asyncio.run(runner())
