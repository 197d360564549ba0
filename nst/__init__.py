"""Neural style transfer after Gatys, Ecker and Bethge (2015), in a bounded memory.

Read it in the order of the paper: `images` and `pyramid` (pictures), `network/` (features and
their gradient), `objective`, `transport` and `targets` (the losses), `optimizer`, `schedule` (the
scales), `memory/`, and `transfer` (the whole painting). `choices` and `settings` say what may be
asked for; `child` and `__main__` start it.

The package imports torch only when something that needs it is first used, so that
``nst.messages`` can be read by a process that must never load torch.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from nst.transfer import StyleTransfer

__all__ = ["StyleTransfer"]


def __getattr__(name: str) -> Any:
    if name == "StyleTransfer":
        from nst.transfer import StyleTransfer

        return StyleTransfer
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
