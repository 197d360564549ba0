"""Begins a painting in a process that is there for it: pictures are read before torch is loaded.

Decoding a large photograph takes more memory than it may while torch and the weights are there;
before that there is plenty.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from nst.images import MAX_DECODED_BYTES, BadPicture, PictureTooLarge, resize
from nst.machine import environment
from nst.machine.device import foresee
from nst.reading import read
from nst.settings import Settings, check
from nst.sizes import painting_size, style_size

if TYPE_CHECKING:
    from PIL.Image import Image

    from nst.transfer import StyleTransfer

_PYTHON_MB = 40
"""What the process takes before it decodes anything."""


def open_transfer(
    content: str | Path,
    styles: Sequence[str | Path],
    settings: Settings,
    start: str | Path | None = None,
) -> StyleTransfer:
    """Read the pictures and prepare to paint; raises what `load` and `StyleTransfer` raise.

    It tunes the process: torch's threads, and what glibc keeps of freed memory.
    `start` is an earlier painting of the same pair, to be continued. A `BadPicture` or
    `PictureTooLarge` says in `picture` which one is to blame.
    """
    check(settings, len(styles))
    on_cuda = foresee(settings.device, settings.memory_limit_mb) == "cuda"
    decoded = MAX_DECODED_BYTES
    if settings.memory_limit_mb is not None and not on_cuda:
        decoded = min(decoded, max(0, int((settings.memory_limit_mb - _PYTHON_MB) * 1e6)))
    pictures: list[Image] = []
    size = (0, 0)
    named = [("content", content), *(("style", style) for style in styles)]
    if start is not None:
        named.append(("start", start))
    for name, path in named:
        longest = settings.size if name != "style" else round(settings.size * settings.brush)
        try:
            picture = read(path, longest, decoded)
        except (BadPicture, PictureTooLarge) as error:
            error.picture = name
            raise
        # No larger than it will be looked at: the rest of a camera's pixels need not be held.
        if name == "content":
            size = wanted = painting_size(picture.size, settings.size)
        else:
            wanted = style_size(picture.size, size, settings.brush) if name == "style" else size
        smaller = max(picture.size) > max(wanted)
        pictures.append(resize(picture, wanted) if smaller else picture)
    if not on_cuda:
        from nst.machine import lean_torch

        lean_torch.import_torch()
    import torch

    from nst.transfer import StyleTransfer

    torch.set_num_threads(environment.processors())
    earlier = pictures.pop() if start is not None else None
    try:
        return StyleTransfer(pictures[0], pictures[1:], settings, earlier, own_process=True)
    except BadPicture as error:
        error.picture = "content"
        raise
