"""The local chat as one object: start it, talk to it, stop it."""

from __future__ import annotations

import errno
from collections import deque
from pathlib import Path

from aiohttp import web

from local_chat.api.bot_api import BotApi
from local_chat.api.core import Core
from local_chat.api.errors import PortTakenError
from local_chat.api.faults import Call, Faults
from local_chat.api.files import Files
from local_chat.api.store import Store
from local_chat.api.updates import Updates
from local_chat.api.webhook import Webhook
from local_chat.page.events import Events
from local_chat.page.guard import Guard
from local_chat.page.page import Page
from local_chat.people.visitors import Visitors

_SMALL_BODY = 2 << 20  # uploads are streamed and have their own limit


class LocalChat:
    """A Bot API server and its chat page on loopback, keeping everything under `folder`."""

    def __init__(
        self,
        folder: Path,
        host: str = "127.0.0.1",
        port: int = 8080,
        *,
        bot_name: str = "Style Transfer",
        key: str | None = None,
        token: str | None = None,
    ) -> None:
        """The page asks for the `key`, and the Bot API takes the one `token`; None for any."""
        self._folder = folder
        self._host = host
        self._port = port
        self._bot_name = bot_name
        self._key = key
        self._token = token
        self._runner: web.AppRunner | None = None
        self._core: Core | None = None
        self._visitors: Visitors | None = None
        self._webhook: Webhook | None = None
        self.faults = Faults()
        self.calls: deque[Call] = deque()

    @property
    def url(self) -> str:
        """Where the page is, and the Bot API's base."""
        return f"http://{self._host}:{self._port}"

    @property
    def page(self) -> str:
        """The page's address, its key included."""
        return f"{self.url}/?key={self._key}" if self._key else f"{self.url}/"

    @property
    def core(self) -> Core:
        """The server's rooms, once it has started; RuntimeError before."""
        if self._core is None:
            raise RuntimeError("the local chat has not been started")
        return self._core

    @property
    def visitors(self) -> Visitors:
        """The person's side, once it has started; RuntimeError before."""
        if self._visitors is None:
            raise RuntimeError("the local chat has not been started")
        return self._visitors

    async def start(self) -> None:
        """Listen. PortTakenError when the port belongs to somebody else."""
        store = Store(self._folder / "chat.sqlite3")
        events = Events()
        updates = Updates(store, lambda online: events.tell_all("presence", online=online))
        core = Core(store, Files(self._folder, store), events, updates, self._bot_name)
        visitors = Visitors(core)
        api = BotApi(core, self._token)
        # What a test prepared before the start holds.
        api.faults, self.calls = self.faults, api.calls
        guard = Guard(self._host, self._key)
        app = web.Application(client_max_size=_SMALL_BODY, middlewares=[guard.middleware()])
        app.add_routes(api.routes() + Page(core, visitors).routes())
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=2.0)
        await runner.setup()
        try:
            await web.TCPSite(runner, self._host, self._port).start()
        except OSError as error:
            await runner.cleanup()
            store.close()
            if error.errno == errno.EADDRINUSE:
                raise PortTakenError(self._host, self._port) from error
            raise
        self._port = guard.port = runner.addresses[0][1]
        self._runner, self._core, self._visitors = runner, core, visitors
        self._webhook = Webhook(store, updates)
        self._webhook.start()

    async def stop(self) -> None:
        """Let everyone go and close; a second call does nothing."""
        if self._runner is None or self._core is None:
            return
        runner, core = self._runner, self._core
        self._runner = self._core = self._visitors = None
        if self._webhook:
            await self._webhook.stop()
        core.updates.close()
        await core.events.close()
        await runner.cleanup()
        core.store.close()
