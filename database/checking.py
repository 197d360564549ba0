"""Checks that what was read from a stored record has the types that its class declares."""

from __future__ import annotations

import dataclasses
import functools
import types
import typing
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from _typeshed import DataclassInstance


def check_types(record: DataclassInstance) -> None:
    """Raise a TypeError that names the first field of `record` with a value of another type."""
    for name, declared in _declared(type(record)).items():
        value = getattr(record, name)
        if not _fits(value, declared):
            raise TypeError(f"{name} is {value!r:.80}")


@functools.cache
def _declared(record: type) -> dict[str, Any]:
    hints = typing.get_type_hints(record)
    return {field.name: hints[field.name] for field in dataclasses.fields(record)}


def _fits(value: Any, declared: Any) -> bool:
    arguments = typing.get_args(declared)
    match typing.get_origin(declared) or declared:
        case typing.Union | types.UnionType:
            return any(_fits(value, one) for one in arguments)
        case builtin if builtin is tuple:
            if not isinstance(value, tuple):
                return False
            each = arguments[:1] * len(value) if arguments[-1] is ... else arguments
            return len(each) == len(value) and all(map(_fits, value, each))
        case number if number in (int, float):
            allowed = int if number is int else int | float
            return isinstance(value, allowed) and not isinstance(value, bool)
        case kind:
            if dataclasses.is_dataclass(value) and not isinstance(value, type):
                check_types(value)
            return isinstance(value, kind)
