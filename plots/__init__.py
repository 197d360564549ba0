"""Charts as PNG files, drawn with Pillow in a process of their own: ``python -m plots NAME``.

Matplotlib and its dependencies would add 34 MB to the download, while Pillow's 7 MB are needed
anyway. The labels are the names of the columns: Pillow's built-in font has only Latin letters.
"""
