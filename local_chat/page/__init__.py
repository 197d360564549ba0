"""The chat in a browser: `page` serves it and its socket, `events` feeds it, `guard` protects it.

`static/` is the page itself, plain JavaScript modules without a build step; `main.js` comes first.
"""
