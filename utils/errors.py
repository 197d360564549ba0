"""Describes an error in one line: what and where in our code, without values or people's data."""

from __future__ import annotations

import traceback
from pathlib import Path

_ROOT = Path(__file__).resolve().parent.parent


def place(error: BaseException) -> str:
    """Where an error came from, as "file:line function": our frames, then the one that raised."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if _is_ours(Path(frame.filename))]
    if frames and frames[-1] not in ours:
        ours.append(frames[-1])
    return " > ".join(f"{Path(f.filename).name}:{f.lineno} {f.name}" for f in ours[-8:])


def line(error: BaseException) -> str:
    """The error's type, message and place."""
    message = " ".join(str(error).split())
    return f"{type(error).__name__}: {message} [{place(error)}]"


def _is_ours(path: Path) -> bool:
    return _ROOT in path.parents and ".venv" not in path.parts and "site-packages" not in path.parts
