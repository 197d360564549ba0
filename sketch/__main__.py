"""`python -m sketch`: read orders from standard input, answer each on standard output.

The process exits when standard input is closed.
"""

from __future__ import annotations

import json
import os
import sys

from nst.machine.environment import stand_back
from sketch import messages

_NICE = 3  # Lower priority than the bot, higher than a painting.


def main() -> int:
    """Make the sketches; return 0 at the end of input, 1 if the network isn't installed."""
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # Keep what libraries print out of the answers.
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
        except Exception as error:  # If a picture can't be read, the painting will report it.
            answer = {"made": False, "error": type(error).__name__}
        out.write(json.dumps(answer) + "\n")
        out.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
