"""The gate: who gets in, from where, and how much they may bring."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.datastructures import Headers

from console.errors import http_status, sentence
from console.gate import MAX_BODY, Gate, cookie_token, same_origin
from console.session import login_url, safe_next


@pytest.mark.parametrize(
    ("target", "goes"),
    [
        ("/tickets/100014", "/tickets/100014"),
        ("/tickets?status=overdue", "/tickets?status=overdue"),
        (None, "/"),
        ("", "/"),
        ("tickets", "/"),
        ("//evil.example", "/"),
        ("/\\evil.example", "/"),
        ("/a\\b", "/"),
        ("/\n//evil.example", "/"),
        ("https://evil.example", "/"),
        ("javascript:alert(1)", "/"),
        ("/login?next=/login", "/"),
    ],
)
def test_after_sign_in_one_stays_in_the_console(target: str | None, goes: str) -> None:
    assert safe_next(target) == goes


def test_the_sign_in_address_carries_why_and_where_back() -> None:
    assert login_url() == "/login"
    assert login_url("expired", "/tickets?q=a&b=1") == "/login?why=expired&next=/tickets%3Fq%3Da%26b%3D1"
    assert login_url("", "//evil.example") == "/login"


@pytest.mark.parametrize(
    ("headers", "same"),
    [
        ({}, True),
        ({"host": "console:8090", "origin": "http://console:8090"}, True),
        ({"host": "console:8090", "origin": "http://evil.example"}, False),
        ({"host": "console:8090", "origin": "null"}, False),
        ({"sec-fetch-site": "cross-site"}, False),
        ({"sec-fetch-site": "same-origin"}, True),
        ({"host": "127.0.0.1:8090", "x-forwarded-host": "desk.city", "origin": "https://desk.city"}, True),
    ],
)
def test_requests_of_other_sites_are_known(headers: dict[str, str], same: bool) -> None:
    assert same_origin(Headers(headers)) is same


@pytest.mark.parametrize(
    "header", ["", "x=1", "linshe_staff", "=;=;", "linshe_staff=\x00bad; a", "a=1; linshe_chat=zzz"]
)
def test_a_broken_cookie_header_is_no_token(header: str) -> None:
    assert cookie_token(header) == ""


def test_the_token_is_found_among_other_cookies() -> None:
    assert cookie_token("a=1; linshe_staff=tok-en_1; b=2") == "tok-en_1"


async def call(scope: dict[str, Any], chunks: list[bytes]) -> list[dict[str, Any]]:
    """Run the gate before an application that reads the whole body."""

    async def reading(scope: Any, receive: Any, send: Any) -> None:
        while (await receive()).get("more_body"):
            pass
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"read"})

    left, sent = list(chunks), []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": left.pop(0), "more_body": bool(left)}

    async def send(message: Any) -> None:
        sent.append(message)

    await Gate(reading)(scope, receive, send)
    return sent


def scope_of(path: str, method: str = "POST", **headers: str) -> dict[str, Any]:
    raw = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    return {"type": "http", "method": method, "path": path, "query_string": b"", "headers": raw, "root_path": ""}


async def test_a_body_that_grows_beyond_any_photo_is_cut_off() -> None:
    sent = await call(scope_of("/login"), [b"x" * 1024 * 1024] * 12)
    assert sent[0]["status"] == 413


async def test_a_body_as_large_as_a_photo_passes() -> None:
    sent = await call(scope_of("/login"), [b"x" * (MAX_BODY - 1)])
    assert sent[0]["status"] == 200


@pytest.mark.parametrize("declared", ["abc", "-1", str(MAX_BODY + 1), "9" * 30])
async def test_a_length_that_cannot_be_is_refused_unread(declared: str) -> None:
    sent = await call(scope_of("/login", content_length=declared), [b""])
    assert sent[0]["status"] == 413


async def test_every_answer_says_that_nothing_comes_from_outside() -> None:
    sent = await call(scope_of("/login"), [b""])
    headers = dict(sent[0]["headers"])
    assert b"default-src 'self'" in headers[b"content-security-policy"]
    assert headers[b"x-content-type-options"] == b"nosniff"


async def test_a_socket_of_another_site_is_closed() -> None:
    sent: list[Any] = []

    async def never(*_: Any) -> Any:
        raise AssertionError("reached the application")

    async def send(message: Any) -> None:
        sent.append(message)

    headers = [(b"host", b"console"), (b"origin", b"https://evil.example")]
    scope = {"type": "websocket", "path": "/_nicegui_ws/socket.io/", "headers": headers}
    await Gate(never)(scope, never, send)
    assert sent == [{"type": "websocket.close", "code": 1008}]


def test_an_unexpected_error_is_never_shown_in_its_own_words() -> None:
    error = RuntimeError("password=hunter2 at 10.0.0.1")
    assert sentence(error) == "没有成功，请稍后再试一次。"
    assert http_status(error) == 500
