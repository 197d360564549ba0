"""Forward and backward through the network in horizontal stripes, within a chosen memory.

The network is split into *units* of whole blocks, and each unit into stripes. On the way forward a
unit keeps its output only, or, if it is *stored*, of its maps what the way back needs: the numbers
where a loss looks at them, elsewhere their signs. On the way back, each stripe's maps are computed
again where they weren't stored.

A stripe *owns* some rows of every map; together the stripes own each row once. It *spans* the rows
that it has to compute for them: a few more, since every convolution looks one row further. So a
stripe shows its own rows to the visitors below, and hands on a gradient for all that it spans;
the overlaps add up to exactly what one monolithic pass computes.
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
"""Called going forward with a layer's name, some of its rows, and their values."""
Pull = Callable[[str, Rows, Tensor | None, Tensor], None]
"""Called going back with the same, and the rows' gradient so far, to add to in place. The values
are there for the layers that were asked for."""
MemoKind = Literal["values", "signs", "nothing"]
Memo = Tensor | Signs | None
"""What is kept of a map for the way back: its values, their signs, or nothing."""


@dataclasses.dataclass(frozen=True, slots=True)
class Unit:
    """A stretch of whole blocks (convolutions up to a pooling) that is worked on together."""

    blocks: tuple[int, int]
    """First and last block, 1..5."""
    positions: int | None
    """Of the unit's input, at most about so many rows · columns a stripe; None: one stripe."""
    stored: bool
    """Keep of the maps what is needed on the way back, or compute them again then."""
    spare: bool = False
    """Stored, but compute the first map again: the unit's input is half as large, and kept."""


Layout = tuple[Unit, ...]
WHOLE: Layout = (Unit((1, 5), None, stored=True),)
"""The layout of an ordinary implementation: everything at once, everything kept."""


@dataclasses.dataclass(frozen=True, slots=True)
class Stripe:
    """One stripe of a unit: the rows of each of its maps, the input first."""

    spans: tuple[Rows, ...]
    owned: tuple[Rows, ...]


@dataclasses.dataclass(slots=True)
class Section:
    """A unit laid over an image of some size; `heights` and `widths` begin with the input's."""

    operations: list[Operation]
    heights: list[int]
    widths: list[int]
    stripes: list[Stripe]
    stored: bool
    spare: bool
    valued: frozenset[str] = frozenset()
    """Layers whose values are wanted on the way back."""
    input: Tensor | None = None
    maps: list[list[Memo]] = dataclasses.field(default_factory=list)
    """Of a stored unit: for each stripe what is kept of its maps."""

    def memo(self, i: int) -> MemoKind:
        """What a stored unit keeps of the map that operation `i` makes, for the way back."""
        op = self.operations[i]
        if isinstance(op, Pool) or self.again(i):
            return "nothing"
        after = self.operations[i + 1] if i + 1 < len(self.operations) else None
        largest = isinstance(after, Pool) and after.pooling == "max"
        return "values" if largest or op.name in self.valued else "signs"

    def again(self, i: int) -> bool:
        """Whether operation `i`, a convolution, is done once more on the way back.

        The network's first always is: its three channels take no time, its 64 much memory.
        """
        op = self.operations[i]
        first = i == 0 and isinstance(op, Convolution) and (self.spare or op.kernel.shape[1] == 3)
        return not self.stored or first


def lay_out(
    operations: list[Operation], layout: Layout, size: tuple[int, int], depth: int
) -> list[Section]:
    """Lay the units over an image of size (rows, columns), as far as `depth` operations."""
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
    """At most `count` stripes, even in rows of the last map."""
    last = heights[-1]
    count = max(1, min(count, last))
    bounds = [last * i // count for i in range(count + 1)]
    stripes = []
    for i in range(count):
        owned, spans = [(bounds[i], bounds[i + 1])], [(bounds[i], bounds[i + 1])]
        for op, height in zip(reversed(operations), reversed(heights[:-1]), strict=True):
            factor = 2 if isinstance(op, Pool) else 1
            # An odd last row is pooled away, and still belongs to the layers before the pooling.
            end = height if i == count - 1 else owned[0][1] * factor
            owned.insert(0, (owned[0][0] * factor, end))
            needed = op.needs(spans[0], height)
            spans.insert(0, (min(needed[0], owned[0][0]), max(needed[1], owned[0][1])))
        stripes.append(Stripe(tuple(spans), tuple(owned)))
    return stripes


def forward(sections: list[Section], image: Tensor, see: See, storage: Storage = MEMORY) -> None:
    """Run the image (1 × 3 × H + 2 × W + 2, with its margin) through, showing every layer.

    What goes from one unit to the next is kept in `storage`.
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
    """The gradient of the image with its margin, once `forward` has been; consumes the sections.

    All of it comes from what `pull` adds on the way.
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
    """The stripe's last map; what the way back needs of each goes to `maps`."""
    x = _input(section, stripe)
    for i, op in enumerate(section.operations):
        want, own = stripe.spans[i + 1], stripe.owned[i + 1]
        x = op.forward(x, stripe.spans[i], section.heights[i], want)
        if see is not None:
            see(op.name, own, x[:, :, own[0] - want[0] : own[1] - want[0]])
        if maps is not None:
            # Maps that are gone back over at once are still in the cache: no signs of them.
            maps.append(_keep(section.memo(i), x, storage) if section.stored else x)
    return x


def _keep(kind: MemoKind, x: Tensor, storage: Storage) -> Memo:
    if kind == "signs":
        return Signs(storage.keep(Signs.of(x).bits))
    return storage.keep(x) if kind == "values" else None


def _return(section: Section, stripe: Stripe, maps: list[Memo], g: Tensor, pull: Pull) -> Tensor:
    """Gradient of the stripe's input rows from `g`, that of its output rows; consumes the maps."""
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
            del y  # Its memory serves the gradient that comes next.
            g = op.backward(g, at, height, want)
        else:
            x = maps[-1]
            size = (at[1] - at[0], section.widths[i])
            g = op.backward(g, x if isinstance(x, Tensor) else None, size)
            del x
    return g


def _zeros(section: Section, stripe: Stripe, image: Tensor) -> Tensor:
    """A gradient of the stripe's last map, of the image's dtype and on its device."""
    own = stripe.owned[-1]
    shape = (1, own[1] - own[0], section.widths[-1], section.operations[-1].channels)
    return image.new_zeros(shape).permute(0, 3, 1, 2)


def _input(section: Section, stripe: Stripe) -> Tensor:
    """The rows of the unit's input that the stripe looks at."""
    assert section.input is not None
    first = stripe.spans[0]
    return section.input[:, :, first[0] : first[1]]
