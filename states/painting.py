"""The one dialogue this bot holds: a photo, a painting, and a tap."""

from aiogram.fsm.state import State, StatesGroup


class Painting(StatesGroup):
    """Where a person stands; no state at all means the same as `content`."""

    content = State()
    """Waiting for the photo to paint."""
    style = State()
    """The photo is there; waiting for the painting to learn from."""
    photo = State()
    """The painting is there already; waiting for another photo to paint its way."""
    ready = State()
    """Both are there; waiting for the tap that starts."""
