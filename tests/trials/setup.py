"""A bot, its renderers and its database as processes, beside a Bot API server in this one."""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
import signal
import sys
import tempfile
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import psycopg

from database.server import embedded
from local_chat.api.faults import Faults
from local_chat.server import LocalChat
from tests.trials import tree
from tests.trials.placement import HERE, Placement, listen

ROOT = Path(__file__).resolve().parents[2]
REAL: Mapping[str, str] = {}
"""Settings for the engine itself."""
QUICK: Mapping[str, str] = {"PYTHONPATH": str(Path(__file__).with_name("copying_painter"))}
"""Settings for a painter that only copies the photo; see there."""
HASTY: Mapping[str, str] = {"PYTHONPATH": str(Path(__file__).with_name("fewer_evaluations"))}
"""Settings for the engine in a hurry."""
TOKEN = "42:TRIAL-very-secret"


@dataclass(frozen=True)
class Layout:
    """Who paints, and where the database is."""

    slots: int = 1
    """Paintings at once in the bot's own process."""
    renderers: int = 0
    """Processes `python -m jobs` beside it."""
    server: bool = False
    """A PostgreSQL server reached by DATABASE_URL, instead of the bot's own."""

    @property
    def kinds(self) -> tuple[str, ...]:
        """What there is to be killed; "worker" is a renderer beside the bot."""
        return ("child", *(("worker",) if self.renderers else ()), "bot", "postgres", "tree")

    def __str__(self) -> str:
        database = "DATABASE_URL" if self.server else "embedded"
        return f"{database}, {self.slots} in the bot, {self.renderers} beside it"


class Painters:
    """Through a folder: holds the painters that only copy, and counts their paintings."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir(exist_ok=True)

    def hold(self) -> None:
        """From now on no painting is finished."""
        (self.folder / "wait").touch()

    def release(self) -> None:
        (self.folder / "wait").unlink(missing_ok=True)

    @property
    def began(self) -> int:
        """How many paintings were begun."""
        return len(list(self.folder.glob("began-*")))


class Deployment:
    """Starts, kills and restarts; whoever is killed is restarted, as a platform would."""

    def __init__(
        self,
        chat: LocalChat,
        folder: Path,
        layout: Layout,
        settings: Mapping[str, str],
        placement: Placement = HERE,
    ) -> None:
        self.chat, self.folder, self.layout, self.placement = chat, folder, layout, placement
        self._settings = settings
        self._programs: dict[str, asyncio.subprocess.Process] = {}
        self._logs: dict[str, Path] = {}
        self.painters = Painters(folder / "painters")
        self.url = self._database = ""

    async def start(self) -> None:
        if self.layout.server:
            self.url = await embedded.start(self.folder / "server")
            if self.placement.network:
                self.url = await listen(self.folder / "server", self.placement.network)
        await self._launch("bot")
        for number in range(self.layout.renderers):
            await self._launch(f"renderer-{number}")

    async def stop(self, within: float = 25) -> list[int]:
        """SIGTERM to everybody; their exit codes."""
        for process in self._programs.values():
            with contextlib.suppress(ProcessLookupError):
                process.terminate()
        codes = []
        for process in self._programs.values():
            try:
                codes.append(await asyncio.wait_for(process.wait(), within))
            except TimeoutError:
                process.kill()
                codes.append(await process.wait())
        if self.layout.server:
            await embedded.stop(self.folder / "server")
        return codes

    @property
    def bot(self) -> int:
        return self._programs["bot"].pid

    @property
    def log(self) -> str:
        return "\n".join(map(self.log_of, self._logs))

    def log_of(self, name: str) -> str:
        """What one of the programs wrote."""
        return self._logs[name].read_text()

    @property
    def roots(self) -> list[int]:
        """The processes that were started here, and the database's."""
        pids = [process.pid for process in self._programs.values()]
        postmaster = self.postmaster()
        return pids + ([postmaster] if postmaster else [])

    @property
    def rooms(self) -> list[Path]:
        """What lies in the workers' temporary folders."""
        return [room for folder in self.folder.rglob("painting") for room in folder.iterdir()]

    def child(self, name: str | None = None) -> int | None:
        """A process that paints, for anybody or for this program."""
        pids = [p.pid for key, p in self._programs.items() if name in (None, key)]
        return next((p for p in tree.below(*pids) if "nst.child" in tree.command(p)), None)

    def postmaster(self) -> int | None:
        name = "server" if self.layout.server else "postgres"
        try:
            pid = int((self.folder / name / "postmaster.pid").read_text().split()[0])
        except (OSError, ValueError, IndexError):
            return None
        return pid if "postgres" in tree.command(pid) else None

    async def kill(self, kind: str, dice: random.Random) -> None:
        """SIGKILL, and a new start where nobody else would see to it."""
        match kind:
            case "child":
                _kill(await self.until(self.child))
            case "postgres":
                await _end(await self.until(self.postmaster))
            case "bot":
                await self._again("bot")
            case "worker":
                await self._again(f"renderer-{dice.randrange(self.layout.renderers)}")
            case "tree":
                postmaster = self.postmaster()
                for pid in tree.below(*self.roots):
                    _kill(pid)
                if postmaster is not None:
                    await _end(postmaster)
                await self._server_back()
                for name in list(self._programs):
                    await self._again(name)
        await self._server_back()

    async def until(self, find: Callable[[], int | None], within: float = 120) -> int:
        """The process that `find` finds, as soon as there is one."""
        async with asyncio.timeout(within):
            while (pid := find()) is None:
                await asyncio.sleep(0.05)
        return pid

    async def rows(self, query: str) -> list[tuple[object, ...]]:
        """What the database holds; waits until it can be asked."""
        if not self._database:
            self._database = self.url or await embedded.start(self.folder / "postgres")
        async with asyncio.timeout(60):
            while True:
                with contextlib.suppress(psycopg.OperationalError):  # away, or full for a moment
                    return await self._ask(query)
                await asyncio.sleep(0.5)

    async def _ask(self, query: str) -> list[tuple[object, ...]]:
        url = self._database
        async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
            return list(await (await connection.execute(query)).fetchall())

    async def replace(self, name: str, within: float = 30) -> int:
        """As a deploy does it: the next one starts, this one gets SIGTERM; its exit code."""
        old = self._programs[name]
        await self._launch(name)
        old.terminate()
        return await asyncio.wait_for(old.wait(), within)

    async def _server_back(self) -> None:
        if not self.layout.server:
            return  # the bot's guard does that
        async with asyncio.timeout(60):
            while self.postmaster() is None:
                with contextlib.suppress(embedded.DatabaseStartError):
                    await embedded.start(self.folder / "server")

    async def _again(self, name: str) -> None:
        process = self._programs[name]
        _kill(process.pid)
        await process.wait()
        await self._launch(name)

    async def _launch(self, name: str) -> None:
        # With an own database the renderers find it in the bot's folder.
        var = self.folder / name if self.layout.server else self.folder
        var.mkdir(exist_ok=True)
        bot = name == "bot"
        environment = {
            **{k: v for k, v in os.environ.items() if k != "PYTHONDEVMODE"},
            "BOT_TOKEN": TOKEN,
            "BOT_API_BASE": self.chat.url,
            "DATABASE_URL": self.url,
            "VAR_DIR": str(var),
            "ADMINS": "",
            "MAX_SIZE": "64",
            "MEMORY_LIMIT_MB": "900",
            "RENDER_SLOTS": str(self.layout.slots if bot else 1),
            "TRY_OUT": "0",
            "LOG_LEVEL": "INFO",
            "PAINTERS": str(self.painters.folder),
            **self._settings,
        }
        self._logs[name] = self.folder / f"{name}.log"
        with self._logs[name].open("ab") as log:
            self._programs[name] = await asyncio.create_subprocess_exec(
                *(*self.placement.before(name), sys.executable),
                *(("app.py",) if bot else ("-m", "jobs")),
                cwd=ROOT,
                env=environment,
                stdout=asyncio.subprocess.DEVNULL,
                stderr=log,
            )


@contextlib.asynccontextmanager
async def deployment(
    layout: Layout,
    *,
    settings: Mapping[str, str] = REAL,
    faults: Faults | None = None,
    placement: Placement = HERE,
) -> AsyncIterator[Deployment]:
    """A deployment that runs, in a folder that any user may enter; gone at the end.

    In a network Bot API and database are asked at this machine's address there.
    """
    with tempfile.TemporaryDirectory(prefix="style-transfer-trial-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        host = placement.network.address if placement.network else "127.0.0.1"
        chat = LocalChat(folder / "chat", host, port=0)
        if faults is not None:
            chat.faults = faults
        await chat.start()
        made = Deployment(chat, folder, layout, settings, placement)
        try:
            await made.start()
            yield made
        except TimeoutError as error:  # what they wrote goes with the folder
            error.add_note(made.log[-8000:])
            raise
        finally:
            await made.stop()
            await chat.stop()


async def _end(pid: int) -> None:
    """SIGKILL, and wait until it is gone: who looks at once may see it still running."""
    _kill(pid)
    async with asyncio.timeout(30):
        while "postgres" in tree.command(pid):
            await asyncio.sleep(0.02)


def _kill(pid: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
