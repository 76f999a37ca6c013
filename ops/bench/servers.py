"""Both sides' servers: each its own Rasa, its own action server and its own copy of the demo city, all ended at the end."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import os
import shutil
import signal
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from random import SystemRandom

from ops import environments, steps, training
from ops.bench import stock as stock_project
from ops.children import LOCAL, all_children
from ops.context import Context
from ops.process import die_with

START_SECONDS = 240
PORTS = range(10_000, 32_000)
RESIDENTS = 4000
"""Each conversation of the bench is a resident of its own."""


def sender(number: int) -> str:
    return f"bench{number:05d}"


def free_ports(count: int) -> list[int]:
    """That nobody listens at now, drawn from below those that systems give to outgoing connections: the port of a server that was
    killed must still be free when it starts again, whatever else the machine does."""
    import socket

    found: list[int] = []
    for port in SystemRandom().sample(PORTS, len(PORTS)):
        if len(found) == count:
            break
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((LOCAL, port))
            found.append(port)
    return found


def context_for(root: Path, var: Path) -> Context:
    """A city in `var`, on free ports, blind to the operator's own settings."""
    from community.config import Settings

    rasa, actions, valkey, gateway, console, worker = free_ports(6)
    url = f"sqlite+aiosqlite:///{var / 'linshe.db'}"
    settings = Settings(
        _env_file=None,
        LINSHE_MODE="demo",
        LINSHE_VAR=var,
        DATABASE_URL=url,
        REDIS_URL="",
        LINSHE_RASA_URL="",
        LINSHE_SECRET_KEY="",
        LINSHE_LEGAL_VECTORS=False,  # minutes of somebody else's processor time
        LINSHE_RASA_PORT=rasa,
        LINSHE_ACTIONS_PORT=actions,
        LINSHE_VALKEY_PORT=valkey,
        LINSHE_GATEWAY_PORT=gateway,
        LINSHE_CONSOLE_PORT=console,
        LINSHE_WORKER_PORT=worker,
    )
    var.mkdir(parents=True, exist_ok=True)
    secret = settings.check_secret()
    settings = settings.model_copy(update={"secret_key": secret})
    return Context(settings, root, var, url, settings.valkey_url, secret, embedded_valkey=True, own_rasa=True)


def _city_print(root: Path) -> str:
    digest = hashlib.sha256(str(RESIDENTS).encode())
    for folder in ("data/demo", "data/knowledge", "community/store", "community/knowledge"):
        for path in sorted((root / folder).rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                digest.update(f"{path.relative_to(root)}\0".encode() + path.read_bytes())
    return digest.hexdigest()


def seeded_city(root: Path, keep: Path, tell: Callable[[str], None]) -> Path:
    """A folder with the demo city, the statutes and the bench's residents, made once and copied for each side."""
    stamp, wanted = keep / "complete", _city_print(root)
    if stamp.exists() and stamp.read_text() == wanted:
        return keep
    tell("building the demo city (once: kept for the next run)")
    shutil.rmtree(keep, ignore_errors=True)
    context = context_for(root, keep)

    from rich.console import Console

    with open(os.devnull, "w") as nowhere:
        steps.prepare(context, Console(file=nowhere), with_training=False)
    asyncio.run(_add_residents(context))
    stamp.write_text(wanted)
    return keep


async def _add_residents(context: Context) -> None:
    from community.bootstrap import open_community
    from community.model.people import Resident

    async with open_community(context.settings, signals=False) as community:
        async with community.uow() as uow:
            for number in range(RESIDENTS):
                await uow.people.add_resident(Resident(0, sender(number), f"居民{number}", demo=True))
            await uow.commit()


@dataclass
class Process:
    """One server, in a group of its own, ended by its own handle."""

    name: str
    argv: list[str]
    env: Mapping[str, str]
    cwd: Path
    health: str
    log: Path
    running: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self.log.open("ab") as out:
            self.running = subprocess.Popen(
                self.argv,
                cwd=self.cwd,
                env=dict(self.env),
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=die_with(os.getpid()),
            )

    def wait(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self.running is not None and self.running.poll() is None:
            if not self.health:
                return
            try:
                with urllib.request.urlopen(self.health, timeout=2) as answer:  # noqa: S310 - our own http address
                    if answer.status == 200:
                        return
            except OSError:
                time.sleep(0.2)
        raise RuntimeError(
            f"{self.name} did not start; see {self.log}\n{self.log.read_text('utf-8', 'replace')[-2000:]}"
        )

    def kill(self) -> None:
        """As when the machine takes it away: no goodbye."""
        if self.running is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.running.pid, signal.SIGKILL)
            self.running.wait()

    def stop(self) -> None:
        if self.running is None:
            return
        for number, patience in ((signal.SIGTERM, 10), (signal.SIGKILL, 5)):
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.running.pid, number)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self.running.wait(patience)
                break

    def cpu_s(self) -> float:
        """Processor time used so far. Steadier than a clock on a machine that does other things too."""
        import psutil

        assert self.running is not None
        used = psutil.Process(self.running.pid).cpu_times()
        return float(used.user + used.system)

    def memory_mb(self) -> float:
        """Resident memory of the process and its children."""
        import psutil

        assert self.running is not None
        first = psutil.Process(self.running.pid)
        used = sum(int(p.memory_info().rss) for p in (first, *first.children(recursive=True)))
        return round(used / 2**20, 1)


@dataclass
class Side:
    """One Rasa with its action server. `url` is its REST channel."""

    name: str
    context: Context
    rasa: Process
    others: list[Process] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://{LOCAL}:{self.context.settings.rasa_port}/webhooks/rest/webhook"

    def cpu_s(self) -> dict[str, float]:
        """Of Rasa and of the action server."""
        return {p.name.rpartition(" ")[2]: p.cpu_s() for p in self.processes() if not p.name.endswith("valkey")}

    def processes(self) -> list[Process]:
        return [*self.others, self.rasa]


def _side(name: str, root: Path, work: Path, city: Path) -> tuple[Context, list[Process]]:
    """A copy of the city for this side, its Valkey and its action server."""
    folder = work / name
    work.mkdir(exist_ok=True)
    shutil.copytree(city, folder, ignore=shutil.ignore_patterns("log", "complete"))
    context = context_for(root, folder)
    (folder / "valkey").mkdir(exist_ok=True)
    helpers = []
    for child in all_children(context):
        if child.name in ("valkey", "actions"):
            health = f"http://{LOCAL}:{child.port.number}/health" if child.name == "actions" else ""
            log = folder / f"{child.name}.log"
            helpers.append(Process(f"{name} {child.name}", list(child.argv), child.env, child.cwd, health, log))
    return context, helpers


def ours(root: Path, work: Path, city: Path) -> Side:
    """As `./linshe run` starts it, with the REST channel opened beside our own."""
    context, helpers = _side("ours", root, work, city)
    child = next(child for child in all_children(context) if child.name.startswith("rasa"))
    credentials = context.var / "credentials.yml"
    credentials.write_text((root / "credentials.yml").read_text("utf-8").rstrip() + "\nrest:\n", "utf-8")
    argv = [str(credentials) if word == "credentials.yml" else word for word in child.argv]
    argv = [str(training.model(root)) if word == "models/rasa" else word for word in argv]
    health = f"http://{LOCAL}:{context.settings.rasa_port}/webhooks/linshe/"
    rasa = Process("ours rasa", argv, child.env, child.cwd, health, context.var / "rasa.log")
    return Side("ours", context, rasa, helpers)


def stock(root: Path, work: Path, city: Path, project: stock_project.Stock, store: str) -> Side:
    """Stock Rasa as its documentation starts it. `store`: memory (its default) or sqlite."""
    context, helpers = _side("stock", root, work, city)
    endpoints = f"action_endpoint:\n  url: http://{LOCAL}:{context.settings.actions_port}/webhook\n"
    if store == "sqlite":
        endpoints += f"tracker_store:\n  type: SQL\n  dialect: sqlite\n  db: {context.var / 'stock-tracker.db'}\n"
    (context.var / "endpoints.yml").write_text(endpoints, "utf-8")
    port = context.settings.rasa_port
    argv = [str(environments.both(root)[1].python), "-m", "rasa", "run", "-i", LOCAL, "-p", str(port)]
    argv += ["--model", str(project.model), "--endpoints", str(context.var / "endpoints.yml")]
    argv += ["--credentials", "credentials.yml"]
    health = f"http://{LOCAL}:{port}/webhooks/rest/"
    env = stock_project.environment()
    return Side(
        "stock",
        context,
        Process("stock rasa", argv, env, project.folder, health, context.var / "rasa.log"),
        helpers,
    )


@contextlib.contextmanager
def running(sides: list[Side]) -> Iterator[None]:
    """All of them up and answering; all of them down at the end, whatever happens."""
    everyone = [process for side in sides for process in side.processes()]
    try:
        for process in everyone:
            process.start()
        for process in everyone:
            process.wait()
        yield
    finally:
        for process in reversed(everyone):
            process.stop()
