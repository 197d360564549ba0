"""What more than one room needs, and what knows nothing of paintings.

Read `texts` (everything that is said, by language), then `telegram` (how Telegram is asked),
`updates` (how its updates come in), `middlewares` (what happens to each of them first) and
`process` (start and stop, logs, health). Beside them: `notice` and `notify_admins` for admins,
`charts`, `errors`.
"""
