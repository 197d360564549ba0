"""``python -m nst CONTENT STYLE [STYLE ...] -o OUT``: paint one picture from the command line."""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from nst import record
from nst.choices import Recipe
from nst.images import BadPicture, PictureTooLarge, save_jpeg, save_png
from nst.machine import environment, room
from nst.machine.device import foresee
from nst.settings import DEVICES, DTYPES, PRESETS, Settings, check

if TYPE_CHECKING:
    from nst.progress import Progress
    from nst.transfer import StyleTransfer

_ROOM = -1.0  # stands for what is left
DONE, BAD_INPUT, NO_MEMORY = 0, 2, 3
_PREVIEW_SECONDS = 5.0
_LINE_SECONDS = 10.0


def main(argv: list[str] | None = None) -> int:
    """Paint one picture and return the exit code.

    Every expected failure is reported as one line on standard error.
    """
    arguments = _parser().parse_args(argv)
    environment.settle()
    try:
        return _paint(arguments)
    except KeyboardInterrupt:
        return _fail("stopped", 130)
    except (BadPicture, PictureTooLarge) as error:
        return _fail(f"{error.picture or 'the'} picture: {error}", BAD_INPUT)
    except (ValueError, OSError) as error:
        return _fail(str(error), BAD_INPUT)
    except Exception as error:
        from nst.memory.plan import OutOfMemoryBudget
        from weights import WeightsCorrupt, WeightsMissing

        if isinstance(error, WeightsMissing | WeightsCorrupt):
            return _fail(str(error), BAD_INPUT)
        if isinstance(error, OutOfMemoryBudget):
            return _fail(str(error), NO_MEMORY)
        if environment.is_out_of_memory(error):
            return _fail("out of memory", NO_MEMORY)
        raise


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m nst",
        description="Paint a photograph the way of one or more paintings (Gatys et al. 2015).",
        allow_abbrev=False,
    )
    add = parser.add_argument
    add("content", metavar="CONTENT", help="the photograph")
    add("styles", metavar="STYLE", nargs="+", help="the paintings to learn from")
    add("-o", "--output", metavar="OUT", type=Path, required=True, help=".png or .jpg")
    add("--size", metavar="PX", type=int, default=512, help="longest side (512)")
    add("--strength", metavar="0..1", type=float, help="photo 0 … 1 style (0.5)")
    add(
        "--colors",
        choices=("photo", "palette", "painting"),
        default="painting",
        help="every place keeps the photograph's colour; the painting's colours are matched to the "
        "photograph's; or the painting's (painting)",
    )
    add("--keep-colors", dest="colors", action="store_const", const="photo", help="--colors photo")
    add("--style-weights", metavar="W", type=float, nargs="+", default=[], help="one per style")
    add("--brush", metavar="FACTOR", type=float, default=1.0, help="size of the strokes (1)")
    add("--start", metavar="PICTURE", help="continue this painting of the pair at a larger size")
    add("--evaluations", metavar="N", type=int, help="at the finest scale")
    add("--seed", metavar="N", type=int, default=0)
    add(
        "--memory-limit",
        dest="memory_limit_mb",
        metavar="MB",
        type=_limit,
        default=_ROOM,
        help="bound on anonymous memory (CUDA: the device's); none for no bound (what is left of "
        "the container's or the machine's)",
    )
    add("--scratch", metavar="DIR", type=Path, help="a folder on a disk for what exceeds the limit")
    add("--dtype", choices=DTYPES, default="auto")
    add("--device", choices=DEVICES, default="auto", help="auto: a GPU where there is one")
    add("--preset", choices=PRESETS, default="painter")
    add("--preview", action="store_true", help="keep OUT showing the painting so far")
    add("--losses", metavar="FILE.csv", type=Path, help="write the losses of each evaluation")
    add("--report", metavar="FILE.json", type=Path, help="write what was done and what it took")
    return parser


def _limit(text: str) -> float | None:
    """The option's value: a number of MB, or none."""
    return None if text == "none" else float(text)


def _paint(arguments: argparse.Namespace) -> int:
    settings = _settings(arguments)
    check(settings, len(arguments.styles))
    output: Path = arguments.output
    if output.suffix.lower() not in (".png", ".jpg", ".jpeg"):
        raise ValueError(f"can't write {output.name}: the output has to end in .png or .jpg")
    for path in (output, arguments.losses, arguments.report):
        if path is not None:
            _check_writable(path)
    if arguments.preset == "gatys" and arguments.strength is not None:
        raise ValueError("--preset gatys has fixed weights, for comparisons: leave --strength out")

    from nst.opening import open_transfer

    transfer = open_transfer(arguments.content, arguments.styles, settings, arguments.start)
    display = _Display(sys.stderr)
    previewed = time.monotonic()
    with contextlib.ExitStack() as stack:
        table = None
        if arguments.losses is not None:
            table = record.LossTable(stack.enter_context(arguments.losses.open("w")))
        for p in transfer.steps():
            display.show(p)
            if table is not None:
                table.add(p)
            if arguments.preview and time.monotonic() - previewed > _PREVIEW_SECONDS:
                _save(transfer, output)
                previewed = time.monotonic()
    _save(transfer, output)
    display.close()
    if arguments.report is not None:
        record.write_json(arguments.report, record.report(transfer))
    return DONE


def _settings(arguments: argparse.Namespace) -> Settings:
    """Return the settings for the given options; each option is named like its field."""
    given = vars(arguments)
    fields = (field.name for field in dataclasses.fields(Settings))
    return Settings(
        **{
            **{name: given[name] for name in fields if name in given},
            "strength": Recipe().strength if arguments.strength is None else arguments.strength,
            "style_weights": tuple(arguments.style_weights),
            "memory_limit_mb": _bound(arguments),
            "keep_colors": arguments.colors == "photo",
            "palette": arguments.colors == "palette",
            "scratch": arguments.scratch or arguments.output.absolute().parent,
        }
    )


def _bound(arguments: argparse.Namespace) -> float | None:
    """The memory limit in MB; on a GPU without one, the device's memory is the bound."""
    if arguments.memory_limit_mb != _ROOM:
        limit: float | None = arguments.memory_limit_mb
        return limit
    return None if foresee(arguments.device, None) == "cuda" else room.limit_mb()


def _check_writable(path: Path) -> None:
    """Raise ValueError, before anything is painted, where a file can't be written at `path`.

    What is there stays as it is. A link is followed.
    """
    try:
        target = path.resolve()
        if not target.parent.is_dir():
            raise ValueError(f"there is no folder {path.parent}")
        if target.is_dir():
            raise ValueError(f"can't write {path}: it is a folder")
        if target.exists() and not os.access(target, os.W_OK):
            raise ValueError(f"can't write {path}: it may not be changed")
        draft = _draft(path)
        draft.touch()
        draft.unlink()
    except OSError as error:
        raise ValueError(f"can't write {path}: {(error.strerror or str(error)).lower()}") from error


def _draft(path: Path) -> Path:
    """A file beside the one that `path` means, for what isn't whole yet."""
    target = path.resolve()
    return target.with_name(f".{target.stem[:40]}.{os.getpid()}.part")


def _save(transfer: StyleTransfer, output: Path) -> None:
    """Write the painting so far and rename it into place, so that no viewer reads half a file."""
    draft = _draft(output)
    try:
        if output.suffix.lower() == ".png":
            save_png(transfer.picture(), draft, record.recipe_text(transfer))
        else:
            save_jpeg(transfer.picture(), draft)
        draft.replace(output.resolve())
    finally:
        draft.unlink(missing_ok=True)


class _Display:
    """Shows progress: a redrawn bar on a terminal, an occasional line elsewhere."""

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._live = stream.isatty()
        self._last = 0.0

    def show(self, p: Progress) -> None:
        now = time.monotonic()
        final = p.fraction >= 1
        if not final and now - self._last < (0.1 if self._live else _LINE_SECONDS):
            return
        self._last = now
        text = (
            f"{p.fraction:4.0%}  {p.size} px  stage {p.stage}/{p.stages}  "
            f"loss {p.losses.total:,.0f}  {p.seconds_left:.0f} s left"
        )
        if self._live:
            full = round(p.fraction * 30)
            bar = "█" * full + "░" * (30 - full)
            self._stream.write(f"\r{bar} {text}\x1b[K")
        else:
            self._stream.write(text + "\n")
        self._stream.flush()

    def close(self) -> None:
        if self._live:
            self._stream.write("\n")


def _fail(reason: str, code: int) -> int:
    line = reason.splitlines()[0] if reason else "failed"
    print(f"nst: {line}", file=sys.stderr)
    return code


if __name__ == "__main__":
    sys.exit(main())
