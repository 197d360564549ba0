"""Pages from elsewhere, and names that suddenly mean this machine, get nothing."""

from __future__ import annotations

from pathlib import Path

import aiohttp
import pytest

from local_chat.key import kept_key
from local_chat.people.person import Person
from local_chat.server import LocalChat
from tests.local_chat.conftest import TOKEN, Raw, picture

PAGES = ["/", "/static/main.js", "/chat/history?person=1&before=9", "/chat/live?person=1",
         "/chat/files/x", "/favicon.ico"]  # fmt: skip


@pytest.mark.parametrize("path", [*PAGES, f"/bot{TOKEN}/getMe", f"/file/bot{TOKEN}/x"])
@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:80", "127.0.0.1:1", "localhost", ""]
)
async def test_a_foreign_host(raw: Raw, path: str, host: str) -> None:
    assert (await raw.get(path, Host=host))[0] == 403


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1:1"])
async def test_a_foreign_origin(raw: Raw, path: str, origin: str) -> None:
    assert (await raw.get(path, Origin=origin))[0] == 403


async def test_localhost_is_a_name_of_ours(raw: Raw) -> None:
    port = raw.url.rsplit(":", 1)[1]
    host = f"localhost:{port}"
    assert (await raw.get("/", Host=host))[0] == 200
    assert (await raw.get("/", Host=host, Origin=f"http://{host}"))[0] == 200
    assert (await raw.get("/", Host=host, Origin=raw.url))[0] == 403


@pytest.mark.parametrize("path", ["/chat/press", "/chat/send", "/chat/delete"])
@pytest.mark.parametrize("origin", [None, "https://evil.example"])
async def test_acts_need_the_own_origin(raw: Raw, path: str, origin: str | None) -> None:
    headers = {} if origin is None else {"Origin": origin}
    assert (await raw.post(path, {"person": 1}, **headers))[0] == 403


async def test_the_socket_needs_the_own_origin(raw: Raw, chat: LocalChat) -> None:
    for headers in ({}, {"Origin": "https://evil.example"}):
        with pytest.raises(aiohttp.WSServerHandshakeError) as caught:
            await raw.session.ws_connect(f"{chat.url}/chat/live?person=1", headers=headers)
        assert caught.value.status == 403
    headers = {"Origin": chat.url}
    async with raw.session.ws_connect(f"{chat.url}/chat/live?person=1", headers=headers) as socket:
        state = await socket.receive_json()
    assert (state["type"], state["messages"], state["online"]) == ("state", [], False)


async def test_a_browser_elsewhere_cannot_use_the_bot_api_or_the_pictures(
    raw: Raw, alice: Person
) -> None:
    for headers in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
        assert (await raw.get(f"/bot{TOKEN}/sendMessage?chat_id=1&text=x", **headers))[0] == 403
    assert alice.messages == []
    sent = await alice.send_photo(picture())
    path = f"/chat/files/{sent['photo'][0]['file_id']}"
    image = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"}
    assert (await raw.get(path, **image))[0] == 403
    followed = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}
    assert (await raw.get("/", **followed))[0] == 200


async def test_the_page_allows_itself_nothing_foreign(raw: Raw) -> None:
    _, page, headers = await raw.get("/")
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "script-src 'self'" in policy
    assert "unsafe" not in policy and "frame-ancestors 'none'" in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "http://" not in page.replace("http://www.w3.org", "") and "https://" not in page


async def test_files_are_downloads_unless_they_are_pictures(raw: Raw, alice: Person) -> None:
    page = await alice.send_document(b"<script>alert(1)</script>", "a.html", "text/html")
    drawing = await alice.send_document(b"<svg onload='x()'/>", "a.svg", "image/svg+xml")
    for message in (page, drawing):
        async with raw.session.get(
            f"{raw.url}/chat/files/{message['document']['file_id']}"
        ) as response:
            assert response.headers["Content-Type"] == "application/octet-stream"
            assert response.headers["Content-Disposition"] == "attachment"
            assert "sandbox" in response.headers["Content-Security-Policy"]


@pytest.mark.parametrize("body", [{}, {"person": 1}, {"person": "x", "message_id": 1, "data": "d"}])
async def test_nonsense_from_the_page(raw: Raw, body: dict[str, object]) -> None:
    assert (await raw.post("/chat/press", body, Origin=raw.url))[0] == 400


@pytest.mark.parametrize("path", ["/static/../page.py", "/static/%2e%2e/page.py", "/static/no.js"])
async def test_only_the_pages_own_parts(raw: Raw, path: str) -> None:
    assert (await raw.get(path))[0] == 404


async def test_other_accounts_of_the_machine_get_neither_the_page_nor_the_bot(
    tmp_path: Path,
) -> None:
    chat = LocalChat(tmp_path, port=0, key="the-key", token=TOKEN)
    await chat.start()
    try:
        async with aiohttp.ClientSession() as session:
            for path in PAGES:
                for given in ("", "&key=another", "&key="):
                    asked = path + (given if "?" in path else given.replace("&", "?"))
                    async with session.get(chat.url + asked) as answer:
                        assert answer.status == 403
            for path in ("/chat/send", "/chat/press", "/chat/delete"):
                async with session.post(chat.url + path, headers={"Origin": chat.url}) as answer:
                    assert answer.status == 403
            async with session.get(f"{chat.url}/bot42:another/getMe") as answer:
                assert answer.status == 401
            async with session.get(f"{chat.url}/bot{TOKEN}/getMe") as answer:
                assert answer.status == 200
    finally:
        await chat.stop()


async def test_the_printed_address_opens_the_page_and_its_key_leaves_the_address_bar(
    tmp_path: Path,
) -> None:
    chat = LocalChat(tmp_path, port=0, key=kept_key(tmp_path))
    await chat.start()
    try:
        jar = aiohttp.CookieJar(unsafe=True)  # unsafe: of a host that is a number
        async with aiohttp.ClientSession(cookie_jar=jar) as session:
            async with session.get(f"{chat.page}&person=2") as answer:
                assert answer.status == 200 and str(answer.url) == f"{chat.url}/?person=2"
            (cookie,) = jar
            assert cookie["httponly"] and cookie["samesite"] == "Strict"
            async with session.get(f"{chat.url}/chat/history?person=1&before=9") as answer:
                assert answer.status == 200
    finally:
        await chat.stop()
    assert kept_key(tmp_path) in chat.page  # the address stays good
    assert (tmp_path.stat().st_mode | (tmp_path / "key").stat().st_mode) & 0o077 == 0
