"""The database itself: how it is reached, its schema, and one of the bot's own.

Read `opening` first; then `pool` and `schema`, `embedded` (the server where the owner has none) and
`errors`.
"""
