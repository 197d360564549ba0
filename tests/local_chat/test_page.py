"""The page in a real browser, talking to a real bot."""

from __future__ import annotations

import asyncio
import base64
import re
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import pytest_asyncio
from aiogram import Bot
from playwright.async_api import Browser, Page, async_playwright, expect

from local_chat.people.person import Person
from local_chat.server import LocalChat
from tests.browser import find
from tests.local_chat import scripted_bot
from tests.local_chat.conftest import hang_up, make_bot, picture

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]
WAITING = 60_000  # ms
expect.set_options(timeout=WAITING)
ARTIFACTS = Path(__file__).parents[2] / "var" / "artifacts" / "local_chat"
ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser() -> AsyncIterator[Browser]:
    path = find()
    assert path is not None  # else tests/conftest.py has left these tests out
    ARTIFACTS.mkdir(parents=True, exist_ok=True)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        await browser.close()


@dataclass
class Scene:
    chat: LocalChat
    bot: Bot
    person: Person
    page: Page
    complaints: list[str]

    async def shot(self, name: str) -> None:
        await self.page.wait_for_timeout(300)  # movements come to rest
        await self.page.screenshot(path=ARTIFACTS / f"{name}.png")

    async def say(self, text: str) -> None:
        await self.page.fill("#text", text)
        await self.page.press("#text", "Escape")
        await self.page.press("#text", "Enter")

    def sees(self, text: str | re.Pattern[str]):  # type: ignore[no-untyped-def]
        return expect(self.page.locator("#messages").get_by_text(text).last)


@pytest_asyncio.fixture(loop_scope="module")
async def scene(browser: Browser, tmp_path: Path) -> AsyncIterator[Scene]:
    chat = LocalChat(tmp_path, port=0)
    await chat.start()
    bot = make_bot(chat.url)
    dispatcher = scripted_bot.build()
    polling = asyncio.create_task(scripted_bot.run(dispatcher, bot))
    context = await browser.new_context(viewport={"width": 1180, "height": 820}, locale="en-US")
    page = await context.new_page()
    context.set_default_timeout(WAITING)
    complaints: list[str] = []
    page.on("console", lambda m: complaints.append(m.text) if m.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    strangers: list[str] = []
    page.on("request", lambda r: strangers.append(r.url))
    await page.goto(chat.url)
    yield Scene(chat, bot, Person(chat, 1), page, complaints)
    await context.close()
    await dispatcher.stop_polling()
    await polling
    await hang_up(bot)
    await chat.stop()
    assert complaints == []
    own = (chat.url, "blob:", "data:")
    assert [url for url in strangers if not url.startswith(own)] == []


async def begin(scene: Scene) -> None:
    await scene.page.click("#start")
    await scene.sees("Hello!").to_be_visible()


async def test_an_empty_chat_begins_with_a_button(scene: Scene) -> None:
    page = scene.page
    await expect(page.locator("#empty")).to_contain_text("Send a photo and a painting")
    await expect(page.locator("#composer")).to_be_hidden()
    await scene.shot("empty_desktop_light")
    await begin(scene)
    await expect(page.locator("#composer")).to_be_visible()
    await expect(page.locator("#empty")).to_be_hidden()
    link = page.get_by_role("link", name="the paper")
    assert await link.get_attribute("href") == "https://arxiv.org/abs/1508.06576"
    assert await link.get_attribute("rel") == "noopener noreferrer"
    await expect(page.locator(".text strong")).to_have_text("Hello!")
    await page.click(".spoiler")
    await expect(page.locator(".spoiler")).to_have_class(re.compile("open"))
    await page.locator(".command", has_text="/help").last.click()
    await scene.sees("What would you like?").to_be_visible()


async def test_nothing_in_a_message_is_markup(scene: Scene) -> None:
    await begin(scene)
    await scene.say("<img src=x onerror=alert(1)><script>alert(2)</script>")
    await scene.sees(re.compile("You said: <img src=x")).to_be_visible()
    assert await scene.page.locator("#messages img[src=x], #messages script").count() == 0
    await scene.bot.send_message(
        1, '<a href="javascript://a.b/%0Aalert(1)">harmless</a>', parse_mode="HTML"
    )
    await scene.sees("harmless").to_be_visible()
    assert await scene.page.locator("#messages a[href^=javascript]").count() == 0


async def test_commands_complete(scene: Scene) -> None:
    await begin(scene)
    page = scene.page
    await expect(page.locator("#slash")).to_be_visible()  # the commands are known
    await page.fill("#text", "/")
    await expect(page.get_by_role("option")).to_have_count(2)
    await scene.shot("commands_desktop_light")
    await page.fill("#text", "/fi")
    await expect(page.get_by_role("option")).to_have_count(1)
    await page.press("#text", "Tab")
    await expect(page.locator("#text")).to_have_value("/file ")
    await page.fill("#text", "")
    await page.click("#slash")
    await page.get_by_role("option").filter(has_text="/help").click()
    await scene.sees("What would you like?").to_be_visible()


async def test_a_photo_goes_out_smaller_and_upright(scene: Scene, tmp_path: Path) -> None:
    await begin(scene)
    page = scene.page
    (tmp_path / "large.jpg").write_bytes(picture((3000, 2000), "teal"))
    await page.set_input_files("#pick", tmp_path / "large.jpg")
    await expect(page.locator("#preview-title")).to_have_text("Send a photo")
    await page.fill("#preview-caption", "My photo")
    await scene.shot("preview_desktop_light")
    await page.press("#preview-caption", "Enter")
    await scene.sees(re.compile("A photo of 1280×853")).to_be_visible()
    (sent,) = [m for m in scene.person.messages if m.text == "My photo"]
    assert (sent["photo"][-1]["width"], sent["photo"][-1]["height"]) == (1280, 853)
    await expect(page.locator(".pending")).to_have_count(0)
    await expect(page.locator(".quote.pictured")).to_have_count(1)


async def test_an_album_and_its_lightbox(scene: Scene, tmp_path: Path) -> None:
    await begin(scene)
    page = scene.page
    for name in ("red", "olive"):
        (tmp_path / f"{name}.jpg").write_bytes(picture((900, 600), name))
    await page.set_input_files("#pick", [tmp_path / "red.jpg", tmp_path / "olive.jpg"])
    await expect(page.locator("#preview-title")).to_have_text("Send 2 photos")
    await page.click("#preview-send")
    await expect(page.locator(".album[data-count='2'] .photo")).to_have_count(2)
    await scene.sees(re.compile("Of an album")).to_be_visible()
    groups = {m.get("media_group_id") for m in scene.person.messages if m.kind == "photo"}
    assert len(groups) == 1 and None not in groups
    await page.locator(".album .photo").first.click()
    await expect(page.locator("#light-count")).to_have_text("1 / 2")
    await page.keyboard.press("ArrowRight")
    await expect(page.locator("#light-count")).to_have_text("2 / 2")
    await scene.shot("lightbox_desktop")
    async with page.expect_download() as download:
        await page.click("#light-download")
    assert (await download.value).suggested_filename.endswith(".jpg")
    await page.keyboard.press("Escape")
    await expect(page.locator("#lightbox")).not_to_be_visible()


async def test_a_file_keeps_its_bytes(scene: Scene, tmp_path: Path) -> None:
    await begin(scene)
    page = scene.page
    data = picture((2000, 1500), "purple", "PNG")
    (tmp_path / "painting.png").write_bytes(data)
    await page.set_input_files("#pick", tmp_path / "painting.png")
    await page.locator("#preview-kind label").filter(has_text="File").click()
    await expect(page.locator("#preview-title")).to_have_text("Send a file")
    await page.click("#preview-send")
    await scene.sees(f"A file: painting.png, {len(data)} bytes").to_be_visible()
    async with page.expect_download() as download:
        await page.locator("a.document").first.click()
    kept = await download.value
    assert kept.suggested_filename == "painting.png"
    assert (await kept.path()).read_bytes() == data


async def test_what_is_no_picture_goes_as_a_file(scene: Scene, tmp_path: Path) -> None:
    await begin(scene)
    page = scene.page
    (tmp_path / "phone.heic").write_bytes(b"not for browsers")
    (tmp_path / "ok.jpg").write_bytes(picture())
    await page.set_input_files("#pick", [tmp_path / "phone.heic", tmp_path / "ok.jpg"])
    await expect(page.locator("#preview-note")).to_contain_text("they go as files")
    await expect(page.locator("#preview-kind input[value=photo]")).to_be_disabled()
    await page.get_by_label("Take out phone.heic").click()
    await expect(page.locator("#preview-kind input[value=photo]")).to_be_enabled()
    await page.click("#preview-cancel")
    assert [m.kind for m in scene.person.messages] == ["text", "text"]


DROP = """([data, event, target]) => {
  const bytes = Uint8Array.from(atob(data), c => c.charCodeAt(0));
  const carried = new DataTransfer();
  carried.items.add(new File([bytes], "dropped.jpg", { type: "image/jpeg" }));
  const node = target ? document.querySelector(target) : document.body;
  node.dispatchEvent(event === "paste"
    ? new ClipboardEvent("paste", { clipboardData: carried, bubbles: true })
    : new DragEvent(event, { dataTransfer: carried, bubbles: true, cancelable: true }));
}"""


async def test_drop_and_paste(scene: Scene) -> None:
    await begin(scene)
    page = scene.page
    data = base64.b64encode(picture((500, 400), "gold")).decode()
    await page.evaluate(DROP, [data, "dragenter", None])
    await expect(page.locator("#drop")).to_be_visible()
    await page.evaluate(DROP, [data, "dragover", ".zone[data-kind=document]"])
    await scene.shot("drop_desktop_light")
    await page.evaluate(DROP, [data, "drop", ".zone[data-kind=document]"])
    await expect(page.locator("#drop")).to_be_hidden()
    await expect(page.locator("#preview-title")).to_have_text("Send a file")
    await page.click("#preview-send")
    await scene.sees(re.compile("A file: dropped.jpg")).to_be_visible()
    await page.evaluate(DROP, [data, "paste", "#text"])
    await expect(page.locator("#preview-title")).to_have_text("Send a photo")
    await page.click("#preview-send")
    await scene.sees(re.compile("A photo of 500×400")).to_be_visible()


async def test_a_keyboard_from_words_to_picture(scene: Scene) -> None:
    await begin(scene)
    page = scene.page
    await scene.say("/help")
    await scene.shot("keyboard_desktop_light")
    await page.get_by_role("button", name="🎨 Paint").click()
    await expect(page.locator(".toast")).to_have_text("The brush is wet")
    await scene.sees("Done: the way of a gradient.").to_be_visible()
    await expect(page.get_by_role("button", name="Full quality")).to_be_visible()
    await expect(page.get_by_role("button", name="🎨 Paint")).to_have_count(0)
    message = scene.person.messages[-1]
    assert message.kind == "photo" and message.buttons[0] == ("Again", "again")
    await expect(page.locator("#spoken")).to_contain_text("Style Transfer: What would you like?")


async def test_alerts_waiting_keys_and_deletion(scene: Scene) -> None:
    await begin(scene)
    page = scene.page
    await scene.say("/help")
    await page.get_by_role("button", name="Slow").click()
    await expect(page.locator(".key.waiting")).to_have_count(1)
    await expect(page.locator(".toast")).to_have_text("At last")
    await expect(page.locator(".key.waiting")).to_have_count(0)
    await page.get_by_role("button", name="Alert").click()
    await expect(page.locator("#alert-text")).to_contain_text("Only one painting at a time.")
    await scene.shot("alert_desktop_light")
    await page.locator("#alert button").click()
    await page.get_by_role("button", name="Delete this").click()
    await expect(page.locator("#messages").get_by_text("What would you like?")).to_have_count(0)


async def test_replying_with_mouse_and_keys(scene: Scene) -> None:
    await begin(scene)
    page = scene.page
    await page.press("#text", "ArrowUp")
    await page.keyboard.press("Enter")
    await expect(page.locator("#answering-what")).to_contain_text("Hello!")
    await page.fill("#text", "an answer")
    await page.press("#text", "Enter")
    await scene.sees("You said: an answer").to_be_visible()
    sent = next(m for m in scene.person.messages if m.text == "an answer")
    assert sent.reply_to == 2
    await page.locator(".quote").first.click()
    await expect(page.locator(".message.found")).to_have_attribute("data-id", "2")
    await page.locator(".message[data-id='2']").hover()
    await page.locator(".message[data-id='2']").get_by_label("Delete").click()
    await expect(page.locator(".message[data-id='2']")).to_have_count(0)


async def test_presence_and_the_lost_connection(scene: Scene) -> None:
    await begin(scene)
    page = scene.page
    status = page.locator("#status")
    await expect(status).to_have_text("bot")
    port = int(scene.chat.url.rsplit(":", 1)[1])
    folder = scene.chat._folder
    began = time.monotonic()
    await scene.chat.stop()
    assert time.monotonic() - began < 20  # it doesn't wait for the page
    await expect(page.locator("#offline")).to_be_visible()
    await scene.shot("offline_desktop_light")
    scene.complaints.clear()  # the browser itself tells of a refused connection
    scene.chat.__init__(folder, port=port)  # type: ignore[misc]
    await scene.chat.start()
    await expect(page.locator("#offline")).to_be_hidden()
    scene.complaints.clear()
    await Person(scene.chat, 1).send_text("still here")
    await scene.sees("still here").to_be_visible()


async def test_reload_and_two_people(scene: Scene) -> None:
    await begin(scene)
    page = scene.page
    await scene.say("remember me")
    await scene.sees("You said: remember me").to_be_visible()
    await page.reload()
    await scene.sees("You said: remember me").to_be_visible()
    other = await page.context.new_page()
    await other.goto(f"{scene.chat.url}/?person=2")
    await expect(other.locator("#me")).to_contain_text("Boris")
    await other.click("#start")
    await expect(other.locator("#messages").get_by_text("Hello!")).to_be_visible()
    await expect(other.locator("#messages").get_by_text("remember me")).to_have_count(0)
    assert len(Person(scene.chat, 2, "Boris").messages) == 2
    await other.click("#me")
    await expect(other.locator("#people-list a")).to_have_count(4)
    await other.select_option("#language", "ru")
    await expect(other.locator("#text")).to_have_attribute("placeholder", "Сообщение")
    await expect(other.locator(".day")).to_have_text("Сегодня")
    await other.wait_for_timeout(200)
    assert scene.chat.visitors.person(2)["language_code"] == "ru"
    await other.reload()
    await expect(other.locator("#text")).to_have_attribute("placeholder", "Сообщение")
    await other.close()


async def test_history_comes_as_one_scrolls_up(scene: Scene) -> None:
    for number in range(150):
        scene.chat.visitors.send(1, {"text": f"number {number}"})
    page = scene.page
    await page.reload()
    await scene.sees(re.compile("number 149")).to_be_visible()
    assert await page.locator(".message").count() < 150
    for _ in range(12):
        await page.evaluate("document.querySelector('#scroller').scrollTop = 0")
        await page.wait_for_timeout(120)
    await expect(page.locator(".message[data-id='1']")).to_have_count(1)
    await expect(page.locator("#to-end")).to_be_visible()
    await page.click("#to-end")
    await expect(page.locator("#to-end")).to_be_hidden()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(("device", "width"), [("phone", 390), ("desktop", 1180), ("small", 320)])
async def test_it_fits(scene: Scene, scheme: str, device: str, width: int) -> None:
    page = scene.page
    height = 844 if width < 500 else 820
    await page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    await page.set_viewport_size({"width": width, "height": height})
    await scene.shot(f"empty_{device}_{scheme}")
    await begin(scene)
    await scene.say("/help")
    await scene.say("/file")
    await scene.sees("Every pixel").to_be_visible()
    await scene.say("A somewhat longer message, to see how lines break and where the time stands.")
    await scene.sees(re.compile("You said: A somewhat")).to_be_visible()
    await scene.shot(f"chat_{device}_{scheme}")
    overflow = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert await page.evaluate(overflow) == 0
    assert await page.evaluate("scroller.scrollWidth - scroller.clientWidth") == 0
    distance = "scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight"
    assert await page.evaluate(distance) < 4
    await page.evaluate("scroller.scrollTop = 0")
    await scene.shot(f"above_{device}_{scheme}")
    await page.click("#me")
    await scene.shot(f"people_{device}_{scheme}")
