"""``python -m nst.decode LONGEST DECODED``: one picture in on standard input, its pixels out.

A stranger's file may be made to hurt whatever opens it: to take a gigabyte, to keep a decoder busy
for ever, to run code by a fault of a library. So every such file is opened in a process of its own.
The kernel bounds its memory and its processor time and lets it write no file, and its parent kills
it when its time is over (`nst.reading`).

The answer is a line of JSON, the size in pixels or what is wrong, and then the pixels in RGB.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys

from nst.images import BadPicture, PictureTooLarge, load, register_heif
from nst.machine import environment

CPU_SECONDS = 8
"""Of the processor, all threads together; honest pictures take a second or two."""
_SPARE_BYTES = 48 << 20
"""Beside what decoding may take: for the decoders' own buffers."""
_OPEN_FILES = 32


def main(arguments: list[str]) -> int:
    """Answer; 0 also where it is no picture."""
    longest, decoded = map(int, arguments)
    environment.stand_back(os.getppid(), nice=0)
    register_heif()  # loads its libraries, before memory is bounded
    _bound(decoded + _SPARE_BYTES)
    pixels = b""
    try:
        image = load(sys.stdin.buffer, longest, decoded)
        pixels = image.tobytes()
        answer: dict[str, object] = {"size": image.size}
    except BadPicture as error:
        answer = {"bad": str(error)}
    except (PictureTooLarge, MemoryError) as error:
        answer = {"large": str(error) or "it takes more memory than there is for a picture"}
    sys.stdout.buffer.write(json.dumps(answer).encode() + b"\n" + pixels)
    return 0


def _bound(more: int) -> None:
    """Bound this process: memory to what it has and `more` bytes, time, and what it may open."""
    try:
        import resource
    except ImportError:  # not on Windows
        return
    limits = {
        "RLIMIT_CPU": CPU_SECONDS,
        "RLIMIT_FSIZE": 0,
        "RLIMIT_NOFILE": _OPEN_FILES,
        "RLIMIT_CORE": 0,
    }
    if taken := environment.address_space_bytes():
        limits["RLIMIT_AS"] = int(taken) + more
    for name, limit in limits.items():
        with contextlib.suppress(AttributeError, OSError, ValueError):
            # At the second one the kernel kills; before that it says that it is about time.
            hard = limit + 1 if name == "RLIMIT_CPU" else limit
            resource.setrlimit(getattr(resource, name), (limit, hard))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
