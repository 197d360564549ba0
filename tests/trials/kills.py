"""Kill anything at any moment: does everybody get what they were promised?"""

from __future__ import annotations

import asyncio
import itertools
import random
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from local_chat.people.person import Person
from tests.trials.orders import Order, Verdict, offers, picture
from tests.trials.setup import REAL, Deployment, Layout, deployment

_ANSWER = 120.0


async def kills(
    layout: Layout,
    number: int,
    seed: int,
    *,
    busy: int = 3,
    kinds: tuple[str, ...] = (),
    pause: tuple[float, float] = (2.0, 9.0),
    painter: Mapping[str, str] = REAL,
) -> dict[str, Any]:
    """`number` kills at random moments while `busy` people order one painting after another."""
    dice = random.Random(seed)
    verdict, killed = Verdict(), Counter[str]()
    over = asyncio.Event()
    async with deployment(layout, settings=painter) as place:
        customers = [asyncio.create_task(_customer(place, verdict, over)) for _ in range(busy)]
        walkers: list[asyncio.Task[bool]] = []
        standing = [await _stand_with_a_photo(place, n) for n in range(3)]
        for kind in itertools.islice(_drawn(kinds or layout.kinds, dice), number):
            await asyncio.sleep(dice.uniform(*pause))
            if kind == "child":
                await place.until(place.child)
            walkers.append(asyncio.create_task(_walker(place)))
            await asyncio.sleep(dice.uniform(0.0, 0.1))
            await place.kill(kind, dice)
            killed[kind] += 1
        over.set()
        await asyncio.gather(*customers)
        kept = [await _goes_on(person) for person in standing]
        kept += await asyncio.gather(*walkers)
        still_open = await _settled(place)
        codes = await place.stop()
        rooms, log = len(place.rooms), place.log
    return {
        "kills": number,
        "killed": dict(killed),
        **{name: verdict.counts[name] for name in _COUNTED},
        "dialogues kept": sum(kept),
        "dialogues": len(kept),
        "clean exits": sum(code == 0 for code in codes),
        "processes": len(codes),
        "folders left": rooms,
        "records open in the end": len(still_open),
        "complaints": verdict.complaints
        + [str(row) for row in still_open]
        + [f"ended by {code}" for code in codes if code],
        "log": log,
    }


_COUNTED = ("orders", "painted", "explained", "lost", "duplicates", "frozen")


async def _customer(place: Deployment, verdict: Verdict, over: asyncio.Event) -> None:
    while not over.is_set():
        order = None
        try:
            order = await Order.prepare(place.chat)
            await order.tap()
            await order.end()
        except TimeoutError as error:
            verdict.lose(order, error)
            continue
        # A second picture would come within moments of the first.
        await asyncio.sleep(1.0)
        verdict.judge(order)


async def _settled(place: Deployment) -> list[tuple[object, ...]]:
    """Records that are still open or unsaid when there was time enough for everything."""
    rows: list[tuple[object, ...]] = []
    for _ in range(int(_ANSWER)):
        rows = await place.rows(
            "SELECT id, state, last_word, changed_at FROM paintings WHERE last_word IS NOT NULL "
            "OR state NOT IN ('done', 'stopped', 'failed')"
        )
        if not rows:
            break
        await asyncio.sleep(1)
    return rows


async def _stand_with_a_photo(place: Deployment, number: int) -> Person:
    person = Person(place.chat, 500 + number, "Ben", "en")
    await person.send_photo(picture(number))
    await person.wait_for("Now send me a painting", _ANSWER)
    return person


async def _goes_on(person: Person) -> bool:
    """Whether somebody who stands with a photo can go on with a painting."""
    await person.send_photo(picture(7))
    try:
        await person.wait_for(lambda m: offers(m, "paint"), _ANSWER)
    except TimeoutError:
        return False
    return True


async def _walker(place: Deployment) -> bool:
    """Somebody who sends a photo at the very moment of the kill, and is answered all the same."""
    person = Person(place.chat, random.randrange(10**6, 10**7), "Cleo", "en")
    await person.send_photo(picture(3))
    try:
        await person.wait_for("Now send me a painting", _ANSWER)
    except TimeoutError:
        return False
    return await _goes_on(person)


def _drawn(kinds: Sequence[str], dice: random.Random) -> Iterator[str]:
    """For ever, in any order, but each kind once before any comes again."""
    while True:
        yield from dice.sample(kinds, len(kinds))
