"""FSM states of the dialogue."""

from states.painting import Painting

__all__ = ["Painting"]
