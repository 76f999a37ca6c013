"""The wire to Rasa, from the asking side."""

from __future__ import annotations

import socket

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from community.model.message import Button, Reply
from gateway.rasa_client import AssistantAway, AssistantBroken, RasaClient
from tests.unit.gateway.door import rasa_server
from tests.unit.gateway.fake_rasa import FakeRasa

METADATA = {"message_id": "in-7", "photos": ["ab"]}


async def ask(*urls: str, timeout: float = 5) -> list[Reply]:
    client = RasaClient(*urls, timeout=timeout)
    await client.open()
    try:
        return (await client.ask("rkey", "你好", METADATA)).replies
    finally:
        await client.close()


async def test_a_turn_is_sent_and_its_replies_come_back() -> None:
    rasa = FakeRasa(
        lambda turn: [
            {"text": "好的", "buttons": [{"title": "提交", "payload": "/affirm"}], "custom": {}},
            {"text": "", "buttons": [], "custom": {"unknown": 1}},
            {"text": "看图", "custom": {"photos": ["cd"]}},
        ]
    )
    async with rasa_server(rasa) as url:
        replies = await ask(url)
    assert replies == [Reply("好的", (Button("提交", "/affirm"),)), Reply("看图", (), ("cd",))]
    assert rasa.turns == [{"sender": "rkey", "message": "你好", "message_id": "in-7", "metadata": METADATA}]


@pytest.mark.parametrize("status", [500, 404, 400])
async def test_any_other_status_means_broken(status: int) -> None:
    rasa = FakeRasa()
    rasa.failing = [status]
    async with rasa_server(rasa) as url:
        with pytest.raises(AssistantBroken):
            await ask(url)


@pytest.mark.parametrize(
    "raw", ["not json", "[]", '{"replies": 3}', '{"replies": [{"buttons": [{}]}]}', '{"replies": [7]}']
)
async def test_an_answer_of_another_form_means_broken(raw: str) -> None:
    rasa = FakeRasa()
    rasa.raw = raw
    async with rasa_server(rasa) as url:
        with pytest.raises(AssistantBroken):
            await ask(url)


async def test_503_means_away() -> None:
    rasa = FakeRasa()
    rasa.failing = [503]
    async with rasa_server(rasa) as url:
        with pytest.raises(AssistantAway):
            await ask(url)


async def test_a_slow_turn_means_away() -> None:
    rasa = FakeRasa()
    rasa.delay = 2
    async with rasa_server(rasa) as url:
        with pytest.raises(AssistantAway):
            await ask(url, timeout=0.2)


async def test_nobody_there_means_away() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        with pytest.raises(AssistantAway):
            await ask(f"http://127.0.0.1:{taken.getsockname()[1]}")


async def test_a_connection_cut_in_the_middle_means_away() -> None:
    import asyncio

    async def cut(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(cut, "127.0.0.1", 0)
    async with server:
        with pytest.raises(AssistantAway):
            await ask(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")


async def test_a_resident_always_talks_to_the_same_worker_and_residents_are_spread() -> None:
    one, two = FakeRasa(), FakeRasa()
    async with rasa_server(one) as first, rasa_server(two) as second:
        client = RasaClient(first, second)
        await client.open()
        try:
            for _ in range(3):
                for number in range(20):
                    await client.ask(f"r{number}", "你好", METADATA)
        finally:
            await client.close()
    seen = [{turn["sender"] for turn in rasa.turns} for rasa in (one, two)]
    assert not seen[0] & seen[1]
    assert all(len(residents) >= 5 for residents in seen)


@pytest.mark.parametrize("gone", [0, 1])
async def test_when_a_worker_is_gone_the_other_answers_and_later_it_is_asked_again(
    gone: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    alive = FakeRasa()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        nobody = f"http://127.0.0.1:{taken.getsockname()[1]}"
        async with rasa_server(alive) as url:
            client = RasaClient(*((nobody, url) if gone == 0 else (url, nobody)))
            await client.open()
            try:
                for number in range(20):
                    assert (await client.ask(f"r{number}", "你好", METADATA)).replies
                assert len(alive.turns) == 20
                mine = next(
                    r for r in (f"r{n}" for n in range(20)) if RasaClient(*client._urls).order(r)[0].startswith(nobody)
                )
                assert client.order(mine)[0].startswith(url), "just gone: asked last"
                client._gone_until = dict.fromkeys(client._gone_until, 0.0)
                assert client.order(mine)[0].startswith(nobody), "after a while: asked first again"
            finally:
                await client.close()


async def test_a_worker_without_a_model_is_passed_over() -> None:
    async def no_model(_: web.Request) -> web.Response:
        return web.json_response({"error": "no_model"}, status=503)

    app = web.Application()
    app.router.add_post("/webhooks/linshe/webhook", no_model)
    server = TestServer(app)
    await server.start_server()
    try:
        async with rasa_server(FakeRasa()) as url:
            assert await ask(str(server.make_url("")), url)
            assert await ask(url, str(server.make_url("")))
    finally:
        await server.close()


async def test_a_worker_whose_action_server_is_away_is_not_passed_over() -> None:
    """The others would ask the same action server, and a turn must not be begun twice for nothing."""
    rasa, other = FakeRasa(), FakeRasa()
    rasa.failing = other.failing = [503, 503]
    async with rasa_server(rasa) as first, rasa_server(other) as second:
        with pytest.raises(AssistantAway):
            await ask(first, second)
    assert len(rasa.failing) == 1
