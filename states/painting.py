"""The states of the one dialogue that this bot holds: a photo, a painting, and a tap."""

from aiogram.fsm.state import State, StatesGroup


class Painting(StatesGroup):
    """What a person is expected to send next; no state at all means the same as `content`."""

    content = State()
    """Waiting for the photo to paint."""
    style = State()
    """The photo is there; waiting for the painting to learn from."""
    photo = State()
    """The painting is there already; waiting for a photo to paint that way."""
    ready = State()
    """Both are there; waiting for the tap that starts."""
