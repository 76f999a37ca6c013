"""The load mode: many residents, a steady stream of messages, each with a mark by which its answer is known.

The other side must repeat what was said (an assistant that echoes, see ops/bench/door.py): only then can lost, doubled and
order be told for certain.
"""

from __future__ import annotations

import asyncio
import gc
import resource
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from random import Random
from typing import Any

from ops.wechat.customers import Customer
from ops.wechat.ledger import percentile
from ops.wechat.residents import Resident
from ops.wechat.simulator import Simulator

WORDS = (
    "楼道的灯不亮了",
    "三幢门口有一辆车挡住了路",
    "今天的广场舞几点开始",
    "谢谢，已经看到师傅来了",
    "请问志愿活动还能报名吗",
)
"""Nothing that a danger rule would take out of the stream."""
LOOK = 0.05
"""Seconds between two looks at the event loop and at what is still owed."""


@dataclass(frozen=True)
class LoadPlan:
    """`rate` in messages a second. They arrive at random (Poisson) as people's do; `steady`: one every 1/rate seconds instead.
    `kf`: the share of them who write through 微信客服.
    `patience`: seconds after the last message in which answers may still come; `quiet`: seconds listened for what should not."""

    users: int = 500
    rate: float = 200.0
    seconds: float = 60.0
    steady: bool = False
    seed: int = 1
    kf: float = 0.0
    patience: float = 240.0
    quiet: float = 3.0


@dataclass
class _Lag:
    """How late the simulator's own event loop was: what it measures cannot be better than this."""

    seconds: list[float]

    async def watch(self) -> None:
        while True:
            due = time.monotonic() + LOOK
            await asyncio.sleep(LOOK)
            self.seconds.append(time.monotonic() - due)


def cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def arrivals(plan: LoadPlan) -> list[tuple[float, int]]:
    """(seconds from the start, number of the resident) of every message; exactly rate x seconds of them."""
    random, count = Random(plan.seed), round(plan.rate * plan.seconds)  # noqa: S311 - no secret
    if plan.steady:
        times = [number / plan.rate for number in range(count)]
    else:
        times = sorted(random.uniform(0, plan.seconds) for _ in range(count))
    return [(at, random.randrange(plan.users)) for at in times]


async def run_load(
    simulator: Simulator,
    plan: LoadPlan,
    tell: Callable[[str], None] = lambda line: None,
    on_sent: Callable[[], object] | None = None,
) -> dict[str, Any]:
    """Send it all, wait for the answers, and report. Times in the result: `_ms` milliseconds, `_seconds` seconds."""
    stream = arrivals(plan)
    said = [0] * plan.users
    tasks: list[asyncio.Task[Any]] = []
    lag = _Lag([])
    watching = asyncio.create_task(lag.watch())
    gc.collect()
    gc.disable()  # a collection here would count as slowness there
    try:
        tell(f"{len(stream)} messages of {plan.users} residents in {plan.seconds:.0f} s")
        began, cpu = time.monotonic(), cpu_s()
        behind = 0.0
        for at, number in stream:
            if (wait := began + at - time.monotonic()) > 0:
                await asyncio.sleep(wait)
            else:
                behind = max(behind, -wait)
            said[number] += 1
            words = f"{WORDS[number % len(WORDS)]} #{number}-{said[number]}#"
            tasks.append(asyncio.create_task(_person(simulator, plan, number).say(words)))
        ended = time.monotonic()
        busy = (cpu_s() - cpu) / (ended - began)
        tell("all sent; waiting for the answers")
        if on_sent is not None:
            on_sent()
        drained = await _drain(simulator, tasks, ended, plan.patience)
        await asyncio.sleep(plan.quiet)
    finally:
        gc.enable()
        watching.cancel()
        for task in tasks:
            task.cancel()
    return {
        **simulator.report(),
        "drained": drained is not None,
        "drained_seconds": round(plan.patience if drained is None else drained, 2),
        "messages_a_second": round(len(stream) / (ended - began), 1),
        "simulator": {
            "cpu_share": round(busy, 3),
            "loop_lag_p99_ms": round(percentile(lag.seconds, 0.99) * 1000, 2),
            "behind_max_ms": round(behind * 1000, 2),
        },
        "plan": asdict(plan),
    }


def _person(simulator: Simulator, plan: LoadPlan, number: int) -> Resident | Customer:
    name = f"居民{number:05d}"
    return simulator.customer(name) if number < plan.kf * plan.users else simulator.resident(name)


async def _drain(simulator: Simulator, tasks: list[asyncio.Task[Any]], since: float, patience: float) -> float | None:
    """Seconds until everything was delivered and answered; None when patience ran out before."""
    while time.monotonic() < since + patience:
        if not simulator.ledger.waiting and all(task.done() for task in tasks):
            return time.monotonic() - since
        await asyncio.sleep(LOOK)
    return None
