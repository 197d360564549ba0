"""Neural style transfer after Gatys, Ecker and Bethge (2015), in a bounded memory.

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
