"""Make the sizes in which Telegram keeps a photo.

``python -m local_chat.api.photo_sizes SOURCE FOLDER``

A short-lived process of its own, because Pillow and a decoded picture have no place in the bot's
memory. Prints one JSON object: ``{"sizes": [{"name", "width", "height"}, ...]}``, smallest first,
or ``{"error": "IMAGE_PROCESS_FAILED" | "PHOTO_INVALID_DIMENSIONS"}``.
"""

from __future__ import annotations

import contextlib
import json
import sys
import warnings
from pathlib import Path
from typing import Any

LONGEST = 1280
STEPS = (90, 320, 800)
MAX_SUM = 10_000
MAX_RATIO = 20
_QUALITY = 87


def make_sizes(source: Path, folder: Path) -> dict[str, Any]:
    """Write the sizes of a picture as JPEG into `folder` and say which there are."""
    from PIL import Image, ImageOps

    # A picture that is merely large is refused below by Telegram's own rule.
    warnings.simplefilter("ignore", Image.DecompressionBombWarning)
    try:
        with Image.open(source) as picture:
            width, height = picture.size
            if width + height > MAX_SUM or max(width, height) > MAX_RATIO * min(width, height):
                return {"error": "PHOTO_INVALID_DIMENSIONS"}
            picture.draft("RGB", (LONGEST, LONGEST))  # a JPEG is decoded no larger than needed
            upright = ImageOps.exif_transpose(picture)
            flat = _on_white(upright)
    except Exception:
        # Pillow's decoders raise nearly anything on hostile bytes; each means the same here.
        return {"error": "IMAGE_PROCESS_FAILED"}
    # The draft may have shrunk the picture: its true size counts.
    true_longest = max(width, height)
    if (width > height) != (flat.width > flat.height):
        width, height = height, width
    sizes = []
    for longest in [step for step in STEPS if step < true_longest] + [min(true_longest, LONGEST)]:
        scale = longest / true_longest
        size = (max(1, round(width * scale)), max(1, round(height * scale)))
        name = f"{longest}.jpg"
        small = flat if size == flat.size else flat.resize(size, Image.Resampling.LANCZOS)
        small.save(folder / name, "JPEG", quality=_QUALITY)
        sizes.append({"name": name, "width": size[0], "height": size[1]})
    return {"sizes": sizes}


def _on_white(picture: Any) -> Any:
    """Return the picture in RGB, transparency laid on white as Telegram does."""
    from PIL import Image

    if picture.mode == "RGB":
        return picture.copy()
    if picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info:
        alpha = picture.convert("RGBA")
        white = Image.new("RGB", alpha.size, "white")
        white.paste(alpha, mask=alpha.getchannel("A"))
        return white
    return picture.convert("RGB")


def _go_first() -> None:
    """Let the kernel end this process, not the bot, when memory runs out."""
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000")


if __name__ == "__main__":
    _go_first()
    print(json.dumps(make_sizes(Path(sys.argv[1]), Path(sys.argv[2]))))
