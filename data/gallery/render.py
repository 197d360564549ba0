"""Makes the files that the bot shows: each painting, its card, and the sheet of all samples."""

from __future__ import annotations

import io
import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from data.gallery.catalogue import SHEET, STYLES, Style
from data.gallery.painters import PAINTERS, SEED, SIZE

_PICTURE_BYTES = 122_000
_CARD_BYTES = 49_000
_SHEET_BYTES = 110_000
_SIDE = 320  # Side of each half of a card, in pixels.
_SAMPLE = 384  # Size that a sample is painted at, in pixels.
_EVALUATIONS = 20  # At the finest scale; at this size more would make no visible difference.
_GAP = 8
_PAPER = (250, 248, 244)
_COLUMNS, _THUMB = 4, 210


def hang(style: Style) -> None:
    """Paint one style's picture again."""
    _save(PAINTERS[style.name](SIZE, SEED), style.picture, _PICTURE_BYTES)


def try_out(style: Style) -> None:
    """Paint the example photo in one style with our engine, and make the style's card."""
    with tempfile.TemporaryDirectory() as folder:
        photo, sample = Path(folder) / "photo.png", Path(folder) / "sample.png"
        _cat().save(photo)
        command = [sys.executable, "-m", "nst", str(photo), str(style.picture), "-o", str(sample)]
        subprocess.run(
            [*command, "--size", str(_SAMPLE), "--evaluations", str(_EVALUATIONS)], check=True
        )
        with Image.open(style.picture) as left, Image.open(sample) as right:
            _save(_side_by_side(left, right), style.card, _CARD_BYTES)


def lay_out() -> None:
    """Make the sheet of all samples, numbered."""
    samples = []
    for style in STYLES:
        with Image.open(style.card) as card:
            samples.append(card.crop((_SIDE + _GAP, 0, 2 * _SIDE + _GAP, _SIDE)))
    rows = -(-len(samples) // _COLUMNS)
    cell = _THUMB + _GAP
    sheet = Image.new("RGB", (_COLUMNS * cell + _GAP, rows * cell + _GAP), _PAPER)
    draw = ImageDraw.Draw(sheet)
    font = ImageFont.load_default(26)
    for i, shown in enumerate(
        [*samples, _cat()][: rows * _COLUMNS]
    ):  # The photo too, if there is room.
        x, y = _GAP + i % _COLUMNS * cell, _GAP + i // _COLUMNS * cell
        sheet.paste(shown.resize((_THUMB, _THUMB), Image.Resampling.LANCZOS), (x, y))
        if i < len(samples):
            draw.rounded_rectangle((x + 6, y + 6, x + 44, y + 42), 8, fill=(20, 20, 24))
            draw.text((x + 25, y + 24), str(i + 1), fill="white", font=font, anchor="mm")
    _save(sheet, SHEET, _SHEET_BYTES)


def _side_by_side(left: Image.Image, right: Image.Image) -> Image.Image:
    card = Image.new("RGB", (2 * _SIDE + _GAP, _SIDE), _PAPER)
    for picture, x in ((left, 0), (right, _SIDE + _GAP)):
        half = picture.convert("RGB").resize((_SIDE, _SIDE), Image.Resampling.LANCZOS)
        card.paste(half, (x, 0))
    return card


def _cat() -> Image.Image:
    """Return the photo of data/example.jpg in full quality: scikit-image's *chelsea* (CC0)."""
    from skimage import data

    cat = Image.fromarray(data.chelsea())  # type: ignore[no-untyped-call]
    return cat.crop((72, 0, 372, 300)).resize((_SAMPLE, _SAMPLE), Image.Resampling.LANCZOS)


def _save(picture: Image.Image, path: Path, most: int) -> None:
    """Save as the best JPEG of at most `most` bytes; raises ValueError if none is small enough."""
    path.parent.mkdir(exist_ok=True)
    for quality in range(92, 30, -2):
        buffer = io.BytesIO()
        picture.save(buffer, "JPEG", quality=quality, optimize=True, progressive=True)
        if buffer.tell() <= most:
            break
    else:
        raise ValueError(f"{path.name} does not fit into {most} bytes")
    path.write_bytes(buffer.getvalue())
