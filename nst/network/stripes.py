"""Forward and backward through the network in horizontal stripes, within chosen memory.

The network is split into *units* of whole blocks, and each unit into stripes. Forward, a unit keeps
only its output or, if it is *stored*, what backward needs of each map: its values where a loss
compares them, else their signs. Backward, each stripe's maps are computed again if they weren't
stored.

A stripe *owns* some rows of every map; together the stripes own each row once. It *spans* the rows
that it has to compute for them: a few more, since every convolution needs one more row on either
side. The callbacks below get only the rows that a stripe owns, while its gradient covers all the
rows that it spans; the overlaps add up to exactly what one pass over the whole image computes.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Literal

from torch import Tensor

from nst.memory.storage import MEMORY, Storage
from nst.network.signs import Signs, mask_
from nst.network.vgg import MARGIN, Convolution, Operation, Pool, Rows

See = Callable[[str, Rows, Tensor], None]
"""Called forward with a layer's name, some of its rows, and their values."""
Pull = Callable[[str, Rows, Tensor | None, Tensor], None]
"""Called backward with the same, and the rows' gradient so far, to add to in place. The values may
be None unless the layer is among `Section.valued`."""
MemoKind = Literal["values", "signs", "nothing"]
Memo = Tensor | Signs | None
"""What is kept of a map for backward: its values, their signs, or nothing."""


@dataclasses.dataclass(frozen=True, slots=True)
class Unit:
    """A run of whole blocks (convolutions up to a pooling) that share their stripes."""

    blocks: tuple[int, int]
    """First and last block, 1..5."""
    positions: int | None
    """About how many rows · columns of the unit's input a stripe has; None means one stripe."""
    stored: bool
    """Whether to keep what backward needs of the maps, or to compute them again then."""
    spare: bool = False
    """Stored, but the first map is computed again from the unit's input, which is half as large."""


Layout = tuple[Unit, ...]
WHOLE: Layout = (Unit((1, 5), None, stored=True),)
"""The layout of an ordinary implementation: everything is computed at once and kept."""


@dataclasses.dataclass(frozen=True, slots=True)
class Stripe:
    """One stripe of a unit: the rows that it spans and owns of each map, the input first."""

    spans: tuple[Rows, ...]
    owned: tuple[Rows, ...]


@dataclasses.dataclass(slots=True)
class Section:
    """A unit for an image of a given size; `heights` and `widths` begin with the input's."""

    operations: list[Operation]
    heights: list[int]
    widths: list[int]
    stripes: list[Stripe]
    stored: bool
    spare: bool
    valued: frozenset[str] = frozenset()
    """Layers whose values backward needs."""
    input: Tensor | None = None
    maps: list[list[Memo]] = dataclasses.field(default_factory=list)
    """For a stored unit, what is kept of the maps of each stripe."""

    def memo(self, i: int) -> MemoKind:
        """Return what a stored unit keeps of the map that operation `i` computes."""
        op = self.operations[i]
        if isinstance(op, Pool) or self.again(i):
            return "nothing"
        after = self.operations[i + 1] if i + 1 < len(self.operations) else None
        largest = isinstance(after, Pool) and after.pooling == "max"
        return "values" if largest or op.name in self.valued else "signs"

    def again(self, i: int) -> bool:
        """Return whether operation `i`, a convolution, is computed again backward.

        The network's first always is: with 3 channels in it is quick, while its 64 channels out
        would take much memory.
        """
        op = self.operations[i]
        first = i == 0 and isinstance(op, Convolution) and (self.spare or op.kernel.shape[1] == 3)
        return not self.stored or first


def lay_out(
    operations: list[Operation], layout: Layout, size: tuple[int, int], depth: int
) -> list[Section]:
    """Return the layout's sections of an image of size (rows, columns), `depth` operations deep."""
    sections: list[Section] = []
    start, rows, columns = 0, size[0] + 2 * MARGIN, size[1] + 2 * MARGIN
    for unit in layout:
        last = f"pool{unit.blocks[1]}"
        end = next((i + 1 for i, op in enumerate(operations) if op.name == last), len(operations))
        stretch = operations[start : min(end, depth)]
        heights, widths = [rows], [columns]
        for op in stretch:
            heights.append(op.size(heights[-1]))
            widths.append(op.size(widths[-1]))
        count = -(-rows * columns // unit.positions) if unit.positions else 1
        stripes = _cut(stretch, heights, count)
        sections.append(Section(stretch, heights, widths, stripes, unit.stored, unit.spare))
        start, rows, columns = end, heights[-1], widths[-1]
        if start >= depth:
            break
    return sections


def _cut(operations: list[Operation], heights: list[int], count: int) -> list[Stripe]:
    """Return at most `count` stripes, with about equally many rows of the last map."""
    last = heights[-1]
    count = max(1, min(count, last))
    bounds = [last * i // count for i in range(count + 1)]
    stripes = []
    for i in range(count):
        owned, spans = [(bounds[i], bounds[i + 1])], [(bounds[i], bounds[i + 1])]
        for op, height in zip(reversed(operations), reversed(heights[:-1]), strict=True):
            factor = 2 if isinstance(op, Pool) else 1
            # Pooling drops an odd last row, but the layers before it still need an owner for it.
            end = height if i == count - 1 else owned[0][1] * factor
            owned.insert(0, (owned[0][0] * factor, end))
            needed = op.needs(spans[0], height)
            spans.insert(0, (min(needed[0], owned[0][0]), max(needed[1], owned[0][1])))
        stripes.append(Stripe(tuple(spans), tuple(owned)))
    return stripes


def forward(sections: list[Section], image: Tensor, see: See, storage: Storage = MEMORY) -> None:
    """Run the image with its margin (1 × 3 × H + 2 × W + 2) forward, calling `see` for every layer.

    What one unit passes to the next is kept in `storage`.
    """
    sections[0].input = image
    for number, section in enumerate(sections):
        output: Tensor | None = None
        for stripe in section.stripes:
            maps: list[Memo] = []
            x = _compute(section, stripe, see, maps if section.stored else None, storage)
            if section.stored:
                section.maps.append(maps)
            if section is sections[-1]:
                continue
            if len(section.stripes) == 1:
                output = x
                continue
            if output is None:
                height, width = section.heights[-1], section.widths[-1]
                output = storage.map(x.shape[1], height, width, x.dtype)
            rows = stripe.owned[-1]
            output[:, :, rows[0] : rows[1]] = x
        if not section.again(0):
            section.input = None
        if section is not sections[-1]:
            sections[number + 1].input = output
        storage.tidy()


def backward(sections: list[Section], pull: Pull, storage: Storage = MEMORY) -> Tensor:
    """Return the gradient of the image with its margin, after `forward`; consumes the sections.

    The gradient starts as zero; `pull` adds each layer's part to it.
    """
    image = sections[0].input
    incoming: Tensor | None = None
    assert image is not None
    while sections:
        section = sections.pop()
        total: Tensor | None = None
        for number, stripe in enumerate(section.stripes):
            maps: list[Memo] = []
            if section.stored:
                maps, section.maps[number] = section.maps[number], []
            else:
                _compute(section, stripe, None, maps, storage)
            own = stripe.owned[-1]
            if incoming is None:
                g = _zeros(section, stripe, image)
            else:
                g = incoming[:, :, own[0] : own[1]]
            g = _return(section, stripe, maps, g, pull)
            if len(section.stripes) == 1:
                total = g
            else:
                if total is None:
                    height, width = section.heights[0], section.widths[0]
                    total = storage.map(g.shape[1], height, width, g.dtype).zero_()
                first = stripe.spans[0]
                total[:, :, first[0] : first[1]] += g
        incoming = total
        storage.tidy()
    assert incoming is not None
    return incoming


def _compute(
    section: Section, stripe: Stripe, see: See | None, maps: list[Memo] | None, storage: Storage
) -> Tensor:
    """Return the stripe's last map, and append what backward needs of each map to `maps`."""
    x = _input(section, stripe)
    for i, op in enumerate(section.operations):
        want, own = stripe.spans[i + 1], stripe.owned[i + 1]
        x = op.forward(x, stripe.spans[i], section.heights[i], want)
        if see is not None:
            see(op.name, own, x[:, :, own[0] - want[0] : own[1] - want[0]])
        if maps is not None:
            # Recomputed maps are used at once, while they are in the cache: packing doesn't pay.
            maps.append(_keep(section.memo(i), x, storage) if section.stored else x)
    return x


def _keep(kind: MemoKind, x: Tensor, storage: Storage) -> Memo:
    if kind == "signs":
        return Signs(storage.keep(Signs.of(x).bits))
    return storage.keep(x) if kind == "values" else None


def _return(section: Section, stripe: Stripe, maps: list[Memo], g: Tensor, pull: Pull) -> Tensor:
    """Return the gradient of the stripe's input from `g`, that of its output; consumes the maps."""
    for i in reversed(range(len(section.operations))):
        op, want, own = section.operations[i], stripe.spans[i + 1], stripe.owned[i + 1]
        at, height = stripe.spans[i], section.heights[i]
        y = maps.pop()
        if y is None and isinstance(op, Convolution):
            y = op.forward(_input(section, stripe), at, height, want)
        inside = slice(own[0] - want[0], own[1] - want[0])
        values = y[:, :, inside] if isinstance(y, Tensor) else None
        pull(op.name, own, values, g[:, :, inside])
        del values
        if isinstance(op, Convolution):
            if isinstance(y, Signs):
                y.mask_(g)
            elif y is not None:
                mask_(g, y)
            del y  # Free its memory for the next gradient.
            g = op.backward(g, at, height, want)
        else:
            x = maps[-1]
            size = (at[1] - at[0], section.widths[i])
            g = op.backward(g, x if isinstance(x, Tensor) else None, size)
            del x
    return g


def _zeros(section: Section, stripe: Stripe, image: Tensor) -> Tensor:
    """Return a zero gradient of the stripe's last map, of the image's dtype and on its device."""
    own = stripe.owned[-1]
    shape = (1, own[1] - own[0], section.widths[-1], section.operations[-1].channels)
    return image.new_zeros(shape).permute(0, 3, 1, 2)


def _input(section: Section, stripe: Stripe) -> Tensor:
    """Return the rows of the unit's input that the stripe needs."""
    assert section.input is not None
    first = stripe.spans[0]
    return section.input[:, :, first[0] : first[1]]
