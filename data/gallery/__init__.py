"""Style paintings made by our own programs, for people who have none at hand, and for examples.

The pictures, 1.5 MB, are part of the repository, because painting them needs numpy, which the bot
doesn't install, and a minute, which would delay the first start. `python -m data.gallery` paints
them again (with the packages of requirements-dev.txt), and a test checks that they match their
programs. The bot imports only the catalogue.
"""

from data.gallery.catalogue import SHEET, STYLES, Style, find, style

__all__ = ["SHEET", "STYLES", "Style", "find", "style"]
