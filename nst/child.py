"""``python -m nst.child``: read one order from standard input, write messages to standard output.

The process is expendable: it is the first that the kernel kills when memory runs out, it runs at a
lower priority than its parent, and it dies with its parent. Only messages are written to standard
output.
"""

from __future__ import annotations

import dataclasses
import os
import select
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO

from PIL.Image import Image

from nst import messages, record
from nst.images import BadPicture, PictureTooLarge, fit, save_jpeg, save_png
from nst.machine import environment
from nst.messages import Evaluated, Failed, FailureKind, Finished, Message, Order, Planned
from nst.opening import open_transfer

PREVIEW_SIDE = 640
_NICE = 10


class _Orphaned(Exception):
    """The process that ordered the painting has died."""


def main() -> int:
    """Paint one order; return 0 if `Finished` was sent, else 1."""
    parent = os.getppid()
    out = _take_stdout()
    environment.stand_back(parent, _NICE)
    environment.settle()
    try:
        order = messages.decode_order(sys.stdin.readline())
        out.send(_paint(order, out))
        return 0
    except _Orphaned:
        return 1
    except BaseException as error:  # Whatever ends this process has to be reported.
        out.send(failure(error))
        return 1


def failure(error: BaseException) -> Failed:
    """Return the message for this error: its kind, and one line for admins."""
    from nst.memory.plan import OutOfMemoryBudget
    from weights import WeightsCorrupt, WeightsMissing

    detail = (str(error) or type(error).__name__).splitlines()[0][:300]
    picture = getattr(error, "picture", None)
    if isinstance(error, BadPicture):
        return Failed(FailureKind.BAD_PICTURE, detail, picture)
    if isinstance(error, PictureTooLarge):
        return Failed(FailureKind.TOO_LARGE, detail, picture)
    if isinstance(error, OutOfMemoryBudget):
        return Failed(FailureKind.OUT_OF_MEMORY, detail, fitting_size=error.fitting_size)
    if environment.is_out_of_memory(error):
        return Failed(FailureKind.OUT_OF_MEMORY, detail)
    if isinstance(error, WeightsMissing | WeightsCorrupt):
        return Failed(FailureKind.WEIGHTS_MISSING, detail)
    return Failed(FailureKind.INTERNAL, f"{type(error).__name__}: {detail}")


def _paint(order: Order, out: _Pipe) -> Finished:
    started = time.monotonic()
    folder = Path(order.out_dir)
    settings = dataclasses.replace(order.settings, scratch=folder)
    transfer = open_transfer(order.content, order.styles, settings, order.start)
    out.send(
        Planned(
            width=transfer.size[0],
            height=transfer.size[1],
            evaluations=sum(stage.evaluations for stage in transfer.stages),
            dtype=str(transfer.dtype).removeprefix("torch."),
            predicted_mb=round(transfer.plan.predicted_mb, 1),
        )
    )
    previews = _Previews(folder, order.preview_seconds)
    with (folder / "losses.csv").open("w") as file:
        table = record.LossTable(file)
        for p in transfer.steps():
            _stop_if_orphaned()
            table.add(p)
            preview = previews.take(transfer.picture) if previews.due else None
            out.send(Evaluated(p, preview))
    photo, picture = folder / "result.jpg", folder / "result.png"
    image = transfer.picture()
    save_png(image, picture, record.recipe_text(transfer))
    save_jpeg(image, photo)
    report = record.report(transfer)
    record.write_json(folder / "report.json", report)
    return Finished(
        photo=str(photo),
        picture=str(picture),
        losses=str(folder / "losses.csv"),
        width=image.width,
        height=image.height,
        seconds=round(time.monotonic() - started, 3),
        peak_mb=round(transfer.peak_mb, 1),
        report=report,
    )


class _Previews:
    """Writes small JPEGs of the painting so far at most every `seconds`, and keeps the last two."""

    def __init__(self, folder: Path, seconds: float) -> None:
        self._folder, self._seconds = folder, seconds
        self._last = time.monotonic()
        self._count = 0

    @property
    def due(self) -> bool:
        return 0 < self._seconds <= time.monotonic() - self._last

    def take(self, picture: Callable[[], Image]) -> str:
        image = picture()
        if max(image.size) > PREVIEW_SIDE:
            image = fit(image, PREVIEW_SIDE)
        self._count += 1
        path = self._folder / f"preview-{self._count}.jpg"
        save_jpeg(image, path, quality=85)
        # The previous preview may still be being sent.
        (self._folder / f"preview-{self._count - 2}.jpg").unlink(missing_ok=True)
        self._last = time.monotonic()
        return str(path)


class _Pipe:
    """The original standard output, reserved for messages."""

    def __init__(self, file: IO[str]) -> None:
        self._file = file

    def send(self, message: Message) -> None:
        try:
            self._file.write(messages.encode(message))
            self._file.flush()
        except BrokenPipeError:
            raise _Orphaned from None


def _take_stdout() -> _Pipe:
    """Return a pipe to standard output, and redirect whatever libraries print to standard error."""
    pipe = _Pipe(os.fdopen(os.dup(1), "w", encoding="utf-8"))
    os.dup2(2, 1)
    return pipe


def _stop_if_orphaned() -> None:
    """Raise `_Orphaned` once standard input is closed.

    Only Linux sends a signal when the parent dies; elsewhere this is how it is noticed.
    """
    try:
        readable, _, _ = select.select([sys.stdin], [], [], 0)
    except (OSError, ValueError):
        return
    if readable and not os.read(sys.stdin.fileno(), 4096):
        raise _Orphaned


if __name__ == "__main__":
    sys.exit(main())
