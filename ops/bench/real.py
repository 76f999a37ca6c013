"""`make bench-door BENCH="--real ..."`: the whole real city behind the door, and residents who report while its processes are killed.

Each resident files one report after another, waiting for each answer as people do, until the time is over; then nobody is killed any more,
everybody finishes, and what the residents saw is held against what the database has.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import re
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from random import Random
from typing import Any

from ops.bench import door, servers
from ops.children import all_children
from ops.context import Context
from ops.environments import ROOT
from ops.wechat import staffing
from ops.wechat.accounts import Account, Corp
from ops.wechat.customers import Customer
from ops.wechat.faults import Faults, PushRates
from ops.wechat.ledger import Shown
from ops.wechat.residents import Resident
from ops.wechat.simulator import LOCAL, Options, Simulator

PATIENCE = 240.0
"""Seconds after the last kill in which everybody must have the answer they wait for."""
QUIET = 5.0
"""Seconds listened for what should not come."""
THINKING = (0.3, 1.5)
"""Seconds before somebody types the next message, at random."""
AGAIN = 5.0
"""Seconds in which the answer may still come after the platform said that the account does not answer."""
ESTATES = (("剡溪花园", 12, 2), ("东方名苑", 8, 2), ("江滨小区", 10, 3), ("鹿山苑", 8, 2), ("丽湖春天", 6, 2), ("城隍新村", 9, 3))
PLACES = tuple(
    f"{estate}{building}幢{unit}单元"
    for estate, buildings, units in ESTATES
    for building in range(1, buildings + 1)
    for unit in range(1, units + 1)
)
"""A resident reports each place at most once, so that every ticket and every answer is known by it."""
STEPS = ("words", "nothing_more", "submit")
NUMBER = re.compile(r"工单号 ?(?P<number>\d{6,10})")


@dataclass
class Report:
    """One report of one resident. `said`: how often each step's message was said; more than once when the platform did not take it."""

    user: str
    place: str
    said: Counter[str] = field(default_factory=Counter)
    number: str = ""
    waits: list[float] = field(default_factory=list)
    waits_since: float | None = None

    @property
    def words(self) -> str:
        return f"{self.place}楼道灯坏了，昨天晚上就不亮了"

    def message(self, step: str) -> str:
        return {"words": self.words, "nothing_more": "跳过", "submit": "提交"}[step]

    def answer(self, step: str) -> re.Pattern[str]:
        """What answers it, and nothing else that is ever said."""
        where = rf"(?s:.*)地点：{self.place}\n"
        return re.compile(
            {"words": "要不要发张照片", "nothing_more": f"请您看一遍{where}", "submit": f"报上去了{where}"}[step]
        )


async def file_one(simulator: Simulator, person: Resident | Customer, report: Report, random: Random) -> None:
    """From the first word to the ticket's number, however long that takes."""
    since = len(simulator.ledger.shown)
    for step in STEPS:
        await asyncio.sleep(random.uniform(*THINKING))
        report.waits_since = time.monotonic()
        pattern, seen = report.answer(step).pattern, None
        while seen is None:
            report.said[step] += 1
            sent = await person.say(report.message(step))
            # A push that nobody took only announced it, where messages are fetched: it is not said again.
            lost = sent.gave_up and isinstance(person, Resident)
            seen = await simulator.until(report.user, pattern, AGAIN if lost else PATIENCE * 10, since)
        report.waits.append(seen.at - report.waits_since)
        report.waits_since = None
        if step == "submit" and (found := NUMBER.search(seen.text)):
            report.number = found["number"]


async def live(
    simulator: Simulator, person: Resident | Customer, number: int, until: float, reports: list[Report], seed: int
) -> None:
    random = Random(f"{seed}-{number}")  # noqa: S311 - no secret
    for turn in range(len(PLACES)):
        if time.monotonic() >= until:
            return
        report = Report(person.name, PLACES[(number * 7 + turn) % len(PLACES)])
        reports.append(report)
        await file_one(simulator, person, report, random)


# --- counting ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Kept:
    """What the database has of these residents. `tickets`: (name, number, words)."""

    tickets: Sequence[tuple[str, str, str]] = ()
    inbox: dict[str, int] = field(default_factory=dict)
    outbox: dict[str, int] = field(default_factory=dict)
    written_twice: int = 0
    """Answers of the same words that stand twice in the outbox for one message."""


def count(reports: Sequence[Report], shown: Iterable[Shown], kept: Kept, now: float) -> dict[str, Any]:
    """What was lost and what was doubled. An answer is known by what it says, not by when it came."""
    confirmed = {(report.user, report.number) for report in reports if report.number}
    in_database = {(user, number) for user, number, _ in kept.tickets}
    of_report = Counter((user, words) for user, _, words in kept.tickets)
    submitted = {(report.user, report.words): report for report in reports if report.said["submit"]}
    doubled, missing = 0, 0
    texts: dict[str, list[str]] = {}
    for entry in shown:
        texts.setdefault(entry.user, []).append(entry.text)
    for user in {report.user for report in reports}:
        own = [report for report in reports if report.user == user]
        for step in STEPS:
            # The first question says nothing of the place, so it can only be counted for all reports of a resident together.
            groups = [own] if step == "words" else [[report] for report in own]
            for group in groups:
                asked = sum(report.said[step] for report in group)
                wanted = sum(min(1, report.said[step]) for report in group)
                got = sum(bool(group[0].answer(step).search(text)) for text in texts.get(user, ()))
                doubled, missing = doubled + max(0, got - asked), missing + max(0, wanted - got)
    waits = [wait for report in reports for wait in report.waits]
    waits += [now - report.waits_since for report in reports if report.waits_since is not None]
    return {
        "reports": len(reports),
        "reports_confirmed": sum(bool(report.number) for report in reports),
        "tickets": len(kept.tickets),
        "tickets_lost": len(confirmed - in_database)
        + sum(not report.number and not of_report[key] for key, report in submitted.items()),
        "tickets_doubled": sum(number - 1 for number in of_report.values()),
        "tickets_unasked": sum(key not in submitted for key in of_report),
        "answers_doubled": doubled,
        "answers_written_twice": kept.written_twice,
        "answers_missing": missing,
        "residents_waiting": len({report.user for report in reports if report.waits_since is not None}),
        "said_again": sum(max(0, said - 1) for report in reports for said in report.said.values()),
        "inbox_not_done": {status: number for status, number in kept.inbox.items() if status != "done"},
        "outbox_not_sent": {status: number for status, number in kept.outbox.items() if status not in ("sent", "waiting")},
        "outbox_waiting_for_quota": kept.outbox.get("waiting", 0),
        "longest_wait_seconds": round(max(waits, default=0.0), 1),
    }


FAULTS = (
    "tickets_lost",
    "tickets_doubled",
    "tickets_unasked",
    "answers_doubled",
    "answers_written_twice",
    "answers_missing",
    "residents_waiting",
    "inbox_not_done",
    "outbox_not_sent",
    "quota_violations",
)


def faults_in(found: dict[str, Any]) -> list[str]:
    """The figures that must be nothing and are something."""
    wrong = [name for name in FAULTS if found.get(name)]
    return wrong + (["nothing_confirmed"] if not found.get("reports_confirmed") else [])


async def kept_of(database_url: str, names: dict[str, str]) -> Kept:
    """`names`: the address by which we know a resident -> their name."""
    from sqlalchemy import func, select
    from sqlalchemy.ext.asyncio import create_async_engine

    from community.store.tables import channel_identities as identities
    from community.store.tables import inbox, outbox, tickets

    engine = create_async_engine(database_url)
    try:
        async with engine.connect() as connection:
            rows = await connection.execute(select(identities.c.resident_id, identities.c.external_id))
            ours = {resident: names[address] for resident, address in rows if address in names}
            filed = await connection.execute(
                select(tickets.c.resident_id, tickets.c.number, tickets.c.words).where(tickets.c.resident_id.in_(ours))
            )
            states: dict[str, dict[str, int]] = {}
            for table in (inbox, outbox):
                query = select(table.c.status, func.count()).where(table.c.resident_id.in_(ours)).group_by(table.c.status)
                states[table.name] = {str(status): int(number) for status, number in await connection.execute(query)}
            answered = (outbox.c.in_reply_to, outbox.c.text)
            twice = await connection.execute(
                select(func.count())
                .where(outbox.c.resident_id.in_(ours), outbox.c.in_reply_to.is_not(None))
                .group_by(*answered)
                .having(func.count() > 1)
            )
            return Kept(
                [(ours[resident], number, words) for resident, number, words in filed],
                states["inbox"],
                states["outbox"],
                written_twice=sum(int(number) - 1 for (number,) in twice),
            )
    finally:
        await engine.dispose()


# --- the run ----------------------------------------------------------------------------------------------------------


def prepared(context: Context, settings: dict[str, str]) -> door.Door:
    """Everything that `./linshe run` starts but the console, with these settings; not started."""
    (context.var / "valkey").mkdir(exist_ok=True)
    paths = {"rasa": "/webhooks/linshe/", "actions": "/health", "gateway": "/healthz", "worker": "/healthz"}
    processes = []
    for child in all_children(context):
        kind = child.name.partition("-")[0]
        if kind == "console":
            continue
        health = f"http://{LOCAL}:{child.port.number}{paths[kind]}" if kind in paths else ""
        env = {**child.env, **settings} if kind in ("gateway", "worker") else child.env
        log = context.var / f"{child.name}.log"
        processes.append(servers.Process(child.name, list(child.argv), env, child.cwd, health, log))
    return door.Door([f"http://{LOCAL}:{context.settings.gateway_port}"], processes)


def residents(simulator: Simulator, users: int, kf: float) -> dict[str, Resident | Customer]:
    """By the address at which we know them; the first `kf` of them write through 微信客服."""
    from community.services.kf import address_of

    found: dict[str, Resident | Customer] = {}
    for number in range(users):
        if number < kf * users:
            customer = simulator.customer(f"居民{number:03d}")
            found[address_of(simulator.options.corp.kfid, customer.user.openid)] = customer
        else:
            resident = simulator.resident(f"居民{number:03d}")
            found[resident.user.openid] = resident
    return found


async def measure(
    options: Options, city: door.Door, database_url: str, kills: door.Kills, users: int, seconds: float, kf: float = 0.0
) -> dict[str, Any]:
    reports: list[Report] = []
    async with Simulator(options) as simulator:
        await door.verified(simulator, kf)
        everybody = residents(simulator, users, kf)
        began = time.monotonic()
        killing = asyncio.create_task(kills.go_on(city)) if kills.names else None
        people = [
            asyncio.create_task(live(simulator, person, number, began + seconds, reports, kills.seed))
            for number, person in enumerate(everybody.values())
        ]
        door.tell(f"{users} residents report for {seconds:.0f} s")
        await asyncio.sleep(seconds)
        if killing is not None:
            killing.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await killing  # raises when a victim did not come back
        door.tell("no more kills; waiting until everybody has finished")
        names = {address: person.name for address, person in everybody.items()}
        await asyncio.wait(people, timeout=PATIENCE)
        await asyncio.sleep(QUIET)
        for _ in range(30):
            kept = await kept_of(database_url, names)
            if not count(reports, (), kept, 0.0)["outbox_not_sent"]:
                break
            await asyncio.sleep(1)
        now = time.monotonic()
        stopped = [task for task in people if not task.done()]
        broken = [task for task in people if task.done() and not task.cancelled() and task.exception()]
        for task in stopped:
            task.cancel()
        await asyncio.gather(*people, return_exceptions=True)
        if broken:
            raise RuntimeError(f"a resident of the bench broke off: {broken[0].exception()!r}")
        found = count(reports, simulator.ledger.shown, kept, now)
        platform = simulator.report()
    kept_figures = ("quota_violations", "unavailable_shown", "ack_p99_ms", "answer_p50_ms", "answer_p99_ms", "findings")
    found |= {name: platform[name] for name in kept_figures}
    found |= {"faults": faults_in(found), "users": users, "kf": kf, "seconds": seconds}
    return found | {"killed": dict(sorted(kills.done.items())), "away_seconds": dict(sorted(kills.away.items()))}


def run(arguments: argparse.Namespace) -> dict[str, Any]:
    """As `door.run`, with the real assistant."""
    account, corp = Account.make(), Corp.make()
    # With the company comes its staff: cards of every ticket leave, too.
    corp.members |= staffing.demo_staff(ROOT / "data" / "demo" / "staff.yml")[0]
    (port,) = servers.free_ports(1)
    extra = dict(pair.partition("=")[::2] for pair in arguments.set)
    half = arguments.duplicates / 2
    faults = Faults(arguments.seed, push=PushRates(duplicate=half, late=half, drop_answer=arguments.drops))
    with tempfile.TemporaryDirectory(prefix="linshe-real-") as temporary:
        context = door.context_on(arguments.database, Path(temporary) / "var")
        context = replace(context, settings=context.settings.model_copy(update={"workers": arguments.workers}))
        door.tell("building a demo city")
        door.demo_city(context)
        api = f"http://{LOCAL}:{port}"
        settings = account.settings(api) | (corp.settings(api) if arguments.kf else {})
        city = prepared(context, settings | extra)
        door.tell(f"starting {', '.join(process.name for process in city.processes)}")
        with door.running(city, ROOT / "var" / "bench"):
            options = Options(gateway=city.bases[0], port=port, account=account, corp=corp, faults=faults)
            kills = door.Kills(arguments.kill, arguments.kill_every, arguments.seed)
            users = arguments.users or 20
            work = measure(options, city, context.database_url, kills, users, arguments.seconds, arguments.kf)
            found = asyncio.run(work)
    return {**found, "database": context.database_url.partition("+")[0], "workers": arguments.workers}
