"""A worker at work in this process, and paintings for it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

from database.records import PaintingRecord, Request
from database.server.pool import Pool
from loader import Parts
from local_chat.people.person import Person
from nst.messages import Finished, Order
from tests.pictures import encoded, photo


async def promise(parts: Parts, person: Person) -> PaintingRecord:
    of_their_own = photo().rotate(person.id)  # equal pictures would be one file
    sent = await person.send_photo(encoded(of_their_own))
    picture = sent["photo"][-1]["file_id"]
    status = await parts.bot.send_message(person.id, "in line")
    request = Request(content=picture, styles=(picture,), locale="en", reply_to=sent.id)
    made = await parts.queue.promise(person.id, person.id, status.message_id, request)
    assert isinstance(made, PaintingRecord)
    return made


async def spoil(pool: Pool, record: PaintingRecord) -> None:
    async with pool.connection() as connection:
        await connection.execute(
            "UPDATE paintings SET request = request - 'content' WHERE id = %s", (record.id,)
        )


@contextlib.asynccontextmanager
async def working(parts: Parts) -> AsyncIterator[None]:
    assert parts.worker
    task = asyncio.create_task(parts.worker.run())
    try:
        yield
    finally:
        await parts.worker.stop()
        await task


async def paints_at_once(order: Order) -> AsyncIterator[Finished]:
    """What `jobs.worker.child.paint` says at the end."""
    folder = Path(order.out_dir)
    shown, picture, losses = folder / "r.jpg", folder / "r.png", folder / "losses.csv"
    for file in (shown, picture, losses):
        file.write_bytes(encoded(photo()))
    report = {"dtype": "float32"}
    yield Finished(str(shown), str(picture), str(losses), 128, 96, 1.0, 100.0, report)


async def ended(parts: Parts, painting: str) -> PaintingRecord:
    """The record, as soon as the painting has ended."""
    async with asyncio.timeout(60):
        while (record := await parts.queue.paintings.get(painting)) and record.is_open:
            await asyncio.sleep(0.05)
    assert record
    return record
