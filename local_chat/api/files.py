"""The files of the chat: kept by their content, known by opaque ids.

Bytes lie under ``files/<sha256>``; what a file is called and is in a message is a row of the store.
An id is derived from content and role, so the same picture sent twice has the same ids.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import mimetypes
import os
import secrets
import shutil
import sys
import tempfile
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

from local_chat.api.errors import ApiError, bad_request
from local_chat.api.store import Json, Store

MAX_UPLOAD = 50 * 1000 * 1000
MAX_PHOTO = 10 * 1000 * 1000
MAX_GET_FILE = 20 * 1000 * 1000
_ROOT = Path(__file__).resolve().parents[2]
_SIZES_WITHIN = 30.0
_PREFIX = {"photo": "AgAC", "document": "BQAC", "animation": "CgAC", "sticker": "CAAC",
           "voice": "AwAC", "video": "BAAC"}  # fmt: skip
_ORDINARY = {"image/jpeg": ".jpg", "image/png": ".png", "image/webp": ".webp"}


@dataclass(frozen=True)
class Upload:
    """Bytes that have arrived and are on disk, not yet anything in a chat.

    The file goes when its request is over; what a chat needs is kept by `Files`.
    """

    path: Path
    digest: str
    size: int
    name: str
    mime: str

    def discard(self) -> None:
        self.path.unlink(missing_ok=True)


class Files:
    """Takes uploads in, makes photos and documents of them, hands them out."""

    def __init__(self, folder: Path, store: Store) -> None:
        self._folder = folder / "files"
        self._arriving = folder / "arriving"
        self._store = store
        # One set of sizes at a time: making it holds a decoded picture in memory.
        self._one_at_a_time = asyncio.Semaphore(1)
        # What a killed process left half-way is nobody's.
        shutil.rmtree(self._arriving, ignore_errors=True)
        self._arriving.mkdir(parents=True)
        self._folder.mkdir(exist_ok=True)

    async def take(
        self, chunks: AsyncIterator[bytes], name: str, mime: str | None = None
    ) -> Upload:
        """Write arriving bytes to disk; ApiError 413 when there are too many."""
        arriving = self._arriving / secrets.token_hex(8)
        digest, size = hashlib.sha256(), 0
        try:
            with arriving.open("wb") as file:
                async for chunk in chunks:
                    size += len(chunk)
                    if size > MAX_UPLOAD:
                        raise ApiError(413, "Request Entity Too Large")
                    digest.update(chunk)
                    file.write(chunk)
        except BaseException:
            arriving.unlink(missing_ok=True)
            raise
        guessed = mime or mimetypes.guess_type(name)[0] or "application/octet-stream"
        return Upload(arriving, digest.hexdigest(), size, Path(name).name or "file", guessed)

    async def photo(self, upload: Upload) -> list[Json]:
        """Return the PhotoSizes of an uploaded picture; ApiError when Telegram would refuse it."""
        if upload.size == 0:
            raise bad_request("file must be non-empty")
        if upload.size > MAX_PHOTO:
            raise bad_request(
                f'file "{upload.name}" of size {upload.size} bytes is too big to be sent as a photo'
            )
        with tempfile.TemporaryDirectory(dir=self._arriving) as made:
            answer = await self._make_sizes(upload.path, Path(made))
            if "error" in answer:
                raise bad_request(answer["error"])
            sizes = []
            for size in answer["sizes"]:
                path = Path(made) / size["name"]
                data = path.read_bytes()
                digest = hashlib.sha256(data).hexdigest()
                path.replace(self._folder / digest)
                sizes.append(
                    {
                        "file_id": _file_id("photo", digest),
                        "file_unique_id": _unique_id(digest),
                        "file_size": len(data),
                        "width": size["width"],
                        "height": size["height"],
                        "_digest": digest,
                    }
                )
        for size in sizes:
            digest = size["_digest"]
            public = [{k: v for k, v in s.items() if k != "_digest"} for s in sizes]
            self._store.save_file(
                size["file_id"],
                "photo",
                f"photos/{digest[:20]}.jpg",
                digest,
                {"sizes": public, "size": size["file_size"], "mime": "image/jpeg"},
            )
        return public

    async def _make_sizes(self, source: Path, made: Path) -> Json:
        async with self._one_at_a_time:
            process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "local_chat.api.photo_sizes", str(source), str(made),
                cwd=_ROOT,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,
                env={**os.environ, "PYTHONSAFEPATH": ""},
            )  # fmt: skip
            try:
                async with asyncio.timeout(_SIZES_WITHIN):
                    output, _ = await process.communicate()
            except BaseException as error:
                if process.returncode is None:
                    process.kill()
                await process.wait()
                if isinstance(error, TimeoutError):
                    return {"error": "IMAGE_PROCESS_FAILED"}
                raise
        # A process that was killed (a bomb, no memory) printed nothing.
        answer: Json = json.loads(output) if output else {"error": "IMAGE_PROCESS_FAILED"}
        return answer

    def attachment(self, upload: Upload, kind: str = "document", **more: int | str | bool) -> Json:
        """Make a Document (or Sticker, Voice, Video, Animation) of an upload, bytes untouched."""
        if upload.size == 0:
            raise bad_request("file must be non-empty")
        named = kind in ("document", "animation", "video")
        role = f"{upload.name}|{upload.mime}" if named else ""
        record: Json = {
            "file_id": _file_id(kind, upload.digest, role),
            "file_unique_id": _unique_id(upload.digest),
            "file_size": upload.size,
            **more,
        }
        if named:
            record["file_name"] = upload.name
        if kind != "sticker":
            record["mime_type"] = upload.mime
        # Telegram keeps a file's own ending where there is a plain one.
        ending = Path(upload.name).suffix.lower() or _ORDINARY.get(upload.mime, "")
        if not ending[1:].isalnum() or not ending.isascii():
            ending = ""
        self._keep(upload)
        tag = hashlib.sha256(f"{upload.digest}{role}".encode()).hexdigest()[:20]
        self._store.save_file(
            record["file_id"],
            kind,
            f"{kind}s/{tag}{ending}",
            upload.digest,
            {"file": record, "size": upload.size, "mime": upload.mime, "name": upload.name},
        )
        return record

    def _keep(self, upload: Upload) -> None:
        kept = self._folder / upload.digest
        try:
            kept.hardlink_to(upload.path)
        except FileExistsError:
            pass  # the same bytes are there already
        except OSError:  # a file system without links
            copy = upload.path.with_suffix(".copy")
            shutil.copyfile(upload.path, copy)
            copy.replace(kept)

    def known(self, file_id: str, kind: str) -> Json:
        """Return what an id stands for that was handed out before; ApiError when nothing."""
        if file_id.startswith(("http://", "https://")):
            # Nothing here contacts another host; Telegram says the same when it can't reach one.
            raise bad_request("failed to get HTTP URL content")
        found = self._store.file(file_id)
        if found is None:
            raise bad_request("wrong file identifier/HTTP URL specified")
        if found[0] != kind:
            raise bad_request(f"can't use file of type {found[0].title()} as {kind.title()}")
        return found[3]

    def describe(self, file_id: str) -> Json:
        """Return the File that getFile answers; ApiError when unknown or over 20 MB."""
        found = self._store.file(file_id)
        if found is None:
            raise bad_request("wrong file_id or the file is temporarily unavailable")
        _, path, digest, record = found
        if record["size"] > MAX_GET_FILE:
            raise bad_request("file is too big")
        return {
            "file_id": file_id,
            "file_unique_id": _unique_id(digest),
            "file_size": record["size"],
            "file_path": path,
        }

    def on_disk(
        self, *, path: str | None = None, file_id: str | None = None
    ) -> tuple[Path, Json] | None:
        """Where the bytes lie and the record, by public path or by id."""
        found = self._store.file_at(path) if path is not None else self._store.file(file_id or "")
        if found is None:
            return None
        return self._folder / found[2], found[3]


def _file_id(kind: str, digest: str, role: str = "") -> str:
    secret = hashlib.sha256(f"{kind}|{digest}|{role}".encode()).digest()
    return _PREFIX[kind] + base64.urlsafe_b64encode(secret * 2)[:56].decode().replace("=", "A")


def _unique_id(digest: str) -> str:
    return "AQAD" + base64.urlsafe_b64encode(bytes.fromhex(digest)[:9]).decode()
