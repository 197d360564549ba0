"""Opens a painting in a process of its own, reading the pictures before torch is loaded.

Decoding a large photograph would exceed the memory limit once torch and the weights are loaded;
before that there is enough room.
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
"""Memory of the process before it decodes anything, in MB."""


def open_transfer(
    content: str | Path,
    styles: Sequence[str | Path],
    settings: Settings,
    start: str | Path | None = None,
) -> StyleTransfer:
    """Read the pictures and prepare to paint; raises what `load` and `StyleTransfer` raise.

    This also tunes the process: the number of torch's threads, and how much freed memory glibc
    keeps. `start` is an earlier painting of the same pair, to be continued. `BadPicture` and
    `PictureTooLarge` name the picture at fault in their `picture`.
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
        # The engine needs no more pixels than this, so a camera's other ones are dropped now.
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
