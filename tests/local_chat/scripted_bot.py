"""A small aiogram bot that does one of everything, for the page to show."""

from __future__ import annotations

import asyncio
from io import BytesIO

from aiogram import Bot, Dispatcher, F, Router
from aiogram.filters import Command, CommandStart
from aiogram.types import (
    BotCommand,
    BufferedInputFile,
    CallbackQuery,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputMediaPhoto,
    Message,
)
from PIL import Image

router = Router()


def jpeg(color: str, size: tuple[int, int] = (900, 600)) -> bytes:
    """A picture with a gradient, so that it isn't flat."""
    ramp = Image.linear_gradient("L").resize(size)
    picture = Image.composite(Image.new("RGB", size, color), Image.new("RGB", size, "white"), ramp)
    out = BytesIO()
    picture.save(out, "JPEG", quality=85)
    return out.getvalue()


def keys(*rows: list[tuple[str, str]]) -> InlineKeyboardMarkup:
    return InlineKeyboardMarkup(
        inline_keyboard=[
            [
                InlineKeyboardButton(text=text, url=data)
                if data.startswith("https://")
                else InlineKeyboardButton(text=text, callback_data=data)
                for text, data in row
            ]
            for row in rows
        ]
    )


@router.message(CommandStart())
async def start(message: Message) -> None:
    await message.answer(
        "<b>Hello!</b> Send me a photo, then a painting, and I will paint one <i>the way of</i> "
        'the other.\n\nTry /help, or read <a href="https://arxiv.org/abs/1508.06576">the paper</a>.'
        " A bit of <code>code</code> and <tg-spoiler>a secret</tg-spoiler>.",
        parse_mode="HTML",
    )


@router.message(Command("help"))
async def help_(message: Message) -> None:
    await message.reply(
        "What would you like?",
        reply_markup=keys(
            [("🎨 Paint", "paint:1"), ("Alert", "alert")],
            [("Delete this", "delete"), ("Slow", "slow")],
            [("The paper", "https://arxiv.org/abs/1508.06576")],
        ),
    )


@router.message(Command("file"))
async def file(message: Message) -> None:
    await message.answer_document(
        BufferedInputFile(jpeg("maroon", (1600, 1200)), "painting_full_quality.jpg"),
        caption="Every pixel",
    )


@router.message(F.photo)
async def photo(message: Message) -> None:
    assert message.photo is not None
    largest = message.photo[-1]
    if message.media_group_id is None:
        await message.reply(f"A photo of {largest.width}×{largest.height}. 👍")
    else:
        await message.reply(f"Of an album: {largest.width}×{largest.height}")


@router.message(F.document)
async def document(message: Message) -> None:
    assert message.document is not None
    await message.reply(f"A file: {message.document.file_name}, {message.document.file_size} bytes")


@router.callback_query(F.data == "paint:1")
async def paint(query: CallbackQuery) -> None:
    assert isinstance(query.message, Message)
    await query.answer("The brush is wet")
    stop = keys([("⏹ Stop", "stop")])
    for percent in (20, 60):
        await query.message.edit_text(f"Painting… {percent} %", reply_markup=stop)
        await asyncio.sleep(0.15)
    media = InputMediaPhoto(media=BufferedInputFile(jpeg("darkgreen"), "a.jpg"), caption="80 %")
    await query.message.edit_media(media, reply_markup=stop)
    await asyncio.sleep(0.15)
    await query.message.edit_caption(
        caption="Done: the way of a gradient.",
        reply_markup=keys([("Again", "again"), ("Full quality", "file")]),
    )


@router.callback_query(F.data == "alert")
async def alert(query: CallbackQuery) -> None:
    await query.answer("Only one painting at a time.\nPlease wait.", show_alert=True)


@router.callback_query(F.data == "delete")
async def delete(query: CallbackQuery) -> None:
    assert isinstance(query.message, Message)
    await query.answer()
    await query.message.delete()


@router.callback_query(F.data == "slow")
async def slow(query: CallbackQuery) -> None:
    await asyncio.sleep(1.5)
    await query.answer("At last")


@router.message(F.text)
async def echo(message: Message) -> None:
    await message.answer(f"You said: {message.text}")


def build() -> Dispatcher:
    dispatcher = Dispatcher()
    router._parent_router = None  # the module's router joins a new dispatcher in every test
    dispatcher.include_router(router)
    return dispatcher


async def run(dispatcher: Dispatcher, bot: Bot) -> None:
    """Introduce the bot and poll until the dispatcher is told to stop."""
    await bot.set_my_commands(
        [
            BotCommand(command="help", description="What I can do"),
            BotCommand(command="file", description="A painting in full quality"),
        ]
    )
    await bot.set_my_commands(
        [BotCommand(command="help", description="Что я умею")], language_code="ru"
    )
    await bot.set_my_description(
        "Send a photo and a painting: I paint the one the way of the other."
    )
    await dispatcher.start_polling(bot, handle_signals=False, close_bot_session=False)
