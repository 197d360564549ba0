"""Quick pictures that are made beside the queue, by a process of their own.

Read `sketcher` (a preview of the pair in the style of the painting), then `comparing` (photo and
painting side by side).
"""
