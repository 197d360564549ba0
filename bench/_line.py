"""The line of paintings in a simulated day: the order of `database/line.py`, without a database.

First by round (everybody has one turn in each), then by time; never two of one person at once.
`bench/scale.py` proves on every run that this model gives out the very same paintings in the same
order as the real line on PostgreSQL.
"""

from __future__ import annotations

import dataclasses
import heapq
import itertools
import random
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

DAY = 86_400.0
HOURS = (
    *(0.45, 0.30, 0.20, 0.15, 0.15, 0.20, 0.35, 0.60, 0.80, 0.95, 1.05, 1.15),
    *(1.25, 1.25, 1.20, 1.20, 1.25, 1.35, 1.55, 1.75, 1.90, 1.80, 1.35, 0.80),
)
"""How busy each hour is: an assumed day with an evening peak of about twice the mean."""


@dataclasses.dataclass(slots=True, eq=False)
class Order:
    """One painting: when, whose, how long it takes; then when it could have begun and did."""

    at: float
    person: int
    seconds: float
    priority: int = 0
    eligible: float = 0.0
    began: float = -1.0

    @property
    def waited(self) -> float:
        """For a renderer: not counting the time in which the same person's other was painted."""
        return self.began - self.eligible


class Line:
    """Who is next."""

    def __init__(self) -> None:
        self._waiting: dict[int, list[Order]] = defaultdict(list)
        self._active: dict[int, Order] = {}
        self._heads: list[tuple[int, float, int, Order]] = []
        self._numbers = itertools.count()
        self._rounds: Counter[int] = Counter()  # open orders in each round

    def add(self, order: Order) -> None:
        """A round after this person's last one, or into the round that is under way."""
        own = [other.priority + 1 for other in self._waiting[order.person]]
        if order.person in self._active:
            own.append(self._active[order.person].priority + 1)
        order.priority = max([min(self._rounds, default=0), *own])
        order.eligible = order.at
        self._rounds[order.priority] += 1
        self._waiting[order.person].append(order)
        self._show(order.person)

    def take(self) -> Order | None:
        """The next one, active from now on."""
        while self._heads:
            _, _, _, order = heapq.heappop(self._heads)
            if order.person in self._active or order not in self._waiting[order.person]:
                continue
            self._waiting[order.person].remove(order)
            self._active[order.person] = order
            return order
        return None

    def end(self, order: Order, now: float) -> None:
        """It is painted; what else this person waits for may begin."""
        del self._active[order.person]
        self._rounds[order.priority] -= 1
        if not self._rounds[order.priority]:
            del self._rounds[order.priority]
        for other in self._waiting[order.person]:
            other.eligible = max(other.eligible, now)
        self._show(order.person)
        if not self._waiting[order.person]:
            del self._waiting[order.person]

    def _show(self, person: int) -> None:
        if person not in self._active and self._waiting[person]:
            first = min(self._waiting[person], key=lambda o: (o.priority, o.at))
            heapq.heappush(self._heads, (first.priority, first.at, next(self._numbers), first))


def orders(
    per_day: int, mix: Sequence[tuple[float, float]], hours: Iterable[int], seed: int = 1
) -> list[Order]:
    """What people order in these hours; `mix` is shares and seconds of each kind of painting."""
    chance = random.Random(seed)
    shares, seconds = zip(*mix, strict=True)
    mean = sum(HOURS) / 24
    found, people = [], itertools.count()
    for hour in hours:
        now, rate = hour * 3600.0, per_day / DAY * HOURS[hour] / mean / 1.4  # persons a second
        while (now := now + chance.expovariate(rate)) < (hour + 1) * 3600.0:
            person, at = next(people), now
            for _ in range(chance.choices((1, 2, 3), (0.7, 0.2, 0.1))[0]):
                found.append(Order(at, person, chance.choices(seconds, shares)[0]))
                at += chance.uniform(5, 60)
    return sorted(found, key=lambda order: order.at)


def run(todo: list[Order], renderers: int) -> list[Order]:
    """Let so many renderers paint; the same orders with the times at which they began."""
    line, free = Line(), renderers
    busy: list[tuple[float, int, Order]] = []
    numbers = itertools.count()
    ahead = iter(todo)
    coming = next(ahead, None)
    while coming or busy:
        now = min(coming.at if coming else float("inf"), busy[0][0] if busy else float("inf"))
        while coming and coming.at <= now:
            line.add(coming)
            coming = next(ahead, None)
        while busy and busy[0][0] <= now:
            _, _, done = heapq.heappop(busy)
            line.end(done, now)
            free += 1
        while free and (order := line.take()):
            order.began = now
            free -= 1
            heapq.heappush(busy, (now + order.seconds, next(numbers), order))
    return todo
