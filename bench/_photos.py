"""Photographs that come with scikit-image, free of rights: for anybody to repeat a measurement."""

from __future__ import annotations

from typing import Any

from PIL import Image

_SAMPLES = {"cat": "chelsea", "coffee": "coffee", "astronaut": "astronaut", "rocket": "rocket"}


def photos() -> dict[str, Image.Image]:
    """Name to photograph, RGB."""
    from skimage import data

    samples: Any = data
    return {
        name: Image.fromarray(getattr(samples, sample)()).convert("RGB")
        for name, sample in _SAMPLES.items()
    }
