"""The process itself.

Read `running` (start, signals, the end), then `logs`, `memory`, `health` (the HTTP endpoint) and
`tracking` (errors to Sentry).
"""
