"""Where people's pictures lie while they are worked on, and for not a moment longer."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def room(folder: Path) -> Iterator[Path]:
    """A new folder inside `folder`, for this user's eyes only, gone at the end."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f"{os.getpid()}-", dir=folder) as name:
        yield Path(name)


def sweep(folder: Path) -> None:
    """Delete what processes left that were killed before they could."""
    if not folder.is_dir():
        return
    for left in folder.iterdir():
        pid = left.name.split("-")[0]
        if not pid.isdigit() or not _alive(int(pid)):
            shutil.rmtree(left, ignore_errors=True)


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return pid != os.getpid()  # a fresh process has no rooms yet: its number was somebody else's
