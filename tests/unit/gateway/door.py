"""A small vocabulary to speak with a gateway over HTTP, as pages do."""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextlib
import io
import itertools
import shutil
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from aiohttp.test_utils import TestServer
from PIL import Image

from community.config import Settings
from community.ports import Community
from community.store import migrate
from gateway.app import make_app
from gateway.keys import HUB
from gateway.webchat.hub import Hub
from tests.conftest import FakeClock, community_on
from tests.small_city import build_small_city
from tests.unit.gateway.fake_rasa import FakeRasa

SECRET = "k8sd7f6g5h4j3k2l1q0w9e8r7t6y5u4i"
_numbers = itertools.count(1)


def photo_bytes(colour: tuple[int, int, int] = (200, 80, 40), size: tuple[int, int] = (64, 48)) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, colour).save(out, "JPEG")
    return out.getvalue()


class Visitor:
    """One browser: its cookies, its calls. Answers are (status, body)."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.session = aiohttp.ClientSession(url, cookie_jar=aiohttp.CookieJar(unsafe=True))

    async def close(self) -> None:
        await self.session.close()

    async def get(self, path: str, **more: Any) -> tuple[int, Any]:
        async with self.session.get(path, **more) as response:
            return response.status, await response.json()

    async def post(self, path: str, body: Any = None, **more: Any) -> tuple[int, Any]:
        if "data" not in more:
            more["json"] = {} if body is None else body
        async with self.session.post(path, **more) as response:
            return response.status, await response.json()

    async def log_in(self, who: str) -> None:
        assert (await self.post("/api/demo/login", {"resident": who}))[0] == 200

    async def say(self, text: str | None = None, client_id: str = "", **more: Any) -> tuple[int, Any]:
        body = {"client_id": client_id or f"c{next(_numbers)}", **more}
        if text is not None:
            body["text"] = text
        return await self.post("/api/messages", body)

    async def send_photo(self, raw: bytes, name: str = "lamp.jpg", kind: str = "image/jpeg") -> tuple[int, Any]:
        form = aiohttp.FormData()
        form.add_field("file", raw, filename=name, content_type=kind)
        return await self.post("/api/photos", data=form)

    async def lines(self, limit: int = 50) -> list[dict[str, Any]]:
        status, body = await self.get(f"/api/history?limit={limit}")
        assert status == 200
        messages: list[dict[str, Any]] = body["messages"]
        return messages

    async def texts(self, direction: str = "out") -> list[str]:
        return [line["text"] for line in await self.lines() if line["direction"] == direction]

    async def until_told(self, part: str, seconds: float = 60) -> dict[str, Any]:
        """The first line to this resident that contains `part`."""
        async with asyncio.timeout(seconds):
            while True:
                for line in await self.lines():
                    if line["direction"] != "in" and part in line["text"]:
                        return line
                await asyncio.sleep(0.03)

    @contextlib.asynccontextmanager
    async def socket(self) -> AsyncIterator[aiohttp.ClientWebSocketResponse]:
        async with self.session.ws_connect("/api/ws") as socket:
            yield socket


async def pushed(socket: aiohttp.ClientWebSocketResponse, until: str, seconds: float = 60) -> list[dict[str, Any]]:
    """What the socket brings, up to and with the first event of type `until`; other typing signs are left out."""
    events: list[dict[str, Any]] = []
    async with asyncio.timeout(seconds):
        while True:
            event = await socket.receive_json()
            if event["type"] != "typing":
                events.append(event)
            if event["type"] == until:
                return events


class Door:
    def __init__(self, server: TestServer, community: Community, rasa: FakeRasa) -> None:
        self.app = server.app
        self.url = str(server.make_url("/"))
        self.community, self.rasa = community, rasa
        self._visitors: list[Visitor] = []

    @property
    def app_hub(self) -> Hub:
        return self.app[HUB]

    async def visitor(self, who: str = "") -> Visitor:
        visitor = Visitor(self.url)
        self._visitors.append(visitor)
        if who:
            await visitor.log_in(who)
        return visitor

    async def close(self) -> None:
        for visitor in self._visitors:
            await visitor.close()


@contextlib.asynccontextmanager
async def rasa_server(rasa: FakeRasa, port: int = 0) -> AsyncIterator[str]:
    server = TestServer(rasa.app(), port=port)
    await server.start_server()
    try:
        yield str(server.make_url("")).rstrip("/")
    finally:
        await server.close()


@contextlib.asynccontextmanager
async def open_door(
    community: Community, rasa: FakeRasa, rasa_url: str, var: Path, mode: str = "demo"
) -> AsyncIterator[Door]:
    """A whole gateway, with its worker and loops, on a real port."""
    settings = Settings(LINSHE_MODE=mode, LINSHE_VAR=var, LINSHE_RASA_URL=rasa_url, LINSHE_SECRET_KEY=SECRET, LINSHE_WORKERS=0)
    server = TestServer(make_app(community, settings))
    await server.start_server()
    door = Door(server, community, rasa)
    try:
        yield door
    finally:
        await door.close()
        await server.close()


# Fixtures, for the test modules that import them.


@pytest.fixture
def rasa() -> FakeRasa:
    return FakeRasa()


@pytest.fixture(scope="session")
def city_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small city in a SQLite file, made once: there are many tests, and migrating takes longer than most of them."""
    folder = tmp_path_factory.mktemp("city")
    url = f"sqlite+aiosqlite:///{folder / 'city.db'}"

    async def build() -> None:
        async with community_on(url, folder, FakeClock()) as community:
            await build_small_city(community)

    def make() -> None:
        migrate.upgrade(url)
        asyncio.run(build())

    with concurrent.futures.ThreadPoolExecutor(1) as other_thread:
        other_thread.submit(make).result()
    return folder / "city.db"


@pytest.fixture
def city_url(city_file: Path, tmp_path: Path) -> str:
    """A small city of one's own."""
    shutil.copy(city_file, tmp_path / "test.db")
    return f"sqlite+aiosqlite:///{tmp_path / 'test.db'}"


@pytest.fixture
async def door(city_url: str, tmp_path: Path, clock: FakeClock, rasa: FakeRasa) -> AsyncIterator[Door]:
    """A gateway on the small city in SQLite, with a Rasa that echoes. Time stands still unless moved."""
    async with community_on(city_url, tmp_path, clock) as community:
        async with rasa_server(rasa) as rasa_url, open_door(community, rasa, rasa_url, tmp_path) as opened:
            yield opened
