"""People who order paintings, and the verdict on what each of them got."""

from __future__ import annotations

import asyncio
import io
import itertools
from collections import Counter
from dataclasses import dataclass, field

from PIL import Image, ImageDraw

from local_chat.people.person import ChatMessage, Person
from local_chat.server import LocalChat

_numbers = itertools.count(10_000)
_LONG = 200.0  # seconds until something counts as lost; takeover and sweep take 20 of them


def picture(seed: int, side: int = 72) -> bytes:
    """A small picture of its own for every seed."""
    image = Image.linear_gradient("L").resize((side, side * 3 // 4)).convert("RGB")
    draw = ImageDraw.Draw(image)
    for i in range(40):
        x, y = (i * 37 + seed * 11) % side, (i * 53 + seed * 7) % side
        draw.line((x, y, x + 9, y + i % 7), fill=(i * 6, 90 + seed % 120, 255 - i * 5), width=3)
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=90)
    return buffer.getvalue()


def offers(message: ChatMessage, what: str) -> bool:
    return any(data.startswith(what) for _, data in message.buttons)


def is_result(message: ChatMessage) -> bool:
    """A picture with what can be done with it; an explained-away sketch only offers again."""
    return message.from_bot and message.kind == "photo" and offers(message, "more")


@dataclass
class Order:
    """One painting that somebody ordered, in a chat of its own."""

    person: Person
    photo: ChatMessage
    status: ChatMessage
    accepted: bool = False

    @classmethod
    async def prepare(cls, chat: LocalChat, *, album: bool = False, side: int = 72) -> Order:
        """Both pictures sent, the button there."""
        person = Person(chat, next(_numbers), "Ann", "en", known=True)
        seed = person.id
        if album:
            photo, _ = await person.send_album([picture(seed + n, side) for n in range(2)])
        else:
            photo = await person.send_photo(picture(seed, side))
            await person.wait_for(lambda m: m.from_bot and m.reply_to == photo.id, _LONG)
            await person.send_photo(picture(seed + 1, side))
        status = await person.wait_for(lambda m: offers(m, "paint"), _LONG)
        return cls(person, photo, status)

    async def tap(self) -> None:
        """The tap that starts, once; the button goes when it has been taken."""
        await self.person.press(self.status, "paint")
        await self._until(lambda: not any(offers(m, "paint") for m in self._of_bot))
        self.accepted = True

    async def end(self) -> None:
        """Until the painting or the explanation is there and the status message has ended."""
        await self._until(lambda: bool(self.results or self.explanations) and not self.frozen)

    @property
    def results(self) -> list[ChatMessage]:
        return [m for m in self._of_bot if is_result(m)]

    @property
    def explanations(self) -> list[ChatMessage]:
        """Messages that say why there is no painting."""
        return [m for m in self._of_bot if offers(m, "again") and not is_result(m)]

    @property
    def frozen(self) -> list[ChatMessage]:
        """Messages that promise something to come."""
        return [m for m in self._of_bot if offers(m, "stop") or m.kind == "document"]

    @property
    def _of_bot(self) -> list[ChatMessage]:
        return [m for m in self.person.messages if m.from_bot]

    async def _until(self, true) -> None:  # type: ignore[no-untyped-def]
        async with asyncio.timeout(_LONG):
            while not true():
                await asyncio.sleep(0.1)


@dataclass
class Verdict:
    """What became of many orders."""

    counts: Counter[str] = field(default_factory=Counter)
    complaints: list[str] = field(default_factory=list)

    def judge(self, order: Order) -> None:
        """Exactly one painting or one explanation, and nothing that waits for ever."""
        self.counts["orders"] += 1
        results, explained, frozen = order.results, order.explanations, order.frozen
        self.counts["painted"] += bool(results)
        self.counts["explained"] += not results and len(explained) == 1
        self.counts["lost"] += not results and not explained
        self.counts["duplicates"] += max(0, len(results) - 1) + (
            len(explained) if results else max(0, len(explained) - 1)
        )
        self.counts["frozen"] += bool(frozen)
        if frozen or len(results) + len(explained) != 1:
            self.complaints.append("\n".join(map(str, order.person.messages)))

    def lose(self, order: Order | None, error: BaseException) -> None:
        """Somebody waited in vain."""
        self.counts["orders"] += 1
        self.counts["lost"] += 1
        talk = "\n".join(map(str, order.person.messages)) if order else ""
        self.complaints.append(f"{type(error).__name__}: {error}\n{talk}")
