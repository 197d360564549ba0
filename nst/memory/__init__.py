"""How a painting stays within a memory limit.

Read `plan` (the ways to compute it, and the choice of one), `need` (the memory and time of each)
and `convolutions` (what convolutions take beyond that, measured); `storage` keeps tensors in files.
"""
