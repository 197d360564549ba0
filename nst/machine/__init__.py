"""The machine that paints.

`device` chooses the processor or CUDA, `environment` tells what a process has and holds, `heap`
tunes glibc where the process is ours, and `lean_torch` imports torch in less memory.
"""
