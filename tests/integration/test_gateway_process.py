"""The gateway as processes: several on one database, without signals, killed, stopped, on an occupied port."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import socket
from collections.abc import AsyncIterator
from pathlib import Path

from community.bootstrap import open_community
from community.config import Settings
from tests.conftest import free_port
from tests.unit.gateway.door import (  # noqa: F401
    SECRET,
    Visitor,
    city_file,
    city_url,
    open_door,
    pushed,
    rasa,
    rasa_server,
)
from tests.unit.gateway.fake_rasa import FakeRasa
from tests.unit.gateway.process import Process, processes  # noqa: F401


@contextlib.asynccontextmanager
async def gateway_on(url: str, redis_url: str, rasa_url: str, rasa: FakeRasa, var: Path) -> AsyncIterator[Visitor]:  # noqa: F811
    """A gateway with its own connections to database and Valkey, and the resident R0001 at it."""
    settings = Settings(DATABASE_URL=url, REDIS_URL=redis_url, LINSHE_VAR=var, LINSHE_SECRET_KEY=SECRET)
    async with open_community(settings) as community, open_door(community, rasa, rasa_url, var) as door:
        yield await door.visitor("R0001")


async def until_hearing(visitor: Visitor, wanted: bool) -> None:
    async with asyncio.timeout(60):
        while (await visitor.get("/healthz"))[1]["signals"] is not wanted:
            await asyncio.sleep(0.1)


async def test_a_page_at_one_gateway_sees_what_is_said_at_another(
    city_url: str,  # noqa: F811
    valkey: str,
    tmp_path: Path,
    rasa: FakeRasa,  # noqa: F811
) -> None:
    async with rasa_server(rasa) as rasa_url:
        async with (
            gateway_on(city_url, valkey, rasa_url, rasa, tmp_path) as here,
            gateway_on(city_url, valkey, rasa_url, rasa, tmp_path) as there,
        ):
            await until_hearing(here, True)
            await until_hearing(there, True)
            async with there.socket() as page:
                for words in ("灯坏了", "水漏了", "门响了"):
                    await here.say(words)
                    events = await pushed(page, "handled", seconds=40)
                    assert [e["message"]["text"] for e in events[:-1]] == [words, f"收到：{words}"]
    assert rasa.messages == ["灯坏了", "水漏了", "门响了"]


async def test_without_signals_everything_still_arrives_only_later(
    city_url: str,  # noqa: F811
    tmp_path: Path,
    rasa: FakeRasa,  # noqa: F811
) -> None:
    """Two gateways and no Valkey: what is said at one is found by the other when it looks, every three seconds."""
    nobody = f"redis://127.0.0.1:{free_port()}/0"
    async with rasa_server(rasa) as rasa_url:
        async with (
            gateway_on(city_url, nobody, rasa_url, rasa, tmp_path) as here,
            gateway_on(city_url, nobody, rasa_url, rasa, tmp_path) as there,
        ):
            status, health = await there.get("/healthz")
            assert (status, health["ok"], health["signals"]) == (200, True, False)
            async with here.socket() as own, there.socket() as page:
                _, answer = await here.say("灯坏了")
                events = await pushed(own, "handled", seconds=40)
                assert [e["message"]["text"] for e in events[:-1]] == ["灯坏了", "收到：灯坏了"]
                events = await pushed(page, "handled", seconds=40)
                assert [e["message"]["text"] for e in events[:-1]] == ["灯坏了", "收到：灯坏了"]
                assert events[-1]["id"] == answer["id"]
    assert rasa.messages == ["灯坏了"]


# --- a process of its own --------------------------------------------------------------------------------------------


async def test_killed_in_the_middle_of_a_turn_everything_arrives_exactly_once(
    city_url: str,  # noqa: F811
    tmp_path: Path,
    rasa: FakeRasa,  # noqa: F811
    processes: list[Process],  # noqa: F811
) -> None:
    rasa.delay = 1.0
    async with rasa_server(rasa) as rasa_url:
        processes.append(await Process(city_url, rasa_url, tmp_path).ready())
        resident = Visitor(processes[0].url)
        await resident.log_in("R0001")
        cookie = next(iter(resident.session.cookie_jar)).value
        said = [(await resident.say(words, f"page-{n}"))[1]["id"] for n, words in enumerate(("一", "二", "三"))]
        await asyncio.sleep(0.4)
        assert rasa.busy
        processes[0].child.send_signal(signal.SIGKILL)
        await processes[0].ended()
        await resident.close()

        processes.append(await Process(city_url, rasa_url, tmp_path).ready())
        resident = Visitor(processes[1].url)
        resident.session.cookie_jar.update_cookies({"linshe_chat": cookie})
        # The page does not know whether its last message arrived, and sends it again.
        assert (await resident.say("三", "page-2"))[1] == {"id": said[2], "duplicate": True}
        await resident.until_told("收到：三")
        told = await resident.texts()
        await resident.close()
    assert [text for text in told if "收到：" in text] == ["收到：一", "收到：二", "收到：三"]
    assert in_order(rasa.messages)


def in_order(messages: list[str]) -> bool:
    """The turn that was cut may have been asked twice (Rasa answers it from its memory); order holds all the same."""
    return list(dict.fromkeys(messages)) == ["一", "二", "三"]


async def test_it_stops_soon_when_asked_even_with_pages_open(
    city_url: str,  # noqa: F811
    tmp_path: Path,
    rasa: FakeRasa,  # noqa: F811
    processes: list[Process],  # noqa: F811
) -> None:
    async with rasa_server(rasa) as rasa_url:
        processes.append(await Process(city_url, rasa_url, tmp_path).ready())
        resident = Visitor(processes[0].url)
        await resident.log_in("R0001")
        async with resident.socket() as page:
            await resident.say("你好")
            await pushed(page, "handled")
            processes[0].child.send_signal(signal.SIGTERM)
            assert await processes[0].ended(8) == 0
        await resident.close()
    lines = processes[0].lines
    assert not [line for line in lines if line["level"] == "error"]
    assert all("你好" not in str(line) and "李秀英" not in str(line) for line in lines)


async def test_an_occupied_port_is_an_error_that_names_the_setting(
    city_url: str,  # noqa: F811
    tmp_path: Path,
    processes: list[Process],  # noqa: F811
) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        processes.append(Process(city_url, "http://127.0.0.1:9", tmp_path, taken.getsockname()[1]))
        assert await processes[0].ended() == 2
    log = processes[0].log.read_text()
    assert "LINSHE_GATEWAY_PORT" in log
    assert "Traceback" not in log
