"""What a message brings: whether it is a picture, and what is remembered of it."""

from __future__ import annotations

from aiogram.types import Message

from states.dialogue import Picture

FETCH_LIMIT_MB = 20
"""MB (2²⁰ bytes) of the largest file that Telegram lets a bot download."""
_NOT_PAINTABLE = ("image/svg+xml", "image/gif", "image/vnd.adobe.photoshop")
_PICTURE_NAMES = (
    ".avif",
    ".bmp",
    ".heic",
    ".heif",
    ".jpeg",
    ".jpg",
    ".png",
    ".tif",
    ".tiff",
    ".webp",
)
_SMALL_FILE_MB = 4  # up to which a sketch downloads a file itself and not its thumbnail
_SKETCH_PX = 400  # of the longest side that a sketch needs


def is_picture(message: Message) -> bool:
    """Whether it is a photo, a sticker that stands still, or a file that says it is a picture.

    Telegram's apps make a sticker of every `.webp` file.
    """
    if message.photo:
        return True
    if sticker := message.sticker:
        return not (sticker.is_animated or sticker.is_video)
    document = message.document
    if document is None or message.animation:
        return False
    mime = document.mime_type or ""
    if mime in _NOT_PAINTABLE:
        return False
    name = (document.file_name or "").lower()
    return mime.startswith("image/") or name.endswith(_PICTURE_NAMES)


def is_too_large(message: Message) -> bool:
    """Whether it is a file that Telegram would not let the bot download."""
    document = message.document
    return document is not None and (document.file_size or 0) > FETCH_LIMIT_MB * 1024 * 1024


def picture_of(message: Message) -> Picture:
    """The picture of a message that `is_picture`."""
    if message.photo:
        sizes = sorted(message.photo, key=lambda size: size.width * size.height)
        largest = sizes[-1]
        small = next((s for s in sizes if max(s.width, s.height) >= _SKETCH_PX), largest)
        return Picture(
            file_id=largest.file_id,
            message=message.message_id,
            album=message.media_group_id,
            width=largest.width,
            height=largest.height,
            small=small.file_id,
        )
    if sticker := message.sticker:
        return Picture(
            file_id=sticker.file_id,
            message=message.message_id,
            width=sticker.width,
            height=sticker.height,
        )
    document = message.document
    assert document
    small_enough = (document.file_size or 0) <= _SMALL_FILE_MB * 1024 * 1024
    thumbnail = None if small_enough else document.thumbnail
    return Picture(
        file_id=document.file_id,
        message=message.message_id,
        album=message.media_group_id,
        small=thumbnail.file_id if thumbnail else None,
    )
