"""Sites and contact days of the demo city."""

from __future__ import annotations

from typing import Any

from community.model.contact_day import read_rule
from community.model.opening import Hours, OnHoliday, Spans, read_spans
from community.model.site import ContactDay, ContactRole, Site, SiteKind, kept
from community.store.seed.places import PlaceBook
from community.store.uow import SqlUnitOfWork


async def add_sites(uow: SqlUnitOfWork, content: dict[str, Any], book: PlaceBook) -> tuple[int, int]:
    """(sites, contact days) written."""
    written = 0
    for community, sites in content["sites"].items():
        for row in sites:
            kind = SiteKind(row["kind"])
            named = content["hours"]["office" if kind is SiteKind.SERVICE else str(kind)]
            rule = OnHoliday.AS_USUAL if str(kind) in content["always_open"] else OnHoliday.CLOSED
            hours = kept(Hours(week_of(named), rule))
            place = book.named[community]["id"]
            await uow.guides.add(Site(0, place, kind, row["name"], row["address"], row["phone"], content["serves"][str(kind)], hours))
            written += 1
    for row in content["contacts"]:
        ((starts, ends),) = read_spans(f"{row['from']}-{row['to']}")
        place = book.named[row["community"]]["id"]
        day = ContactDay(
            0, place, ContactRole(row["role"]), row["name"], row["title"], row["place"], read_rule(row["rule"]), starts, ends
        )
        await uow.guides.add(day)
    return written, len(content["contacts"])


def week_of(named: dict[Any, str]) -> tuple[Spans, ...]:
    """{"1-5": "8:30-12:00"} -> the spans of Monday to Sunday."""
    week: list[Spans] = [()] * 7
    for days, spans in named.items():
        first, _, last = str(days).partition("-")
        for day in range(int(first), int(last or first) + 1):
            week[day - 1] = read_spans(spans)
    return tuple(week)
