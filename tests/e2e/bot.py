"""The bot as a process of its own, talking HTTP to a Bot API server in the test's process."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

from local_chat.server import LocalChat
from tests.trials.setup import QUICK, Painters

ROOT = Path(__file__).resolve().parents[2]
TOKEN = "42:TEST"
ADMIN = 900
COPIES = {**QUICK, "QUICK_SECONDS": "0.3"}
"""Settings for a painter that only copies, at once unless it is held."""


class BotProcess:
    """`python app.py` with settings of the test's own; its log in a file."""

    def __init__(self, chat_url: str, database_url: str, folder: Path, **settings: str) -> None:
        self.log = folder / "bot.log"
        self.database_url = database_url
        self.painters = Painters(folder / "painters")
        self._environment = {
            **{k: v for k, v in os.environ.items() if k not in ("PYTHONDEVMODE",)},
            "BOT_TOKEN": TOKEN,
            "BOT_API_BASE": chat_url,
            "DATABASE_URL": database_url,
            "VAR_DIR": str(folder),
            "ADMINS": str(ADMIN),
            "MAX_SIZE": "64",
            "MEMORY_LIMIT_MB": "900",
            "RENDER_SLOTS": "1",
            "TRY_OUT": "0",
            "LOG_LEVEL": "INFO",
            "PAINTERS": str(self.painters.folder),
            **settings,
        }
        self.process: asyncio.subprocess.Process | None = None

    async def start(self, *program: str) -> None:
        """Start it; another `program` than app.py for a renderer."""
        with self.log.open("ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                sys.executable,
                *(program or ("app.py",)),
                cwd=ROOT,
                env=self._environment,
                stdout=asyncio.subprocess.PIPE,
                stderr=log,
            )

    @property
    def pid(self) -> int:
        assert self.process
        return self.process.pid

    async def stop(self, signum: int = signal.SIGTERM, within: float = 120) -> int:
        """Signal it, and its exit code."""
        assert self.process
        with contextlib.suppress(ProcessLookupError):
            self.process.send_signal(signum)
        return await self.ended(within)

    async def ended(self, within: float = 120) -> int:
        """Its exit code once it ends by itself."""
        assert self.process
        return await asyncio.wait_for(self.process.wait(), within)

    def child(self) -> int | None:
        """The pid of its painting child, if there is one."""
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit():
                with contextlib.suppress(OSError):
                    parent = (entry / "stat").read_text().rsplit(")", 1)[1].split()[1]
                    command = (entry / "cmdline").read_bytes()
                    if int(parent) == self.pid and b"nst.child" in command:
                        return int(entry.name)
        return None

    async def wait_for_child(self, other_than: int | None = None, within: float = 120) -> int:
        """The pid of its painting child, as soon as there is one."""
        async with asyncio.timeout(within):
            while True:
                child = self.child()
                if child is not None and child != other_than:
                    return child
                await asyncio.sleep(0.05)

    @contextlib.asynccontextmanager
    async def kept_running(self) -> AsyncIterator[None]:
        """It runs, and is stopped at the end; its log is shown when a test fails."""
        await self.start()
        try:
            yield
        finally:
            if self.process and self.process.returncode is None:
                await self.stop()
            sys.stderr.write(self.log.read_text())


@contextlib.asynccontextmanager
async def running(
    chat: LocalChat, database_url: str, folder: Path, **settings: str
) -> AsyncIterator[BotProcess]:
    """A bot of these settings that runs until the end."""
    bot = BotProcess(chat.url, database_url, folder, **settings)
    async with bot.kept_running():
        yield bot
