"""Whether the rules held, found out again from the histories alone, with a calendar of its own.

Working time is counted here as seconds since the first day (one table of all days, one look into it), not by walking from span to
span as the heart does: a mistake in one of the two shows as a difference.
"""

from __future__ import annotations

import bisect
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from community.model.calendar import SHANGHAI, IsWorkday
from community.model.category import RULES, Urgency
from community.model.level import Level
from community.model.promise import RuleBook
from community.model.ticket import OPEN, Move, Status, Ticket, TicketEvent
from ops.simulation.memory import Memory

SLACK = 1.0
"""Seconds: the clock looks a microsecond after each moment here."""
OFFICE = ((8.5, 12.0), (13.5, 18.0))
STEPS = (Move.ESCALATE, Move.PRESS)
TOLD = (Move.ACCEPT, Move.RESOLVE, Move.RETURN, Move.TRANSFER, Move.PAUSE, Move.RESUME, Move.ESCALATE, Move.SILENT_CLOSE)
"""Moves that are not the resident's own: each is told them exactly once."""


class Seconds:
    """Working seconds since midnight of the first day."""

    def __init__(self, first: date, days: int, is_workday: IsWorkday) -> None:
        self.zero = datetime.combine(first, time(0), SHANGHAI)
        self._at: list[float] = []
        self._worked: list[float] = []
        worked = 0.0
        for number in range(days):
            spans = OFFICE if is_workday(first + timedelta(days=number)) else ()
            for begin, end in spans:
                self._at += [number * 86400 + begin * 3600, number * 86400 + end * 3600]
                self._worked += [worked, worked + (end - begin) * 3600]
                worked += (end - begin) * 3600

    def at(self, moment: datetime) -> float:
        seconds = (moment - self.zero).total_seconds()
        place = bisect.bisect_right(self._at, seconds)
        if place == 0:
            return 0.0
        worked = self._worked[place - 1]
        # Behind an even number of edges the office is closed.
        return worked if place % 2 == 0 else worked + seconds - self._at[place - 1]


@dataclass
class Findings:
    """What is wrong, by kind, with the first few tickets of each; and what was seen at all."""

    wrong: dict[str, list[str]] = field(default_factory=dict)
    seen: Counter[str] = field(default_factory=Counter)

    def add(self, kind: str, ticket: Ticket, words: str = "") -> None:
        self.wrong.setdefault(kind, []).append(f"{ticket.number} {words}".strip())

    def counts(self) -> dict[str, int]:
        return {kind: len(found) for kind, found in self.wrong.items()}


def check(memory: Memory, seconds: Seconds, end: datetime) -> Findings:
    findings = Findings()
    together: dict[tuple[int, datetime, int | None], list[bool]] = {}
    for ticket in memory.tickets.all.values():
        events = memory.tickets.history[ticket.id]
        _holder(memory, ticket, findings)
        _history(ticket, events, findings)
        _closing(ticket, events, findings)
        for problem in Clock(memory, ticket, seconds, findings).walk(events, end):
            findings.add("clock", ticket, problem)
        _brackets(ticket, events, findings)
        for event in events:
            if "together" in event.data:
                if event.move is Move.RESOLVE:
                    told = f"event-{event.id}" in memory.outbox.told
                    together.setdefault((event.data["together"], event.at, ticket.resident_id), []).append(told)
                continue
            if event.move in TOLD:
                findings.seen["told"] += 1
                if f"event-{event.id}" not in memory.outbox.told:
                    findings.add("hop not told", ticket, event.move.value)
    for (incident_id, at, resident_id), told_of in together.items():
        # One closing: each resident once, however many of its tickets are theirs.
        findings.seen["told together"] += 1
        if sum(told_of) != 1:
            findings.wrong.setdefault("closing not told once", []).append(f"{incident_id} {at} {resident_id}: {told_of}")
    if memory.outbox.refused:
        findings.wrong["told twice"] = [str(memory.outbox.refused)]
    hops = sum(1 for key in memory.outbox.told if key.startswith("event-"))
    said = findings.seen["told"] + findings.seen["told together"]
    if hops != said:
        findings.wrong["told of nothing"] = [f"{hops} sentences for {said} moves"]
    return findings


def _holder(memory: Memory, ticket: Ticket, findings: Findings) -> None:
    findings.seen["open at the end"] += ticket.status in OPEN
    holder = memory.people.everybody.get(ticket.holder_id or 0)
    if holder is None or not holder.active:
        findings.add("nobody holds it", ticket)


def _history(ticket: Ticket, events: list[TicketEvent], findings: Findings) -> None:
    """Each event begins where the one before ended, in order of time, and the last is where the ticket is."""
    status: Status | None = None
    for before, event in zip([None, *events], events, strict=False):
        if event.from_status is not status or (before is not None and before.at > event.at):
            findings.add("history", ticket, event.move.value)
        status = event.to_status
    if status is not ticket.status:
        findings.add("history", ticket, f"is {ticket.status}, its history says {status}")


def _brackets(ticket: Ticket, events: list[TicketEvent], findings: Findings) -> None:
    """What its history says of incidents is where it is, and being put in or taken out changes nothing else."""
    inside: int | None = None
    for event in events:
        if event.move in (Move.MERGE, Move.UNMERGE):
            findings.seen[event.move.value] += 1
            if event.data["from"] != inside or event.from_status is not event.to_status:
                findings.add("incident", ticket, event.move.value)
            inside = event.data.get("incident")
    if inside != ticket.incident_id:
        findings.add("incident", ticket, f"is in {ticket.incident_id}, its history says {inside}")


def _closing(ticket: Ticket, events: list[TicketEvent], findings: Findings) -> None:
    resolved: datetime | None = None
    for event in events:
        if event.move is Move.RESOLVE:
            resolved = event.at
        if event.to_status in (Status.CONFIRMED, Status.CLOSED) and event.from_status is Status.RESOLVED:
            silent = event.move is Move.SILENT_CLOSE
            findings.seen["closed by silence" if silent else "closed by the resident"] += 1
            if silent and (resolved is None or event.at - resolved < timedelta(days=3)):
                findings.add("closed too early", ticket)
            if not silent and event.actor_kind != "resident":
                findings.add("closed by somebody else", ticket, event.actor_kind)


class Clock:
    """The promise of one ticket, followed from event to event in working seconds (plain ones for danger)."""

    def __init__(self, memory: Memory, ticket: Ticket, seconds: Seconds, findings: Findings) -> None:
        self._plain = ticket.urgency is Urgency.DANGER
        self._seconds, self._findings, self._ticket = seconds, findings, ticket
        self._book = RuleBook(memory.promises.rules[ticket.category])
        self._own_urgency = RULES[ticket.category].urgency
        self._step_hours = self._book.at(ticket.category, ticket.created_at).step_hours
        self._level = Level.MICROGRID
        self._last_step: float | None = None
        self._accepted = False
        self._paused: datetime | None = None
        self._promise(ticket.created_at, ticket.urgency)

    def _count(self, moment: datetime) -> float:
        return (moment - self._seconds.zero).total_seconds() if self._plain else self._seconds.at(moment)

    def _promise(self, start: datetime, urgency: Urgency) -> None:
        rule = self._book.at(self._ticket.category, start)
        accept, resolve = rule.accept_minutes * 60.0, rule.resolve_hours * 3600.0
        if urgency is Urgency.DANGER:
            accept, resolve = 900.0, 86400.0
        elif urgency is Urgency.HIGH and self._own_urgency is Urgency.NORMAL:
            accept, resolve = accept / 2, resolve / 2
        self._accept_at, self._resolve_at = self._count(start) + accept, self._count(start) + resolve

    @property
    def _deadline(self) -> float:
        return self._resolve_at if self._accepted else self._accept_at

    @property
    def _due(self) -> float:
        """When the next step up is due, on the scale of `_count`."""
        deadline = self._deadline
        hours = (24 if self._level is Level.CITY else 1) if self._plain else self._step_hours
        return deadline if self._last_step is None else max(deadline, self._last_step + hours * 3600.0)

    def walk(self, events: list[TicketEvent], end: datetime) -> Iterator[str]:
        running = True
        for event in events:
            now = self._count(event.at)
            if event.move in STEPS:
                self._findings.seen[event.move.value] += 1
                if not running:
                    yield f"{event.move} while the clock stands"
                elif abs(now - self._due) > SLACK:
                    yield f"{event.move} {now - self._due:+.0f} s from when it is due"
                self._last_step = now
            elif running and now > self._due + SLACK:
                yield f"no step up for {now - self._due:.0f} s before {event.move}"
            self._after(event, now)
            running = event.to_status in OPEN and event.to_status is not Status.PAUSED
        if running and self._count(end) > self._due + SLACK:
            yield f"no step up for {self._count(end) - self._due:.0f} s at the end"
        if self._paused is not None and self._ticket.paused_until is not None and self._ticket.paused_until < end:
            yield "a pause that did not end"

    def _after(self, event: TicketEvent, now: float) -> None:
        match event.move:
            case Move.DISPATCH | Move.ESCALATE:
                self._level = Level(event.data["to_level"])
            case Move.RETURN:
                self._level = max(self._level, Level.COMMUNITY)
            case Move.TRANSFER:
                level = Level(event.data["to_level"])
                if level < self._level and now >= self._deadline:
                    self._last_step = now
                self._level = level
            case Move.ACCEPT:
                self._accepted = True
            case Move.REOPEN | Move.PARTLY:
                self._accepted, self._last_step = False, None
                # A danger that comes back is HIGH by promise, and still runs by plain time.
                self._promise_again(event.at)
            case Move.PAUSE:
                self._paused = event.at
            case Move.RESUME if self._paused is not None:
                if self._resolve_at > self._count(self._paused):
                    self._resolve_at += now - self._count(self._paused)
                self._paused = None
                if now >= self._resolve_at:
                    self._last_step = now
            case Move.RESOLVE | Move.WITHDRAW:
                self._paused = None

    def _promise_again(self, start: datetime) -> None:
        if not self._plain:
            self._promise(start, Urgency.HIGH)
            return
        # Promised in working time, measured by plain time: as far away as the working time is long.
        rule = self._book.at(self._ticket.category, start)
        share = 0.5 if self._own_urgency is Urgency.NORMAL else 1.0
        self._accept_at = self._count(_later(self._seconds, start, rule.accept_minutes * 60.0 * share))
        self._resolve_at = self._count(_later(self._seconds, start, rule.resolve_hours * 3600.0 * share))


def _later(seconds: Seconds, start: datetime, amount: float) -> datetime:
    """The first moment by which so many working seconds have passed, found by halving."""
    target, low, high = seconds.at(start) + amount, start, start + timedelta(days=60)
    while high - low > timedelta(milliseconds=10):
        middle = low + (high - low) / 2
        low, high = (middle, high) if seconds.at(middle) < target else (low, middle)
    return high


def levels_reached(memory: Memory) -> dict[str, int]:
    counted = Counter(ticket.level for ticket in memory.tickets.all.values())
    return {level.name.lower(): counted[level] for level in Level}
