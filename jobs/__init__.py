"""What happens to a painting between the tap and the picture.

Read `line` (the queue, and what it promises), then `worker` (painting), then `chat` (what the
person is told and sent). `sketching` makes the quick previews of a pair. `python -m jobs` runs a
worker alone.
"""
