"""Decides which scales to paint at, from coarse to fine, and how many evaluations at each.

The large strokes come from the coarse scales, where an evaluation costs next to nothing. Gatys et
al. (2017) paint at two scales; we halve the size until it is about 128 pixels. This module imports
neither torch nor Pillow, so that the bot can use it for estimates.
"""

from __future__ import annotations

import dataclasses

from nst.choices import SMALLEST

SHALLOW_COST = 0.55
"""Time of a shallow evaluation relative to a full one: it has a third of the arithmetic, but on the
largest maps."""
OVERHEAD = 8_000
"""Fixed cost of an evaluation, in pixels: 5,500 measured in float32 on a first-generation EPYC.
With 15,000 the first estimate was too low, there and in bfloat16 on a faster one (0.75 and 0.87 of
the time taken); this value is between what the two need."""
COARSEST = 96
"""Scales with a longest side of fewer pixels are left out."""


@dataclasses.dataclass(frozen=True, slots=True)
class Stage:
    """A run of evaluations at one scale."""

    width: int
    height: int
    evaluations: int
    """How many at most."""
    shallow: bool
    """Use only the layers relu1_1 … relu3_1: a cheap way to restore texture after upsampling."""
    least_gain: float = 0.0
    """The stage ends when an evaluation lowers the loss by less than this fraction."""

    @property
    def cost(self) -> float:
        """Work in pixels of full evaluations; the seconds taken are proportional to it."""
        return self.evaluations * self.cost_of_one

    @property
    def cost_of_one(self) -> float:
        share = SHALLOW_COST if self.shallow else 1.0
        return self.width * self.height * share + OVERHEAD


# The default schedule. An evaluation at a coarse scale is cheap, so it needs to gain only little.
FINEST_EVALUATIONS = 40
SHALLOW_SHARE = 0.3
COARSE_SHARES = (0.4, 1.25)
"""Evaluations at the second finest scale, and at coarser ones, relative to those at the finest."""
FINEST_GAIN, COARSE_GAIN = 0.003, 0.04
"""Least gain of an evaluation at the finest scale, and at a coarser one for as much work."""


def schedule(size: tuple[int, int], evaluations: int | None = None, start: int = 0) -> list[Stage]:
    """Return the stages for a painting of this width and height.

    `evaluations` is the exact number at the finest scale; None means the default. `start` is the
    longest side of an earlier painting that is continued: scales that are not larger than it are
    left out, since they have been painted already.
    """
    longest = max(size)
    halvings = 0
    while (
        longest >> (halvings + 1) >= max(COARSEST, start + 1)
        and min(fitting(size, longest >> (halvings + 1))) >= 2 * SMALLEST
    ):
        halvings += 1
    finest = evaluations or FINEST_EVALUATIONS
    stages = []
    for k in range(halvings, -1, -1):
        width, height = fitting(size, longest >> k) if k else size
        if k < halvings or start:
            warm_up = max(1, round(finest * SHALLOW_SHARE))
            stages.append(Stage(width, height, warm_up, shallow=True))
        if k:
            count = max(1, round(finest * COARSE_SHARES[min(k, 2) - 1]))
            least = COARSE_GAIN / 4**k
        else:
            count, least = finest, 0.0 if evaluations else FINEST_GAIN
        stages.append(Stage(width, height, count, shallow=False, least_gain=least))
    return stages


def work(width: int, height: int, start: int = 0) -> float:
    """Return the work of a painting of this size by default, in pixels of full evaluations.

    On a given machine the seconds are about proportional to it. `start` is as in `schedule`.
    """
    return sum(stage.cost for stage in schedule((width, height), None, start))


def fitting(size: tuple[int, int], longest: int) -> tuple[int, int]:
    """Return width and height, at least 1, with this longest side and the ratio of `size`."""
    width, height = size
    scale = longest / max(width, height)
    return max(1, round(width * scale)), max(1, round(height * scale))


class Gain:
    """Estimates from a stage's latest losses whether another evaluation is worthwhile."""

    _WINDOW = 5

    def __init__(self, least: float) -> None:
        self._least = least
        self._best: list[float] = []
        """For each evaluation, the lowest loss up to then."""

    def add(self, loss: float) -> None:
        """Record the loss of another evaluation."""
        self._best.append(min(loss, self._best[-1]) if self._best else loss)

    @property
    def is_spent(self) -> bool:
        """Whether the latest evaluations lowered the loss by less than `least` each."""
        if len(self._best) < 2 * self._WINDOW or self._least <= 0:
            return False
        before, now = self._best[-1 - self._WINDOW], self._best[-1]
        return now > before * (1 - self._least) ** self._WINDOW


class Clock:
    """Tells how much of the work is done and how long the rest will take."""

    def __init__(self, stages: list[Stage]) -> None:
        self._stages = stages
        self._left = [stage.cost for stage in stages]
        self._done = 0.0
        self._seconds_per_cost = 0.0
        self._guessed = False

    def tick(self, stage: int, seconds: float) -> None:
        """Record that one evaluation of this stage (from 0) took so many seconds."""
        cost = self._stages[stage].cost_of_one
        rate = seconds / cost
        # A stage's first evaluation includes its preparation, so it is no measure of the others.
        preparing = self._left[stage] == self._stages[stage].cost
        if not self._seconds_per_cost or (self._guessed and not preparing):
            self._seconds_per_cost, self._guessed = rate, preparing
        elif not preparing:
            self._seconds_per_cost = 0.8 * self._seconds_per_cost + 0.2 * rate
        self._done += cost
        self._left[stage] -= cost

    def end(self, stage: int) -> None:
        """Record that the stage is over, even if more was planned."""
        self._left[stage] = 0.0

    @property
    def fraction(self) -> float:
        """How much of the whole work is done, 0..1."""
        return self._done / (self._done + sum(self._left)) if self._done else 0.0

    @property
    def seconds_left(self) -> float:
        """An estimate from the evaluations so far."""
        return sum(self._left) * self._seconds_per_cost
