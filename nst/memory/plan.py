"""Plans a painting within a memory limit: what to store, the stripes and the history."""

from __future__ import annotations

import dataclasses
import functools
import itertools
import time
from collections.abc import Callable
from typing import Any

import torch

from nst.machine.device import has_bfloat16
from nst.machine.environment import THRESHOLDS, Kept
from nst.memory.need import Need, rows_and_columns, skeleton
from nst.memory.storage import MEMORY
from nst.network.stripes import WHOLE, Layout, Unit, lay_out
from nst.network.vgg import Pooling
from nst.schedule import fitting


class OutOfMemoryBudget(Exception):
    """The painting can't be made within its memory limit.

    `fitting_size` is the longest side that would fit, if any.
    """

    def __init__(self, message: str, fitting_size: int | None = None) -> None:
        super().__init__(message)
        self.fitting_size = fitting_size


STRIPES = (98_304, 49_152, 24_576, 12_288)
"""Positions in a stripe: 24,576 are 48 rows at a width of 512. The thinner the stripes, the more
rows are computed twice."""


def layouts(s: int) -> tuple[Layout, ...]:
    """Return layouts with stripes of `s` positions, from the quickest to the one with least memory.

    In later blocks a stripe has fewer positions because its maps have more channels.
    """
    first, second = Unit((1, 1), s, True), Unit((2, 2), s // 2, True)
    spare = (
        *(first, Unit((2, 2), s // 2, True, spare=True), Unit((3, 3), s // 4, True, spare=True)),
        *(Unit((4, 4), s // 8, True, spare=True), Unit((5, 5), None, True)),
    )
    again = Unit((1, 2), s, False)
    return (
        (first, second, Unit((3, 5), None, True)),
        (first, second, Unit((3, 3), s // 4, True), Unit((4, 5), None, True)),
        spare,
        (again, Unit((3, 5), None, True)),
        (again, Unit((3, 3), s // 4, False), Unit((4, 5), None, True)),
        (
            *(again, Unit((3, 3), s // 4, False), Unit((4, 4), s // 8, False)),
            Unit((5, 5), None, False),
        ),
    )


# History lengths, and how many evaluations they need relative to the first.
HISTORIES = ((20, 1.0), (12, 1.04), (8, 1.08), (5, 1.2), (3, 1.35))
KEPT_COST: dict[Kept, float] = {"all": 0.9, "some": 1.0}
"""Relative time if all freed memory is kept, and if some of it is."""
MAPPED_COST = 1.1
"""Relative time if some is kept, but the stripes' maps are so large that each is mapped anew."""
SPILL_COST, SPILL_COST_PER_PAIR = 1.05, 0.03
"""Relative time with rarely accessed tensors in files, and the increase per pair of the history."""
BASE_BYTES = 99e6
"""Memory of Python, torch and Pillow at rest, if it can't be measured."""
DEVICE_BYTES = 256e6
"""Memory that cuDNN and cuBLAS may take on a CUDA device beside the maps. Not measured."""


@dataclasses.dataclass(frozen=True, slots=True)
class Plan:
    """How one painting is computed."""

    layout: Layout
    history: int
    """Pairs that L-BFGS remembers."""
    spill: bool
    """Whether to keep rarely accessed tensors in files, see `storage`."""
    kept: Kept
    """How much freed memory to keep for reuse, see `environment.keep_freed`."""
    winograd: bool
    """Whether to compute convolutions with fewer multiplications and some scratch memory."""
    packed: bool
    """Whether to keep kernels as indices and to unpack each when it is used (`weights.packed`)."""
    predicted_mb: float
    """Predicted peak of anonymous memory, or on CUDA of the device's."""

    def describe(self, size: tuple[int, int]) -> dict[str, Any]:
        """Return the plan as JSON for the report, for a painting of this width and height."""
        sections = lay_out(
            skeleton(torch.float32).operations, self.layout, rows_and_columns(size), 99
        )
        return {
            "units": [
                {
                    "blocks": list(range(unit.blocks[0], unit.blocks[1] + 1)),
                    "stripes": len(section.stripes),
                    "maps": "stored" if unit.stored else "recomputed",
                }
                for unit, section in zip(self.layout, sections, strict=True)
            ],
            "history": self.history,
            "spill": self.spill,
            "kept": self.kept,
            "winograd": self.winograd,
            "packed": self.packed,
        }


def choose_dtype(name: str, device: str = "cpu") -> torch.dtype:
    """Return the dtype for a name; "auto" is bfloat16 if the device has it natively and faster.

    Raises ValueError for "bfloat16" on a GPU without it, where maps wouldn't have the memory layout
    that `vgg` needs.
    """
    if name == "float32":
        return torch.float32
    if device == "cpu":
        native = name == "bfloat16" or _fast_bfloat16()
    else:
        native = has_bfloat16()
        if name == "bfloat16" and not native:
            raise ValueError("this GPU has no bfloat16; float32 would do")
    return torch.bfloat16 if native else torch.float32


def _fast_bfloat16() -> bool:
    cpu = torch.cpu
    native = [
        getattr(cpu, name, lambda: False)()
        for name in ("_is_avx512_bf16_supported", "_is_amx_tile_supported")
    ]
    if not any(native):
        return False
    # Natively it is twice as fast, in emulation several times slower. With turns and the best of
    # many, a busy moment doesn't decide, and one machine always decides alike.
    best = dict.fromkeys((torch.float32, torch.bfloat16), float("inf"))
    for _ in range(20):
        for dtype in best:
            x = MEMORY.map(64, 32, 64, dtype).fill_(1)
            kernel = torch.ones(64, 64, 3, 3, dtype=dtype)
            started = time.perf_counter()
            torch.conv2d(x, kernel, padding=1)
            best[dtype] = min(best[dtype], time.perf_counter() - started)
    return best[torch.bfloat16] < 1.5 * best[torch.float32]


def make_plan(
    size: tuple[int, int],
    style_sizes: list[tuple[int, int]],
    dtype: torch.dtype,
    limit_mb: float | None,
    *,
    aim_mb: float | None = None,
    pooling: Pooling = "average",
    can_spill: bool = False,
    base: float = BASE_BYTES,
    device: str = "cpu",
    winograd: bool = False,
    can_pack: bool = False,
    convolutions: float = 0.0,
    own_heap: bool = True,
) -> Plan:
    """Return the quickest plan within `limit_mb` of anonymous memory; None means no limit.

    With `aim_mb` it is the quickest plan within that or, if there is none, the one with the least
    memory. On CUDA the limit is of the device's memory, and stripes are used only if that is short.

    `size` and `style_sizes` are widths and heights at the finest scale; `base` are the bytes that
    the process holds already. `winograd` allows that way to convolve (`nst.network.winograd`), and
    `can_pack` allows packed kernels; both need a float32 network. `convolutions` are the bytes that
    they were measured to take beyond their maps (`nst.memory.convolutions`). Without `own_heap` no
    freed memory is given back during the painting (`nst.machine.heap`).

    Raises `OutOfMemoryBudget` with the size that would fit.
    """
    every = functools.partial(
        every_plan,
        dtype=dtype,
        pooling=pooling,
        can_spill=can_spill,
        base=base,
        device=device,
        winograd=winograd,
        can_pack=can_pack,
        convolutions=convolutions,
        own_heap=own_heap,
    )
    plans = every(size, style_sizes)
    allowed = [plan for plan in plans if limit_mb is None or plan.predicted_mb <= limit_mb]
    if allowed:
        aimed = [plan for plan in allowed if aim_mb is None or plan.predicted_mb <= aim_mb]
        return aimed[0] if aimed else min(allowed, key=lambda plan: plan.predicted_mb)
    least = min(plan.predicted_mb for plan in plans)

    def fits(side: int) -> bool:
        styles = [fitting(style, round(max(style) * side / max(size))) for style in style_sizes]
        smaller = every(fitting(size, side), styles)
        return any(plan.predicted_mb <= (limit_mb or 0) for plan in smaller)

    side = _largest(fits, max(size))
    advice = f"{side} px would fit" if side else "no size would fit"
    raise OutOfMemoryBudget(
        f"{max(size)} px need {least:.0f} MB and the limit is {limit_mb:.0f} MB; {advice}", side
    )


def every_plan(
    size: tuple[int, int],
    style_sizes: list[tuple[int, int]],
    dtype: torch.dtype,
    *,
    pooling: Pooling = "average",
    can_spill: bool = False,
    base: float = BASE_BYTES,
    device: str = "cpu",
    winograd: bool = False,
    can_pack: bool = False,
    convolutions: float = 0.0,
    own_heap: bool = True,
) -> list[Plan]:
    """Return every possible plan, the quickest first."""
    operations = skeleton(dtype, pooling).operations
    plans: list[tuple[float, Plan]] = []
    on_cpu = device == "cpu"
    # On a CPU stripes stay in the cache; a GPU is quickest with everything at once.
    whole = () if on_cpu else (WHOLE,)
    for layout in itertools.chain(whole, *(layouts(s) for s in STRIPES)):
        for spill in (False, True) if can_spill else (False,):
            need = Need(operations, layout, size, style_sizes, spill)
            anew = on_cpu and need.largest_map > THRESHOLDS["some"][0]
            # If it spills, freed memory is trimmed during the painting.
            ways: tuple[Kept, ...] = ("all", "some") if on_cpu and not spill else ("some",)
            if not own_heap:  # Freed memory is never given back.
                ways = ("all",)
            for tiles, packed in itertools.product(
                (False, True) if winograd else (False,), (False, True) if can_pack else (False,)
            ):
                arithmetic = need.arithmetic(tiles, packed)
                for (history, more), kept in itertools.product(HISTORIES, ways):
                    cost = arithmetic * more * _dearer(history, spill, kept, anew)
                    peak = (base + need.peak(history, kept, tiles, packed, convolutions)) / 1e6
                    plans.append((cost, Plan(layout, history, spill, kept, tiles, packed, peak)))
    return [plan for _, plan in sorted(plans, key=lambda pair: pair[0])]


def _dearer(history: int, spill: bool, kept: Kept, anew: bool) -> float:
    """Return the factor by which the use of memory lengthens the time of the arithmetic."""
    factor = KEPT_COST[kept]
    if kept == "some" and anew:
        factor *= MAPPED_COST
    if spill:
        factor *= SPILL_COST + SPILL_COST_PER_PAIR * history
    return factor


def _largest(fits: Callable[[int], bool], too_large: int) -> int | None:
    """Return the longest side that fits, a multiple of 32, or None if not even 64 does."""
    low, high = 0, too_large // 32  # Memory grows with the size.
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if fits(32 * middle) else (low, middle)
    return 32 * low if low > 1 else None
