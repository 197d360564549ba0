"""3 × 3 convolution with a quarter of the multiplications: Winograd's F(4 × 4, 3 × 3).

The output is cut into tiles of 4 × 4. A tile Y comes from a patch d of 6 × 6 of the input and the
kernel g, and with matrices A, B and G of small numbers

    Y = Aᵀ [ (G g Gᵀ) ⊙ (Bᵀ d B) ] A            (Lavin and Gray 2016, equation 8)

where ⊙ multiplies element by element: 36 multiplications where a plain convolution needs 144. Over
all channels and tiles these are 36 matrix products, which is what a processor does fastest. The
transforms by A, B and G are done as matrix products too: Aᵀ M A, flattened to a vector, is
(A ⊗ A)ᵀ times the flattened M.

It is exact but for rounding errors, in float32 about 3e-6 of a layer's output where a plain
convolution has 1e-6. In bfloat16 the errors would be far too large, so it isn't used there.
"""

from __future__ import annotations

import dataclasses
import functools
import math
import time

import torch
from torch import Tensor

from weights.packed import SLAB, Kernel, dense

TILE, REACH = 4, 6
"""Sides of a tile of the output, and of the patch of the input that it needs."""
PRODUCTS = REACH * REACH
_WORK = 16_384
"""Tiles · channels to transform at a time: few enough to stay in the cache."""
# Costs, in multiplications of a plain convolution (docs/engine.md).
PRODUCTS_COST = 0.31
"""The matrix products, per multiplication of the plain convolution."""
TRANSFORM_COST = 1650
"""A kernel's transform, per channel in · channel out."""
SUMS_COST_AVX512, SUMS_COST = 435, 250
"""The transforms of patches and tiles, per position and channel. Without AVX512 a processor
multiplies at most half as fast, while its memory is as quick."""
# Lavin and Gray (2016), section 4.3: polynomials at the points 0, 1, -1, 2, -2 and infinity.
_A = [[1, 0, 0, 0], [1, 1, 1, 1], [1, -1, 1, -1], [1, 2, 4, 8], [1, -2, 4, -8], [0, 0, 0, 1]]
_B = [
    [4, 0, 0, 0, 0, 0],
    [0, -4, 4, -2, 2, 4],
    [-5, -4, -4, -1, -1, 0],
    [0, 1, -1, 2, -2, -5],
    [1, 1, 1, 1, 1, 0],
    [0, 0, 0, 0, 0, 1],
]
_G = [[6, 0, 0], [-4, -4, -4], [-4, 4, -4], [1, 2, 4], [1, -2, 4], [0, 0, 24]]  # in 24ths
_ONES = REACH + 1
"""Index of the product of the point (1, 1): like the bias, it is added to all of a tile alike."""


@dataclasses.dataclass(frozen=True, slots=True)
class Room:
    """The sizes of the scratch memory. With less, kernels are transformed more often."""

    patches: int
    """Tiles · channels of the input."""
    kernels: int
    """Channels of the input · channels of the output."""
    products: int
    """Tiles · channels of the output."""

    @property
    def bytes(self) -> int:
        """The bytes of all the scratch memory."""
        return 4 * PRODUCTS * (self.patches + self.kernels + self.products + 2 * _WORK)

    def share(self, into: int, out: int, tiles: int) -> tuple[int, int]:
        """Return how many tiles, and how many channels of their output, are computed at once."""
        if into * out <= self.kernels:
            return min(tiles, self.patches // into, self.products // out), out
        tiles = min(tiles, self.patches // into)
        most = min(out, self.kernels // into, self.products // tiles)
        return tiles, -(-out // -(-out // most))

    def transforms(self, into: int, out: int, positions: int) -> int:
        """Return how often the kernel is transformed for this many positions of the output."""
        tiles = -(-positions // TILE**2)
        return 1 if into * out <= self.kernels else -(-tiles // self.share(into, out, tiles)[0])


ROOM = Room(6 * _WORK, 512 * 128, 3 * _WORK)
"""Room for all tiles of a 512 px painting in the deepest blocks and a quarter of a kernel: 35 MB.

It is as quick as room for whole kernels and their products, 71 MB (docs/engine.md).
"""


Padding = tuple[int, int]
"""Rows of zeros above and below, and columns of zeros left and right."""
Span = tuple[int, int]
"""The first, and the one after the last."""


def cost(shape: torch.Size, positions: int, unpacking: float = 0) -> float:
    """Return the cost of a layer with such a kernel, in multiplications of a plain convolution.

    `unpacking` is the cost of unpacking the kernel for a transform.
    """
    out, into = shape[:2]
    products = PRODUCTS_COST * positions * math.prod(shape)
    sums = _sums_cost() * positions * (into + out)
    times = ROOM.transforms(into, out, positions)
    return products + sums + times * (TRANSFORM_COST * into * out + unpacking)


def pays(shape: torch.Size, positions: int) -> bool:
    """Return whether this is quicker for a layer than a plain convolution."""
    return cost(shape, positions) < positions * math.prod(shape)


@functools.cache
def _sums_cost() -> int:
    return SUMS_COST_AVX512 if torch._C._get_cpu_capability() == "AVX512" else SUMS_COST


@functools.cache
def is_quicker() -> bool:
    """Return whether this is quicker than a plain convolution here, by timing one layer."""
    x = torch.ones(1, 64, 48, 256).permute(0, 3, 1, 2)
    kernel, bias = torch.ones(256, 3, 3, 256).permute(0, 3, 1, 2), torch.ones(256)
    winograd = Winograd()

    def plainly() -> Tensor:
        return torch.conv2d(x, kernel, bias, padding=(1, 1))

    def by_tiles() -> Tensor:
        return winograd.convolve(x, kernel, bias, (1, 1))

    # Taking turns and the best of several keeps a busy moment from deciding. In doubt the answer
    # is yes, since this layer gains least. So one machine always decides alike.
    best = dict.fromkeys((plainly, by_tiles), math.inf)
    for _ in range(6):
        for way in best:
            started = time.perf_counter()
            way()
            best[way] = min(best[way], time.perf_counter() - started)
    return best[by_tiles] < 1.25 * best[plainly]


@dataclasses.dataclass(frozen=True, slots=True)
class _Block:
    """Tiles to transform together."""

    rows: Span
    columns: Span
    at: slice
    """Their indices among the tiles of their batch."""


class Winograd:
    """Convolves float32 maps on the CPU. Not thread-safe.

    Its scratch memory is allocated once: fresh pages for every layer would cost half of the gain.
    """

    def __init__(self, room: Room = ROOM) -> None:
        self._room = room
        sizes = (room.kernels, room.patches, room.products, _WORK, _WORK)
        scratch = torch.split(torch.empty(room.bytes // 4), [PRODUCTS * n for n in sizes])
        self._kernels, self._patches, self._products, self._padded, self._work = scratch
        self._a, self._b = _both_ways(_A).T.contiguous(), _both_ways(_B).T.contiguous()
        self._g = _both_ways(_G) / 24**2
        self._g_turned = self._g.flip(1).contiguous()

    def convolve(self, x: Tensor, kernel: Kernel, bias: Tensor, padding: Padding) -> Tensor:
        """Return `torch.conv2d` of x (1 × C × h × w) with kernel (K × C × 3 × 3) and bias (K)."""
        return self._run(x, kernel, bias, padding)

    def back(self, g: Tensor, kernel: Kernel, padding: Padding) -> Tensor:
        """Return `torch.conv_transpose2d` of g (1 × K × h × w) with the kernel: the gradient of x.

        This is a convolution with the kernel rotated by 180° and its channels swapped.
        """
        return self._run(g, kernel, None, (2 - padding[0], 2 - padding[1]))

    def _run(self, x: Tensor, kernel: Kernel, bias: Tensor | None, padding: Padding) -> Tensor:
        """Return the convolution or, without a bias, the transposed one."""
        into, out = x.shape[1], kernel.shape[1 if bias is None else 0]
        height, width = (x.shape[2 + i] + 2 * padding[i] - 2 for i in (0, 1))
        rows, columns = -(-height // TILE), -(-width // TILE)
        # The last tiles may have rows beyond the output; they are not returned.
        y = torch.empty(TILE * rows, width, out)
        at_once, most = self._room.share(into, out, rows * columns)
        kernels: Tensor | None = None
        together = min(_WORK // into, 2 * _WORK // most, at_once)
        for batch in _batches(rows, columns, together, at_once):
            tiles = batch[-1].at.stop
            patches = _view(self._patches, tiles, PRODUCTS, into)
            for block in batch:
                self._look(x[0].permute(1, 2, 0), padding, block, patches[block.at])
            for first in range(0, out, most):
                channels = slice(first, min(first + most, out))
                if kernels is None or most < out:
                    kernels = self._transformed(kernel, channels, turned=bias is None)
                products = _view(self._products, PRODUCTS, tiles, kernels.shape[2])
                torch.bmm(patches.transpose(0, 1), kernels, out=products)
                if bias is not None:
                    products[_ONES].add_(bias[channels])
                for block in batch:
                    self._show(products[:, block.at], block, y[:, :, channels])
        return y[:height].permute(2, 0, 1).unsqueeze(0)

    def _transformed(self, kernel: Kernel, channels: slice, turned: bool) -> Tensor:
        """Return G g Gᵀ for these channels of the output: 36 × channels in × channels out."""
        # In a turned kernel, input and output channels are swapped.
        out = range(kernel.shape[0]) if turned else range(channels.start, channels.stop)
        into = channels if turned else slice(0, kernel.shape[1])
        made = _view(self._kernels, len(out), PRODUCTS, into.stop - into.start)
        g = self._g_turned if turned else self._g
        for start in range(0, len(out), SLAB):
            part = out[start : start + SLAB]
            values = dense(kernel, slice(part.start, part.stop), into)
            taps = values.permute(0, 2, 3, 1).reshape(len(part), 9, -1)
            torch.bmm(g.expand(len(part), -1, -1), taps, out=made[start : start + SLAB])
        return made.transpose(0, 1) if turned else made.permute(1, 2, 0)

    def _look(self, x: Tensor, padding: Padding, block: _Block, patches: Tensor) -> None:
        """Write Bᵀ d B of the block's patches of x (h × w × C) to `patches` (tiles × 36 × C)."""
        rows, columns = (end - start for start, end in (block.rows, block.columns))
        shape = (TILE * rows + REACH - TILE, TILE * columns + REACH - TILE, x.shape[2])
        padded = _view(self._padded, *shape)
        inner = []
        for i, span in enumerate((block.rows, block.columns)):
            start = TILE * span[0] - padding[i]
            first, last = max(start, 0), min(start + shape[i], x.shape[i])
            padded.narrow(i, 0, first - start).zero_()
            padded.narrow(i, last - start, shape[i] - last + start).zero_()
            x, inside = x.narrow(i, first, last - first), slice(first - start, last - start)
            inner.append(inside)
        padded[inner[0], inner[1]] = x
        down, right, across = padded.stride()
        seen = padded.as_strided(
            (rows, columns, REACH, REACH, shape[2]),
            (TILE * down, TILE * right, down, right, across),
        )
        work = _view(self._work, *seen.shape)
        work.copy_(seen)
        torch.bmm(self._b.expand(len(patches), -1, -1), work.view(patches.shape), out=patches)

    def _show(self, products: Tensor, block: _Block, y: Tensor) -> None:
        """Write Aᵀ M A of the block's products (36 × tiles × K) to their place in y (h × w × K)."""
        (top, bottom), (left, right) = block.rows, block.columns
        count = products.shape[2]
        work = _view(self._work, TILE * TILE, products.shape[1] * count)
        torch.mm(self._a, products.flatten(1), out=work)
        tiles = work.view(TILE, TILE, bottom - top, right - left, count).permute(2, 0, 3, 1, 4)
        width = y.shape[1]
        y = y[TILE * top : TILE * bottom].view(bottom - top, TILE, width, count)
        whole = min(right, width // TILE)
        inner = y[:, :, TILE * left : TILE * whole]
        inner.view(bottom - top, TILE, whole - left, TILE, count).copy_(tiles[:, :, : whole - left])
        if whole < right:
            y[:, :, TILE * whole :] = tiles[:, :, -1, : width - TILE * whole]


def _batches(rows: int, columns: int, together: int, at_once: int) -> list[list[_Block]]:
    """Divide rows and columns of tiles into batches of at most `at_once` tiles.

    Each batch is a list of blocks of at most `together` tiles.
    """
    across = min(columns, together)
    down = max(1, together // across)
    batches: list[list[_Block]] = []
    room = 0
    for top in range(0, rows, down):
        for left in range(0, columns, across):
            bottom, right = min(top + down, rows), min(left + across, columns)
            count = (bottom - top) * (right - left)
            if count > room:
                batches.append([])
                room = at_once
            first = at_once - room
            batches[-1].append(_Block((top, bottom), (left, right), slice(first, first + count)))
            room -= count
    return batches


def _both_ways(matrix: list[list[int]]) -> Tensor:
    """Return the matrix ⊗ itself, which transforms rows and columns at once."""
    m = torch.tensor(matrix, dtype=torch.float32)
    return torch.kron(m, m)


def _view(room: Tensor, *shape: int) -> Tensor:
    """Return the beginning of the scratch memory as a tensor of this shape."""
    return room[: math.prod(shape)].view(shape)
