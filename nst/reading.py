"""Opens a stranger's picture: in a process of its own, within bounds of memory and time.

See `nst.decode` for what happens there. Nothing else in the project opens such a file.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

from PIL import Image

from nst.images import MAX_DECODED_BYTES, BadPicture, PictureTooLarge, check_file

DEADLINE = 60.0
"""Seconds of the clock that reading one picture may take, however busy the machine is; the bound of
its processor time is far less."""
_ROOT = Path(__file__).resolve().parent.parent
_KEPT = ("PATH", "PYTHONPATH", "PYTHONHOME", "LD_LIBRARY_PATH", "SYSTEMROOT")
"""What the process gets of the environment: nothing that is a secret."""
_TOO_LONG = "reading it takes too long"


def read(path: str | Path, longest: int, decoded: int = MAX_DECODED_BYTES) -> Image.Image:
    """Read a picture as `nst.images.load` does, and raise what that raises.

    One that takes too long, or that kills its decoder, is a `BadPicture`; one that takes too much
    memory a `PictureTooLarge`.
    """
    check_file(path)
    with Path(path).open("rb") as file, _start(file.fileno(), longest, decoded) as process:
        try:
            answer, _ = process.communicate(timeout=DEADLINE)
        except subprocess.TimeoutExpired:
            process.kill()
            raise BadPicture(_TOO_LONG) from None
    return _picture(answer, process.returncode)


def _start(file: int, longest: int, decoded: int) -> subprocess.Popen[bytes]:
    environment = {name: os.environ[name] for name in _KEPT if name in os.environ}
    return subprocess.Popen(
        [sys.executable, "-m", "nst.decode", str(longest), str(decoded)],
        stdin=file,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        cwd=_ROOT,
        # One arena: the threads' own would each take their share of the bounded address space.
        env=environment | {"MALLOC_ARENA_MAX": "1"},
    )


def _picture(answer: bytes, returncode: int) -> Image.Image:
    end = answer.find(b"\n")
    if returncode == -signal.SIGXCPU:
        raise BadPicture(_TOO_LONG)
    if returncode == -signal.SIGKILL:
        raise PictureTooLarge("memory ran out while it was read")
    try:
        told = json.loads(answer[:end])
        if "large" in told:
            raise PictureTooLarge(told["large"])
        if "bad" in told:
            raise BadPicture(told["bad"])
        width, height = told["size"]
        return Image.frombytes("RGB", (width, height), memoryview(answer)[end + 1 :])
    except (ValueError, KeyError, TypeError):
        raise BadPicture("it is damaged, and broke its decoder") from None
