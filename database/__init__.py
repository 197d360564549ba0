"""All SQL of the bot, and nothing but it: a module for each table, named after it.

Read `table` and `paintings` first, then `line` (SAQ's tables) and `records` (what a painting's row
holds). `server/` opens the database and keeps its schema up to date.
"""
