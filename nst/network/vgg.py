"""VGG19 up to relu5_1, forward and backward, in horizontal stripes.

The network is a list of maps: map 0 is the image, and operation i turns map i into map i + 1. Each
operation knows which rows of its input it needs for given rows of its output, so any part of the
network can be computed exactly, a few rows at a time. Both directions are written out instead of
left to autograd: there is no weight gradient, every ReLU works in place, and each map is freed as
soon as it is no longer needed.

All maps are 1 × channels × rows × columns, channels last in memory: a stripe of rows is then
contiguous, and can be viewed as a matrix of (rows · columns) × channels without a copy.
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
"""The first row, and the one after the last."""
Pooling = Literal["max", "average"]

# The layers of Gatys, Ecker and Bethge (2015).
STYLE_LAYERS = ("relu1_1", "relu2_1", "relu3_1", "relu4_1", "relu5_1")
CONTENT_LAYER = "relu4_2"
MARGIN = 1
"""Pixels of padding around the image. It is the caller who adds it, and chooses its values."""


def as_matrix(rows: Tensor) -> Tensor:
    """Return a view of a stripe (1 × C × h × w) as (h · w) × C."""
    return rows.permute(0, 2, 3, 1).view(-1, rows.shape[1])


@dataclasses.dataclass(frozen=True, slots=True)
class Convolution:
    """A 3 × 3 convolution and its ReLU.

    `padding` is 1, but 0 for the first convolution, since the image has its margin.
    """

    name: str
    kernel: Kernel
    bias: Tensor
    padding: int = 1
    winograd: Winograd | None = None
    """Computes the convolution where that is quicker; None means that torch always does."""

    @property
    def channels(self) -> int:
        return self.kernel.shape[0]

    def size(self, length: int) -> int:
        """Return the number of rows (or columns) of the output for that of the input."""
        return length - 2 + 2 * self.padding

    def needs(self, rows: Rows, height: int) -> Rows:
        """Return the rows of the input, which has `height`, that these rows of the output need."""
        shift = 1 - self.padding
        return max(rows[0] - 1 + shift, 0), min(rows[1] + 1 + shift, height)

    def forward(self, x: Tensor, at: Rows, height: int, want: Rows) -> Tensor:
        """Return rows `want` of the output, computed from `x`, rows `at` of the input.

        Where a stripe touches a border of the map it is padded with zeros, as in the network's
        training; at a border between stripes no output is computed for the outermost row.
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
        """Return the gradient of rows `at` of the input.

        `g` is the gradient of rows `want` of the output, before the ReLU.
        """
        made, vertical = self._made(at, height)
        if made != want:
            g = torch.ops.aten.constant_pad_nd(g, [0, 0, want[0] - made[0], made[1] - want[1]])
        padding = (vertical, self.padding)
        if self.winograd is not None and pays(self.kernel.shape, g.shape[2] * g.shape[3]):
            return self.winograd.back(g, self.kernel, padding)
        return torch.conv_transpose2d(g, dense(self.kernel), padding=padding)

    def _made(self, at: Rows, height: int) -> tuple[Rows, int]:
        """Return the rows that convolving the input rows `at` gives, and the vertical padding."""
        if self.padding == 0:
            return (at[0], at[1] - 2), 0
        if at[0] == 0 or at[1] == height:
            return at, 1
        return (at[0] + 1, at[1] - 1), 0


@dataclasses.dataclass(frozen=True, slots=True)
class Pool:
    """A 2 × 2 pooling. An odd last row or column is left out, as in Caffe's and torch's VGG."""

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
        """Return the gradient of the input `x`, whose rows and columns are `size`.

        The positions of the maxima are found again from `x`; average pooling doesn't need it.
        """
        aten, two, none = torch.ops.aten, [2, 2], [0, 0]
        if self.pooling == "average":
            if x is None:  # Only its shape matters.
                shape = (1, *size, g.shape[1])
                x = torch.empty(shape, dtype=g.dtype, device=g.device).permute(0, 3, 1, 2)
            out: Tensor = aten.avg_pool2d_backward(g, x, two, two, none, False, True, None)
        else:
            _, where = aten.max_pool2d_with_indices(x, two)
            out = aten.max_pool2d_with_indices_backward(g, x, two, two, none, [1, 1], False, where)
        return out


Operation = Convolution | Pool


class VGG19:
    """The operations conv1_1 … conv5_1 and the poolings, in order.

    A convolution is named after its ReLU. `pooling` may be "average", which Gatys et al. found to
    give smoother results; the network was trained with "max". `winograd` is for float32 on the CPU.
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
        """Return the index of the operation that computes this layer."""
        return next(i for i, op in enumerate(self.operations) if op.name == layer)
