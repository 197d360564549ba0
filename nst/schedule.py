"""From coarse to fine: which scales, and how many evaluations at each.

The large strokes come from the coarse scales, where an evaluation costs next to nothing. Gatys et
al. (2017) paint in two scales; we use as many as halve the size down to about 128 pixels.
Free of torch and Pillow, so that the bot can ask it for an estimate.
"""

from __future__ import annotations

import dataclasses

from nst.choices import SMALLEST

SHALLOW_COST = 0.55
"""A third of the arithmetic, but on the largest maps: more than half of the time."""
OVERHEAD = 8_000
"""Pixels that an evaluation takes the time of, however small it is: 5,500 measured in float32 on an
EPYC of the first generation. With 15,000 a painting took longer than first estimated, there and in
bfloat16 on a faster one (0.75 and 0.87 of it); this lies between what the two ask for."""
COARSEST = 96
"""Scales whose longest side would be below this are left out."""


@dataclasses.dataclass(frozen=True, slots=True)
class Stage:
    """A run of evaluations at one scale."""

    width: int
    height: int
    evaluations: int
    """At most."""
    shallow: bool
    """Only the layers relu1_1 … relu3_1: restores cheaply the texture that upsampling can't."""
    least_gain: float = 0.0
    """It ends when an evaluation lowers the loss by less than this part."""

    @property
    def cost(self) -> float:
        """Work in pixels of full evaluations; seconds are proportional to it."""
        return self.evaluations * self.cost_of_one

    @property
    def cost_of_one(self) -> float:
        share = SHALLOW_COST if self.shallow else 1.0
        return self.width * self.height * share + OVERHEAD


# The recipe. An evaluation of a coarse scale costs little, and so little has to be gained by it.
FINEST_EVALUATIONS = 40
SHALLOW_SHARE = 0.3
COARSE_SHARES = (0.4, 1.25)
"""Evaluations at the next to the finest scale, and at those below, per one at the finest."""
FINEST_GAIN, COARSE_GAIN = 0.003, 0.04
"""The least gains of an evaluation at the finest scale, and of its cost at a coarser one."""


def schedule(size: tuple[int, int], evaluations: int | None = None, start: int = 0) -> list[Stage]:
    """The stages for a painting of this width and height.

    `evaluations` are those at the finest scale, neither more nor less; None leaves it to the
    recipe. `start` is the longest side of an earlier painting that is continued: what is not
    larger than it has been painted already.
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
    """What a painting of this size takes by default, in pixels of full evaluations.

    On one machine the seconds are about proportional to it. `start` is as in `schedule`.
    """
    return sum(stage.cost for stage in schedule((width, height), None, start))


def fitting(size: tuple[int, int], longest: int) -> tuple[int, int]:
    """Width and height with this longest side and the ratio of `size`, at least 1."""
    width, height = size
    scale = longest / max(width, height)
    return max(1, round(width * scale)), max(1, round(height * scale))


class Gain:
    """Foresees from a stage's latest losses what one more evaluation would bring."""

    _WINDOW = 5

    def __init__(self, least: float) -> None:
        self._least = least
        self._best: list[float] = []
        """The lowest loss so far, after each evaluation."""

    def add(self, loss: float) -> None:
        """Note the loss of one more evaluation."""
        self._best.append(min(loss, self._best[-1]) if self._best else loss)

    @property
    def is_spent(self) -> bool:
        """Whether the loss falls by less than the least part an evaluation, of late."""
        if len(self._best) < 2 * self._WINDOW or self._least <= 0:
            return False
        before, now = self._best[-1 - self._WINDOW], self._best[-1]
        return now > before * (1 - self._least) ** self._WINDOW


class Clock:
    """How far the work is and how long it will take, from what the evaluations took so far."""

    def __init__(self, stages: list[Stage]) -> None:
        self._stages = stages
        self._left = [stage.cost for stage in stages]
        self._done = 0.0
        self._seconds_per_cost = 0.0
        self._guessed = False

    def tick(self, stage: int, seconds: float) -> None:
        """One evaluation of this stage took so long."""
        cost = self._stages[stage].cost_of_one
        rate = seconds / cost
        # The first evaluation of a stage prepares for the others, and tells little of them.
        preparing = self._left[stage] == self._stages[stage].cost
        if not self._seconds_per_cost or (self._guessed and not preparing):
            self._seconds_per_cost, self._guessed = rate, preparing
        elif not preparing:
            self._seconds_per_cost = 0.8 * self._seconds_per_cost + 0.2 * rate
        self._done += cost
        self._left[stage] -= cost

    def end(self, stage: int) -> None:
        """The stage is over, whatever was planned."""
        self._left[stage] = 0.0

    @property
    def fraction(self) -> float:
        """Of the whole work, 0..1."""
        return self._done / (self._done + sum(self._left)) if self._done else 0.0

    @property
    def seconds_left(self) -> float:
        """As far as it can be known."""
        return sum(self._left) * self._seconds_per_cost
