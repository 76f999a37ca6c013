# ruff: noqa: F811 - fixtures are named as what they give
"""Voice, end to end over the simulated platform: with its words, without, with somebody who listens, and with nobody home."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from community.bootstrap import SystemClock
from community.ports import SpeechToText
from community.services import attachments
from community.speech import HttpSpeech
from ops.wechat.simulator import Options, Simulator
from tests.conftest import community_on, free_port
from tests.unit.gateway.door import rasa, rasa_server  # noqa: F401
from tests.unit.gateway.fake_rasa import FakeRasa
from tests.unit.gateway.wechat_door import WechatDoor, gateway_on


class Asr:
    """A service that hears what it is told to; `failing` statuses come first."""

    def __init__(self) -> None:
        self.words = "三幢二单元电梯坏了"
        self.failing: list[int] = []
        self.heard: list[tuple[str, bytes]] = []

    async def answer(self, request: web.Request) -> web.Response:
        self.heard.append((request.content_type, await request.read()))
        if self.failing:
            return web.Response(status=self.failing.pop(0))
        return web.json_response({"text": self.words})


@contextlib.asynccontextmanager
async def served(asr: Asr) -> AsyncIterator[str]:
    app = web.Application()
    app.router.add_post("/asr", asr.answer)
    server = TestServer(app)
    await server.start_server()
    try:
        yield str(server.make_url("/asr"))
    finally:
        await server.close()


@contextlib.asynccontextmanager
async def door_with(url: str, tmp_path: Path, rasa: FakeRasa, speech: SpeechToText) -> AsyncIterator[WechatDoor]:
    port = free_port()
    async with (
        community_on(url, tmp_path, SystemClock()) as heart,
        rasa_server(rasa) as rasa_url,
        Simulator(Options(gateway=f"http://127.0.0.1:{port}")) as platform,
    ):
        hearing = dataclasses.replace(heart, speech=speech)
        async with gateway_on(hearing, platform, rasa_url, tmp_path, port) as app:
            yield WechatDoor(app, hearing, platform, rasa)


async def test_without_words_from_the_platform_our_ear_listens_and_says_what_it_heard(
    database_url: str, tmp_path: Path, rasa: FakeRasa
) -> None:
    asr = Asr()
    async with served(asr) as url, door_with(database_url, tmp_path, rasa, HttpSpeech(url)) as door:
        resident = door.platform.resident("李秀英")
        await resident.voice(b"#!AMR\nspoken")
        await door.until("李秀英", "收到：三幢二单元电梯坏了")
        assert door.texts("李秀英") == ["我听到的是：“三幢二单元电梯坏了”\n\n收到：三幢二单元电梯坏了"]
        assert rasa.messages == ["三幢二单元电梯坏了"]
        assert [raw for _, raw in asr.heard] == [b"#!AMR\nspoken"]
        async with door.community.reading() as uow:
            lines = await uow.conversations.history(await door.resident_id("李秀英"))
        assert [line.text for line in lines if line.direction == "in"] == ["三幢二单元电梯坏了"]


async def test_words_of_the_platform_are_taken_and_nobody_of_ours_listens(
    sqlite_url: str, tmp_path: Path, rasa: FakeRasa
) -> None:
    asr = Asr()
    async with served(asr) as url, door_with(sqlite_url, tmp_path, rasa, HttpSpeech(url)) as door:
        await door.platform.resident("李秀英").voice(b"#!AMR", "楼道灯坏了")
        await door.until("李秀英", "^收到：楼道灯坏了$")
        assert asr.heard == []


async def test_danger_that_was_spoken_is_danger(sqlite_url: str, tmp_path: Path, rasa: FakeRasa) -> None:
    asr = Asr()
    asr.words = "家里着火了快来人"
    async with served(asr) as url, door_with(sqlite_url, tmp_path, rasa, HttpSpeech(url)) as door:
        await door.platform.resident("李秀英").voice(b"#!AMR")
        await door.until("李秀英", "119")
        assert rasa.turns == []


@pytest.mark.parametrize("words", ["", "  \n"])
async def test_when_no_words_can_be_made_out_text_is_asked_for(
    sqlite_url: str, tmp_path: Path, rasa: FakeRasa, words: str
) -> None:
    asr = Asr()
    asr.words = words
    async with served(asr) as url, door_with(sqlite_url, tmp_path, rasa, HttpSpeech(url)) as door:
        await door.platform.resident("李秀英").voice(b"#!AMR")
        await door.until("李秀英", "没有听清，请打字")
        assert rasa.turns == []


async def test_a_service_that_comes_back_hears_what_waited_and_in_order(
    sqlite_url: str, tmp_path: Path, rasa: FakeRasa
) -> None:
    asr = Asr()
    asr.failing = [503, 503]
    async with served(asr) as url, door_with(sqlite_url, tmp_path, rasa, HttpSpeech(url)) as door:
        resident = door.platform.resident("李秀英")
        await resident.voice(b"#!AMR")
        await resident.say("快点")
        await door.until("李秀英", "收到：快点", 30)
        assert rasa.messages == ["三幢二单元电梯坏了", "快点"]
        assert len(asr.heard) == 3


class Breaks:
    available = True

    async def text(self, raw: bytes, mime: str) -> str:
        raise KeyError("an adapter of somebody else's")


@pytest.mark.parametrize("speech", [HttpSpeech("http://127.0.0.1:9/asr"), Breaks()], ids=["away", "broken"])
async def test_a_service_that_stays_away_ends_in_a_kind_sentence_and_the_next_message_is_answered(
    sqlite_url: str, tmp_path: Path, rasa: FakeRasa, speech: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attachments, "PATIENCE", timedelta(seconds=1))
    async with door_with(sqlite_url, tmp_path, rasa, speech) as door:
        resident = door.platform.resident("李秀英")
        await resident.voice(b"#!AMR")
        await resident.say("灯坏了")
        await door.until("李秀英", "没有听清，请打字", 30)
        await door.until("李秀英", "收到：灯坏了", 30)
        assert rasa.messages == ["灯坏了"]
