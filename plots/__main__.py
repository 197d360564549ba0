"""``python -m plots losses|days``: read numbers from standard input, write a PNG to stdout."""

from __future__ import annotations

import contextlib
import io
import os
import sys
from pathlib import Path

from plots import days, losses

CHARTS = {"losses": losses.draw, "days": days.draw}


def main(arguments: list[str]) -> int:
    """Draw the chart; return 0, or 2 for wrong usage or numbers, with one line on stderr."""
    # A chart should be killed first when memory is short, and not slow down a painting.
    with contextlib.suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text("1000")
    os.nice(10)
    if len(arguments) != 1 or arguments[0] not in CHARTS:
        sys.stderr.write(f"usage: python -m plots {'|'.join(CHARTS)} < numbers > chart.png\n")
        return 2
    try:
        picture = CHARTS[arguments[0]](sys.stdin)
    except ValueError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    buffer = io.BytesIO()
    picture.save(buffer, "PNG", optimize=True)
    sys.stdout.buffer.write(buffer.getvalue())
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
