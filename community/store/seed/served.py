"""What helping brought before the day of seeding: shifts that are over, the ledger, gifts. It adds up: `./linshe check ledgers`."""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from community.model.calendar import local
from community.model.party import ALONE, Person, keep
from community.model.people import Resident
from community.model.points import Why
from community.model.volunteer import SignupStatus
from community.ports import Vault
from community.store.seed.activities import shift_times
from community.store.seed.places import PlaceBook
from community.store.seed.rows import Row, insert_rows
from community.store.tables import gift_orders, gifts, points_accounts, points_ledger, shifts, signups

POINTS = 10


async def add_served(
    session: AsyncSession,
    vault: Vault,
    spec: Row,
    activities: dict[str, tuple[int, Row]],
    book: PlaceBook,
    residents: dict[str, Resident],
    midnight: datetime,
) -> int:
    """`activities`: title to (id, its row of the demo file). Returns the number of entries of the ledger."""
    families = {(one["activity"], one["resident"]): one["with"] for one in spec["family"]}
    accounts: dict[str, Row] = {}
    entries: list[Row] = []

    def enter(code: str, delta: int, minutes: int, at: datetime, **more: object) -> None:
        new: Row = {"resident_id": residents[code].id, "points": 0, "minutes": 0, "ranked": code in spec["ranked"]}
        account = accounts.setdefault(code, new)
        account["points"] += delta
        account["minutes"] += minutes
        row: Row = {"resident_id": residents[code].id, "delta": delta, "minutes": minutes, "at": at, "who": "", "shift_id": None}
        entries.append(row | {"gift_id": None, **more})

    for one in spec["served"]:
        activity_id, described = activities[one["activity"]]
        for week in one["weeks"]:
            starts, ends = (at - timedelta(weeks=week) for at in shift_times(described["shifts"][0], local(midnight).date()))
            parties = {code: [*ALONE, *map(Person, families.get((one["activity"], code), []))] for code in [*one["came"], *one["away"]]}
            seats = sum(map(len, parties.values()))
            shift: Row = {"activity_id": activity_id, "starts_at": starts, "ends_at": ends, "capacity": max(described["capacity"], seats)}
            shift |= {"taken": seats, "reminded_at": starts - timedelta(days=1), "settled_at": ends + timedelta(minutes=30)}
            await insert_rows(session, shifts, [shift])
            rows: list[Row] = []
            for n, (code, party) in enumerate(parties.items()):
                came = code in one["came"]
                rows.append({
                    "shift_id": shift["id"], "resident_id": residents[code].id,
                    "status": SignupStatus.ATTENDED if came else SignupStatus.NO_SHOW,
                    "queued_at": starts - timedelta(days=3, minutes=60 - n), "changed_at": ends + timedelta(minutes=30),
                    "seats": len(party), "party": vault.encrypt(keep(tuple(party))) if len(party) > 1 else "",
                    "checked_in_at": starts - timedelta(minutes=5) if came else None,
                })  # fmt: skip
                minutes = int((ends - starts).total_seconds() // 60)
                for number, person in enumerate(party if came else []):
                    enter(
                        code, POINTS * minutes // 60, minutes, ends + timedelta(minutes=30), why=Why.SERVED, what=one["activity"],
                        key=f"shift-{shift['id']}:{residents[code].id}:{number}", shift_id=shift["id"],
                        who="" if number == 0 else person.who,
                    )  # fmt: skip
            await insert_rows(session, signups, rows)
    stocked: list[Row] = []
    for one in spec["gifts"]:
        gone = sum(order["gift"] == one["title"] for order in spec["exchanged"])
        stocked.append({
            "title": one["title"], "community_id": book.named[one["community"]]["id"], "points": one["points"],
            "stocked": one["stocked"], "stock": one["stocked"] - gone,
        })  # fmt: skip
    await insert_rows(session, gifts, stocked)
    by_title = {gift["title"]: gift for gift in stocked}
    orders: list[Row] = []
    for order in spec["exchanged"]:
        gift, code = by_title[order["gift"]], order["resident"]
        at = midnight - timedelta(days=2)
        key = f"gift-{residents[code].id}:demo-{gift['title']}"
        enter(code, -gift["points"], 0, at, why=Why.GIFT, what=f"换{gift['title']}", key=key, gift_id=gift["id"])
        fetched = hashlib.sha256(key.encode()).hexdigest()[:6].upper()
        orders.append({"gift_id": gift["id"], "resident_id": residents[code].id, "points": gift["points"], "code": fetched, "at": at})
    await insert_rows(session, gift_orders, orders)
    await session.execute(points_accounts.insert(), list(accounts.values()))
    entries.sort(key=lambda row: (row["at"], row["key"]))
    await insert_rows(session, points_ledger, entries)
    return len(entries)
