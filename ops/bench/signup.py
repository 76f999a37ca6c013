"""Five hundred people for twenty places within one second, on SQLite and on PostgreSQL. One JSON object at the end.

Each calls `services.signups.sign_up` at a moment drawn from the second. The order of arrival is the order in which the shift's row
was won: `queued_at`, taken under its lock. `order_kept` says that (1) exactly the first by that order got in, (2) everybody was told
the place in the waitlist that they have by it, and (3) nobody who had their answer before another one asked stands behind them.
`inversions` counts, of all pairs that overlapped in time, those that were won in another order than asked: what a lock may do.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import random
import sys
import tempfile
import time
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

from ops.bench import postgres

SECRET = "bench-signup-0123456789-abcdefghijklmnop"  # noqa: S105 (of a database that lives for a minute)
OWN = {"max_connections": "50"}


def tell(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


async def prepare(c: Any, people: int, places: int) -> tuple[int, list[int]]:
    """(shift, residents) in an empty database."""
    from community.model.people import Resident
    from community.model.place import Place, PlaceKind
    from community.model.volunteer import Activity, Shift

    async with c.uow() as uow:
        city = Place(0, None, PlaceKind.CITY, "city", "city", full_name="city")
        await uow.places.add(city)
        residents = []
        for number in range(people):
            resident = Resident(0, f"bench{number}", f"居民{number}")
            await uow.people.add_resident(resident)
            residents.append(resident.id)
        activity = Activity(0, "清滩护河", "护河", "", "码头", city.id, "社区")
        await uow.volunteering.add_activity(activity)
        starts = datetime.now(timezone.utc) + timedelta(days=3)
        shift = Shift(0, activity.id, starts, starts + timedelta(hours=2), places)
        await uow.volunteering.add_shift(shift)
        await uow.commit()
        return shift.id, residents


async def measure(url: str, work: Path, people: int, places: int, within: float, seed: int) -> dict[str, Any]:
    from community.bootstrap import open_community
    from community.config import Settings
    from community.services import ledgers, signups

    settings = Settings(_env_file=None, LINSHE_MODE="demo", LINSHE_VAR=work, DATABASE_URL=url, LINSHE_SECRET_KEY=SECRET)
    async with open_community(settings, signals=False) as c:
        shift_id, residents = await prepare(c, people, places)
        draw = random.Random(seed)  # noqa: S311 - no secret
        moments = sorted(draw.uniform(0, within) for _ in residents)
        began = time.perf_counter()
        asked, answered, said = dict[int, float](), dict[int, float](), dict[int, tuple[str, int]]()

        async def come(resident_id: int, at: float) -> None:
            await asyncio.sleep(max(0.0, began + at - time.perf_counter()))
            # The moment they asked, also when this process was too busy to notice: else the wait would be left out.
            asked[resident_id] = began + at
            result = await signups.sign_up(c, resident_id, shift_id, f"bench-{resident_id}:signup")
            answered[resident_id] = time.perf_counter()
            said[resident_id] = (result.status, result.position)

        await asyncio.gather(*(come(who, at) for who, at in zip(residents, moments, strict=True)))
        took = time.perf_counter() - began
        async with c.reading() as uow:
            rows = await uow.organising.signups(shift_id)
        sums = [line for one in await ledgers.check_all(c) for line in one.differences]
    won = [row.resident_id for row in rows]  # by queued_at, then id
    admitted = [row.resident_id for row in rows if str(row.status) == "signed_up"]
    waitlisted = [row.resident_id for row in rows if str(row.status) == "waitlisted"]
    told = all(said[who] == ("signed_up", 0) for who in won[:places]) and all(
        said[who] == ("waitlisted", n) for n, who in enumerate(won[places:], 1)
    )
    # Nobody who had an answer before another asked stands behind: the latest asking so far is never after a later one's answer.
    latest, real_time = 0.0, True
    for who in won:
        real_time = real_time and latest <= answered[who]
        latest = max(latest, asked[who])
    inversions = sum(asked[b] < asked[a] for n, a in enumerate(won) for b in won[n + 1 :])
    waits = sorted(1000 * (answered[who] - asked[who]) for who in won)
    return {
        "admitted": len(admitted),
        "waitlisted": len(waitlisted),
        "order_kept": admitted == won[:places] and told and real_time and not sums,
        "inversions": inversions,
        "p50_ms": round(waits[len(waits) // 2], 1),
        "p99_ms": round(waits[int(len(waits) * 0.99)], 1),
        "asked_within_s": round(max(asked.values()) - min(asked.values()), 2),
        "took_s": round(took, 2),
        "differences": sums,
    }


def run(arguments: argparse.Namespace) -> dict[str, Any]:
    from community.store import migrate

    results: dict[str, Any] = {}
    with contextlib.ExitStack() as stack:
        work = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="linshe-signup-")))
        urls = {"sqlite": f"sqlite+aiosqlite:///{work / 'signup.db'}"}
        if not arguments.sqlite_only:
            tell("starting PostgreSQL")
            urls["postgresql"] = stack.enter_context(postgres.server(OWN))
        for name, url in urls.items():
            migrate.upgrade(url)
            numbers = (arguments.people, arguments.places, arguments.seconds, arguments.seed)
            results[name] = asyncio.run(measure(url, work / name, *numbers))
            tell(f"{name}: {results[name]}")
    each = list(results.values())
    return {
        "admitted": each[0]["admitted"] if len({one["admitted"] for one in each}) == 1 else None,
        "waitlisted": each[0]["waitlisted"] if len({one["waitlisted"] for one in each}) == 1 else None,
        "order_kept": all(one["order_kept"] for one in each),
        "people": arguments.people,
        "places": arguments.places,
        "seconds": arguments.seconds,
        "cores": os.cpu_count(),
        "load": round(os.getloadavg()[0], 1),
        **results,
    }


def main() -> int:
    found = argparse.ArgumentParser(prog="make bench-signup", description=(__doc__ or "").split("\n\n")[0])
    found.add_argument("--people", type=int, default=500)
    found.add_argument("--places", type=int, default=20)
    found.add_argument("--seconds", type=float, default=1.0, help="within which all of them ask (default 1)")
    found.add_argument("--seed", type=int, default=1)
    found.add_argument("--sqlite-only", action="store_true")
    arguments = found.parse_args()
    try:
        result = run(arguments)
    except RuntimeError as error:
        tell(str(error))
        return 1
    print(json.dumps(result, ensure_ascii=False))
    right = result["admitted"] == arguments.places and result["waitlisted"] == arguments.people - arguments.places
    return 0 if right and result["order_kept"] else 1


if __name__ == "__main__":
    sys.exit(main())
