"""The programs that paint the gallery, by name. Importing this needs numpy and Pillow."""

from data.gallery.painters.dots import paint_dots
from data.gallery.painters.engraving import paint_engraving
from data.gallery.painters.facets import paint_facets
from data.gallery.painters.fauve import paint_fauve
from data.gallery.painters.glass import paint_glass
from data.gallery.painters.gold import paint_gold
from data.gallery.painters.ink import paint_ink
from data.gallery.painters.mosaic import paint_mosaic
from data.gallery.painters.waves import paint_waves
from data.gallery.painters.wheat import paint_wheat
from data.gallery.painters.whirls import paint_whirls

PAINTERS = {
    "dots": paint_dots,
    "engraving": paint_engraving,
    "facets": paint_facets,
    "fauve": paint_fauve,
    "glass": paint_glass,
    "gold": paint_gold,
    "ink": paint_ink,
    "mosaic": paint_mosaic,
    "waves": paint_waves,
    "wheat": paint_wheat,
    "whirls": paint_whirls,
}
"""Each function `paint(size, seed)` returns a square picture of `size` pixels."""

SIZE = 720
SEED = 1
"""The seed of the gallery's paintings."""
