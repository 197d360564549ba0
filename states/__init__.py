"""What the bot remembers between two updates.

Read `painting` (where a person stands), then `dialogue` (the pictures they have sent so far).
"""

from states.painting import Painting

__all__ = ["Painting"]
