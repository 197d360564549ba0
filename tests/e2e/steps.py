"""What people do in the chat, in one line each."""

from __future__ import annotations

from local_chat.people.person import ChatMessage, Person
from tests.pictures import encoded, painting, photo

PHOTO = encoded(photo())
STYLE = encoded(painting())
PAINTED = 240.0  # seconds that a small painting may take on a busy machine


def offers(prefix: str):  # type: ignore[no-untyped-def]
    """Whether a message has a button with callback data that begins so."""

    def fits(message: ChatMessage) -> bool:
        return any(data.startswith(prefix) for _, data in message.buttons)

    return fits


def is_result(message: ChatMessage) -> bool:
    """Whether a message is a finished painting."""
    return message.from_bot and message.kind == "photo" and offers("file")(message)


async def send_pair(
    person: Person, photo: bytes = PHOTO, style: bytes = STYLE
) -> tuple[ChatMessage, ChatMessage]:
    """Photo and painting one after the other; the photo's message and the status message."""
    sent = await person.send_photo(photo)
    await person.wait_for(lambda m: m.from_bot and m.reply_to == sent.id, 150)
    await person.send_photo(style)
    return sent, await person.wait_for(offers("paint"), after=sent.id)


async def stop(person: Person, status: ChatMessage) -> None:
    """A tap that stops, as soon as the message offers it."""
    await person.wait_for(lambda m: m.id == status.id and offers("stop")(m))
    await person.press(status, "stop")


async def order(person: Person) -> tuple[ChatMessage, ChatMessage]:
    """A pair, and the tap that starts."""
    sent, status = await send_pair(person)
    await person.press(status, "paint")
    return sent, status
