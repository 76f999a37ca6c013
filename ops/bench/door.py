"""`make bench-door`: the door under load, as the WeChat platform sees it. Prints one JSON object on stdout; progress goes to stderr.

Starts Valkey, a Rasa that echoes and the gateway on a demo city of its own, and is the platform itself (ops/wechat). With --gateway it
measures one that runs already; that one must be set up for the simulator and talk to an assistant that echoes. With --real the
whole city answers, and residents report (ops/bench/real.py): the exit code is 1 when something was lost or doubled.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from ops.bench import servers
from ops.context import Context
from ops.environments import ROOT
from ops.wechat.accounts import Account, Corp
from ops.wechat.faults import ApiRates, Faults, PushRates
from ops.wechat.load import LoadPlan, run_load
from ops.wechat.simulator import LOCAL, Options, Simulator

VERIFY_SECONDS = 30.0
VICTIMS = ("gateway", "worker", "rasa", "actions", "valkey")


def tell(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


@dataclass
class Door:
    """The processes behind the address, all started here and ended here by their own handles."""

    bases: list[str]
    processes: list[servers.Process] = field(default_factory=list)

    def used(self) -> dict[str, dict[str, float]]:
        """Processor seconds and megabytes of each by now."""
        return {p.name: {"cpu_s": round(p.cpu_s(), 2), "memory_mb": p.memory_mb()} for p in self.processes if p.running}


def demo_city(context: Context) -> None:
    """The tables and the demo city, as `./linshe run` makes them; no statutes, since nobody asks for them here."""
    from rich.console import Console

    from ops import steps

    with open(os.devnull, "w") as nowhere:
        console = Console(file=nowhere)
        with steps.step(console, "database") as work:
            steps.upgrade_database(context, work)
        with steps.step(console, "demo city") as work:
            asyncio.run(steps.seed(context, work))


def context_on(database_url: str, work: Path) -> Context:
    """Settings of a city in `work`. `database_url`: of an empty database; '' is SQLite there."""
    from dataclasses import replace

    context = servers.context_for(ROOT, work)
    if database_url:
        settings = context.settings.model_copy(update={"database_url": database_url})
        database_url = settings.async_database_url
        settings = settings.model_copy(update={"database_url": database_url})
        context = replace(context, settings=settings, database_url=database_url)
    return context


def prepared(context: Context, gateways: int, settings: dict[str, str]) -> Door:
    """Valkey, the echo and so many gateways with these settings; not started."""
    from ops.children import all_children, base_env

    def process(name: str, argv: list[str], env: dict[str, str], health: str) -> servers.Process:
        return servers.Process(name, argv, env, context.root, health, context.var / f"{name}.log")

    child = next(child for child in all_children(context) if child.name == "valkey")
    (context.var / "valkey").mkdir(exist_ok=True)
    workers = int(settings.get("LINSHE_WORKERS", "1"))
    started = [process("valkey", list(child.argv), dict(child.env), "")]
    rasa, python = context.settings.rasa_port, sys.executable
    env = {name: value for name, value in base_env(context).items() if name != "LINSHE_RASA_URL"}
    started.append(process("rasa", [python, "-m", "ops.bench.echo_rasa", str(rasa)], env, f"http://{LOCAL}:{rasa}/"))
    ports = [context.settings.gateway_port, *servers.free_ports(gateways - 1)]
    for number, port in enumerate(ports, 1):
        own = {**env, **settings, "LINSHE_GATEWAY_PORT": str(port), "LINSHE_RASA_WORKERS": "1"}
        started.append(process(f"gateway-{number}", [python, "-m", "gateway"], own, f"http://{LOCAL}:{port}/healthz"))
    for number in range(1, workers + 1):
        (at,) = servers.free_ports(1)
        own = {**env, **settings, "LINSHE_WORKER_PORT": str(at - number + 1), "LINSHE_RASA_WORKERS": "1"}
        argv = [python, "-m", "gateway", "work", str(number)]
        started.append(process(f"worker-{number}", argv, own, f"http://{LOCAL}:{at}/healthz"))
    return Door([f"http://{LOCAL}:{port}" for port in ports], started)


@contextlib.contextmanager
def running(door: Door, keep: Path) -> Iterator[Door]:
    """All of them up; all of them down at the end, their logs kept."""
    try:
        for process in door.processes:
            process.start()
            process.wait()
        yield door
    finally:
        for process in reversed(door.processes):
            process.stop()
            if process.log.exists():
                keep.mkdir(parents=True, exist_ok=True)
                shutil.copy(process.log, keep / f"door-{process.name}.log")


@dataclass
class Kills:
    """kill -9 of these processes (by the start of their names), at random moments about `every` seconds apart: each in turn, and
    the turns in random order, so that a short run leaves none of them out. `away`: the longest that each was away, in seconds
    from its end until it answered again, of which whoever waits for it cannot be spared."""

    names: list[str]
    every: float
    seed: int
    done: dict[str, int] = field(default_factory=dict)
    away: dict[str, float] = field(default_factory=dict)

    async def go_on(self, door: Door) -> None:
        random = Random(self.seed)  # noqa: S311 - no secret
        victims = [p for p in door.processes if p.name.startswith(tuple(self.names))]
        turn: list[servers.Process] = []
        while victims:
            await asyncio.sleep(random.uniform(0.5, 1.5) * self.every)
            turn = turn or random.sample(victims, len(victims))
            victim = turn.pop()
            tell(f"kill -9 {victim.name}")
            self.done[victim.name] = self.done.get(victim.name, 0) + 1
            victim.kill()
            since = time.monotonic()
            victim.start()
            up = asyncio.create_task(asyncio.to_thread(victim.wait))
            try:
                await asyncio.shield(up)
            finally:
                # Told to stop meanwhile: the last one still has to come back, and counts.
                await up
                self.away[victim.name] = max(self.away.get(victim.name, 0.0), round(time.monotonic() - since, 1))


async def verified(simulator: Simulator, kf: float) -> None:
    """The platform could verify the addresses that are written to. Raises RuntimeError when it cannot in time."""
    deadline = time.monotonic() + VERIFY_SECONDS
    for pusher in (simulator.official_pusher, *([simulator.corp_pusher] if kf else [])):
        while trouble := await pusher.verify():
            if time.monotonic() > deadline:
                raise RuntimeError(f"the platform could not verify {', '.join(pusher.urls)}: {trouble}")
            await asyncio.sleep(0.5)


async def measure(options: Options, plan: LoadPlan, door: Door, kills: Kills | None = None) -> dict[str, Any]:
    """The load run against a door that is verified first. Killing ends with the last message."""
    async with Simulator(options) as simulator:
        await verified(simulator, plan.kf)
        before = door.used()
        killing = asyncio.create_task(kills.go_on(door)) if kills and kills.names else None
        found = await run_load(simulator, plan, tell, on_sent=killing.cancel if killing else None)
        after = door.used()
    found["processes"] = {
        name: {"cpu_s": round(after[name]["cpu_s"] - before[name]["cpu_s"], 2), "memory_mb": after[name]["memory_mb"]}
        for name in after
        if not (kills and name in kills.done)  # counted from its last start only
    }
    return found | ({"killed": kills.done} if kills and kills.names else {})


def run(arguments: argparse.Namespace) -> dict[str, Any]:
    plan = LoadPlan(
        arguments.users or 500, arguments.rate, arguments.seconds, arguments.steady, arguments.seed, arguments.kf
    )
    rates = PushRates(duplicate=arguments.duplicates / 2, late=arguments.duplicates / 2, drop_answer=arguments.drops)
    fifth = arguments.api_faults / 4
    # Without lost responses: what was accepted and not acknowledged can only be sent again, or not at all.
    api = ApiRates(busy=fifth, reset=fifth, timeout=fifth, server_error=fifth)
    faults = Faults(arguments.seed, api, rates)
    if arguments.gateway:
        from ops import context as contexts
        from ops.wechat import credentials

        account, corp = credentials.kept(contexts.load().var / "wechat-simulator.json")
        options = Options(gateway=arguments.gateway, port=arguments.port, account=account, corp=corp, faults=faults)
        return asyncio.run(measure(options, plan, Door([])))
    account, corp = Account.make(), Corp.make()
    (port,) = servers.free_ports(1)
    api_base = f"http://{LOCAL}:{port}"
    extra = dict(pair.partition("=")[::2] for pair in arguments.set)
    with tempfile.TemporaryDirectory(prefix="linshe-door-") as temporary:
        context = context_on(arguments.database, Path(temporary) / "var")
        tell("building a demo city")
        demo_city(context)
        settings = account.settings(api_base) | corp.settings(api_base) | {"LINSHE_WORKERS": str(arguments.workers)} | extra
        tell(f"starting {arguments.gateways} gateway(s) and {arguments.workers} worker(s)")
        with running(prepared(context, arguments.gateways, settings), ROOT / "var" / "bench") as door:
            options = Options(gateway=",".join(door.bases), port=port, account=account, corp=corp, faults=faults)
            found = asyncio.run(
                measure(options, plan, door, Kills(arguments.kill, arguments.kill_every, arguments.seed))
            )
    return {**found, "database": context.database_url.partition("+")[0], "gateways": arguments.gateways, "workers": arguments.workers}


def share(text: str) -> float:
    """Raises ValueError, which argparse says to the user."""
    found = float(text)
    if not 0 <= found <= 1:
        raise ValueError(text)
    return found


def parser() -> argparse.ArgumentParser:
    found = argparse.ArgumentParser(prog="make bench-door", description=(__doc__ or "").split("\n\n")[0])
    found.add_argument("--gateway", default="", help="measure this one (several with commas) instead of starting one")
    found.add_argument("--port", type=int, default=8091, help="with --gateway: where it expects the platform's API")
    found.add_argument("--gateways", type=int, default=1, help="how many gateway processes on one database (default 1)")
    found.add_argument("--workers", type=int, default=1, help="how many worker processes; 0: the gateways work (default 1)")
    found.add_argument(
        "--database", default="", help="URL of an empty database instead of SQLite in a temporary folder"
    )
    found.add_argument("--real", action="store_true", help="residents report to the whole city instead of an echo")
    found.add_argument("--users", type=int, default=0, help="default 500; with --real 20")
    found.add_argument(
        "--kf", type=share, default=0.0, metavar="SHARE", help="of the residents who write through 微信客服, 0 to 1 (default 0)"
    )
    found.add_argument("--rate", type=float, default=200.0, help="messages a second (default 200)")
    found.add_argument("--seconds", type=float, default=60.0, help="default 60")
    found.add_argument("--duplicates", type=float, default=0.1, help="share of pushes that come twice (default 0.1)")
    found.add_argument("--drops", type=float, default=0.0, help="share of acknowledgements lost on the way (default 0)")
    found.add_argument("--api-faults", type=float, default=0.0, help="share of API calls that fail (default 0)")
    found.add_argument("--steady", action="store_true", help="evenly spaced messages instead of random arrivals")
    found.add_argument("--seed", type=int, default=1)
    found.add_argument(
        "--kill", action="append", default=[], choices=(*VICTIMS, "all"), help="kill -9 it now and then; may be given again"
    )
    found.add_argument("--kill-every", type=float, default=10.0, metavar="SECONDS", help="on average (default 10)")
    found.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="a further gateway setting")
    return found


def main() -> int:
    arguments = parser().parse_args()
    if "all" in arguments.kill:
        arguments.kill = list(VICTIMS)
    # An exception unwinds and ends the servers; the default action of TERM would leave them to the kernel.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        if arguments.real:
            from ops.bench import real

            found = real.run(arguments)
        else:
            found = run(arguments)
        print(json.dumps(found, ensure_ascii=False))
    except RuntimeError as error:
        tell(str(error))
        return 1
    return 1 if found.get("faults") and arguments.real else 0


if __name__ == "__main__":
    sys.exit(main())
