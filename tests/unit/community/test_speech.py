"""The HTTP ear: what it sends, and what every answer means."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from community.bootstrap import load_speech
from community.errors import ConfigError, Unavailable
from community.ports import NoSpeech
from community.speech import MAX_ANSWER, MAX_AUDIO, HttpSpeech

Answer = Callable[[web.Request], Awaitable[web.Response]]


@contextlib.asynccontextmanager
async def ear(answer: Answer, timeout: float = 5) -> AsyncIterator[HttpSpeech]:
    app = web.Application(client_max_size=MAX_AUDIO * 2)
    app.router.add_post("/asr", answer)
    server = TestServer(app)
    await server.start_server()
    try:
        yield HttpSpeech(str(server.make_url("/asr")), timeout)
    finally:
        await server.close()


async def test_the_audio_goes_as_it_is_and_the_words_come_back() -> None:
    got: list[tuple[str, bytes]] = []

    async def answer(request: web.Request) -> web.Response:
        got.append((request.content_type, await request.read()))
        return web.json_response({"text": "电梯坏了", "confidence": 0.9})

    async with ear(answer) as speech:
        assert await speech.text(b"#!AMR\n\x00", "audio/amr") == "电梯坏了"
    assert got == [("audio/amr", b"#!AMR\n\x00")]


@pytest.mark.parametrize("status", [400, 413, 415, 422])
async def test_a_recording_that_cannot_be_made_out_has_no_words(status: int) -> None:
    async def answer(request: web.Request) -> web.Response:
        return web.Response(status=status)

    async with ear(answer) as speech:
        assert await speech.text(b"x", "audio/amr") == ""


@pytest.mark.parametrize(
    "response",
    [
        lambda: web.Response(status=500),
        lambda: web.Response(status=401),
        lambda: web.Response(status=429),
        lambda: web.Response(status=307, headers={"Location": "http://127.0.0.1:1/"}),
        lambda: web.Response(text="not json"),
        lambda: web.json_response(["text"]),
        lambda: web.json_response({"text": 7}),
        lambda: web.json_response({"words": "x"}),
        lambda: web.json_response({"text": "长" * MAX_ANSWER}),
    ],
)
async def test_a_service_that_is_ill_is_away(response: Callable[[], web.Response]) -> None:
    async def answer(request: web.Request) -> web.Response:
        return response()

    async with ear(answer) as speech:
        with pytest.raises(Unavailable):
            await speech.text(b"x", "audio/amr")


async def test_a_service_that_does_not_answer_or_is_not_there_is_away() -> None:
    async def answer(request: web.Request) -> web.Response:
        await asyncio.sleep(5)
        return web.Response()

    async with ear(answer, timeout=0.2) as speech:
        with pytest.raises(Unavailable):
            await speech.text(b"x", "audio/amr")
    with pytest.raises(Unavailable):
        await speech.text(b"x", "audio/amr")


async def test_what_is_too_long_or_empty_is_not_sent_at_all() -> None:
    async def answer(request: web.Request) -> web.Response:
        raise AssertionError("sent")

    async with ear(answer) as speech:
        assert await speech.text(b"x" * (MAX_AUDIO + 1), "audio/amr") == ""
        assert await speech.text(b"", "audio/amr") == ""


@pytest.mark.parametrize(
    "url",
    [
        "ftp://host/asr",
        "file:///etc/passwd",
        "host/asr",
        "http://",
        "http:///asr",
        "http://user:secret@host/asr",
        "http://host/asr#x",
        "http://host:99999/",
        "http://ho st/",
    ],
)
def test_only_a_plain_address_is_taken_and_a_wrong_one_is_not_repeated(url: str) -> None:
    with pytest.raises(ConfigError) as refused:
        load_speech("none", url)
    assert "LINSHE_ASR_URL" in refused.value.message
    assert "secret" not in refused.value.message


def test_one_listens_or_nobody() -> None:
    assert isinstance(load_speech("none"), NoSpeech)
    assert isinstance(load_speech("none", "http://127.0.0.1:9/asr"), HttpSpeech)
    with pytest.raises(ConfigError, match="both"):
        load_speech("some.module:name", "http://127.0.0.1:9/asr")
