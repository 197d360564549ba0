"""VGG19 up to relu5_1, forwards and backwards, in horizontal stripes.

The network is a list of maps: map 0 is the image, map i + 1 is what operation i makes of map i.
Each operation knows which rows of its input it needs for given rows of its output, so any stretch
of the network can be computed for a few rows at a time, exactly. Both directions are written out
instead of left to autograd: there is no weight gradient, every ReLU works in place, and each map
is freed at the moment that it has served.

All maps are 1 × channels × rows × columns, channels last in memory: a stripe of rows is then one
contiguous piece, and as a matrix of (rows · columns) × channels it needs no copy.
"""

from __future__ import annotations

import dataclasses
from typing import Literal

import torch
from torch import Tensor

from nst.network.winograd import Winograd, pays
from weights.decode import SHAPES, Weights
from weights.packed import Kernel, dense

Rows = tuple[int, int]
"""From the first row up to but without the last."""
Pooling = Literal["max", "average"]

# The layers of Gatys, Ecker and Bethge (2015).
STYLE_LAYERS = ("relu1_1", "relu2_1", "relu3_1", "relu4_1", "relu5_1")
CONTENT_LAYER = "relu4_2"
MARGIN = 1
"""The image comes with a border of its own, so that its padding is the caller's choice."""


def as_matrix(rows: Tensor) -> Tensor:
    """A view of a stripe 1 × C × h × w as (h · w) × C."""
    return rows.permute(0, 2, 3, 1).view(-1, rows.shape[1])


@dataclasses.dataclass(frozen=True, slots=True)
class Convolution:
    """3 × 3 convolution and ReLU. `padding` is 1, but 0 for the first, whose image has a margin."""

    name: str
    kernel: Kernel
    bias: Tensor
    padding: int = 1
    winograd: Winograd | None = None
    """What computes it where that pays; None: torch alone."""

    @property
    def channels(self) -> int:
        return self.kernel.shape[0]

    def size(self, length: int) -> int:
        """Rows (or columns) of the output for so many of the input."""
        return length - 2 + 2 * self.padding

    def needs(self, rows: Rows, height: int) -> Rows:
        """Rows of the input, `height` high, that these rows of the output look at."""
        shift = 1 - self.padding
        return max(rows[0] - 1 + shift, 0), min(rows[1] + 1 + shift, height)

    def forward(self, x: Tensor, at: Rows, height: int, want: Rows) -> Tensor:
        """Rows `want` of the output, from rows `at` of the input.

        A stripe that touches a real border of the map is padded with zeros there, as the network
        was trained; at an artificial border the outermost row is only looked at.
        """
        made, vertical = self._made(at, height)
        padding = (vertical, self.padding)
        if self.winograd is not None and pays(self.kernel.shape, x.shape[2] * x.shape[3]):
            y = self.winograd.convolve(x, self.kernel, self.bias, padding)
        else:
            y = torch.conv2d(x, dense(self.kernel), self.bias, padding=padding)
        first = made[0]
        return y[:, :, want[0] - first : want[1] - first].relu_()

    def backward(self, g: Tensor, at: Rows, height: int, want: Rows) -> Tensor:
        """Gradient of rows `at` of the input, from that of rows `want` before the ReLU."""
        made, vertical = self._made(at, height)
        if made != want:
            g = torch.ops.aten.constant_pad_nd(g, [0, 0, want[0] - made[0], made[1] - want[1]])
        padding = (vertical, self.padding)
        if self.winograd is not None and pays(self.kernel.shape, g.shape[2] * g.shape[3]):
            return self.winograd.back(g, self.kernel, padding)
        return torch.conv_transpose2d(g, dense(self.kernel), padding=padding)

    def _made(self, at: Rows, height: int) -> tuple[Rows, int]:
        """Rows of the output that a plain convolution of the input rows `at` makes."""
        if self.padding == 0:
            return (at[0], at[1] - 2), 0
        if at[0] == 0 or at[1] == height:
            return at, 1
        return (at[0] + 1, at[1] - 1), 0


@dataclasses.dataclass(frozen=True, slots=True)
class Pool:
    """Halves both sides. An odd last row or column is left out, as in Caffe's and torch's VGG."""

    name: str
    channels: int
    pooling: Pooling

    def size(self, length: int) -> int:
        return length // 2

    def needs(self, rows: Rows, height: int) -> Rows:
        return 2 * rows[0], 2 * rows[1]

    def forward(self, x: Tensor, at: Rows, height: int, want: Rows) -> Tensor:
        pool = torch.max_pool2d if self.pooling == "max" else torch.ops.aten.avg_pool2d
        pooled: Tensor = pool(x, [2, 2])
        return pooled

    def backward(self, g: Tensor, x: Tensor | None, size: tuple[int, int]) -> Tensor:
        """Gradient of the input `x`, whose rows and columns are `size`.

        Where the largest value was is found anew, not remembered. An average doesn't look at `x`.
        """
        aten, two, none = torch.ops.aten, [2, 2], [0, 0]
        if self.pooling == "average":
            if x is None:  # Its shape is what counts.
                shape = (1, *size, g.shape[1])
                x = torch.empty(shape, dtype=g.dtype, device=g.device).permute(0, 3, 1, 2)
            out: Tensor = aten.avg_pool2d_backward(g, x, two, two, none, False, True, None)
        else:
            _, where = aten.max_pool2d_with_indices(x, two)
            out = aten.max_pool2d_with_indices_backward(g, x, two, two, none, [1, 1], False, where)
        return out


Operation = Convolution | Pool


class VGG19:
    """The operations conv1_1 … conv5_1 with their poolings, in order; a relu is named, a conv not.

    `pooling` may be "average", which Gatys found to paint more smoothly; the network was trained
    with "max". `winograd` is for float32 on the processor.
    """

    def __init__(
        self, weights: Weights, pooling: Pooling = "max", winograd: Winograd | None = None
    ) -> None:
        self.mean = weights.mean
        self.operations: list[Operation] = []
        for name in SHAPES:
            kernel, bias = weights.layers[name]
            block, first = name[4], name.endswith("_1")
            if first and block != "1":
                self.operations.append(Pool(f"pool{int(block) - 1}", kernel.shape[1], pooling))
            padding = 0 if name == "conv1_1" else 1
            self.operations.append(Convolution(f"relu{name[4:]}", kernel, bias, padding, winograd))
        self.dtype, self.device = kernel.dtype, kernel.device

    def index(self, layer: str) -> int:
        """Which operation makes this layer."""
        return next(i for i, op in enumerate(self.operations) if op.name == layer)
