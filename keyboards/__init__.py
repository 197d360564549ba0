"""Buttons and their typed callback data.

Read `callbacks` first: what a button may carry. `button` makes one; `controls` are the pages under
a pair, `result` what is under a painting, `gallery` its own, `admins` theirs, `inline` the rest.
"""
