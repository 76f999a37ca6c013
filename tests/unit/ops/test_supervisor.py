"""The supervisor with real processes: small servers that crash, hang, ignore TERM or leave children of their own."""

from __future__ import annotations

import asyncio
import contextlib
import io
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import psutil
import pytest
from rich.console import Console

from ops import health
from ops.children import Child
from ops.context import OperationFailed
from ops.ports import Port
from ops.supervisor import Supervisor, Timing, pids

DUMMY = Path(__file__).with_name("dummy.py")
ROOT = Path(__file__).resolve().parents[3]
QUICK = Timing(grace=1.0, first_delay=0.05, longest_delay=0.2, poll=0.05, watch=0.1, hung=1.0, heartbeat=0.3)


def free_port() -> int:
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        return int(trial.getsockname()[1])


def child(name: str, *wishes: str, port: int | None = None, stage: int = 1, start_timeout: float = 15) -> Child:
    number = port or free_port()
    return Child(
        name,
        (sys.executable, "-S", str(DUMMY), str(number), *wishes),
        {"PATH": os.environ["PATH"]},
        ROOT,
        Port(name, f"LINSHE_{name.upper()}_PORT", "127.0.0.1", number),
        health.http("127.0.0.1", number, "/", timeout=0.5),
        stage=stage,
        start_timeout=start_timeout,
    )


def alive(pid: int) -> bool:
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


async def until(true: Callable[[], bool], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it did not come to pass in time"
        await asyncio.sleep(0.05)


class Stage:
    """A running supervisor, and what it has printed so far."""

    def __init__(self, var: Path, *children: Child, timing: Timing = QUICK) -> None:
        self.var = var
        self.said = io.StringIO()
        self.ready = asyncio.Event()
        console = Console(file=self.said, width=200)
        self.supervisor = Supervisor(children, var, console, timing, on_ready=self.ready.set)
        self.task = asyncio.create_task(self.supervisor.run())

    def pid(self, name: str) -> int:
        return pids(self.var)[name]


@contextlib.asynccontextmanager
async def running(var: Path, *children: Child, timing: Timing = QUICK) -> AsyncIterator[Stage]:
    stage = Stage(var, *children, timing=timing)
    await asyncio.wait_for(stage.ready.wait(), 20)
    yield stage
    stage.supervisor.stop()
    assert await asyncio.wait_for(stage.task, 20) == 0


async def test_all_children_are_healthy_before_it_says_ready(tmp_path: Path) -> None:
    async with running(tmp_path, child("one", stage=0), child("two")) as stage:
        state = json.loads((tmp_path / "run.json").read_text())
        assert state["supervisor"] == os.getpid()
        assert {name: entry["state"] for name, entry in state["children"].items()} == {
            "one": "healthy",
            "two": "healthy",
        }
        said = stage.said.getvalue()
        assert said.index("one      healthy") < said.index("two      starting")
    assert not (tmp_path / "run.json").exists()


async def test_a_killed_child_is_started_again_and_said_so(tmp_path: Path) -> None:
    async with running(tmp_path, child("rasa"), child("gateway")) as stage:
        first, other = stage.pid("rasa"), stage.pid("gateway")
        os.kill(first, signal.SIGKILL)
        await until(lambda: pids(tmp_path).get("rasa", first) != first)
        second = stage.pid("rasa")
        await until(lambda: json.loads((tmp_path / "run.json").read_text())["children"]["rasa"]["state"] == "healthy")
        assert stage.pid("gateway") == other
        assert alive(second)
        assert "crashed (killed by SIGKILL); restarting" in stage.said.getvalue()
    assert not alive(second)
    assert not alive(other)


async def test_a_crashed_child_leaves_no_grandchild_to_hold_its_port(tmp_path: Path) -> None:
    kept = tmp_path / "grandchildren"
    async with running(tmp_path, child("actions", "grandchild", str(kept))) as stage:
        grandchild = int(kept.read_text())
        assert alive(grandchild)
        os.kill(stage.pid("actions"), signal.SIGKILL)
        await until(lambda: not alive(grandchild))


async def test_a_child_that_ignores_term_is_killed_with_its_group(tmp_path: Path) -> None:
    kept = tmp_path / "grandchildren"
    async with running(tmp_path, child("console", "ignore-term", "grandchild", str(kept))) as stage:
        pid, grandchild = stage.pid("console"), int(kept.read_text())
    assert not alive(pid)
    await until(lambda: not alive(grandchild), 3)


async def test_a_hung_child_is_ended_and_started_again(tmp_path: Path) -> None:
    async with running(tmp_path, child("gateway")) as stage:
        first = stage.pid("gateway")
        os.kill(first, signal.SIGSTOP)
        await until(lambda: pids(tmp_path).get("gateway", first) != first, 30)
        assert "does not answer" in stage.said.getvalue()


async def test_an_occupied_port_names_the_setting_before_anything_starts(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        stage = Stage(tmp_path, child("valkey", stage=0), child("gateway", port=port))
        with pytest.raises(OperationFailed, match=f"Port {port} for gateway is in use.*LINSHE_GATEWAY_PORT"):
            await stage.task
    assert "starting" not in stage.said.getvalue()
    assert not (tmp_path / "run.json").exists()


async def test_a_child_that_never_gets_up_ends_the_start_with_its_own_words(tmp_path: Path) -> None:
    stage = Stage(tmp_path, child("gateway"), child("rasa", "die-at-once"))
    with pytest.raises(OperationFailed, match="rasa ended 3 times before it was ever healthy") as failed:
        await stage.task
    assert "no such luck" in str(failed.value)
    assert not stage.ready.is_set()


async def test_a_child_that_is_not_healthy_in_time_ends_the_start(tmp_path: Path) -> None:
    stage = Stage(tmp_path, child("rasa", "mute", start_timeout=1))
    with pytest.raises(OperationFailed, match="rasa was not healthy within 1 s"):
        await stage.task
    assert "waiting for rasa" in stage.said.getvalue()


async def test_a_program_that_does_not_exist_ends_the_start(tmp_path: Path) -> None:
    missing = child("rasa")
    missing = Child("rasa", ("/nonexistent/python",), {}, ROOT, missing.port, missing.healthy)
    with pytest.raises(OperationFailed, match="rasa cannot be started"):
        await Stage(tmp_path, missing).task


async def test_endless_output_neither_blocks_a_child_nor_is_lost(tmp_path: Path) -> None:
    async with running(tmp_path, child("gateway", "noisy")):
        pass
    log = (tmp_path / "log" / "gateway.log").read_text()
    assert log.count("x") >= 300_000
    assert "last words of a long speech" in log


def start_elsewhere(var: Path, *wishes: str) -> subprocess.Popen[str]:
    """A supervisor in a process of its own, so that it can be killed."""
    code = f"""
import asyncio, sys
sys.path[:0] = [{str(DUMMY.parent)!r}, {str(ROOT)!r}]
from pathlib import Path
from test_supervisor import child, QUICK
from ops.supervisor import Supervisor
children = [child("one"), child("two", *{wishes!r})]
keeper = Supervisor(children, Path({str(var)!r}), timing=QUICK, on_ready=lambda: print("READY", flush=True))
sys.exit(asyncio.run(keeper.run()))
"""
    started = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, cwd=ROOT)
    assert started.stdout is not None
    assert any("READY" in line for line in started.stdout)
    return started


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_a_signal_stops_everything_cleanly(tmp_path: Path, number: signal.Signals) -> None:
    supervisor = start_elsewhere(tmp_path, "ignore-term")
    children = pids(tmp_path).values()
    supervisor.send_signal(number)
    assert supervisor.wait(15) == 0
    assert not any(alive(pid) for pid in children)


async def test_nothing_outlives_a_supervisor_that_is_killed(tmp_path: Path) -> None:
    kept = tmp_path / "grandchildren"
    supervisor = start_elsewhere(tmp_path, "ignore-term", "grandchild", str(kept))
    children = [*pids(tmp_path).values(), int(kept.read_text())]
    assert all(alive(pid) for pid in children)
    supervisor.kill()
    supervisor.wait(15)
    await until(lambda: not any(alive(pid) for pid in children), 5)
