"""The programs behind the catalogue, by name. Importing this takes numpy and Pillow."""

from data.gallery.dots import paint_dots
from data.gallery.engraving import paint_engraving
from data.gallery.facets import paint_facets
from data.gallery.fauve import paint_fauve
from data.gallery.glass import paint_glass
from data.gallery.gold import paint_gold
from data.gallery.ink import paint_ink
from data.gallery.mosaic import paint_mosaic
from data.gallery.waves import paint_waves
from data.gallery.wheat import paint_wheat
from data.gallery.whirls import paint_whirls

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
"""Each paints a square of `size` pixels: `paint(size, seed)`."""

SIZE = 720
SEED = 1
"""The painting that hangs in the gallery."""
