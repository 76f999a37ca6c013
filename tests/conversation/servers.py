"""The real Rasa server and the real action server, on free ports and a database of their own, for as long as the tests need."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from community.bootstrap import open_community
from community.config import Settings
from community.knowledge import importer
from community.model.people import ChannelIdentity, Resident
from community.ports import Community
from community.store import migrate
from ops import environments, training
from tests.conftest import free_port
from tests.small_city import SmallCity, build_small_city

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 120
T = TypeVar("T")


@dataclass
class City:
    """A database with the small city and the statutes, and the ways to look into it from a test."""

    folder: Path
    url: str
    small: SmallCity = field(default_factory=SmallCity)
    made: int = 0

    @property
    def settings(self) -> Settings:
        return Settings(  # type: ignore[call-arg]
            _env_file=None, DATABASE_URL=self.url, LINSHE_VAR=self.folder, LINSHE_MODE="demo"
        )

    def ask(self, question: Callable[[Community], Awaitable[T]]) -> T:
        """Run something on the heart, on a connection of its own."""

        async def work() -> T:
            async with open_community(self.settings, signals=False) as community:
                return await question(community)

        return asyncio.run(work())

    def build(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        migrate.upgrade(self.url)

        async def fill(community: Community) -> None:
            self.small = await build_small_city(community)
            await importer.import_wheel(community)
            await importer.import_answers(community, self.settings.knowledge)

        self.ask(fill)

    def newcomer(self, home: str | None = "剡溪花园/3/2/502") -> Resident:
        """A resident nobody has talked to, living at `home` (an address of the small city)."""
        self.made += 1
        code = f"T{self.made:04d}"
        place = self.small.places[home] if home else None

        async def add(community: Community) -> Resident:
            resident = Resident(0, f"talk{code}", f"居民{code}", room_id=place.id if place else None, demo=True)
            resident.home_verified = place is not None
            async with community.uow() as uow:
                await uow.people.add_resident(resident)
                await uow.people.add_identity(ChannelIdentity(0, resident.id, "webchat", code))
                await uow.commit()
            return resident

        return self.ask(add)


class Server:
    """One process of ours, stopped by its own handle."""

    def __init__(self, name: str, argv: list[str], env: dict[str, str], health: str, log: Path) -> None:
        self.name, self.argv, self.env, self.health, self.log = name, argv, env, health, log
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        with self.log.open("ab") as out:
            self.process = subprocess.Popen(self.argv, cwd=ROOT, env=self.env, stdout=out, stderr=subprocess.STDOUT)

    def wait(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if self.process is None or self.process.poll() is not None:
                break
            try:
                with urllib.request.urlopen(self.health, timeout=2) as answer:
                    if answer.status == 200:
                        return
            except OSError:
                time.sleep(0.2)
        raise AssertionError(f"{self.name} did not start:\n{self.log.read_text(errors='replace')[-4000:]}")

    def stop(self, *, hard: bool = False) -> None:
        if self.process is None or self.process.poll() is not None:
            return
        self.process.kill() if hard else self.process.terminate()
        try:
            self.process.wait(15)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(5)


@dataclass
class Assistant:
    """Both servers. `rasa` is where the gateway would talk to."""

    city: City
    rasa: Server
    actions: Server
    port: int

    def post(self, body: Any) -> tuple[int, dict[str, Any]]:
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}/webhooks/linshe/webhook", raw, {"Content-Type": "application/json"}
        )
        try:
            with urllib.request.urlopen(request, timeout=40) as answer:
                return answer.status, json.loads(answer.read())
        except urllib.error.HTTPError as refused:
            return refused.code, json.loads(refused.read())


def trained_model() -> Path:
    """LINSHE_RASA_TEST_MODEL, or the project's model; trained first when it is not what is here now."""
    given = os.environ.get("LINSHE_RASA_TEST_MODEL")
    if given:
        return Path(given)
    if not training.is_fresh(ROOT):
        subprocess.run([sys.executable, "-m", "ops.cli", "train"], cwd=ROOT, check=True)
    return training.model(ROOT)


@contextlib.contextmanager
def running(folder: Path) -> Iterator[Assistant]:
    """Everything up on a fresh small city; stopped at the end."""
    city = City(folder / "var", f"sqlite+aiosqlite:///{folder / 'city.db'}")
    city.build()
    rasa_port, actions_port = free_port(), free_port()
    plain = {
        k: v for k, v in os.environ.items() if not k.startswith("LINSHE_") and k not in ("DATABASE_URL", "REDIS_URL")
    }
    shared = {
        **plain,
        "PYTHONPATH": str(ROOT),
        "PYTHONUNBUFFERED": "1",
        "RASA_TELEMETRY_ENABLED": "false",
        "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
        "TF_CPP_MIN_LOG_LEVEL": "3",
    }
    app, old = (str(environment.python) for environment in environments.both(ROOT))
    actions = Server(
        "actions",
        [app, "-m", "actions"],
        {
            **shared,
            "DATABASE_URL": city.url,
            "LINSHE_VAR": str(city.folder),
            "LINSHE_MODE": "demo",
            "LINSHE_ACTIONS_PORT": str(actions_port),
            "LINSHE_LEGAL_VECTORS": "false",
            # Nobody listens there: announcements are hints, and work goes on without them.
            "REDIS_URL": f"redis://127.0.0.1:{free_port()}/0",
        },
        f"http://127.0.0.1:{actions_port}/health",
        folder / "actions.log",
    )
    command = [old, "-m", "rasa", "run", "-i", "127.0.0.1", "-p", str(rasa_port), "--model", str(trained_model())]
    rasa = Server(
        "rasa",
        [*command, "--endpoints", "endpoints.yml", "--credentials", "credentials.yml"],
        {
            **shared,
            "LINSHE_ACTIONS_URL": f"http://127.0.0.1:{actions_port}/webhook",
            "LINSHE_TRACKER_URL": f"sqlite:///{folder / 'tracker.db'}",
        },
        f"http://127.0.0.1:{rasa_port}/webhooks/linshe/",
        folder / "rasa.log",
    )
    try:
        rasa.start()
        actions.start()
        actions.wait()
        rasa.wait()
        yield Assistant(city, rasa, actions, rasa_port)
    finally:
        rasa.stop()
        actions.stop()
