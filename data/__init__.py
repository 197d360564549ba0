"""Settings and everything the bot ships that is not code."""

VERSION = "0.1.0"
