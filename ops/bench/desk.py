"""`make bench-desk`: the desk at city size. Lists, searches and counts through the services. Prints one JSON object on stdout.

Writes a city of so many tickets (ops/bench/big_city.py) into a PostgreSQL of its own, or into an empty database that is given (what
it wrote there before is used again), and asks as a grid worker, a community's clerk, a street's, the city's and a property company
would: each question many times, of different members with different words. Progress goes to stderr.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import gc
import json
import os
import platform
import signal
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

from sqlalchemy import text

from chinese.ticket_numbers import ticket_number
from community.model.calendar import local
from community.model.category import Category
from community.ports import Community
from community.services import desk, desk_counts, stats
from community.services.desk import DeskFilter
from ops.bench import big_city, big_city_words, desk_data, postgres
from ops.bench.big_city import City
from ops.bench.turn import percentile

OWN = {"shared_buffers": "512MB", "maintenance_work_mem": "512MB", "max_wal_size": "4GB", "fsync": "off"}
"""Of the server we start; what is read is not the faster for the last three, only what is written first."""
SECRET = "of the bench, and of nothing else"  # noqa: S105
MEMBERS = ("grid", "desk", "street", "city", "property")

Ask = Callable[[Community, int], Awaitable[int]]
"""Asks as this member of staff; returns how many tickets it is about."""


def tell(line: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {line}", file=sys.stderr, flush=True)


class Standing:
    """The moment at which the city stands."""

    def now(self) -> datetime:
        return big_city.NOW


@dataclass
class Questions:
    """What staff ask; each call makes another one of its kind."""

    city: City
    random: Random
    tickets: int
    phones: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.phones = [phone for phone in self.city.phones if phone]

    def all(self) -> dict[str, Callable[[], Ask]]:
        pick, day = self.random.choice, self._day
        examples = big_city_words.EXAMPLES
        return {
            "inbox": lambda: self._list(),
            "inbox, page 3": lambda: self._list(offset=100),
            "mine": lambda: self._list(group="mine"),
            "overdue": lambda: self._list(status="overdue"),
            "of a category": lambda: self._list(category=pick(list(Category))),
            "ended": lambda: self._list(status="ended"),
            "ended, page 20": lambda: self._list(status="ended", offset=950),
            "ended, of a category": lambda: self._list(status="ended", category=pick(list(Category))),
            "withdrawn": lambda: self._list(status="withdrawn"),
            "any, page 5": lambda: self._list(status="any", offset=200),
            "filed on a day": lambda: self._list(status="any", filed=day()),
            "ended on a day": lambda: self._list(status="ended", ended=day()),
            "number": lambda: self._find(ticket_number(self.random.randint(1, self.tickets))),
            "end of a number": lambda: self._find(ticket_number(self.random.randint(1, self.tickets))[-4:]),
            "phone": lambda: self._find(pick(self.phones)),
            "words, frequent": lambda: self._find(pick(examples["frequent"])),
            "words, frequent, open": lambda: self._list(words=pick(examples["frequent"])),
            "words, seldom": lambda: self._find(pick(examples["seldom"])),
            "words, rare": lambda: self._find(pick(big_city_words.RARE)),
            "words, rare, open": lambda: self._list(words=pick(big_city_words.RARE)),
            "words, of a season": lambda: self._find(pick(examples["seasonal"])),
            "words, several": lambda: self._find(pick(examples["several"])),
            "words, unheard of": lambda: self._find(pick(("独角兽", "恐龙蛋", "潜水艇", "火星车"))),
            "one character": lambda: self._find(pick("灯车水狗塌")),
            "estate": lambda: self._find(pick(self.city.estates)[1]),
            "hot estate": lambda: self._find(self._hot()),
            "building": lambda: self._find(pick(self.city.rooms)[5].split("幢")[0] + "幢"),
            "building of a hot estate": lambda: self._find(f"{self._hot()}{self.random.randint(1, big_city.BUILDINGS)}号楼"),
            "room": lambda: self._find(pick(self.city.rooms)[5]),
            "hot estate and a word": lambda: self._find(f"{self._hot()} {pick(examples['frequent'])}"),
            "start page's counts": lambda: self._counts,
            "map's counts": lambda: self._map,
            "statistics, 30 days": lambda: self._stats(30),
            "statistics, a year": lambda: self._stats(stats.LONGEST),
        }

    def _hot(self) -> str:
        hot = self.random.choice(self.city.hot)
        return next(name for estate, name in self.city.estates if estate == hot)

    def _day(self) -> tuple[Any, Any]:
        at = local(big_city.NOW - timedelta(days=self.random.randrange(700))).date()
        return at, at

    def _find(self, words: str) -> Ask:
        return self._list(status="any", words=words)

    @staticmethod
    def _list(**asked: Any) -> Ask:
        async def ask(c: Community, staff_id: int) -> int:
            return (await desk.list_tickets(c, staff_id, DeskFilter(**asked))).total

        return ask

    @staticmethod
    async def _counts(c: Community, staff_id: int) -> int:
        return (await desk.counts(c, staff_id)).open

    @staticmethod
    async def _map(c: Community, staff_id: int) -> int:
        return sum(grid.open for grid in (await desk_counts.map_counts(c, staff_id)).grids.values())

    @staticmethod
    def _stats(days: int) -> Ask:
        async def ask(c: Community, staff_id: int) -> int:
            period = stats.last_days(local(big_city.NOW).date(), days)
            return (await stats.stats(c, staff_id, *period)).total.filed.value

        return ask


def summary(seconds: list[float], found: list[int], cpu_s: float) -> dict[str, float]:
    """Milliseconds, and how many tickets it was about on average: fast and empty is no answer."""
    p50, p99 = (round(percentile(seconds, share) * 1000, 1) for share in (0.5, 0.99))
    return {
        "p50_ms": p50,
        "p99_ms": p99,
        "max_ms": round(max(seconds) * 1000, 1),
        "cpu_ms": round(cpu_s / len(seconds) * 1000, 1),
        "found": round(sum(found) / len(found), 1),
    }


async def backends(c: Community) -> list[Path]:
    """Where the kernel counts what each connection's server process uses; empty where that is another machine or SQLite."""
    if "postgresql" not in c.extras["settings"].async_database_url:
        return []
    ours = "SELECT pid FROM pg_stat_activity WHERE datname = current_database()"
    async with c.reading() as uow:
        pids = await uow.session.scalars(text(ours))  # type: ignore[attr-defined]
    return [at / "stat" for at in (Path(f"/proc/{pid}") for pid in pids) if name_of(at).startswith("postgres")]


def name_of(process: Path) -> str:
    """A process's name as the kernel has it; empty where there is none, or no longer."""
    try:
        return (process / "comm").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return ""


def used(servers: list[Path]) -> float:
    """Processor seconds so far: of this process and of the server's. What an answer costs, however busy the machine is.

    A server process that ended since it was listed (the pool closed its connection) is left out.
    """
    ticks = 0
    for stat in servers:
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        ticks += int(fields[11]) + int(fields[12])
    return time.process_time() + ticks / os.sysconf("SC_CLK_TCK")


async def ask_all(
    c: Community, questions: Questions, members: dict[str, list[int]], rounds: int, only: str
) -> dict[str, dict[str, dict[str, float]]]:
    results: dict[str, dict[str, dict[str, float]]] = {}
    for name, make in questions.all().items():
        if only not in name:
            continue
        of_query = results.setdefault(name, {})
        for who, ids in members.items():
            seconds, found = list[float](), list[int]()
            servers = await backends(c)
            before = used(servers)
            for _ in range(rounds):
                ask, staff_id = make(), questions.random.choice(ids)
                began = time.perf_counter()
                found.append(await ask(c, staff_id))
                seconds.append(time.perf_counter() - began)
            of_query[who] = summary(seconds, found, max(0.0, used(servers) - before))
        worst = max(of_query, key=lambda who: of_query[who]["p99_ms"])
        medians = ", ".join(f"{who} {of['p50_ms']} ({of['cpu_ms']} cpu)" for who, of in of_query.items())
        tell(f"{name}: {medians} (p99 {of_query[worst]['p99_ms']} {worst})")
    return results


async def measure(arguments: argparse.Namespace, url: str, work: Path) -> dict[str, Any]:
    from community.bootstrap import open_community
    from community.config import Settings
    from community.store.engine import open_engines

    settings = Settings(_env_file=None, LINSHE_MODE="demo", LINSHE_VAR=work, DATABASE_URL=url, LINSHE_SECRET_KEY=SECRET)
    async with open_community(settings, signals=False, clock=Standing()) as c:
        engine, reading = open_engines(settings.async_database_url)
        try:
            city, took = await desk_data.fill(engine, c.vault, arguments.tickets, arguments.seed, tell)
            used = {"version": await desk_data.version(engine), "megabytes": await desk_data.sizes(engine)}
        finally:
            await engine.dispose()
            await reading.dispose()
        ids = {login: id_ for id_, login, *_ in city.staff}
        members = {kind: [id_ for login, id_ in ids.items() if login.startswith(kind)] for kind in MEMBERS}
        questions = Questions(city, Random(arguments.seed), arguments.tickets)  # noqa: S311 - no secret
        # The half million rows in our hand are no desk's: to go through them now and then takes 0.4 s, in the middle of an answer.
        gc.collect()
        gc.freeze()
        tell("warming up")
        with contextlib.redirect_stderr(open(os.devnull, "w")):  # noqa: ASYNC230
            await ask_all(c, questions, members, 2, arguments.only)
        busy = [round(os.getloadavg()[0], 1)]
        results = await ask_all(c, questions, members, arguments.rounds, arguments.only)
        busy.append(round(os.getloadavg()[0], 1))
    worst = max(((of["p99_ms"], name, who) for name, by in results.items() for who, of in by.items()), default=None)
    return {
        "tickets": arguments.tickets,
        "database": used["version"],
        "own_server": OWN if not arguments.database else {},
        "cores": os.cpu_count(),
        "load": busy,  # before and after: more than the cores, and the times are somebody else's too
        "machine": platform.machine(),
        "rounds": arguments.rounds,
        "worst_p99": worst,
        "written": took,
        "megabytes": used["megabytes"],
        "queries": results,
    }


def run(arguments: argparse.Namespace) -> dict[str, Any]:
    from community.store import migrate

    with contextlib.ExitStack() as stack:
        work = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="linshe-desk-")))
        url = arguments.database
        if not url:
            tell("starting PostgreSQL")
            url = stack.enter_context(postgres.server(OWN))
        migrate.upgrade(url)
        return asyncio.run(measure(arguments, url, work))


def parser() -> argparse.ArgumentParser:
    found = argparse.ArgumentParser(prog="make bench-desk", description=(__doc__ or "").split("\n\n")[0])
    found.add_argument("--tickets", type=int, default=1_000_000, help="default 1,000,000")
    found.add_argument("--database", default="", help="URL of an empty database instead of a PostgreSQL of its own")
    found.add_argument("--rounds", type=int, default=40, help="how often each question is asked by each kind of member (default 40)")
    found.add_argument("--only", default="", help="only questions whose name has this in it")
    found.add_argument("--seed", type=int, default=1)
    return found


def main() -> int:
    arguments = parser().parse_args()
    # An exception unwinds and ends the server; the default action of TERM would leave it behind.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        print(json.dumps(run(arguments), ensure_ascii=False))
    except RuntimeError as error:
        tell(str(error))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
