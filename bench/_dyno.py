"""A Heroku dyno as this machine can play it: what the bot gets there, and how it is treated.

512 MB without swap and one core by cgroups, an empty file system at every start, `DATABASE_URL` as
all that lasts, the next dyno started at the moment in which this one gets its SIGTERM, and SIGKILL
after 30 seconds. No swap is harder than Heroku's own dynos, which slow down before they kill.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import signal
import sys
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

from tests.trials import tree

ROOT = Path(__file__).resolve().parent.parent
MEMORY_MB = 512
GRACE = 30.0  # seconds between SIGTERM and SIGKILL
_CPU = Path("/sys/fs/cgroup/cpu")  # v1; with v2 the memory group holds the quota too


class Dyno:
    """One start of the bot in a dyno."""

    def __init__(self, group: Path, cpu: Path, environment: dict[str, str], log: Path) -> None:
        self.group = group
        self._cpu = cpu
        self._environment = environment
        self._log = log
        self.folder = Path(tempfile.mkdtemp(prefix="dyno-"))
        self.process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        enter = "".join(
            f"echo $$ > {group}/cgroup.procs; " for group in dict.fromkeys((self.group, self._cpu))
        )
        with self._log.open("ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                *("sh", "-c", f"{enter}exec {sys.executable} app.py"),
                cwd=ROOT,
                env={**os.environ, **self._environment, "VAR_DIR": str(self.folder)},
                stderr=log,
            )

    @property
    def is_painting(self) -> bool:
        """Whether a child of its bot paints."""
        pids = tree.below(self.process.pid) if self.process else []
        return any("nst.child" in tree.command(pid) for pid in pids)

    async def stop(self) -> bool:
        """As Heroku does it; whether it ended by itself in time. What it wrote is gone."""
        assert self.process
        with contextlib.suppress(ProcessLookupError):
            self.process.terminate()
        try:
            await asyncio.wait_for(self.process.wait(), GRACE)
            clean = self.process.returncode == 0
        except TimeoutError:
            clean = False
            for pid in (self.group / "cgroup.procs").read_text().split():
                with contextlib.suppress(ProcessLookupError):
                    os.kill(int(pid), signal.SIGKILL)
            await self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)
        return clean


class Dynos:
    """The groups that dynos live in, one for this and one for the next, and what was counted."""

    def __init__(self, groups: list[tuple[Path, Path]], environment: dict[str, str], log: Path):
        self._groups = groups
        self._environment = environment
        self._log = log
        self._started = 0
        self.current: Dyno | None = None
        self.clean_stops = 0

    async def start(self) -> Dyno:
        """Another dyno; what the last one is doing doesn't matter."""
        group, cpu = self._groups[self._started % 2]
        self._started += 1
        dyno = Dyno(group, cpu, self._environment, self._log)
        await dyno.start()
        return dyno

    async def restart(self) -> None:
        """The daily restart: both run for a moment."""
        old = self.current
        self.current = await self.start()
        if old:
            self.clean_stops += await old.stop()

    async def painting(self, within: float) -> None:
        """Until a painting child is at work in the present dyno."""
        async with asyncio.timeout(within):
            while not (self.current and self.current.is_painting):
                await asyncio.sleep(0.05)

    @property
    def peak_mb(self) -> float:
        """The most that one dyno held, page cache included, by the kernel's count."""
        return max(tree.cgroup_peak_mb(group) for group, _ in self._groups)

    @property
    def kills(self) -> int:
        """How often the kernel killed something in them for lack of memory."""
        return sum(tree.cgroup_kills(group) for group, _ in self._groups)

    def forget_peak(self) -> None:
        """Begin counting anew."""
        for group, _ in self._groups:
            for name in ("memory.max_usage_in_bytes", "memory.peak"):
                with contextlib.suppress(OSError):
                    (group / name).write_text("0")


def why_not() -> str | None:
    """Why this machine can't play a dyno; None when it can."""
    with tree.cgroup(MEMORY_MB) as group:
        if group is None:
            return "no memory cgroup can be made here (needs root)"
        try:
            with _one_core(group):
                return None
        except OSError as error:
            return f"no CPU quota can be set here: {error}"


@contextlib.asynccontextmanager
async def dynos(
    chat_url: str, database_url: str, log: Path, **settings: str
) -> AsyncIterator[Dynos]:
    """Dynos whose bot talks to this Bot API and keeps everything in this database."""
    environment = {
        "BOT_TOKEN": "42:DYNO",
        "BOT_API_BASE": chat_url,
        "DATABASE_URL": database_url,
        "ADMINS": "",
        "RENDER_SLOTS": "",
        "MEMORY_LIMIT_MB": "",  # the bot finds the group's limit by itself
        **settings,
    }
    with contextlib.ExitStack() as stack:
        groups = []
        for name in ("a", "b"):
            group = stack.enter_context(tree.cgroup(MEMORY_MB, f"-dyno-{name}"))
            if group is None:
                raise OSError("no memory cgroup can be made here")
            groups.append((group, stack.enter_context(_one_core(group))))
        both = Dynos(groups, environment, log)
        try:
            yield both
        finally:
            if both.current:
                await both.current.stop()


@contextlib.contextmanager
def _one_core(memory_group: Path) -> Iterator[Path]:
    """A group with the time of one core; with cgroup v2 it is `memory_group` itself."""
    if not (_CPU / "cpu.cfs_quota_us").exists():
        (memory_group / "cpu.max").write_text("100000 100000")
        yield memory_group
        return
    group = _CPU / memory_group.name
    group.mkdir()
    try:
        (group / "cpu.cfs_period_us").write_text("100000")
        (group / "cpu.cfs_quota_us").write_text("100000")
        yield group
    finally:
        with contextlib.suppress(OSError):
            group.rmdir()
