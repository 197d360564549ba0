"""Charts as PNG files, drawn with Pillow in a process of their own: ``python -m plots NAME``.

Matplotlib and what it needs would add 34 MB to a download of which 7 MB, Pillow, are there anyway.
The labels are the columns' own names: Pillow's built-in letters are Latin ones.
"""
