"""A newcomer in a real browser, with no token: from an empty chat to the painted picture."""

from __future__ import annotations

import asyncio
import contextlib
import re
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from PIL import Image
from playwright.async_api import Browser, Page, async_playwright, expect

from tests import browser as chromium
from tests.e2e.bot import BotProcess
from tests.pictures import encoded

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]
ARGUMENTS = (
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
)
PAINTED = 240_000  # ms
WAITING = 120_000
expect.set_options(timeout=WAITING)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def url() -> AsyncIterator[str]:
    """The address that `python app.py` prints when it has no token; one bot for all, whose people
    differ.
    """
    with tempfile.TemporaryDirectory(prefix="style-transfer-bot-") as name:
        folder = Path(name)
        folder.chmod(0o755)  # for PostgreSQL's user
        async with _address(folder) as found:
            yield found


@contextlib.asynccontextmanager
async def _address(folder: Path) -> AsyncIterator[str]:
    # Large enough for a painting to be seen being painted: an edit comes every few seconds.
    size = {"MAX_SIZE": "320"}
    bot = BotProcess("", "", folder, BOT_TOKEN="", LOCAL_CHAT_PORT="0", ADMINS="", **size)
    await bot.start()
    assert bot.process and bot.process.stdout
    async with asyncio.timeout(120):
        while not (
            found := re.search(
                rb"http://127\.0\.0\.1:\d+/\?key=\S+", await bot.process.stdout.readline()
            )
        ):
            assert bot.process.returncode is None, bot.log.read_text()
    yield found[0].decode()
    assert await bot.stop() == 0


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    path = chromium.find()
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        await browser.close()


@pytest.fixture
def files(tmp_path: Path) -> tuple[str, str]:
    """A photo and a painting on the newcomer's disk: a cat of a package's, strokes of our own."""
    from skimage import data

    from data.gallery.painters import PAINTERS

    cat = Image.fromarray(data.chelsea())  # type: ignore[no-untyped-call]
    (tmp_path / "cat.jpg").write_bytes(encoded(cat))
    (tmp_path / "whirls.jpg").write_bytes(encoded(PAINTERS["whirls"](640, 1)))
    return str(tmp_path / "cat.jpg"), str(tmp_path / "whirls.jpg")


async def attach(page: Page, *paths: str) -> None:
    await page.set_input_files("#pick", list(paths))
    await page.click("#preview-send")
    await expect(page.locator("#preview")).to_be_hidden()


async def say(page: Page, text: str) -> None:
    await page.fill("#text", text)
    await page.press("#text", "Escape")
    await page.press("#text", "Enter")


async def look(browser: Browser, url: str, artifacts: Path, name: str, button: str) -> None:
    """Screenshots of the conversation as it is, on a phone and a desk, by day and by night."""
    for device, size in (("phone", (390, 844)), ("desk", (1180, 860))):
        for scheme in ("light", "dark"):
            context = await browser.new_context(
                viewport={"width": size[0], "height": size[1]},
                device_scale_factor=2,
                color_scheme=scheme,  # type: ignore[arg-type]
            )
            context.set_default_timeout(WAITING)
            page = await context.new_page()
            await page.goto(url)
            await expect(page.get_by_role("button", name=button)).to_be_visible()
            overflow = await page.evaluate("document.documentElement.scrollWidth > innerWidth")
            assert not overflow
            path = artifacts / f"{name}-{device}-{scheme}.png"
            await page.screenshot(path=path, animations="disabled")
            await context.close()


async def test_a_newcomer_paints_a_picture(
    url: str, browser: Browser, files: tuple[str, str], artifacts: Path
) -> None:
    context = await browser.new_context(viewport={"width": 1180, "height": 860}, locale="en-US")
    context.set_default_timeout(WAITING)
    page = await context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda m: complaints.append(m.text) if m.type == "error" else None)

    async def shot(name: str) -> None:
        await page.screenshot(path=artifacts / f"{name}.png", animations="disabled")

    await page.goto(url)
    await page.click("#start")
    messages = page.locator("#messages")
    await expect(messages.get_by_text("Your photo, painted the way")).to_be_visible()
    await expect(messages.get_by_text("A cat, painted in strokes")).to_be_visible()
    await shot("1-start")

    await attach(page, files[0])
    await expect(messages.get_by_text("Now send me a painting").last).to_be_visible()
    await attach(page, files[1])
    paint = page.get_by_role("button", name="Paint it")
    await expect(paint).to_be_visible()
    await expect(messages.get_by_text("quick sketch")).to_be_visible()
    await shot("2-ready")
    for page_button, choice, then in (
        ("Size: fast", "fast, 320 px", "Size: fast"),
        ("Strength: 3 of 5", "4 · strong", "Strength: 4 of 5"),
        ("Brush: medium", "thin", "Brush: thin"),
    ):
        await page.get_by_role("button", name=page_button).click()
        await expect(page.get_by_role("button", name="‹ Back")).to_be_visible()
        await shot(f"2-{then.split(':')[0].lower()}")
        await page.get_by_role("button", name=choice).click()
        if "fast" in choice:  # the only size here, and chosen already
            await expect(page.get_by_role("button", name=page_button)).to_be_visible()
        else:
            await expect(page.get_by_role("button", name=then)).to_be_visible()
    await page.get_by_role("button", name="Colours: the painting's").click()
    await expect(page.get_by_role("button", name="Colours: my photo's")).to_be_visible()
    await expect(messages.get_by_text("quick sketch")).to_be_visible()
    await shot("2-chosen")
    await look(browser, url, artifacts, "2-controls", "Paint it")

    await paint.click()
    await expect(page.get_by_role("button", name="Stop")).to_be_visible()
    await expect(messages.get_by_text(re.compile(r"Painting: \d+ %"))).to_be_visible(
        timeout=PAINTED
    )
    await shot("3-painting")
    await say(page, "/help")  # the bot is not blocked
    await expect(messages.get_by_text("How it works").last).to_be_visible()

    again = page.get_by_role("button", name="Paint again")
    await expect(again).to_be_visible(timeout=PAINTED)
    await expect(
        messages.get_by_text(
            re.compile(r"320 × 21[23] · strength 4 of 5, your colours · painted in")
        )
    ).to_be_visible()
    await expect(messages.get_by_text(re.compile(r"Painting: \d+ %"))).to_have_count(0)
    await shot("4-painted")
    await page.get_by_role("button", name="Before and after").click()
    await expect(messages.get_by_text("Before and after.")).to_be_visible()
    await page.get_by_role("button", name="Other settings").click()
    await expect(page.get_by_role("button", name="A little stronger")).to_be_visible()
    await shot("4-other-settings")
    await page.get_by_role("button", name="‹ Back").click()
    await expect(again).to_be_visible()

    await page.get_by_role("button", name="Full-quality file").click()
    await expect(messages.get_by_text("painting.png").last).to_be_visible()
    await page.reload()
    await expect(page.get_by_role("button", name="Paint again")).to_be_visible()
    await shot("5-after-reload")
    await context.close()
    assert complaints == []

    await look(browser, url, artifacts, "6", "Paint again")


async def test_a_russian_newcomer_is_answered_in_russian(url: str, browser: Browser) -> None:
    context = await browser.new_context(locale="ru-RU")
    context.set_default_timeout(WAITING)
    page = await context.new_page()
    await page.goto(f"{url}&person=2")
    await page.click("#start")
    await expect(page.locator("#messages").get_by_text("Пришлите мне фотографию")).to_be_visible()
    await context.close()


async def test_the_gallery_is_leafed_through_in_one_message(
    url: str, browser: Browser, artifacts: Path
) -> None:
    """On a desktop and on a phone: the sheet, a card, and the painting that was taken."""
    for name, width, height in (("desktop", 1180, 860), ("phone", 390, 844)):
        context = await browser.new_context(
            viewport={"width": width, "height": height}, locale="en-US"
        )
        context.set_default_timeout(WAITING)
        page = await context.new_page()
        await page.goto(f"{url}&person={10 + width}")
        await page.click("#start")
        messages = page.locator("#messages")
        await expect(messages.get_by_text("A cat, painted in strokes")).to_be_visible()
        await say(page, "/styles")
        await expect(messages.get_by_text("Paintings of my own")).to_be_visible()
        for step, button, words in (
            ("sheet", "2", "photo. 2 of"),
            ("card", "✓ Take this one", "your painting"),
            ("taken", None, None),
        ):
            path = artifacts / f"gallery-{name}-{step}.png"
            await page.screenshot(path=path, animations="disabled")
            assert not await page.evaluate("document.documentElement.scrollWidth > innerWidth")
            if button and words:
                await page.get_by_role("button", name=button, exact=True).click()
                await expect(messages.get_by_text(words)).to_be_visible()
        await expect(messages.get_by_text("Now send me the photo")).to_be_visible()
        await context.close()
