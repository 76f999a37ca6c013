"""Whatever is sent: a 4xx with a sentence, nothing lost, nothing of another's shown, no traceback."""

from __future__ import annotations

import asyncio
import json
import socket
from typing import Any
from urllib.parse import urlsplit

import pytest

from community.model.media import MAX_UPLOAD_BYTES
from tests.conftest import FakeClock
from tests.unit.gateway.door import Door, Visitor, city_file, city_url, door, photo_bytes, rasa  # noqa: F401

TECHNICAL = ("Traceback", 'File "', "Error", "Exception", "sqlalchemy", "aiohttp")


def kind(answer: tuple[int, Any], status: int) -> None:
    """The status, and a Chinese sentence without technical words."""
    assert answer[0] == status, answer
    assert set(answer[1]) == {"error", "message"}
    assert any("\u4e00" <= char <= "\u9fff" for char in answer[1]["message"])
    assert not any(word in answer[1]["message"] for word in TECHNICAL)


async def raw_post(visitor: Visitor, data: bytes, content_type: str | None = "application/json") -> tuple[int, Any]:
    headers = {"Content-Type": content_type} if content_type else {}
    skip = () if content_type else ("Content-Type",)
    async with visitor.session.post("/api/messages", data=data, headers=headers, skip_auto_headers=skip) as response:
        return response.status, await response.json()


@pytest.mark.parametrize(
    "data",
    [
        b"{",
        b"not json",
        b"[1, 2]",
        b'"text"',
        b"null",
        b"\xff\xfe\x00",
        b'{"client_id": "a", "text": ' + b"9" * 5000 + b"}",
        b"[" * 60_000,
        b'{"a":' * 20_000,
    ],
    ids=["cut", "words", "list", "string", "null", "not utf-8", "huge number", "deep list", "deep object"],
)
async def test_malformed_json_is_refused_with_a_reason(door: Door, data: bytes) -> None:  # noqa: F811
    kind(await raw_post(await door.visitor("R0001"), data), 400)


@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", None]
)
async def test_what_a_foreign_form_could_send_is_refused(door: Door, content_type: str | None) -> None:  # noqa: F811
    visitor = await door.visitor("R0001")
    kind(await raw_post(visitor, b'{"client_id": "a", "text": "hi"}', content_type), 415)
    assert await visitor.lines() == []


@pytest.mark.parametrize(
    "body",
    [
        {"text": "没有编号"},
        {"client_id": "", "text": "x"},
        {"client_id": 7, "text": "x"},
        {"client_id": "a" * 65, "text": "x"},
        {"client_id": "a b", "text": "x"},
        {"client_id": "../../x", "text": "x"},
        {"client_id": "a", "text": 7},
        {"client_id": "a", "text": ["x"]},
        {"client_id": "a", "text": {"$ne": ""}},
        {"client_id": "a", "photos": "x"},
        {"client_id": "a", "photos": [7]},
        {"client_id": "a", "photos": ["../../etc/passwd"]},
        {"client_id": "a", "photos": ["A" * 64]},
        {"client_id": "a", "choice": "out-1"},
        {"client_id": "a", "choice": {}},
        {"client_id": "a", "choice": {"message": "out-1", "index": "0"}},
        {"client_id": "a", "choice": {"message": "out-1", "index": True}},
        {"client_id": "a", "choice": {"message": "out-1", "index": 1.5}},
        {"client_id": "a", "choice": {"message": "in-1", "index": 0}},
        {"client_id": "a", "choice": {"message": "out-" + "9" * 40, "index": 0}},
        {"client_id": "a"},
        {"client_id": "a", "text": None},
    ],
    ids=lambda body: json.dumps(body)[:50],
)
async def test_a_body_of_the_wrong_form_is_refused(door: Door, body: dict[str, Any]) -> None:  # noqa: F811
    visitor = await door.visitor("R0001")
    kind(await visitor.post("/api/messages", body), 400)
    assert await visitor.lines() == []


@pytest.mark.parametrize("text", ["", "   \n\t ", "\x00\x01\x02", "\u200b\u202e\ufeff"])
async def test_nothing_said_is_refused(door: Door, text: str) -> None:  # noqa: F811
    kind(await (await door.visitor("R0001")).say(text), 400)


@pytest.mark.parametrize(("text", "status"), [("长" * 20_000, 400), ("长" * 2_001, 400), ("😀" * 20_000, 413)])
async def test_too_long_is_refused_with_a_sentence_about_it(door: Door, text: str, status: int) -> None:  # noqa: F811
    visitor = await door.visitor("R0001")
    answer = await visitor.say(text)
    kind(answer, status)
    assert "太" in answer[1]["message"]
    plain = json.dumps({"client_id": "plain", "text": text}, ensure_ascii=False).encode()
    kind(await raw_post(visitor, plain), 400)
    assert (await visitor.say("长" * 2_000))[0] == 202


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script><img src=x onerror=alert(1)>",
        "'; DROP TABLE residents; --",
        "😀👨‍👩‍👧",
        "{{7*7}} ${7*7} %s %n",
        "\\u0000 \\x00",
        "../../../etc/passwd",
    ],
)
async def test_strange_words_are_words(door: Door, text: str) -> None:  # noqa: F811
    visitor = await door.visitor("R0001")
    assert (await visitor.say(text))[0] == 202
    await visitor.until_told("收到")
    assert await visitor.texts("in") == [text]
    assert await visitor.texts() == [f"收到：{text}"]


async def test_control_characters_and_halves_of_characters_do_no_harm(door: Door) -> None:  # noqa: F811
    visitor = await door.visitor("R0001")
    status, _ = await raw_post(visitor, b'{"client_id": "a", "text": "\\u0000\\u0007lamp\\ud83d broken\\u202e"}')
    assert status == 202
    await visitor.until_told("lamp")
    (said,) = await visitor.texts("in")
    assert said.replace("\ufffd", "") == "lamp broken"


@pytest.mark.parametrize(
    "text", ["/restart", "/affirm", '/inform{"place":"别人家"}', "／affirm", " /session_start", "//affirm"]
)
async def test_a_typed_slash_never_reaches_rasa_as_an_intent(door: Door, text: str) -> None:  # noqa: F811
    visitor = await door.visitor("R0001")
    assert (await visitor.say(text))[0] == 202
    await visitor.until_told("收到")
    (message,) = door.rasa.messages
    assert not message.startswith(("/", "／"))


async def test_somebody_elses_button_cannot_be_pressed(door: Door) -> None:  # noqa: F811
    door.rasa.script = lambda turn: [{"text": "收到", "buttons": [{"title": "提交", "payload": "/affirm"}]}]
    owner, other = await door.visitor("R0001"), await door.visitor("R0002")
    await owner.say("灯坏了")
    asked = await owner.until_told("收到")
    kind(await other.say(None, choice={"message": asked["id"], "index": 0}), 404)
    for index in (-1, 1, 10**18):
        kind(await owner.say(None, choice={"message": asked["id"], "index": index}), 404)


async def test_without_a_session_everything_is_closed(door: Door) -> None:  # noqa: F811
    stranger = await door.visitor()
    for _ in range(2):
        kind(await stranger.get("/api/me"), 401)
        kind(await stranger.get("/api/history"), 401)
        kind(await stranger.get("/api/ws"), 401)
        kind(await stranger.get("/api/photos/" + "0" * 64), 401)
        kind(await stranger.say("你好"), 401)
        kind(await stranger.send_photo(photo_bytes()), 401)
        # And with a cookie that was never given out.
        stranger.session.cookie_jar.update_cookies({"linshe_chat": "x" * 300})


async def test_an_expired_session_is_closed_with_a_sentence(door: Door, clock: FakeClock) -> None:  # noqa: F811
    visitor = await door.visitor("R0001")
    assert (await visitor.say("你好"))[0] == 202
    clock.forward(days=31)
    answer = await visitor.say("还在吗")
    kind(answer, 401)
    assert "过期" in answer[1]["message"]
    kind(await visitor.get("/api/history"), 401)


async def test_too_many_messages_at_once_are_slowed_down_for_this_session_only(door: Door) -> None:  # noqa: F811
    hasty, calm = await door.visitor("R0001"), await door.visitor("R0002")
    answers = [await hasty.say(f"第{n}句") for n in range(21)]
    assert [status for status, _ in answers] == [202] * 20 + [429]
    kind(answers[-1], 429)
    assert (await calm.say("你好"))[0] == 202


async def test_unknown_addresses_and_methods_are_answered_in_chinese(door: Door) -> None:  # noqa: F811
    visitor = await door.visitor("R0001")
    kind(await visitor.get("/api/nothing"), 404)
    kind(await visitor.get("/chat/static/../../../../etc/passwd"), 404)
    kind(await visitor.get("/chat/static/%2e%2e/routes.py"), 404)
    kind(await visitor.get("/api/photos/zz"), 404)
    kind(await visitor.post("/api/me"), 405)
    kind(await visitor.post("/api/demo/login", {"resident": 7}), 400)
    kind(await visitor.post("/api/demo/login", {"resident": "\x00"}), 404)
    kind(await visitor.get("/api/ws"), 400)


# --- photos ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "raw",
    [b"just text, no photo", b"", b"\xff\xd8\xff\xe0 begins like a JPEG", b"%PDF-1.7", b"<svg onload='alert(1)'/>"],
    ids=["text", "empty", "broken", "pdf", "svg"],
)
async def test_what_is_no_photo_is_refused(door: Door, raw: bytes) -> None:  # noqa: F811
    kind(await (await door.visitor("R0001")).send_photo(raw), 415)


@pytest.mark.parametrize(
    ("data", "content_type"),
    [
        (b"x", "image/jpeg"),
        (b"{}", "application/json"),
        (b"", "multipart/form-data; boundary=x"),
        (b"nonsense without a boundary", "multipart/form-data; boundary=x"),
        (
            b'--x\r\nContent-Disposition: form-data; name="other"\r\n\r\nhi\r\n--x--\r\n',
            "multipart/form-data; boundary=x",
        ),
        (b'--x\r\nContent-Disposition: form-data; name="file"\r\n\r\nhalf', "multipart/form-data; boundary=x"),
    ],
)
async def test_an_upload_of_the_wrong_form_is_refused(door: Door, data: bytes, content_type: str) -> None:  # noqa: F811
    visitor = await door.visitor("R0001")
    async with visitor.session.post("/api/photos", data=data, headers={"Content-Type": content_type}) as response:
        answer = response.status, await response.json()
    assert answer[0] in (400, 415)
    kind(answer, answer[0])


@pytest.mark.parametrize("megabytes", [11, 30])
async def test_a_photo_of_30_mb_is_refused_and_the_answer_arrives(door: Door, megabytes: int) -> None:  # noqa: F811
    visitor = await door.visitor("R0001")
    answer = await visitor.send_photo(b"\xff\xd8" + b"x" * (megabytes * 1024 * 1024))
    kind(answer, 413)
    assert "10 MB" in answer[1]["message"]
    assert (await visitor.send_photo(photo_bytes()))[0] == 201


async def test_a_photo_of_unknown_length_is_stopped_at_the_limit(door: Door) -> None:  # noqa: F811
    """Chunked, as a program sends it that does not know the length: there is no header to refuse it by."""
    visitor = await door.visitor("R0001")

    async def parts() -> Any:
        yield b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.jpg"\r\n\r\n'
        for _ in range(30 * 16):
            yield b"x" * 65536
        yield b"\r\n--x--\r\n"

    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    async with visitor.session.post("/api/photos", data=parts(), headers=headers) as response:
        kind((response.status, await response.json()), 413)


async def test_a_client_that_reads_only_after_sending_everything_gets_the_answer(door: Door) -> None:  # noqa: F811
    """As browsers do: an early answer followed by a closed connection would be lost to them."""
    visitor = await door.visitor("R0001")
    cookie = next(iter(visitor.session.cookie_jar))
    where = urlsplit(door.url)

    def send_all_then_read() -> bytes:
        size = 30 * 1024 * 1024
        head = (
            f"POST /api/photos HTTP/1.1\r\nHost: {where.netloc}\r\nCookie: linshe_chat={cookie.value}\r\n"
            f"Content-Type: multipart/form-data; boundary=x\r\nContent-Length: {size}\r\n\r\n"
        )
        with socket.create_connection((where.hostname, where.port), timeout=30) as line:
            line.sendall(head.encode())
            for _ in range(size // 65536):
                line.sendall(b"x" * 65536)
            return line.recv(65536)

    answer = await asyncio.to_thread(send_all_then_read)
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert b"too_large" in answer


async def test_a_photo_just_within_the_limit_is_not_refused_for_its_size(door: Door) -> None:  # noqa: F811
    raw = photo_bytes()
    answer = await (await door.visitor("R0001")).send_photo(raw + b"\0" * (MAX_UPLOAD_BYTES - len(raw)))
    assert answer[0] == 201


async def test_a_picture_that_unpacks_to_billions_of_pixels_is_refused(door: Door) -> None:  # noqa: F811
    import struct
    import zlib

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    bomb = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0))
    bomb += chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b"")
    kind(await (await door.visitor("R0001")).send_photo(bomb, "bomb.png", "image/png"), 415)


async def test_what_goes_wrong_inside_is_told_without_detail(door: Door) -> None:  # noqa: F811
    """The database loses a table under the running gateway."""
    from sqlalchemy import text

    visitor = await door.visitor("R0001")
    async with door.community.uow() as uow:
        await uow.session.execute(text("ALTER TABLE inbox RENAME TO gone"))  # type: ignore[attr-defined]
        await uow.commit()
    answer = await visitor.say("你好")
    kind(answer, 500)
    assert answer[1]["error"] == "internal"
    async with door.community.uow() as uow:
        await uow.session.execute(text("ALTER TABLE gone RENAME TO inbox"))  # type: ignore[attr-defined]
        await uow.commit()
    await visitor.say("又好了")
    await visitor.until_told("收到：又好了")
