"""Errors about weights. Every message is one line for the bot's owner."""

from __future__ import annotations


class WeightsMissing(Exception):
    """There are no usable VGG19 weights on this machine."""


class WeightsCorrupt(Exception):
    """The file of weights is damaged or not the expected one."""


class WeightsRefused(Exception):
    """A file to import isn't a VGG19, or can't be read or stored."""
