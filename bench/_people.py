"""People who order paintings of a given size, for measurements of the whole."""

from __future__ import annotations

import asyncio

import psycopg

from database.paintings import Paintings
from database.records import Request
from database.server.pool import connect
from jobs.line.queue import PaintingQueue, Refusal
from local_chat.people.person import ChatMessage, Person
from nst.choices import Recipe


class Orders:
    """Promises paintings at any size as the button would, and counts what comes of them."""

    def __init__(self, database_url: str, photo: bytes, style: bytes) -> None:
        self._url = database_url
        self._pair = photo, style
        self.people: list[Person] = []

    async def order(self, person: Person, size: int) -> ChatMessage:
        """Send the pair, and have it put in line at this size; the status message."""
        photo, style = [(await person.send_photo(data))["photo"][-1] for data in self._pair]
        status = await person.wait_for(
            lambda m: any(data.startswith("paint") for _, data in m.buttons), 120
        )
        request = Request(
            content=photo["file_id"],
            styles=(style["file_id"],),
            locale="en",
            reply_to=status.id - 1,
            recipe=Recipe(size=size),
        )
        pool = await connect(self._url)
        try:
            queue = PaintingQueue(pool, Paintings(pool))
            await queue.connect()
            made = await queue.promise(person.id, person.id, status.id, request)
        finally:
            await pool.close()
        if isinstance(made, Refusal):
            raise SystemExit(f"not promised: {made}")
        self.people.append(person)
        return status

    async def all_answered(self, within: float) -> None:
        """Until everyone has a painting or an explanation; TimeoutError after `within` seconds."""
        async with asyncio.timeout(within):
            for person in self.people:
                await person.wait_for(is_answer, within)

    def lost(self) -> int:
        """Orders without a picture."""
        return sum(not any(map(is_picture, person.messages)) for person in self.people)

    def doubles(self) -> int:
        """Pictures that somebody got a second time."""
        return sum(max(0, sum(map(is_picture, person.messages)) - 1) for person in self.people)


def is_picture(message: ChatMessage) -> bool:
    """A delivered painting; sketches and previews are photos too, but have no file."""
    return message.kind == "photo" and any(data.startswith("file") for _, data in message.buttons)


def is_answer(message: ChatMessage) -> bool:
    """A painting, or the words that there is none."""
    return message.from_bot and any(data.startswith("again") for _, data in message.buttons)


async def new_database(url: str, name: str) -> str:
    """An empty database on the server at `url`; its URL."""
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as connection:
        await connection.execute(f"CREATE DATABASE {name}")
    return url.replace("/postgres?", f"/{name}?")
