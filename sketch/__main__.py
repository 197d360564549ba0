"""`python -m sketch`: orders in on standard input, one answer to each on standard output.

Ends with its standard input.
"""

from __future__ import annotations

import json
import os
import sys

from nst.machine.environment import stand_back
from sketch import messages

_NICE = 3  # behind the bot, before the painting


def main() -> int:
    """0 at the end of the orders; 1 where there is no network to sketch with."""
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # whatever a library prints is no answer
    stand_back(os.getppid(), _NICE)
    from sketch.network import Network, models

    folder = models()
    if folder is None:
        return 1
    network = Network(folder)
    for line in sys.stdin:
        answer: dict[str, object] = {"made": True}
        try:
            network.make(messages.decode(line))
        except Exception as error:  # a picture that can't be read: the painting will say so
            answer = {"made": False, "error": type(error).__name__}
        out.write(json.dumps(answer) + "\n")
        out.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
