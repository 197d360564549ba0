"""Trials of the whole bot, long in `bench.reliability` and short in `tests/reliability`."""
