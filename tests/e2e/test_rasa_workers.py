"""Two real Rasa workers behind one gateway, with their locks in Valkey: a resident notices nothing, not even when one is killed."""

from __future__ import annotations

import asyncio
import json
import shutil
import socket
import sqlite3
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from community.bootstrap import open_community
from community.config import Settings
from gateway.rasa_client import RasaClient
from tests.e2e.test_whole_city import report
from tests.running_city import Chat, RunningCity

pytestmark = pytest.mark.timeout(900)


def two_ports_in_a_row() -> int:
    for _ in range(50):
        with socket.socket() as first, socket.socket() as second:
            first.bind(("127.0.0.1", 0))
            number = int(first.getsockname()[1])
            try:
                second.bind(("127.0.0.1", number + 1))
            except (OSError, OverflowError):
                continue
            return number
    raise AssertionError("no two free ports in a row")


@pytest.fixture(scope="module")
def pair() -> Iterator[RunningCity]:
    folder = Path(tempfile.mkdtemp(prefix="linshe-workers-"))
    city = RunningCity(folder)
    city.env |= {"LINSHE_RASA_WORKERS": "2", "LINSHE_RASA_PORT": str(two_ports_in_a_row())}
    try:
        city.start()
        yield city
    finally:
        city.stop()
        shutil.rmtree(folder, ignore_errors=True)


def workers(city: RunningCity) -> list[str]:
    first = int(city.env["LINSHE_RASA_PORT"])
    return [f"http://127.0.0.1:{first + number}" for number in range(2)]


async def key_of(city: RunningCity, code: str) -> str:
    """By which key Rasa knows this demo resident."""
    settings = Settings(_env_file=None, LINSHE_VAR=city.var, LINSHE_MODE="demo")  # type: ignore[call-arg]
    async with open_community(settings, signals=False) as community, community.reading() as uow:
        resident = await uow.people.resident_by_identity("webchat", code)
        assert resident is not None
        return resident.key


async def post(session: aiohttp.ClientSession, base: str, sender: str, number: int, text: str) -> list[dict[str, Any]]:
    body = {"sender": sender, "message": text, "message_id": f"in-{number}", "metadata": {"message_id": f"in-{number}"}}
    async with session.post(f"{base}/webhooks/linshe/webhook", json=body) as answer:
        assert answer.status == 200, await answer.text()
        replies: list[dict[str, Any]] = (await answer.json())["replies"]
        return replies


def kept(city: RunningCity, sender: str) -> list[dict[str, Any]]:
    """The resident's conversation as stored."""
    with sqlite3.connect(city.var / "rasa-tracker.db") as database:
        rows = database.execute("SELECT data FROM events WHERE sender_id = ? ORDER BY id", (sender,)).fetchall()
    return [json.loads(data) for (data,) in rows]


async def test_messages_sent_at_once_to_both_workers_are_handled_one_after_another_and_none_is_lost(
    pair: RunningCity,
) -> None:
    sender = await key_of(pair, "R0011")
    async with aiohttp.ClientSession() as session:
        turns = []
        for number in range(900_001, 900_013):
            turns.append(asyncio.create_task(post(session, workers(pair)[number % 2], sender, number, "你好")))
            await asyncio.sleep(0.01)
        assert all(await asyncio.gather(*turns))
    events = kept(pair, sender)
    handled = [int(e["message_id"].removeprefix("in-")) for e in events if e["event"] == "user"]
    assert sorted(handled) == list(range(900_001, 900_013))
    for worker in range(2):
        # Which of two processes reads its mail first nobody can say; what one of them was given keeps its order.
        mine = [number for number in handled if number % 2 == worker]
        assert mine == sorted(mine)
    # Each message is followed by all of its answer before the next one comes.
    assert "".join({"user": "U", "bot": "B"}.get(e["event"], "") for e in events) == "UB" * 12


async def test_one_message_given_to_both_workers_at_once_is_one_turn(pair: RunningCity) -> None:
    sender = await key_of(pair, "R0012")
    async with aiohttp.ClientSession() as session:
        one, two = await asyncio.gather(
            *(post(session, base, sender, 910_001, "最近有什么志愿活动") for base in workers(pair))
        )
    assert one == two != []
    assert sum(e["event"] == "user" for e in kept(pair, sender)) == 1


async def test_the_conversation_goes_on_with_the_other_worker_when_one_is_killed(pair: RunningCity) -> None:
    code = "R0013"
    own = RasaClient(*workers(pair)).order(await key_of(pair, code))[0]
    name = "rasa" if own.startswith(workers(pair)[0]) else "rasa-2"
    async with Chat(pair, code) as chat:
        assert "取消" in await chat.say("我要报修")
        pair.kill(name)
        number = await report(chat, "鹿山苑2幢1单元楼道里水管爆了，今天早上开始的")
        back = pair.states()[name] == "healthy" and pair.pid(name) != pair.killed[name]
        assert not back, "the whole report was taken before the killed worker was back"
        assert number in await chat.say("进度")
        await pair.until_healthy(name)
        assert number in await chat.say(f"{number}到哪一步了")
