"""The optional writer's wire: what is sent, what counts as away, and that a dead endpoint is not waited for twice."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from community.bootstrap import load_writer
from community.config import Settings
from community.errors import ConfigError, Unavailable
from community.ports import NoWriter
from community.writer import LONGEST_REST, MAX_ANSWER, REST, HttpWriter

Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Watch:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def said(text: object, **more: object) -> web.Response:
    return web.json_response({"choices": [{"message": {"role": "assistant", "content": text}, **more}]})


@contextlib.asynccontextmanager
async def endpoint(answer: Answer, timeout: float = 5, watch: Watch | None = None) -> AsyncIterator[HttpWriter]:
    app = web.Application()
    app.router.add_post("/v1/chat/completions", answer)
    async with TestServer(app) as server:
        yield HttpWriter(str(server.make_url("/v1")), "sk-key", "some-model", timeout, watch or Watch())


async def test_instructions_and_material_go_with_the_key_and_the_words_come_back() -> None:
    got: list[tuple[Any, str | None]] = []

    async def answer(request: web.Request) -> web.Response:
        got.append((await request.json(), request.headers.get("Authorization")))
        return said("好的")

    async with endpoint(answer) as writer:
        assert await writer.write("照写", "材料") == "好的"
    (body, key), = got
    assert key == "Bearer sk-key"
    assert body["model"] == "some-model"
    assert [(m["role"], m["content"]) for m in body["messages"]] == [("system", "照写"), ("user", "材料")]


async def test_an_answer_cut_off_in_the_middle_is_no_answer_and_no_failure() -> None:
    async def answer(request: web.Request) -> web.Response:
        return said("押金应当", finish_reason="length")

    async with endpoint(answer) as writer:
        assert await writer.write("", "") == ""
        assert await writer.write("", "") == ""


@pytest.mark.parametrize(
    "response",
    [
        lambda: web.Response(status=500),
        lambda: web.Response(status=401),
        lambda: web.Response(status=429),
        lambda: web.Response(status=307, headers={"Location": "http://127.0.0.1:1/"}),
        lambda: web.Response(text="not json"),
        lambda: web.Response(text="[" * 50_000),
        lambda: web.json_response([]),
        lambda: web.json_response({"choices": []}),
        lambda: web.json_response({"choices": [{"message": {}}]}),
        lambda: said(7),
        lambda: said(None),
        lambda: said("长" * MAX_ANSWER),
    ],
)
async def test_an_endpoint_that_is_ill_is_away(response: Callable[[], web.Response]) -> None:
    async def answer(request: web.Request) -> web.Response:
        return response()

    async with endpoint(answer) as writer:
        with pytest.raises(Unavailable):
            await writer.write("", "")


async def test_a_dead_endpoint_costs_one_wait_and_is_found_again() -> None:
    watch, asked, well = Watch(), [], False

    async def answer(request: web.Request) -> web.Response:
        asked.append(watch.now)
        if not well:
            await asyncio.sleep(5)
        return said("好的")

    async with endpoint(answer, timeout=0.2, watch=watch) as writer:
        for _ in range(5):
            with pytest.raises(Unavailable):
                await writer.write("", "")
        assert len(asked) == 1
        watch.now += REST + 1
        # Two at once: one finds out, the other does not wait.
        found = await asyncio.gather(writer.write("", ""), writer.write("", ""), return_exceptions=True)
        assert all(isinstance(one, Unavailable) for one in found)
        assert len(asked) == 2
        watch.now += REST + 1
        with pytest.raises(Unavailable):
            await writer.write("", "")
        assert len(asked) == 2, "the second rest is longer"
        watch.now += LONGEST_REST
        well = True
        assert await writer.write("", "") == "好的"
        assert await writer.write("", "") == "好的"
        assert len(asked) == 4


@pytest.mark.parametrize(
    "url", ["ftp://host/v1", "host/v1", "http://", "http://user:secret@host/v1", "http://host/v1?key=secret", "http://ho st/"]
)
def test_only_a_plain_address_is_taken_and_a_wrong_one_is_not_repeated(url: str) -> None:
    with pytest.raises(ConfigError, match="LINSHE_WRITER_URL") as refused:
        HttpWriter(url, "", "m", 1)
    assert "secret" not in refused.value.message


def test_nobody_writes_unless_named_with_a_model() -> None:
    def settings(**values: object) -> Settings:
        return Settings(_env_file=None, **values)  # type: ignore[call-arg, arg-type]

    assert isinstance(load_writer(settings()), NoWriter)
    assert isinstance(load_writer(settings(LINSHE_WRITER_URL="http://127.0.0.1:9/v1", LINSHE_WRITER_MODEL="m")), HttpWriter)
    with pytest.raises(ConfigError, match="LINSHE_WRITER_MODEL"):
        load_writer(settings(LINSHE_WRITER_URL="http://127.0.0.1:9/v1"))
    with pytest.raises(ConfigError, match="LINSHE_WRITER_KEY") as refused:
        load_writer(settings(LINSHE_WRITER_URL="http://127.0.0.1:9/v1", LINSHE_WRITER_MODEL="m", LINSHE_WRITER_KEY="sk 1"))
    assert "sk 1" not in refused.value.message
