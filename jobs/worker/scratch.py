"""Temporary folders for people's pictures, deleted as soon as the work on them is over."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def new_folder(folder: Path) -> Iterator[Path]:
    """A new folder inside `folder` that only this system user can read; deleted at the end."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=prefix(), dir=folder) as name:
        yield Path(name)


def prefix() -> str:
    """How the names of this process's folders begin."""
    return f"{os.getpid()}-"


def sweep(folder: Path) -> None:
    """Delete the folders of processes that were killed before they could do so."""
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
    return pid != os.getpid()  # this process has made none yet: an earlier one had its number
