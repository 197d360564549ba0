"""Builds the parts from the settings. Runs none of them; importing it does nothing."""

from __future__ import annotations

import secrets
import sys
from contextlib import AsyncExitStack
from dataclasses import dataclass

from aiogram import Bot, Dispatcher
from aiogram.client.default import DefaultBotProperties
from aiogram.client.telegram import TelegramAPIServer
from aiogram.enums import ParseMode
from aiogram.fsm.storage.memory import SimpleEventIsolation
from aiogram.types import LinkPreviewOptions

from data.config import Settings
from database.blocked import Blocked
from database.broadcasts import BroadcastTable
from database.choices import LastChoices
from database.dialogues import PostgresStorage
from database.figures import Figures
from database.gallery_files import GalleryFileIds
from database.notices import NoticeLedger
from database.paintings import Paintings
from database.people import People
from database.renderers import Renderers
from database.server.pool import Pool
from database.statistics import Statistics
from handlers import routers
from handlers.admins.broadcasting import reporter
from handlers.users.pair.ordering import OwnPaintings
from handlers.users.pair.sketching import Sketching
from handlers.users.pair.view import PairView
from jobs.chat.broadcasts import Broadcasts
from jobs.chat.figures import Developers
from jobs.line.estimates import Estimates
from jobs.line.queue import PaintingQueue
from jobs.line.renderer import Renderer
from jobs.sketching.comparing import Comparing
from jobs.sketching.sketcher import Sketcher
from jobs.worker.attempts import Attempts
from jobs.worker.memory_budget import MemoryBudget
from jobs.worker.worker import RenderWorker
from utils.charts import Charts
from utils.middlewares.access import AccessMiddleware
from utils.middlewares.language import LanguageMiddleware
from utils.notice import StartNotice
from utils.notify_admins import AdminNotices
from utils.process.running import WrongSettings
from utils.telegram.administrators import Administrators
from utils.telegram.bot import at_once
from utils.telegram.commands import set_admin_commands
from utils.telegram.file_cache import FileCache
from utils.telegram.rate_limit import RateLimit
from utils.telegram.retry import Retry
from utils.telegram.session import Session

LOCAL_TOKEN = f"1:{secrets.token_urlsafe(24)}"
"""The bot's token in the local chat: of this run alone, since whoever has it is the bot."""


@dataclass(frozen=True, slots=True)
class Parts:
    """Everything that `app.py` and `python -m jobs` run."""

    bot: Bot
    queue: PaintingQueue
    estimates: Estimates
    statistics: Statistics
    sketcher: Sketcher
    comparing: Comparing
    notices: AdminNotices
    notice: StartNotice
    worker: RenderWorker | None
    broadcasts: Broadcasts
    webhook: tuple[str, int] | None
    """Public address and port, where Telegram brings the updates itself."""


async def build_bot(settings: Settings, closing: AsyncExitStack) -> Bot:
    """The bot, which keeps Telegram's limits; without a token it talks to the local chat.

    Raises `WrongSettings` when the local chat's port is taken.
    """
    token, api_base = settings.bot_token or LOCAL_TOKEN, settings.bot_api_base
    if settings.bot_token is None:
        api_base = await _open_local_chat(settings, closing)
    session = Session(api=TelegramAPIServer.from_base(api_base))
    session.middleware(Retry(RateLimit()))
    closing.push_async_callback(session.close)
    return Bot(
        token,
        session=session,
        default=DefaultBotProperties(
            # People and moderators delete messages all the time, also while they are answered.
            allow_sending_without_reply=True,
            parse_mode=ParseMode.HTML,
            link_preview=LinkPreviewOptions(is_disabled=True),
        ),
    )


async def _open_local_chat(settings: Settings, closing: AsyncExitStack) -> str:
    from local_chat.api.errors import PortTakenError
    from local_chat.key import kept_key
    from local_chat.server import LocalChat

    folder = settings.var / "local_chat"
    chat = LocalChat(folder, port=settings.local_chat_port, key=kept_key(folder), token=LOCAL_TOKEN)
    try:
        await chat.start()
    except PortTakenError as error:
        raise WrongSettings(f"{error}; set LOCAL_CHAT_PORT to another") from error
    closing.push_async_callback(chat.stop)
    sys.stdout.write(f"\n  Open {chat.page} in your browser and say hello.\n\n")
    sys.stdout.flush()
    return chat.url


def build_parts(settings: Settings, bot: Bot, pool: Pool) -> Parts:
    """Build everything but the handlers; without slots there is no render worker."""
    embedded = settings.database_url is None
    notices = AdminNotices(bot, settings.admins, NoticeLedger(pool))
    renderer = None
    if settings.render_slots:
        renderer = Renderer(Renderers(pool), settings.max_size, settings.render_slots)
    queue = PaintingQueue(pool, Paintings(pool, notices.send), renderer)

    worker = None

    def may_sketch() -> bool:
        return budget.roomy or worker is None or not worker.busy

    sketcher = Sketcher(bot, settings.var / "sketching", may_sketch)
    comparing = Comparing(bot, settings.var / "comparing", may_sketch)
    budget = MemoryBudget(
        limit_mb=settings.memory_limit_mb,
        slots=settings.render_slots,
        embedded=embedded,
        end_sketch=sketcher.end,
    )
    if renderer:
        worker = RenderWorker(
            bot=bot,
            queue=queue,
            notices=notices,
            attempts=Attempts(
                paintings=queue.paintings,
                notices=notices,
                budget=budget,
                max_size=settings.max_size,
                renderer=renderer,
            ),
            renderer=renderer,
            figures=Figures(pool),
            developers=Developers(People(pool), settings.admins),
            budget=budget,
            slots=settings.render_slots,
            folder=settings.var / "painting",
            self_test=settings.try_out,
        )
    notice = StartNotice(
        memory_limit_mb=settings.memory_limit_mb,
        child_limit_mb=budget.child_limit_mb(),
        slots=settings.render_slots,
        weights=weights_line(),
        database="of its own" if embedded else "DATABASE_URL",
    )
    broadcasts = Broadcasts(
        bot=bot, table=BroadcastTable(pool), people=People(pool), report=reporter(bot)
    )
    webhook = (settings.webhook_url, settings.webhook_port) if settings.webhook_url else None
    return Parts(
        bot=bot,
        queue=queue,
        estimates=Estimates(queue),
        statistics=Statistics(pool),
        sketcher=sketcher,
        comparing=comparing,
        notices=notices,
        notice=notice,
        worker=worker,
        broadcasts=broadcasts,
        webhook=webhook,
    )


def build_dispatcher(settings: Settings, pool: Pool, parts: Parts) -> Dispatcher:
    """Build the dispatcher with every router; it handles one person's updates one by one."""
    people = People(pool)
    isolation = SimpleEventIsolation()
    # A sketch answers a tap, though it is made in a task of its own.
    sketching = Sketching(at_once(parts.bot), parts.sketcher, isolation)
    dispatcher = Dispatcher(
        storage=PostgresStorage(pool),
        events_isolation=isolation,
        people=people,
        blocked=Blocked(pool),
        queue=parts.queue,
        notices=parts.notices,
        notice=parts.notice,
        files=FileCache(GalleryFileIds(pool, parts.bot.id)),
        figures=Figures(pool),
        developers=Developers(people, settings.admins),
        charts=Charts(),
        statistics=parts.statistics,
        broadcasts=parts.broadcasts,
        admins=settings.admins,
        comparing=parts.comparing,
        own_paintings=OwnPaintings(parts.queue.paintings, Administrators()),
        pair_view=PairView(
            choices=LastChoices(pool),
            estimates=parts.estimates,
            max_size=settings.max_size,
            sketching=sketching,
        ),
    )
    dispatcher.update.outer_middleware(LanguageMiddleware(people))

    async def newcomer(user_id: int) -> None:
        if user_id in settings.admins:  # Telegram knows no menu for a chat that isn't there yet
            await set_admin_commands(parts.bot, user_id)

    dispatcher.update.outer_middleware(AccessMiddleware(people, newcomer))
    dispatcher.include_routers(*routers())
    return dispatcher


def weights_line() -> str:
    """Which feature weights a painting will use, for admins."""
    from weights import WeightsMissing, find

    try:
        return f"VGG19, {find().size / 1e6:.0f} MB"
    except WeightsMissing as error:
        return f"MISSING ({error})"
