"""Imports torch with two thirds of its usual memory (99 MB instead of 150) and time.

``import torch`` also imports its compilers, exporters, modules, quantisers and numpy. Painting
only calls operators and needs none of them, so they are replaced by stubs while torch is imported.
Any attribute of a stub can be called, subclassed or used as a decorator, which is all that an
import does with it.

This depends on the internals of one version; any other is imported in full, and ``LEAN_TORCH=0``
switches it off. It is done only in processes of our own (`nst.child`, ``python -m nst``): a
program that uses `nst` as a library gets torch in full.
"""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import importlib.metadata
import os
import sys
import types
import warnings
from typing import Any

VERSION = "2.13.0"
"""The version whose imports were reviewed."""
LEFT_OUT = (
    *("_decomp", "_export", "_functorch", "_higher_order_ops", "_jit_internal"),
    *("_meta_registrations", "_prims", "_prims_common", "_refs", "_strobelight", "_subclasses"),
    *("ao", "distributed", "distributions", "export", "func", "fx", "jit", "masked", "nested"),
    *("nn", "optim", "package", "quantization", "signal", "testing"),
)


def import_torch() -> bool:
    """Import torch leanly if possible, else in full; return whether it is lean now.

    Call it before anything else imports torch; if torch is there already, it returns False.
    """
    if "torch" in sys.modules or os.environ.get("LEAN_TORCH") == "0" or not _is_known():
        import torch

        return False
    sys.meta_path.insert(0, _Finder())
    numpy = sys.modules.get("numpy")
    sys.modules["numpy"] = None  # type: ignore[assignment]  # An import of it now fails.
    try:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "Failed to initialize NumPy")
            import torch

            torch.empty(1).device  # noqa: B018  # The first tensor makes torch look for numpy again.
    finally:  # The finder stays: torch imports more on first use.
        del sys.modules["numpy"]
        if numpy is not None:
            sys.modules["numpy"] = numpy
    return True


def _is_known() -> bool:
    try:
        return importlib.metadata.version("torch").split("+")[0] == VERSION
    except importlib.metadata.PackageNotFoundError:
        return False


def _any(name: str) -> Any:
    """Return a stub's attribute of this name."""
    if name.startswith("__") and name.endswith("__"):
        raise AttributeError(name)
    return _no if name == "is_available" else Nothing


def _no(*_: object) -> bool:
    return False


class _Agreeable(type):
    """The metaclass of `Nothing`: it allows everything that an import may do with a class."""

    def __getattr__(cls, name: str) -> Any:
        return _any(name)

    def __call__(cls, *arguments: Any, **options: Any) -> Any:
        decorated = len(arguments) == 1 and not options and callable(arguments[0])
        return arguments[0] if decorated and arguments[0] is not Nothing else cls

    def __getitem__(cls, _: object) -> Any:
        return cls

    def __or__(cls, _: object) -> Any:
        return cls

    def __ror__(cls, _: object) -> Any:
        return cls

    def __iter__(cls) -> Any:
        return iter(())

    def __contains__(cls, _: object) -> bool:
        return False


class Nothing(metaclass=_Agreeable):
    """Stands in for anything from a package that was left out."""


class _Stub(types.ModuleType):
    """Stands in for a package that was left out."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.__path__: list[str] = []
        self.__all__: list[str] = []

    def __getattr__(self, name: str) -> Any:
        return _any(name)


class _Finder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Finds stubs for the packages that are left out, and nothing else."""

    def find_spec(
        self, name: str, path: object = None, target: object = None
    ) -> importlib.machinery.ModuleSpec | None:
        package, _, rest = name.partition(".")
        if package == "torch" and rest.split(".")[0] in LEFT_OUT:
            return importlib.machinery.ModuleSpec(name, self, is_package=True)
        return None

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> types.ModuleType:
        return _Stub(spec.name)

    def exec_module(self, module: types.ModuleType) -> None:
        """There is nothing to execute."""
