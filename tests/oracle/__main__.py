"""``make oracle``: our VGG19 against torchvision's, layer by layer, on the same weights.

Runs in an environment that has torchvision, which the bot's hasn't, and asks no network. Each
time both are given the same picture: theirs as torchvision wants it (RGB, 0..1, normalised), ours
as `nst` does (BGR, 0..255, minus the mean that comes with the weights).

1. A model of torchvision's own, with random weights, is saved in both formats of PyTorch, imported
   by `python -m weights import`, and compared with what was saved.
2. The weights in use are put into torchvision's model, the other way round.
"""

from __future__ import annotations

import contextlib
import io
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import torch
import torch.nn.functional as F
import torchvision
from PIL import Image
from torch import Tensor, nn
from torchvision.models import VGG19_Weights, vgg19

from nst.network.vgg import VGG19
from nst.pyramid import to_tensor
from weights import find, store
from weights.__main__ import main as weights_command
from weights.decode import Weights, load
from weights.importing import TORCHVISION

# Single precision keeps 1.2e-7; thirteen layers of sums over thousands of terms cost some of it.
TOLERANCE = 1e-5
PRESET = VGG19_Weights.IMAGENET1K_V1.transforms()
SIZE = (131, 97)
"""Odd both ways, so that every pooling leaves something out."""


def main() -> int:
    """Print the errors of every layer; 0 if all are below the tolerance."""
    torch.manual_seed(0)
    print(f"torch {torch.__version__}, torchvision {torchvision.__version__}, {SIZE[0]}×{SIZE[1]}")
    columns: dict[str, dict[str, float]] = {}

    model = vgg19(weights=None).eval()
    for bias in (m.bias for m in model.features if isinstance(m, nn.Conv2d)):
        nn.init.normal_(bias, std=0.1)  # They begin as zeros, which would prove less.
    with tempfile.TemporaryDirectory(prefix="vgg19-oracle-") as name, _imports_in(Path(name)):
        for title, new in (("imported .pth (early)", False), ("imported .pth (zip)", True)):
            path = Path(name) / "vgg19-random.pth"
            torch.save(model.state_dict(), path, _use_new_zipfile_serialization=new)
            print(f"importing {path.stat().st_size / 1e6:.0f} MB, {title}", flush=True)
            with contextlib.redirect_stdout(io.StringIO()):
                if weights_command(["import", str(path)]):
                    return 1
            path.unlink()
            columns[title] = _errors(model.features, load(), PRESET.mean)

    source = find()
    weights = load(source=source)
    columns[f"{source.kind} in use"] = _errors(
        _filled(weights), weights, [m / 255 for m in reversed(weights.mean)]
    )

    print("\nlargest difference / largest value")
    print("layer   " + "".join(f"{title:>24}" for title in columns))
    for layer in next(iter(columns.values())):
        print(f"{layer:8}" + "".join(f"{errors[layer]:24.1e}" for errors in columns.values()))
    worst = max(max(errors.values()) for errors in columns.values())
    good = worst < TOLERANCE
    print(f"{'worst':8}{worst:.1e}, {'within' if good else 'NOT WITHIN'} {TOLERANCE:.0e}")
    return 0 if good else 1


@contextlib.contextmanager
def _imports_in(folder: Path) -> Iterator[None]:
    """Keep what the owner has imported out of this."""
    before = os.environ.get(store.VARIABLE)
    os.environ[store.VARIABLE] = str(folder / "imports")
    try:
        yield
    finally:
        del os.environ[store.VARIABLE]
        if before is not None:
            os.environ[store.VARIABLE] = before


def _filled(weights: Weights) -> nn.Sequential:
    """The features of torchvision with our weights, conv1_1 taken back to RGB, 0..1, divided."""
    features = vgg19(weights=None).features.eval()
    deviation = torch.tensor(PRESET.std, dtype=torch.float64)
    for name, theirs in TORCHVISION.names.items():
        kernel, bias = weights.layers[name]
        if name == "conv1_1":
            kernel = (kernel.double().flip(1) * 255 * deviation.view(1, 3, 1, 1)).float()
        layer = features[int(theirs.split(".")[1])]
        layer.weight.data.copy_(kernel)
        layer.bias.data.copy_(bias)
    return features


@torch.no_grad()
def _errors(features: nn.Sequential, weights: Weights, mean: list[float]) -> dict[str, float]:
    """Layer to the largest difference, relative to the layer's largest value.

    `mean` is what torchvision's network wants taken off, RGB, 0..1.
    """
    picture = _picture()
    theirs = torchvision.transforms.functional.normalize(
        torchvision.transforms.functional.pil_to_tensor(picture)[None] / 255,
        mean,
        PRESET.std,
    )
    net = VGG19(weights)
    ours = F.pad(to_tensor(picture, net.mean), (1, 1, 1, 1))
    ours = ours.contiguous(memory_format=torch.channels_last)
    errors = {}
    modules = iter(features)
    for operation in net.operations:
        height = ours.shape[2]
        ours = operation.forward(ours, (0, height), height, (0, operation.size(height)))
        theirs = _until(modules, theirs, nn.MaxPool2d if "pool" in operation.name else nn.ReLU)
        errors[operation.name] = float((ours - theirs).abs().max() / theirs.abs().max())
    return errors


def _until(modules: Iterator[nn.Module], x: Tensor, kind: type[nn.Module]) -> Tensor:
    """Go on through the modules to the next of a kind."""
    for module in modules:
        x = module(x)
        if isinstance(module, kind):
            return x
    raise AssertionError("torchvision's VGG19 has fewer layers than ours")


def _picture() -> Image.Image:
    """Waves with noise on them: light, dark, smooth, rough, up to the edges."""
    width, height = SIZE
    y, x = torch.meshgrid(torch.arange(height), torch.arange(width), indexing="ij")
    waves = [torch.sin(x / (3 + 5 * c) + y / 7) + torch.cos(y / (4 + c)) for c in range(3)]
    values = torch.stack(waves, dim=2) * 55 + 128 + 15 * torch.randn(height, width, 3)
    pixels = values.round().clamp(0, 255).to(torch.uint8)
    return Image.frombytes("RGB", SIZE, bytes(pixels.flatten().tolist()))


if __name__ == "__main__":
    sys.exit(main())
