"""Imports aiogram in 40 % of its usual memory.

At the end of ``aiogram/types/__init__.py`` every model is rebuilt by pydantic, and each rebuilt
model carries its own copy of the nested schemas: 150 MB, for types that a bot never uses. The
models already ask pydantic to build on first use (``defer_build``); the loop defeats it, because
it is the only place where their forward references can be resolved.

So this lets the loop do nothing, and then puts the names that each model's annotations mention into
the model's own module, where pydantic looks for them when it builds on first use. This leans on
internals of pinned versions; anything unexpected falls back to the normal import, and
``LEAN_AIOGRAM=0`` switches it off. Upstream: aiogram issues 1513 and 1876, pydantic issue 13545.
"""

from __future__ import annotations

import contextlib
import inspect
import logging
import os
import re
import sys
import types
from collections.abc import Iterator
from typing import Any, Literal, Optional, Union

log = logging.getLogger(__name__)
_NAME = re.compile(r"[A-Za-z_]\w*")
_SENTINELS = ("UNSET", "UNHANDLED", "REJECTED")


def import_aiogram() -> bool:
    """Import ``aiogram.types`` leanly; returns False after a normal import instead.

    This must run before anything else imports aiogram; a second call does nothing.
    """
    if "aiogram.types" in sys.modules or os.environ.get("LEAN_AIOGRAM") == "0":
        import aiogram.types

        return False
    try:
        _import_without_rebuilding()
        _add_names()
    except Exception as error:
        log.warning("lean import of aiogram failed (%r): importing it whole", error)
        for name in [name for name in sys.modules if name.split(".")[0] == "aiogram"]:
            del sys.modules[name]
        import aiogram.types  # noqa: F401

        return False
    return True


def _import_without_rebuilding() -> None:
    from pydantic import BaseModel

    original = BaseModel.__dict__["model_rebuild"]

    def model_rebuild(cls: type[BaseModel], /, **options: Any) -> bool | None:
        if cls.__module__.startswith("aiogram."):
            return None
        rebuilt: bool | None = original.__get__(None, cls)(**options)
        return rebuilt

    BaseModel.model_rebuild = classmethod(model_rebuild)  # type: ignore[assignment,method-assign]
    try:
        with _light_mock():
            import aiogram.types  # noqa: F401
    finally:
        BaseModel.model_rebuild = original  # type: ignore[method-assign]


@contextlib.contextmanager
def _light_mock() -> Iterator[None]:
    """Replace `unittest.mock`, of which aiogram takes the sentinels alone.

    The real one imports the whole of unittest: 1.4 MB.
    """
    name = "unittest.mock"
    if name in sys.modules:
        yield
        return
    light: Any = types.ModuleType(name)
    light.sentinel = types.SimpleNamespace(**{word: _Name(word) for word in _SENTINELS})
    sys.modules[name] = light
    try:
        yield
    finally:
        del sys.modules[name]


class _Name:
    """A sentinel, which prints as its name and equals nothing else."""

    def __init__(self, name: str) -> None:
        self.name = name

    def __repr__(self) -> str:
        return f"sentinel.{self.name}"


def _add_names() -> None:
    from aiogram import types
    from aiogram.client.default import Default

    known: dict[str, Any] = {
        "List": list,
        "Optional": Optional,
        "Union": Union,
        "Literal": Literal,
        "Default": Default,
        **{name: getattr(types, name) for name in types.__all__},
    }
    for name in types.__all__:
        entity = known[name]
        if not hasattr(entity, "model_rebuild"):
            continue
        for cls in entity.__mro__:
            module = sys.modules.get(cls.__module__)
            if module is None or not cls.__module__.startswith("aiogram."):
                continue
            for annotation in inspect.get_annotations(cls).values():
                for word in _NAME.findall(str(annotation)):
                    if word in known:
                        module.__dict__.setdefault(word, known[word])
