"""Photographs that come with scikit-image, free of rights: for anybody to repeat a measurement."""

from __future__ import annotations

from typing import Any

from PIL import Image

_SAMPLES = {"cat": "chelsea", "coffee": "coffee", "astronaut": "astronaut", "rocket": "rocket"}


def photo(name: str) -> Image.Image:
    """One photograph by name, RGB."""
    from skimage import data

    samples: Any = data
    return Image.fromarray(getattr(samples, _SAMPLES[name])()).convert("RGB")


def photos() -> dict[str, Image.Image]:
    """All of them by name, RGB."""
    return {name: photo(name) for name in _SAMPLES}
