"""The machine that a painting is computed on.

`device` chooses between the CPU and CUDA, `environment` tells which processors and memory a process
has, `heap` tunes glibc in a process of our own, and `lean_torch` imports torch in less memory.
"""
