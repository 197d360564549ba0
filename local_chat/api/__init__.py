"""The Bot API: `bot_api` answers calls, `methods` are the calls, `core` is what they share.

Then `updates` and `webhook` (how a bot gets updates), `files` and `photo_sizes`, `store` (SQLite),
`groups`, and how calls are read and checked: `wire`, `schema`, `keyboards`, `errors`, `faults`.
"""
