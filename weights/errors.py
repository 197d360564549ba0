"""What can be wrong with weights; every message is one line for the owner."""

from __future__ import annotations


class WeightsMissing(Exception):
    """No VGG19 weights that could be used are on this machine."""


class WeightsCorrupt(Exception):
    """The weights' file is not the one we know."""


class WeightsRefused(Exception):
    """A file to be imported isn't what it should be, or can't be read or kept."""
