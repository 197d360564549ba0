"""`python -m data.gallery`: paint what hangs in the gallery anew, with its samples."""

from __future__ import annotations

import argparse

from data.gallery import STYLES
from data.gallery.painters import PAINTERS
from data.gallery.render import hang, lay_out, try_out

parser = argparse.ArgumentParser(prog="python -m data.gallery", description=__doc__)
parser.add_argument("names", nargs="*", metavar="NAME", help="these alone (all of the gallery)")
parser.add_argument("--only", choices=("pictures", "samples", "sheet"), help="not all three steps")
parser.add_argument("--out", metavar="FILE", help="paint one NAME into FILE instead")
parser.add_argument("--size", type=int, default=768, help="pixels of FILE (768)")
parser.add_argument("--seed", type=int, default=1, help="another FILE of the same NAME (1)")
options = parser.parse_args()
if unknown := set(options.names) - set(PAINTERS):
    parser.error(f"no such painter: {', '.join(sorted(unknown))}; there are {', '.join(PAINTERS)}")
if options.out:
    if len(options.names) != 1:
        parser.error("--out takes one NAME")
    PAINTERS[options.names[0]](options.size, options.seed).save(options.out, quality=92)
else:
    for style in STYLES:
        if options.names and style.name not in options.names:
            continue
        if options.only in (None, "pictures"):
            hang(style)
        if options.only in (None, "samples"):
            try_out(style)
    if options.only in (None, "sheet", "samples") and all(s.card.exists() for s in STYLES):
        lay_out()
