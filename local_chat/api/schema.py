"""Check every call against aiogram's own method classes.

The classes are the bot's too, already in memory, so they cost nothing more. A schema shared with
the client is no proof of what Telegram accepts; it catches misspelt and mistyped parameters.
"""

from __future__ import annotations

import json
from types import UnionType
from typing import Any, Union, get_args, get_origin

from local_chat.api.errors import bad_request
from local_chat.api.store import Json


class Schema:
    """Knows which methods exist and what they take."""

    def __init__(self) -> None:
        self._names: dict[str, str] = {}

    def name(self, spelling: str) -> str | None:
        """Return the method's proper name; Telegram doesn't mind the case of letters."""
        import aiogram.methods

        if not self._names:
            # SendPhoto → sendPhoto, without touching (and building) the classes themselves.
            self._names = {
                name.lower(): name[0].lower() + name[1:]
                for name in aiogram.methods.__all__
                if name not in ("Request", "Response", "TelegramMethod")
            }
        return self._names.get(spelling.lower())

    def check(self, method: str, raw: Json) -> Json:
        """Return the parameters, typed; ApiError 400 when they don't fit the method."""
        import aiogram.methods
        from pydantic import ValidationError

        model = getattr(aiogram.methods, method[0].upper() + method[1:])
        fields = {field.alias or name: field for name, field in model.model_fields.items()}
        decoded = {
            key: _decode(key, value, fields[key].annotation) if key in fields else value
            for key, value in raw.items()
        }
        try:
            call = model.model_validate(decoded)
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            where = ".".join(str(part) for part in first["loc"])
            if first["type"] == "missing" and len(first["loc"]) == 1:
                raise bad_request(_missing(where)) from error
            raise bad_request(f'parameter "{where}": {first["msg"]}') from error
        if (stranger := _stranger(call)) is not None:
            raise bad_request(f'unknown parameter "{stranger}" of {method}')
        # Only what was given: the rest are aiogram's own placeholders for defaults.
        typed: Json = call.model_dump(
            mode="json", by_alias=True, exclude_unset=True, exclude_none=True, warnings=False
        )
        return typed


def _missing(parameter: str) -> str:
    known = {
        "text": "message text is empty",
        "chat_id": "chat_id is empty",
        "photo": "there is no photo in the request",
        "document": "there is no document in the request",
        "media": "media not found",
    }
    return known.get(parameter, f'parameter "{parameter}" is required')


def _decode(key: str, value: Any, annotation: Any) -> Any:
    """Text from a form or a query as the type that its field has."""
    if not isinstance(value, str):
        return value
    kinds = _leaves(annotation)
    if int in kinds and value.lstrip("-").isdigit():
        return int(value)
    if str in kinds:
        return value
    try:
        return json.loads(value)
    except ValueError as error:
        raise bad_request(f"can't parse {key} JSON object") from error


def _leaves(annotation: Any) -> set[Any]:
    if get_origin(annotation) in (Union, UnionType):
        return set().union(*(_leaves(part) for part in get_args(annotation)))
    return {annotation}


def _stranger(value: Any) -> str | None:
    """Return the first parameter, at any depth, that no class declares."""
    from pydantic import BaseModel

    if isinstance(value, BaseModel):
        for name in value.model_extra or ():
            return str(name)
        parts = [getattr(value, name) for name in value.model_fields_set]
    elif isinstance(value, list):
        parts = value
    else:
        return None
    for part in parts:
        if (found := _stranger(part)) is not None:
            return found
    return None
