"""Predicts the arithmetic and the peak memory of a way to compute a painting."""

from __future__ import annotations

import itertools
import math
from collections import Counter

import torch

from nst.machine.environment import Kept
from nst.network.stripes import Layout, Section, Stripe, lay_out
from nst.network.vgg import (
    CONTENT_LAYER,
    STYLE_LAYERS,
    VGG19,
    Convolution,
    Operation,
    Pool,
    Pooling,
)
from nst.network.winograd import ROOM, cost, pays
from weights.decode import SHAPES, Weights

WORK_BYTES, WORK_BYTES_PER_WEIGHT = 34e6, 6
"""Memory that FFTs and Gram matrices take beside the maps, and memory that oneDNN takes per weight
of the largest kernel that it convolves with; the latter is a minimum, replaced by what was measured
if that is more (`nst.memory.convolutions`)."""
SLACK_BYTES: dict[Kept, float] = {"all": 120e6, "some": 24e6}
"""Freed memory in the process, by how much it is told to keep."""
SPILL_SLACK_BYTES_PER_POSITION = 600
"""Additional freed memory if tensors are kept in files, per position of a stripe."""
NARROW_SLACK_BYTES = 60e6
"""Additional freed memory if, besides, one side is over four times the other."""
UNPACK_COST = 2800
"""Cost of unpacking a kernel (`weights.packed`), in multiplications per channel in · out."""
FILED_COST = 1000
"""Cost, in multiplications, of a byte that each evaluation writes to a file and reads again: at 220
GFLOP/s, two passes at 200 MB per second."""
UNPACKED_BYTES_PER_WEIGHT, UNPACKED_SLAB_BYTES = 5, 3e6
"""Memory of a whole unpacked kernel, and of the part that Winograd's transform uses at a time."""


def skeleton(dtype: torch.dtype, pooling: Pooling = "average") -> VGG19:
    """Return the network with shapes but without weights."""
    layers = {
        name: (
            torch.empty(out, into, 3, 3, dtype=dtype, device="meta"),
            torch.empty(out, dtype=dtype, device="meta"),
        )
        for name, (out, into) in SHAPES.items()
    }
    return VGG19(Weights(layers), pooling)


class Need:
    """The arithmetic and the peak memory, in bytes, of one layout for a painting.

    It follows the order of `stripes.forward`, `stripes.backward` and `StyleTransfer.steps`. The
    constants are measured (`python -m bench memory`).
    """

    def __init__(
        self,
        operations: list[Operation],
        layout: Layout,
        size: tuple[int, int],
        styles: list[tuple[int, int]],
        spill: bool,
    ) -> None:
        kernel = operations[0]
        assert isinstance(kernel, Convolution)
        element = kernel.kernel.dtype.itemsize
        self._parameters = sum(
            math.prod(op.kernel.shape) for op in operations if isinstance(op, Convolution)
        )
        self._element = element
        sections = lay_out(operations, layout, rows_and_columns(size), 99)
        for section in sections:
            section.valued = frozenset((*STYLE_LAYERS, CONTENT_LAYER))
        # How often an evaluation convolves, by the kernel's shape and the output's positions.
        self._convolutions: Counter[tuple[torch.Size, int]] = Counter()
        for section in sections:
            for i, op in enumerate(section.operations):
                if not isinstance(op, Convolution):
                    continue
                for first, last in (stripe.spans[i + 1] for stripe in section.stripes):
                    # Forward, again if the map isn't kept, and backward.
                    times = 3 if section.again(i) else 2
                    made = op.kernel.shape, (last - first) * section.widths[i + 1]
                    self._convolutions[made] += times
        self._largest_plain = {w: self._largest_plain_kernel(w) for w in (False, True)}
        self._pixels = size[0] * size[1]
        self._spill = spill
        self._narrow = max(size) > 4 * min(size)
        self._positions = layout[0].positions or self._pixels
        self.largest_map = 64 * self._positions * element
        """Size of a stripe's map in block 1, in bytes."""
        self._filed = _stored_bytes(sections, element) if spill else 0
        self.evaluating = _pass(sections, element, with_gradient=True, spill=spill)
        if not spill:  # The content's map.
            self.evaluating += 8 * element * self._pixels
        # Measuring a style, with the tensor of its image.
        self.looking = max(
            (0 if spill else 12 * w * h)
            + _pass(lay_out(operations, layout, (h, w), 99), element, False, spill)
            for w, h in styles
        )

    def arithmetic(self, winograd: bool = False, packed: bool = False) -> float:
        """Return the cost of an evaluation, in multiplications of plain convolutions."""
        return self._filed * FILED_COST + sum(
            times * _cost(shape, positions, winograd, packed)
            for (shape, positions), times in self._convolutions.items()
        )

    def peak(
        self,
        history: int,
        kept: Kept,
        winograd: bool = False,
        packed: bool = False,
        convolutions: float = 0.0,
    ) -> float:
        """Return the peak memory in bytes, beyond that of the process at rest.

        `convolutions` are the bytes that they were measured to take beyond their maps.
        """
        # The image, the last gradient and step, and the pairs; all of them in files if it spills.
        state = 0 if self._spill else (12 + 12 + 6 + 12 * history) * self._pixels
        # Between evaluations: a channel's spectrum, its transform, and the FFT's own memory. The
        # step takes the gradient's place.
        stepping = state + (16 if self._spill else 28) * self._pixels
        peak = max(state + self.evaluating, stepping, self.looking)
        slack = SLACK_BYTES[kept]
        if self._spill:
            slack += SPILL_SLACK_BYTES_PER_POSITION * self._positions
            slack += NARROW_SLACK_BYTES if self._narrow else 0
        kernels = self._parameters * (1 if packed else self._element)
        largest = self._largest_plain[winograd]
        unpacked = max(UNPACKED_BYTES_PER_WEIGHT * largest, UNPACKED_SLAB_BYTES) if packed else 0
        scratch = ROOM.bytes if winograd else 0
        work = WORK_BYTES + max(WORK_BYTES_PER_WEIGHT * largest, convolutions)
        return work + kernels + unpacked + scratch + peak + slack

    def _largest_plain_kernel(self, winograd: bool) -> int:
        """Return the number of weights of the largest kernel that torch convolves with."""
        return max(
            math.prod(shape)
            for shape, positions in self._convolutions
            if not winograd or not pays(shape, positions)
        )


def rows_and_columns(size: tuple[int, int]) -> tuple[int, int]:
    """Return (rows, columns) for a size of (width, height)."""
    return size[1], size[0]


def _cost(shape: torch.Size, positions: int, winograd: bool, packed: bool) -> float:
    """Return the cost of a stripe's convolution, in multiplications of the plain one."""
    unpacking = UNPACK_COST * shape[0] * shape[1] if packed else 0
    if winograd and pays(shape, positions):
        return cost(shape, positions, unpacking)
    return positions * math.prod(shape) + unpacking


def _map_bytes(section: Section, i: int, rows: int, element: int) -> int:
    """Return the bytes of some rows of a unit's map `i`, 0 being its input."""
    channels = 3 if i == 0 else section.operations[i - 1].channels
    if i == 0 and isinstance(section.operations[0], Convolution):
        channels = section.operations[0].kernel.shape[1]
    return channels * rows * section.widths[i] * element


def _spans(section: Section, stripe: Stripe, element: int) -> list[int]:
    """Return the bytes of each of a stripe's maps, the input first."""
    return [_map_bytes(section, i, b - a, element) for i, (a, b) in enumerate(stripe.spans)]


def _memos(section: Section, stripe: Stripe, element: int) -> list[int]:
    """Return the bytes that a stripe keeps of each map that it computes, in order."""
    sizes = _spans(section, stripe, element)[1:]
    if not section.stored:
        return sizes
    share = {"values": 1.0, "signs": 1 / (8 * element), "nothing": 0.0}
    return [math.ceil(size * share[section.memo(i)]) for i, size in enumerate(sizes)]


def _stored_bytes(sections: list[Section], element: int) -> int:
    """Return the bytes that all stored units keep."""
    stored = [section for section in sections if section.stored]
    return sum(sum(_memos(section, s, element)) for section in stored for s in section.stripes)


def _pass(sections: list[Section], element: int, with_gradient: bool, spill: bool) -> int:
    """Return the most bytes that maps and their gradients take in one pass.

    If it spills, what is kept and what is passed from unit to unit is in files.
    """

    def handed(section: Section, i: int) -> int:
        filed = spill and len(section.stripes) > 1
        return 0 if filed else _map_bytes(section, i, section.heights[i], element)

    def memos(section: Section, stripe: Stripe) -> list[int]:
        made = _memos(section, stripe, element)
        return [0] * len(made) if section.stored and spill else made

    live = handed(sections[0], 0)
    peak = 0
    stored: list[int] = []
    for number, section in enumerate(sections):
        output = handed(section, len(section.operations))
        kept = 0
        for stripe in section.stripes:
            sizes = _spans(section, stripe, element)
            keeping = (
                memos(section, stripe) if section.stored and with_gradient else [0] * len(sizes)
            )
            for i, (a, b) in enumerate(itertools.pairwise([0, *sizes[1:]])):
                # The operation's input, unless it is kept and counted anyway, and its output.
                looked_at = a if i and keeping[i - 1] < a else 0
                peak = max(peak, live + output + kept + looked_at + b)
                kept += keeping[i]
        stored.append(kept)
        live += kept + (output if section is not sections[-1] else 0)
        if with_gradient and not section.again(0):
            live -= handed(sections[number - 1], len(sections[number - 1].operations))
    incoming = 0
    for number, section in reversed(list(enumerate(sections)) if with_gradient else []):
        whole = handed(section, 0)
        kept = stored.pop()
        for stripe in section.stripes:
            sizes = _spans(section, stripe, element)
            keeping = memos(section, stripe)
            held = 0 if section.stored else sum(keeping)
            for i in reversed(range(len(section.operations))):
                # The gradients of output and input, and the positions of the maxima.
                op, extra = section.operations[i], 0
                if isinstance(op, Pool) and op.pooling == "max":
                    extra = sizes[i + 1] * (1 + 8 // element)
                elif section.stored and section.again(i):
                    extra = sizes[i + 1]
                working = sizes[i + 1] + sizes[i] + extra
                peak = max(peak, live + incoming + whole + held + working)
                if section.stored:
                    live -= keeping[i]
                    kept -= keeping[i]
                else:
                    held -= keeping[i]
        # The unit's input was made by the previous unit, in one piece or in stripes.
        live -= kept
        if section.again(0):
            before = sections[number - 1] if number else section
            live -= handed(before, len(before.operations) if number else 0)
        incoming = whole
    return peak
