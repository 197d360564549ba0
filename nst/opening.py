"""Where a painting begins: pictures are read and shrunk first, and only then torch is loaded.

Decoding a large photograph takes more memory than it may while torch and the weights are there;
before that there is plenty.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from nst.images import MAX_DECODED_BYTES, BadPicture, PictureTooLarge, load
from nst.machine import environment
from nst.machine.device import foresee
from nst.settings import Settings, check

if TYPE_CHECKING:
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

    `start` is an earlier painting of the same pair, to be continued. A `BadPicture` or
    `PictureTooLarge` says in `picture` which one is to blame.
    """
    check(settings, len(styles))
    on_cuda = foresee(settings.device, settings.memory_limit_mb) == "cuda"
    decoded = MAX_DECODED_BYTES
    if settings.memory_limit_mb is not None and not on_cuda:
        decoded = min(decoded, max(0, int((settings.memory_limit_mb - _PYTHON_MB) * 1e6)))
    pictures = []
    named = [("content", content), *(("style", style) for style in styles)]
    if start is not None:
        named.append(("start", start))
    for name, path in named:
        longest = settings.size if name != "style" else round(settings.size * settings.brush)
        try:
            pictures.append(load(path, longest, decoded))
        except (BadPicture, PictureTooLarge) as error:
            error.picture = name
            raise
    if not on_cuda:
        from nst.machine import lean_torch

        lean_torch.import_torch()
    import torch

    from nst.transfer import StyleTransfer

    torch.set_num_threads(environment.processors())
    earlier = pictures.pop() if start is not None else None
    try:
        return StyleTransfer(pictures[0], pictures[1:], settings, earlier)
    except BadPicture as error:
        error.picture = "content"
        raise
