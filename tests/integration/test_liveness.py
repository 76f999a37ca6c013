"""An operator sees whether anybody works on what residents say, and the load balancer is not frightened by it. On both databases."""

from __future__ import annotations

import asyncio
import signal
from pathlib import Path

import pytest
from aiohttp.test_utils import TestServer

from community.config import Settings
from community.ports import Community
from community.services import liveness
from gateway import liveness as signs
from gateway.app import make_app
from ops import checks, lock
from ops.bench.servers import context_for
from tests.conftest import FakeClock
from tests.small_city import SmallCity
from tests.unit.gateway.door import SECRET, Visitor, city_file, city_url, rasa, rasa_server  # noqa: F401
from tests.unit.gateway.fake_rasa import FakeRasa
from tests.unit.gateway.process import Process, processes  # noqa: F401


async def test_a_worker_lives_while_it_leaves_signs_and_not_much_longer(community: Community, clock: FakeClock) -> None:
    assert not await liveness.worker_lives(community)
    await liveness.sign(community)
    clock.forward(seconds=19)
    assert await liveness.worker_lives(community)
    clock.forward(seconds=2)
    assert not await liveness.worker_lives(community)
    await liveness.sign(community)
    assert await liveness.worker_lives(community)


@pytest.mark.parametrize("well", [True, False])
async def test_a_worker_whose_turns_have_stopped_leaves_no_sign(community: Community, well: bool) -> None:
    task = asyncio.create_task(signs.run(community, lambda: well))
    await asyncio.sleep(0.3)
    task.cancel()
    assert await liveness.worker_lives(community) is well


async def test_a_gateway_whose_workers_are_gone_says_so_and_goes_on_taking_in(
    community: Community, city: SmallCity, clock: FakeClock, tmp_path: Path
) -> None:
    settings = Settings(LINSHE_VAR=tmp_path, LINSHE_SECRET_KEY=SECRET, LINSHE_WORKERS=1)
    server = TestServer(make_app(community, settings))
    await server.start_server()
    visitor = Visitor(str(server.make_url("/")))
    try:
        await liveness.sign(community)
        status, health = await visitor.get("/healthz")
        assert (status, health["ok"], health["worker"]) == (200, True, True)
        clock.forward(minutes=1)
        status, health = await visitor.get("/healthz")
        assert (status, health["ok"], health["worker"]) == (200, True, False)
    finally:
        await visitor.close()
        await server.close()


async def test_the_gateway_knows_of_a_worker_that_is_another_process(
    city_url: str,  # noqa: F811
    tmp_path: Path,
    rasa: FakeRasa,  # noqa: F811
    processes: list[Process],  # noqa: F811
) -> None:
    async with rasa_server(rasa) as rasa_url:
        door = Process(city_url, rasa_url, tmp_path, workers=1)
        processes.append(door)
        await door.ready()
        visitor = Visitor(door.url)
        assert (await visitor.get("/healthz"))[1]["worker"] is False
        worker = Process(city_url, rasa_url, tmp_path, arguments=("work",))
        processes.append(worker)
        await worker.ready()
        async with asyncio.timeout(20):
            while not (await visitor.get("/healthz"))[1]["worker"]:
                await asyncio.sleep(0.1)
        worker.child.send_signal(signal.SIGKILL)
        async with asyncio.timeout(40):
            while (await visitor.get("/healthz"))[1]["worker"]:
                await asyncio.sleep(0.5)
        assert (await visitor.get("/healthz"))[0] == 200
        await visitor.close()


@pytest.mark.parametrize("started", [True, False])
def test_doctor_calls_it_broken_that_nothing_is_answered_where_a_city_runs(
    city_url: str,  # noqa: F811
    tmp_path: Path,
    started: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from dataclasses import replace

    from community.bootstrap import open_community

    context = context_for(tmp_path, tmp_path / "var")
    settings = context.settings.model_copy(update={"database_url": city_url})
    context = replace(context, settings=settings, database_url=city_url)
    monkeypatch.setattr(lock, "holder", lambda var: 1 if started else None)
    (check,) = checks.work(context)
    assert check.ok is not started
    assert "no worker lives" in check.found

    async def live() -> None:
        async with open_community(settings, signals=False) as community:
            await liveness.sign(community)

    asyncio.run(live())
    (check,) = checks.work(context)
    assert (check.ok, check.found) == (True, "a worker answers and sends")
