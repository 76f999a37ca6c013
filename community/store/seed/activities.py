"""Activities of 邻舍+ with their shifts in the coming weeks, and who has signed up."""

from __future__ import annotations

import random
from datetime import date, datetime, time, timedelta

from sqlalchemy.ext.asyncio import AsyncSession

from community.model.calendar import SHANGHAI, local
from community.model.people import Resident
from community.model.volunteer import SignupStatus, Style
from community.store.seed.places import PlaceBook
from community.store.seed.rows import Row, insert_rows
from community.store.tables import activities, shifts, signups

FIRST_RESIDENT = "R0001"


def shift_times(words: str, today: date) -> tuple[datetime, datetime]:
    """(start, end) of '5 0 07:00-09:00' (weekday, week, from-to) seen from `today`: never today itself."""
    weekday, week, span = words.split()
    day = today + timedelta(days=1 + (int(weekday) - today.weekday() - 1) % 7, weeks=int(week))
    starts, ends = (datetime.combine(day, time.fromisoformat(t), SHANGHAI) for t in span.split("-"))
    return starts, ends


async def add_activities(
    session: AsyncSession,
    specs: list[Row],
    book: PlaceBook,
    residents: dict[str, Resident],
    draw: random.Random,
    midnight: datetime,
) -> tuple[int, dict[str, tuple[int, Row]]]:
    """Returns the number of shifts, and each activity's id and description by its title."""
    rows: list[Row] = [
        {
            "title": spec["title"],
            "kind": spec["kind"],
            "summary": spec["summary"],
            "place_text": spec["place"],
            "community_id": book.named[spec["community"]]["id"],
            "organiser": spec["community"],
            "minimum_age": spec.get("minimum_age"),
            "skills": spec.get("skills", ""),
            "style": Style(spec.get("style", "activity")),
            "points": spec.get("points", 10),
            "series": spec.get("series", ""),
        }
        for spec in specs
    ]
    await insert_rows(session, activities, rows)
    today = local(midnight).date()
    times: list[Row] = []
    wanted: list[tuple[Row, int, int]] = []
    for spec, row in zip(specs, rows, strict=True):
        for n, words in enumerate(spec["shifts"]):
            starts, ends = shift_times(words, today)
            signed, waiting = spec["signed"][n], spec.get("waiting", [0] * 9)[n]
            shift: Row = {"activity_id": row["id"], "starts_at": starts, "ends_at": ends, "capacity": spec["capacity"]}
            shift["taken"] = signed
            times.append(shift)
            wanted.append((shift, signed, waiting))
    await insert_rows(session, shifts, times)
    await insert_rows(session, signups, _draw_signups(wanted, residents, draw, midnight))
    return len(times), {spec["title"]: (row["id"], spec) for spec, row in zip(specs, rows, strict=True)}


def _draw_signups(
    wanted: list[tuple[Row, int, int]], residents: dict[str, Resident], draw: random.Random, midnight: datetime
) -> list[Row]:
    """Who is in which shift: nobody twice at a time, as the service would have it.

    R0001 is left free, so that a first conversation meets no clash it did not make.
    """
    busy: dict[int, list[Row]] = {r.id: [] for code, r in residents.items() if code != FIRST_RESIDENT}
    rows: list[Row] = []
    for shift, signed, waiting in wanted:
        if waiting and signed < shift["capacity"]:
            raise ValueError("a waitlist behind free places")
        free = [who for who, others in busy.items() if not any(_overlap(shift, other) for other in others)]
        chosen = draw.sample(free, signed + waiting)
        for n, who in enumerate(chosen):
            busy[who].append(shift)
            at = midnight - timedelta(hours=40 - n, minutes=draw.randrange(60))
            status = SignupStatus.SIGNED_UP if n < signed else SignupStatus.WAITLISTED
            rows.append(
                {"shift_id": shift["id"], "resident_id": who, "status": status, "queued_at": at, "changed_at": at}
            )
    return rows


def _overlap(one: Row, other: Row) -> bool:
    return bool(one["starts_at"] < other["ends_at"] and other["starts_at"] < one["ends_at"])
