"""Winograd's convolutions are convolutions, whatever the size and however little the room."""

from __future__ import annotations

import dataclasses

import pytest
import torch
import torch.nn.functional as F
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from nst.memory.need import skeleton
from nst.memory.plan import every_plan, layouts, make_plan
from nst.network.gradient import Features
from nst.network.vgg import VGG19, Convolution
from nst.network.winograd import ROOM, SUMS_COST, SUMS_COST_AVX512, TILE, Room, Winograd, pays
from tests.nst.test_gradient import monolithic, noise, objective_for
from weights.decode import Weights, load

ROUNDING = 3e-6
"""How far Winograd's float32 is off, in parts of a layer's output (the plain way: 1e-6)."""
SCANT = Room(16_384, 256 * 8, 4096)
"""So little that the kernels of more than a few channels go through in parts."""


def channels_last(*shape: int) -> Tensor:
    return torch.randn(*shape).contiguous(memory_format=torch.channels_last)


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(
    height=st.integers(3, 40),
    width=st.integers(3, 300),
    channels=st.sampled_from([(24, 40), (40, 24), (3, 64), (256, 24)]),
    padding=st.tuples(st.sampled_from([0, 1]), st.sampled_from([0, 1])),
    room=st.sampled_from([ROOM, SCANT]),
    seed=st.integers(0, 1000),
)
def test_it_is_the_convolution_and_its_gradient(  # noqa: PLR0917
    height: int,
    width: int,
    channels: tuple[int, int],
    padding: tuple[int, int],
    room: Room,
    seed: int,
) -> None:
    torch.manual_seed(seed)
    (into, out), winograd = channels, Winograd(room)
    x, kernel = channels_last(1, into, height, width), channels_last(out, into, 3, 3)
    bias = torch.randn(out)
    # What a call leaves in the scratch memory must not matter to the next.
    winograd.convolve(torch.full_like(x, torch.nan), kernel, bias, padding)
    y = winograd.convolve(x, kernel, bias, padding)
    expected = F.conv2d(x.double(), kernel.double(), bias.double(), padding=padding)
    assert y.shape == expected.shape
    assert y.is_contiguous(memory_format=torch.channels_last)
    assert (y - expected).norm() <= 1e-5 * expected.norm()
    g = channels_last(*y.shape)
    back = winograd.back(g, kernel, padding)
    expected = F.conv_transpose2d(g.double(), kernel.double(), padding=padding)
    assert back.shape == x.shape
    assert (back - expected).norm() <= 1e-5 * expected.norm()


def lifted(weights: Weights, x: Tensor) -> Weights:
    """The weights with biases by which every ReLU lets everything of `x` through.

    Where the last bit decides whether it does, every float32 has another gradient.
    """
    layers: dict[str, tuple[Tensor, Tensor]] = {}
    x = F.pad(x, (1, 1, 1, 1), mode="replicate")
    for name, (kernel, _) in weights.layers.items():
        if name.endswith("_1") and layers:
            x = F.avg_pool2d(x, 2)
        x = F.conv2d(x, kernel, padding=1 if layers else 0)
        bias = 0.1 * x.std() - x.amin(dim=(0, 2, 3))
        x += bias.view(1, -1, 1, 1)
        layers[name] = kernel, bias
    return dataclasses.replace(weights, layers=layers)


@pytest.mark.slow
def test_the_gradient_is_as_exact_as_a_plain_one() -> None:
    """Within 1e-5, or four times what layers that are each `ROUNDING` off make of it."""
    x, content, style = (noise(seed, 100, 140) for seed in (1, 2, 3))
    weights = lifted(load(torch.float32), x)
    plain = Features(VGG19(weights, "average"))
    goal = objective_for(plain, content, style)
    features = Features(VGG19(weights, "average", Winograd()), layouts(24_576)[1])
    _, g = features.gradient(x, goal)
    _, plainly = plain.gradient(x, goal)
    assert not torch.equal(g, plainly), "it was never used"
    assert goal.content_map is not None
    exact_goal = dataclasses.replace(
        goal,
        grams={layer: gram.double() for layer, gram in goal.grams.items()},
        content_map=goal.content_map.double(),
    )
    layers = {name: (k.double(), b.double()) for name, (k, b) in weights.layers.items()}
    exact = VGG19(dataclasses.replace(weights, layers=layers), "average")
    _, expected = monolithic(exact, x.double(), exact_goal, "replicate")
    generator = torch.Generator().manual_seed(4)

    def rounded(y: Tensor) -> Tensor:
        off = torch.randn(y.shape, generator=generator, dtype=y.dtype)
        return y + ROUNDING * off * y.detach().square().mean().sqrt()

    made = [
        float(
            (monolithic(exact, x.double(), exact_goal, "replicate", rounded)[1] - expected).norm()
        )
        for _ in range(3)
    ]
    # Four times, since what rounds off in one kernel's sums is not independent noise.
    allowed = max(1e-5 * float(expected.norm()), 4 * sum(made) / len(made))
    assert (g - expected).norm() <= allowed
    assert (plainly - expected).norm() <= allowed
    assert allowed <= 1e-3 * expected.norm()


@pytest.mark.slow
@pytest.mark.parametrize("tiles", [True, False])
def test_packed_kernels_change_no_bit(tiles: bool) -> None:
    x, content, style = (noise(seed, 100, 140) for seed in (1, 2, 3))

    def gradient(packed: bool) -> Tensor:
        winograd = Winograd() if tiles else None
        net = VGG19(load(torch.float32, packed=packed), "average", winograd)
        features = Features(net, layouts(24_576)[1])
        return features.gradient(x, objective_for(features, content, style))[1]

    assert torch.equal(gradient(packed=True), gradient(packed=False))


def test_the_scratch_memory_is_what_it_says() -> None:
    for room in (ROOM, SCANT):
        winograd = Winograd(room)
        taken = winograd._kernels.untyped_storage().nbytes()
        assert taken == room.bytes


def test_kernels_are_transformed_once_where_they_fit() -> None:
    assert ROOM.transforms(256, 256, 100_000) == 1
    assert ROOM.transforms(512, 512, TILE * TILE * ROOM.patches // 512) == 1
    assert ROOM.transforms(512, 512, TILE * TILE * ROOM.patches // 512 + 1) == 2


@pytest.mark.parametrize(
    ("sums", "plain"),
    [
        (SUMS_COST_AVX512, ["relu1_1", "relu1_2", "relu2_1", "relu2_2"]),
        (SUMS_COST, ["relu1_1", "relu1_2"]),
    ],
)
def test_it_pays_in_deep_layers_of_some_size(
    monkeypatch: pytest.MonkeyPatch, sums: int, plain: list[str]
) -> None:
    monkeypatch.setattr("nst.network.winograd._sums_cost", lambda: sums)
    layers = {
        op.name: op.kernel.shape
        for op in skeleton(torch.float32).operations
        if isinstance(op, Convolution)
    }
    assert [name for name, shape in layers.items() if not pays(shape, 10_000)] == plain
    assert not any(pays(shape, 100) for shape in layers.values())


def test_the_planner_takes_it_while_there_is_memory() -> None:
    size = (512, 384)

    def plan(limit: float | None) -> bool:
        return make_plan(size, [size], torch.float32, limit, winograd=True).winograd

    assert plan(None)
    least = min(p.predicted_mb for p in every_plan(size, [size], torch.float32, winograd=True))
    assert not plan(least + 1)
    assert plan(least + 100)
    assert not make_plan(size, [size], torch.float32, None).winograd
