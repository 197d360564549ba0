"""One HTTP request of a Bot API client as parameters and uploads, whichever way it came."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator

from aiohttp import BodyPartReader, web

from local_chat.api.errors import ApiError, bad_request
from local_chat.api.files import Files, Upload
from local_chat.api.store import Json

_MAX_FIELD = 1 << 20


async def read_call(request: web.Request, files: Files) -> tuple[Json, dict[str, Upload]]:
    """Parameters of the query, of JSON, of a form; ApiError on what can't be read."""
    params: Json = dict(request.query)
    uploads: dict[str, Upload] = {}
    if request.method == "POST" and request.can_read_body:
        if request.content_type == "application/json":
            params |= await _read_json(request)
        elif request.content_type == "application/x-www-form-urlencoded":
            params |= dict((await request.post()).items())
        elif request.content_type == "multipart/form-data":
            fields, uploads = await read_multipart(request, files)
            params |= fields
    return params, uploads


async def _read_json(request: web.Request) -> Json:
    try:
        body = json.loads(await request.read())
    except (ValueError, UnicodeDecodeError) as error:
        raise bad_request("can't parse JSON object") from error
    if not isinstance(body, dict):
        raise bad_request("object expected")
    return body


async def read_multipart(
    request: web.Request, files: Files
) -> tuple[dict[str, str], dict[str, Upload]]:
    """Fields and uploads; the bytes go to disk as they arrive, never whole through memory."""
    if request.content_type != "multipart/form-data":
        raise bad_request("a form with files is expected")
    fields: dict[str, str] = {}
    uploads: dict[str, Upload] = {}
    try:
        async for part in await request.multipart():
            if not isinstance(part, BodyPartReader) or part.name is None:
                raise bad_request("can't parse the form")
            if part.filename is None:
                fields[part.name] = await _field(part)
            else:
                mime = part.headers.get("Content-Type")
                if mime == "application/octet-stream":
                    mime = None  # the sender didn't know: let the name tell
                name = part.filename.replace("%22", '"')  # how browsers spell a quote
                uploads[part.name] = await files.take(_chunks(part), name, mime)
    except BaseException as error:
        for upload in uploads.values():
            upload.discard()
        if isinstance(error, ValueError):
            raise bad_request("can't parse the form") from error
        raise
    return fields, uploads


async def _field(part: BodyPartReader) -> str:
    data = bytearray()
    async for chunk in _chunks(part):
        data += chunk
        if len(data) > _MAX_FIELD:
            raise ApiError(413, "Request Entity Too Large")
    return data.decode()


async def _chunks(part: BodyPartReader) -> AsyncIterator[bytes]:
    while chunk := await part.read_chunk(65536):
        yield chunk
