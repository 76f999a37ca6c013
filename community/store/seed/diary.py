"""Notes of visits as the demo city's grid workers wrote them, and who is away soon."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from community.model.calendar import local
from community.model.diary import DiaryEntry, morning_for
from community.model.people import Leave
from community.ports import Community
from community.store.seed.rows import Row
from community.store.seed.tickets import Cast, filed_at
from community.store.uow import SqlUnitOfWork


async def add_diary(uow: SqlUnitOfWork, c: Community, cast: Cast, spec: dict[str, Any], midnight: datetime) -> int:
    """All notes, in the order in which they were written, and the leaves. Returns how many notes."""
    today = local(midnight).date()
    entries = [_entry(c, cast, row, number, midnight) for number, row in enumerate(spec["notes"], 1)]
    for entry in sorted(entries, key=lambda entry: entry.at):
        await uow.diary.add(entry)
    for row in spec["leaves"]:
        first, last = (today + timedelta(days=row[name]) for name in ("from", "to"))
        deputy = cast.staff[row["deputy"]]
        await uow.leaves.add(Leave(0, cast.staff[row["who"]].id, first, last, deputy.id, row.get("reason", "")))
    return len(entries)


def _entry(c: Community, cast: Cast, row: Row, number: int, midnight: datetime) -> DiaryEntry:
    today = local(midnight).date()
    place, at = cast.book.addressed[row["place"]], filed_at(row["at"], today, c.is_workday)
    if at >= midnight:
        raise ValueError(f"not over before the day of seeding: {row['words']}")
    entry = DiaryEntry(0, f"demo-diary-{number}", cast.staff[row["by"]].id, at, c.vault.encrypt(row["words"]))
    entry.place_id, entry.place_text = place["id"], place["full_name"]
    entry.grid_id, entry.community_id = place["grid_id"], place["community_id"]
    entry.need = c.vault.encrypt(row["need"]) if "need" in row else ""
    if "visit" in row:
        entry.follow_up = today + timedelta(days=row["visit"])
        if "gone" in row:
            entry.followed_at = filed_at(row["gone"], today, c.is_workday)
        elif entry.follow_up > today:
            # Of what is due already nobody is told in the first minute they look around.
            entry.remind_at = morning_for(entry.follow_up, midnight, c.is_workday)
    return entry
