"""All SQL of the bot, and nothing but it: a module a table, each named after its table.

Read `pool`, `schema` and `table` first, then `paintings`, and `line` (SAQ's tables). `opening`
and `embedded` start the server where the owner has none.
"""
