"""torchvision's own VGG19 weights, by torchvision's own word of where they are and what they want.

Needs torchvision (`make oracle` builds an environment that has it) and, the first time, the
network. Only the file is fetched, to where torch keeps such files, and then imported like any
other: `get_state_dict` would hold all of it in memory.
"""

from __future__ import annotations

import hashlib
import importlib
import re
import sys
from pathlib import Path

import torch

from weights.errors import WeightsRefused
from weights.importing import TORCHVISION_DEVIATION, TORCHVISION_MEAN


def fetch() -> Path:
    """The file of torchvision's VGG19_Weights.IMAGENET1K_V1; raises `WeightsRefused`."""
    try:
        models = importlib.import_module("torchvision.models")
    except (ImportError, RuntimeError) as error:  # The latter beside a torch it wasn't built for.
        raise WeightsRefused(
            "torchvision can't be imported here; `make oracle` builds .venv-oracle, where it can"
        ) from error
    weights = models.VGG19_Weights.IMAGENET1K_V1
    preset = weights.transforms()
    if (*preset.mean, *preset.std) != (*TORCHVISION_MEAN, *TORCHVISION_DEVIATION):
        raise WeightsRefused("this torchvision normalises pictures in a way that is not known here")
    path = Path(torch.hub.get_dir()) / "checkpoints" / Path(weights.url).name
    named = re.search(r"-([0-9a-f]{8,})\.", path.name)
    if named is None:
        raise WeightsRefused(f"{weights.url} does not name its SHA-256")
    try:
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            live = sys.stderr.isatty()
            torch.hub.download_url_to_file(weights.url, str(path), named[1], progress=live)
        with path.open("rb") as file:
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    except (OSError, RuntimeError) as error:  # No network; another SHA-256.
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise WeightsRefused(f"can't download {weights.url}: {reason}") from error
    if not sha256.startswith(named[1]):
        raise WeightsRefused(f"{path} is damaged; remove it and try again")
    return path
