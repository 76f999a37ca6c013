"""The wire to Rasa, from the asking side."""

from __future__ import annotations

import socket

import pytest

from community.model.message import Button, Reply
from gateway.rasa_client import AssistantAway, AssistantBroken, RasaClient
from tests.unit.gateway.door import rasa_server
from tests.unit.gateway.fake_rasa import FakeRasa

METADATA = {"message_id": "in-7", "photos": ["ab"]}


async def ask(url: str, timeout: float = 5) -> list[Reply]:
    client = RasaClient(url, timeout)
    await client.open()
    try:
        return await client.ask("rkey", "你好", METADATA)
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
