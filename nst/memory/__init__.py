"""How a painting stays within a memory.

Read `plan` (every way to compute it, and which is taken), `need` (what a way takes) and
`convolutions` (what the processor takes beyond that, measured); `storage` keeps tensors in files.
"""
