"""What happens to every update before its handler.

`language` adds the texts in the sender's language; then `access` turns blocked people away.
"""
