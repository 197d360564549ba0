"""Downloads torchvision's VGG19 weights, from the address that torchvision gives.

This needs torchvision (`make oracle` builds an environment that has it) and, the first time, a
connection. The file is downloaded to torch's usual folder and then imported like any other:
`get_state_dict` would load all of it into memory.
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
    """Download VGG19_Weights.IMAGENET1K_V1 if needed, and return its path.

    Raises `WeightsRefused`.
    """
    try:
        models = importlib.import_module("torchvision.models")
    except (ImportError, RuntimeError) as error:  # RuntimeError if built for another torch.
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
    except (OSError, RuntimeError) as error:  # No connection, or a wrong SHA-256.
        reason = (str(error).splitlines() or [type(error).__name__])[0]
        raise WeightsRefused(f"can't download {weights.url}: {reason}") from error
    if not sha256.startswith(named[1]):
        raise WeightsRefused(f"{path} is damaged; remove it and try again")
    return path
