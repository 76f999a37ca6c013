"""Everything that a message says about where, when and who, each stretch of it read once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from chinese.address import find_places
from chinese.contacts import find_activities, find_names, find_phones
from chinese.laws import find_laws
from chinese.normalise import normalise
from chinese.ticket_numbers import find_number_mentions
from chinese.times import SHANGHAI, find_times

EntityKind = Literal["place", "time", "phone", "name", "ticket_number", "activity", "law"]


@dataclass(frozen=True)
class Entity:
    """text[start:end] says `value`; `detail` holds its parts, plain strings that any JSON can carry."""

    kind: EntityKind
    value: str
    start: int
    end: int
    detail: dict[str, str] = field(default_factory=dict)


LONGEST_TICKET = 7
"""A million tickets on, they have a digit more. One in ten of all longer numbers would pass the check by chance."""


class _Taken:
    """Whoever comes first keeps its words."""

    def __init__(self) -> None:
        self.spans: list[tuple[int, int]] = []
        self.entities: list[Entity] = []

    def add(self, kind: EntityKind, value: str, start: int, end: int, /, **detail: str | None) -> None:
        if start < end and not any(start < past and first < end for first, past in self.spans):
            self.spans.append((start, end))
            self.entities.append(Entity(kind, value, start, end, {k: v for k, v in detail.items() if v}))


def find_entities(
    text: str,
    now: datetime | None = None,
    estates: Iterable[tuple[str, str]] = (),
    activities: Iterable[str] = (),
) -> list[Entity]:
    """Left to right, none over another: phones, ticket numbers and the names of activities come before addresses,
    these before laws, times and names.

    `now` is when the message was written, the present if not given. Never raises.
    """
    flat = normalise(text)
    taken = _Taken()
    for phone in find_phones(flat):
        taken.add("phone", phone.number, phone.start, phone.end, mobile="1" if phone.mobile else None)
    for ticket in find_number_mentions(flat):
        if ticket.right and len(ticket.number) <= LONGEST_TICKET:
            taken.add("ticket_number", ticket.number, ticket.start, ticket.end)
    for first, past, name in find_activities(flat, tuple(activities)):
        taken.add("activity", name, first, past)
    for place in find_places(flat, estates):
        parts = {name: getattr(place, name) for name in ("estate", "building", "unit", "room", "floor")}
        taken.add("place", place.key or "home", place.start, place.end, home="1" if place.home else None, **parts)
    for law in find_laws(flat):
        paragraph = str(law.paragraph) if law.paragraph else None
        taken.add("law", law.law + law.label, law.start, law.end, law=law.law, article=law.label, paragraph=paragraph)
    moment = now or datetime.now(SHANGHAI)
    for at in find_times(flat, moment, masked=tuple(taken.spans)):
        begin = at.start_at.isoformat() if at.start_at else None
        past_at = at.end_at.isoformat() if at.end_at else None
        # One value to compare; both ends are in the detail.
        value = at.timex if at.kind in ("duration", "set") else begin or past_at or at.timex
        seconds = at.value if at.kind == "duration" else None
        taken.add(
            "time",
            value,
            at.start,
            at.end,
            kind=at.kind,
            start_at=begin,
            end_at=past_at,
            timex=at.timex,
            seconds=seconds,
        )
    for person in find_names(flat):
        taken.add("name", person.name, person.start, person.end, surname=person.surname, title=person.title)
    return sorted(taken.entities, key=lambda entity: entity.start)
