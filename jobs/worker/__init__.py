"""Painting: takes jobs from the queue and runs the processes that paint.

Read `worker` (a job from its start to its end), `fetch` (its pictures), `attempts` (painting again,
leaner or smaller), `child` (the process that paints); then `memory_budget`, `scratch` (temporary
folders) and `self_test`.
"""
