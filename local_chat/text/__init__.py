"""Formatted text: `html` parses Telegram's HTML, `entities` finds and checks entities."""
