"""Paintings of our own, painted by programs: for people without one at hand, and for examples.

The pictures are part of the repository: painting them takes numpy, which the bot does not have, and
a minute that a first start should not cost; at 1.5 MB they are cheaper than what would make them.
`python -m data.gallery` paints them anew (with what requirements-dev.txt adds), and a test holds
them to their programs. The bot knows the catalogue alone.
"""

from data.gallery.catalogue import SHEET, STYLES, Style, find, style

__all__ = ["SHEET", "STYLES", "Style", "find", "style"]
