"""Running one process until it is told to stop."""

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
    """And what must change is a setting."""

    exit_code = 2


def run_until_signalled(main: Coroutine[Any, Any, None]) -> None:
    """Run `main`; the first SIGTERM or SIGINT cancels it, and that is a clean end."""

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
            # A database or a network that doesn't answer. What is durable is so by now, and
            # whoever comes next takes it over; platforms would kill us in a moment anyway.
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
