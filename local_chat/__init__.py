"""A Bot API server on loopback and its chat page: the very same bot, without a Telegram token.

    chat = LocalChat(Path("var/local_chat"), port=8080)
    await chat.start()  # the page and the Bot API are at chat.url

Read `server`, then `api` (what a Bot API server does), `people` (what people do to a bot), `text`
(formatting) and `page` (the conversation in a browser).

It behaves as Telegram does where a bot relies on it (redelivery of updates, one poller, edits,
limits, the words of errors). What differs:

- one bot: any token of the right form is accepted, and all of them share one queue of updates and
  one conversation with each person;
- the methods that this bot calls, and no others; webhooks to this machine only; no inline mode, no
  payments; failures and rate limits happen only where `LocalChat.faults` asks for them;
- formatting is HTML or entities, no Markdown;
- groups are for tests: the page shows private chats;
- parameters are checked against aiogram's classes, so an unknown one is refused where Telegram
  ignores it; a client and a server that share a schema prove nothing about a third;
- files are never deleted, and Telegram's file ids mean nothing here.
"""
