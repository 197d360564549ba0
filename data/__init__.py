"""Settings, a painting's life, and everything the bot ships that is not code.

Read `config` (every setting) and `life` (states, failures, endings); `machine` tells how much
memory there is, `gallery/` has paintings by program.
"""

VERSION = "0.1.0"
