"""What the bot says to everything that a person may send."""

from __future__ import annotations

from contextlib import AbstractAsyncContextManager
from typing import Any

import pytest
from aiogram.methods import TelegramMethod

from database.server.pool import Pool
from jobs.line.queue import PER_PERSON
from local_chat.api.faults import Fault
from local_chat.people.person import Person
from local_chat.server import LocalChat
from tests.e2e.bot import TOKEN
from tests.e2e.steps import PHOTO, STYLE, offers, order, send_pair, stop
from tests.pictures import encoded, photo
from utils.telegram.rate_limit import RateLimit

pytestmark = pytest.mark.usefixtures("parts")  # it paints nothing: this is about words


async def test_words_get_what_is_needed_next(alice: Person) -> None:
    await alice.send_text("hello")
    await alice.wait_for("Send me the photo that you want painted")
    await alice.send_photo(PHOTO)
    await alice.wait_for("Now send me a painting")
    await alice.send_text("and now?")
    await alice.wait_for("I have your photo")
    await alice.send_photo(STYLE)
    await alice.wait_for(offers("paint"))
    await alice.send_text("and now?")
    await alice.wait_for("Both pictures are here")
    await alice.send_text("/paint")
    await alice.wait_for("don't know this command")


async def test_what_is_no_picture_gets_a_helpful_answer(alice: Person) -> None:
    await alice.send_sticker(animated=True)
    await alice.wait_for("A nice sticker")
    await alice.send_sticker(animated=True)
    await alice.send_voice()
    await alice.wait_for("I can't listen")
    await alice.send_video()
    await alice.wait_for("moving pictures")
    await alice.send_animation()
    pdf = await alice.send_document(b"%PDF-1.7", "poem.pdf", "application/pdf")
    await alice.wait_for("can't open this kind of file", after=pdf.id)
    svg = await alice.send_document(b"<svg/>", "drawing.svg", "image/svg+xml")
    await alice.wait_for("can't open this kind of file", after=svg.id)
    await alice.send_content({"location": {"latitude": 1.0, "longitude": 2.0}})
    await alice.wait_for("I can paint only photos")


async def test_pictures_sent_as_files_are_pictures(alice: Person) -> None:
    await alice.send_document(encoded(photo(), "PNG"), "photo.png", "application/octet-stream")
    await alice.wait_for("Now send me a painting")
    await alice.send_document(STYLE, "IMG_1.HEIC", "application/octet-stream")
    await alice.wait_for(offers("paint"))


async def test_a_file_that_telegram_would_not_hand_out_is_refused_at_once(alice: Person) -> None:
    await alice.send_document(bytes(21 * 1024 * 1024), "huge.tif", "image/tiff")
    await alice.wait_for("larger than 20 MB")
    archive = await alice.send_document(bytes(21 * 1024 * 1024), "all.zip", "application/zip")
    await alice.wait_for("can't open this kind of file", after=archive.id)


async def test_a_third_picture_may_replace_either(alice: Person) -> None:
    _, status = await send_pair(alice)
    third = await alice.send_photo(PHOTO)
    question = await alice.wait_for(offers("use"), after=third.id)
    await alice.press(question, "use:style")
    fresh = await alice.wait_for(offers("paint"), after=question.id)
    await alice.wait_gone(question)
    await alice.press(status, "paint")  # the old button is of a pair that is no more
    await alice.wait_for(lambda m: m.id == status.id and "no longer on my table" in m.text)
    await alice.press(fresh, "paint")
    await alice.wait_for(lambda m: m.id == fresh.id and offers("stop")(m))


async def test_of_two_spare_pictures_the_one_that_was_asked_about_is_taken(
    pool: Pool, alice: Person
) -> None:
    await send_pair(alice)
    one, two = encoded(photo(seed=5)), encoded(photo(seed=6))
    first = await alice.send_photo(one)
    about_first = await alice.wait_for(offers("use"), after=first.id)
    second = await alice.send_photo(two)
    await alice.wait_for(offers("use"), after=second.id)
    await alice.press(about_first, "use:content")
    status = await alice.wait_for(offers("paint"), after=second.id)
    await alice.press(status, "paint")
    await alice.wait_for(lambda m: m.id == status.id and offers("stop")(m))
    async with pool.connection() as connection:
        row = await (await connection.execute("SELECT request FROM paintings")).fetchone()
    assert row and row[0]["content"] == first["photo"][-1]["file_id"]


async def test_an_album_begins_anew_even_beside_a_ready_pair(alice: Person) -> None:
    _, old = await send_pair(alice)
    album = await alice.send_album([PHOTO, STYLE])
    status = await alice.wait_for(offers("paint"), after=album[1].id)
    assert not any(offers("use")(m) for m in alice.messages)
    await alice.press(old, "swap")
    await alice.wait_for("no longer on my table")
    assert offers("paint")(await alice.wait_for(lambda m: m.id == status.id))


async def test_taps_too_old_to_be_answered_still_do_what_they_ask(
    chat: LocalChat, alice: Person
) -> None:
    _, status = await send_pair(alice)
    too_old = "Bad Request: query is too old and response timeout expired or query ID is invalid"
    chat.faults.append(Fault.refuse("answerCallbackQuery", 400, too_old, times=-1))
    await alice.press(status, "paint")
    await alice.wait_for(lambda m: m.id == status.id and offers("stop")(m))
    fresh = await alice.send_photo(PHOTO)  # the dialogue has begun anew
    await alice.wait_for(lambda m: m.from_bot and m.reply_to == fresh.id and "Now send" in m.text)
    await alice.press(status, "stop")
    await alice.wait_for("Stopped")


async def test_a_deleted_status_message_is_replaced_once(alice: Person, boris: Person) -> None:
    _, first = await order(boris)
    _, status = await order(alice)
    await alice.wait_for("number 2")
    alice.delete(status)
    await stop(boris, first)
    moved = await alice.wait_for("You're next")
    await stop(alice, moved)
    await alice.wait_for(lambda m: m.id == moved.id and "Stopped" in m.text)


async def test_a_proxys_error_page_is_survived(
    chat: LocalChat, alice: Person, boris: Person
) -> None:
    _, first = await order(boris)
    await order(alice)
    await alice.wait_for("number 2")
    chat.faults.append(Fault.page("editMessageText", times=6))
    await stop(boris, first)
    await boris.wait_for("Остановлено")
    await alice.wait_for("You're next")


async def test_an_album_of_too_many_is_explained_once(alice: Person) -> None:
    await alice.send_album([PHOTO, STYLE, PHOTO, STYLE, STYLE, STYLE, STYLE])
    await alice.wait_for("the others I left out")
    await alice.wait_for(lambda m: offers("paint")(m) and "4 paintings at once" in m.text)
    assert sum("left out" in m.text for m in alice.messages) == 1


async def test_an_album_replaces_a_lonely_photo(alice: Person) -> None:
    await alice.send_photo(PHOTO)
    await alice.wait_for("Now send me a painting")
    album = await alice.send_album([PHOTO, STYLE])
    status = await alice.wait_for(offers("paint"), after=album[0].id)
    await alice.press(status, "swap")
    await alice.wait_for("Swapped")
    await alice.press(status, "swap")
    await alice.wait_for("All set")
    await alice.press(status, "discard")
    await alice.wait_for("Forgotten")


async def test_cancel_forgets_pictures_and_stops_what_waits(alice: Person) -> None:
    await alice.send_text("/cancel")
    await alice.wait_for("nothing to cancel")
    _, waiting = await order(alice)
    await alice.wait_for("You're next")
    _, ready = await send_pair(alice)
    await alice.send_text("/cancel")
    await alice.wait_for("one painting stopped")
    assert "Stopped" in (await alice.wait_for(lambda m: m.id == waiting.id)).text
    assert not (await alice.wait_for(lambda m: m.id == ready.id)).buttons


async def test_a_stop_in_the_queue_moves_everybody_up(alice: Person, boris: Person) -> None:
    _, first = await order(alice)
    await alice.wait_for("You're next")
    await order(boris)
    await boris.wait_for("под номером 2")
    await stop(alice, first)
    stopped = await alice.wait_for("Stopped")
    assert offers("again")(stopped)
    await boris.wait_for("Ваша очередь следующая")


async def test_answers_to_a_tap_are_edited_at_once_and_what_nobody_asked_for_waits_its_turn(
    alice: Person, boris: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    edits: list[tuple[int, bool]] = []
    turn = RateLimit.turn

    def noted(
        limit: RateLimit, method: TelegramMethod[Any], *, at_once: bool
    ) -> AbstractAsyncContextManager[None]:
        if method.__api_method__.startswith("editMessage"):
            edits.append((method.chat_id, at_once))  # type: ignore[attr-defined]
        return turn(limit, method, at_once=at_once)

    monkeypatch.setattr(RateLimit, "turn", noted)
    _, first = await order(alice)
    await alice.wait_for("You're next")
    await order(boris)
    await boris.wait_for("под номером 2")
    assert {(alice.id, True), (boris.id, True)} <= set(edits)
    edits.clear()
    await stop(alice, first)
    await alice.wait_for("Stopped")
    await boris.wait_for("Ваша очередь следующая", 15)
    assert (alice.id, True) in edits
    assert (boris.id, False) in edits and (boris.id, True) not in edits


async def test_one_person_cannot_fill_the_queue(alice: Person) -> None:
    for _ in range(PER_PERSON):
        await order(alice)
    _, status = await send_pair(alice)
    query = await alice.press(status, "paint")
    answer = await alice.answer_to(query)
    assert answer["alert"] and str(PER_PERSON) in answer["text"]
    assert offers("paint")(await alice.wait_for(lambda m: m.id == status.id))  # nothing lost


async def test_nobody_touches_another_persons_painting(alice: Person, boris: Person) -> None:
    _, status = await order(alice)
    mine = await alice.wait_for(lambda m: m.id == status.id and offers("stop")(m))
    _, theirs = await send_pair(boris)
    data = mine.buttons[0][1]
    for forged in (data, data.replace("stop", "again"), data.replace("stop", "file")):
        answer = await boris.answer_to(await boris.press_data(theirs, forged))
        assert "другого человека" in answer["text"]
    assert offers("stop")(await alice.wait_for(lambda m: m.id == status.id))
    for nonsense in ("stop:nosuch", "stop", "use:frame", "paint:x:y", "\x00", "language:xx"):
        await boris.answer_to(await boris.press_data(theirs, nonsense))


async def test_the_language_follows_telegram_and_can_be_chosen(
    alice: Person, boris: Person
) -> None:
    await boris.send_text("/help")
    await boris.wait_for("Как это работает")
    await boris.send_text("/language")
    await boris.press(await boris.wait_for(offers("language")), "English")
    await boris.wait_for("I'll speak English")
    await boris.send_text("/help")
    await boris.wait_for("How it works")
    await alice.send_text("/privacy")
    assert "30 days" in (await alice.wait_for("What I keep")).text


async def test_admins_get_a_start_notice_and_their_command_and_nobody_else_does(
    admin: Person, alice: Person
) -> None:
    notice = await admin.wait_for("Style-transfer bot")
    for fact in ("900 MB", "Paintings at once: 0", "VGG19", "DATABASE_URL"):
        assert fact in notice.text
    await admin.send_text("/status")
    await admin.wait_for("In line: 0")
    await alice.send_text("/status")
    await alice.wait_for("don't know this command")
    assert len([m for m in alice.messages if m.from_bot]) == 1


async def test_an_unexpected_error_is_survived_apologised_for_and_reported(
    chat: LocalChat, alice: Person, admin: Person, caplog: pytest.LogCaptureFixture
) -> None:
    await admin.wait_for("Style-transfer bot")
    chat.faults.append(Fault.refuse("sendMessage", 400, "Bad Request: something new"))
    await alice.send_text("/help")
    await alice.wait_for("Something went wrong on my side")
    report = await admin.wait_for("something new")
    assert "basics.py" in report.text and "update" in report.text
    await alice.send_text("/help")
    await alice.wait_for("How it works")
    assert TOKEN not in caplog.text and TOKEN not in report.text
