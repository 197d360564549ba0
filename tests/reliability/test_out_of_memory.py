"""Memory that really runs out: the kernel kills the child, the bot lives, the painting arrives."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import torch

from local_chat.people.person import Person
from nst.memory.plan import choose_dtype, every_plan
from nst.network.winograd import is_quicker
from tests.reliability.test_deaths import told
from tests.trials import tree
from tests.trials.orders import Order
from tests.trials.placement import Placement
from tests.trials.setup import HASTY, Deployment, Layout, deployment

SIZE, ADMIN = 256, 999
PLENTY = 1000  # MB, and what the bot is told that there is
SETTINGS = {
    **HASTY,
    "MAX_SIZE": str(SIZE),
    "MEMORY_LIMIT_MB": str(PLENTY),
    "ADMINS": str(ADMIN),
}


@asynccontextmanager
async def boasted() -> AsyncIterator[tuple[Deployment, Path, Person]]:
    """A bot that believes in all of its memory, in a group that has it as yet; and its owner."""
    with tree.cgroup(PLENTY, "-oom") as group:
        if group is None:
            pytest.skip("no memory cgroup can be made here (needs root)")
        async with deployment(
            Layout(), settings=SETTINGS, placement=Placement(group=group)
        ) as place:
            yield place, group, Person(place.chat, ADMIN, "Olga", "en", known=True)


def survivors(place: Deployment) -> dict[str, int | None]:
    """Who must never be killed for a painting."""
    return {"bot": place.bot, "database": place.postmaster()}


async def paint_within(room: float, order: Order, place: Deployment, group: Path) -> None:
    """Until its end. From when it has a child there are only so many MB (10⁶ bytes) for that."""
    async with asyncio.TaskGroup() as both:
        both.create_task(order.tap())
        # At once: a group refuses a limit below what it holds and can't give back.
        child = await place.until(place.child)
        others = tree.cgroup_anonymous_mb(group) - tree.status_mb(child, "RssAnon")
        tree.limit(group, round(others + room * 1e6 / tree.MB))
    await order.end()


def predicted(side: int, most: float = PLENTY) -> float:
    """MB of the quickest plan within so many for a painting of 4 : 3, or of the leanest.

    Plans that keep all they free are left out: much of what is predicted for them is room.
    """
    size = (side, side * 3 // 4)
    dtype = choose_dtype("auto")
    plain = dtype == torch.float32
    plans = every_plan(
        size, [size], dtype, can_spill=True, winograd=plain and is_quicker(), can_pack=plain
    )
    megabytes = [plan.predicted_mb for plan in plans if plan.kept != "all"]
    return next((mb for mb in megabytes if mb <= most), min(megabytes))


async def test_a_painting_that_is_too_much_is_painted_leaner_or_smaller() -> None:
    room = predicted(SIZE, 0.8 * predicted(SIZE)) + 15  # for the next to the quickest plan
    async with boasted() as (place, group, admin):
        order = await Order.prepare(place.chat, side=SIZE)
        before = survivors(place)
        await paint_within(room, order, place, group)
        assert len(order.results) == 1 and order.explanations == [], place.log
        assert survivors(place) == before, place.log
        ((deaths, limit),) = await place.rows("SELECT deaths, size_limit FROM paintings")
        assert deaths in (1, 2) and tree.cgroup_kills(group) >= deaths
        assert limit == (SIZE * 3 // 4 if deaths == 2 else None)
        assert len(told(order)) == 1, order.person.edits
        plans = [float(mb) for mb in re.findall(r"(\d+) MB predicted", place.log)]
        assert len(plans) == deaths + 1 and plans[1] <= 0.85 * plans[0]
        notice = (await admin.wait_for("SIGKILL")).text
        assert f"{SIZE} px" in notice and f"plan: {SIZE}×{SIZE * 3 // 4}" in notice
        assert f"{plans[0]:.0f} MB predicted" in notice
        held = re.search(r"held (\d+) MB", notice)
        assert held and 0.8 * room < int(held[1]) < plans[0], notice


async def test_what_never_fits_is_explained_and_the_next_one_is_painted() -> None:
    # Less than the smallest takes, and more than torch and its libraries: with less than these the
    # kernel reads them from the disk again and again before it kills.
    room = 0.74 * predicted(SIZE * 3 // 4, 1)
    async with boasted() as (place, group, admin):
        order = await Order.prepare(place.chat, side=SIZE)
        before = survivors(place)
        await paint_within(room, order, place, group)
        assert order.results == [] and len(order.explanations) == 1, place.log
        assert "interrupted several times" in order.explanations[0].text
        assert len(told(order)) == 1 and tree.cgroup_kills(group) >= 3
        assert survivors(place) == before, place.log
        assert "SIGKILL" in (await admin.wait_for("death 1 of 3")).text
        tree.limit(group, PLENTY)
        spared = await Order.prepare(place.chat)
        await spared.tap()
        await spared.end()
        assert len(spared.results) == 1 and told(spared) == [], place.log
