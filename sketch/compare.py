"""`python -m sketch.compare BEFORE AFTER OUT.jpg`: put photo and painting into one picture."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from PIL import Image, ImageOps

from nst.images import BadPicture, PictureTooLarge, save_jpeg
from nst.machine.environment import stand_back
from nst.reading import read

_LONGEST = 1024
_DECODED = 96 << 20
_GAP = 12
_NICE = 5


def compose(before: Image.Image, after: Image.Image) -> Image.Image:
    """Return both in one picture: one above the other if they are wide, else side by side."""
    scale = min(1.0, _LONGEST / max(after.size))
    size = (max(1, round(after.width * scale)), max(1, round(after.height * scale)))
    pair = [ImageOps.fit(picture, size, Image.Resampling.LANCZOS) for picture in (before, after)]
    wide = size[0] > size[1]
    step = (0, size[1] + _GAP) if wide else (size[0] + _GAP, 0)
    canvas = Image.new("RGB", (size[0] + step[0], size[1] + step[1]), "white")
    for number, picture in enumerate(pair):
        canvas.paste(picture, (step[0] * number, step[1] * number))
    return canvas


def main(arguments: list[str]) -> int:
    """Write the picture; return 0, or 2 if one of the two can't be read."""
    stand_back(os.getppid(), _NICE)
    before, after, out = arguments
    try:
        pictures = [read(path, _LONGEST, _DECODED) for path in (before, after)]
    except (BadPicture, PictureTooLarge) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    save_jpeg(compose(*pictures), Path(out), quality=90)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
