"""A Bot API server on loopback and its chat page: the very same bot, without a Telegram token.

    chat = LocalChat(Path("var/local_chat"), port=8080)
    await chat.start()  # the page and the Bot API are at chat.url

It is not Telegram. It behaves as Telegram does where a bot relies on it (redelivery of updates, one
poller, edits, limits, the words of errors), and says so where it has no answer. What differs:

- one bot: whoever has a token of the right form talks for it, and all of them share one queue of
  updates and one conversation with each person;
- private chats only; no webhooks, no inline mode, no payments, no rate limits of its own
  (`LocalChat.faults` makes them);
- parameters are checked against aiogram's classes, so an unknown one is refused, where Telegram
  ignores it; a client and a server that share a schema prove nothing about a third;
- files are never thrown away, and the file ids of Telegram mean nothing here.
"""
