"""How Telegram is asked, beyond what aiogram does.

Read `session` (the connections), `bot` (policies of requests), `retry` and `rate_limit` (what a
request goes through), then the helpers: `answer`, `edit`, `download`, `file_cache`, `commands`.
`lean_import` imports aiogram in less memory.
"""
