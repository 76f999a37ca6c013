"""Past tickets with honest histories: every step goes through `Ticket.apply`, with what the services add to it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Any

from community.model.calendar import SHANGHAI, IsWorkday, add_working_time, local
from community.model.category import RULES, Category, Urgency
from community.model.people import Actor, Resident, Role, Staff
from community.model.promise import built_in, pause, promised, set_clock
from community.model.ticket import AGAIN, SILENCE, URGE_EVERY, Move, Status, Ticket, TicketEvent
from community.ports import Community
from community.store.seed.people import demo_phone
from community.store.seed.places import PlaceBook
from community.store.seed.rows import Row
from community.store.uow import SqlUnitOfWork

RESIDENT_MOVES = frozenset({Move.CONFIRM, Move.RATE, Move.URGE, Move.REOPEN, Move.PARTLY, Move.WITHDRAW})
ADD = "add"
"""The resident's NOTE; 'note' is the staff's, which the resident does not see."""


class Cast:
    """Who and where the tickets speak of."""

    def __init__(self, book: PlaceBook, residents: dict[str, Resident], staff: dict[str, Staff]) -> None:
        self.book, self.residents, self.staff = book, residents, staff
        self.rooms = {row["id"]: row for row in book.kinds["room"]}
        everybody = staff.values()
        self.members = {member.id: member for member in everybody}
        self.worker = {member.place_id: member for member in everybody if member.role is Role.GRID_WORKER}
        self.desk: dict[int | None, list[Staff]] = {}
        for member in everybody:
            if member.role is Role.COMMUNITY_STAFF:
                self.desk.setdefault(member.place_id, []).append(member)


async def add_tickets(
    uow: SqlUnitOfWork,
    c: Community,
    cast: Cast,
    specs: list[Row],
    midnight: datetime,
    further: Callable[[Play], None] = lambda play: None,
) -> list[Play]:
    """Play all tickets up to `midnight` (`further` plays on after the steps) and keep them in the order in which they were filed."""
    played = []
    for spec in specs:
        play = Play(cast, spec, midnight, c.is_workday, further)
        if spec.get("contact"):
            phone = demo_phone(spec["resident"])
            play.ticket.contact, play.ticket.contact_hash = c.vault.encrypt(phone), c.vault.fingerprint(phone)
        played.append(play)
    played.sort(key=lambda play: play.ticket.created_at)
    for play in played:
        await uow.tickets.add(play.ticket)
        for event in play.events:
            event.ticket_id = play.ticket.id
    # One log for the whole city, in the order of time, as it would have been written.
    for event in sorted((e for play in played for e in play.events), key=lambda e: e.at):
        await uow.tickets.add_event(event)
    return played


class Play:
    """One ticket of tickets.yml, played from filing to where it stands. ValueError for what could not have been."""

    def __init__(
        self, cast: Cast, spec: Row, midnight: datetime, is_workday: IsWorkday, further: Callable[[Play], None]
    ) -> None:
        self.cast, self.spec, self.is_workday = cast, spec, is_workday
        self.resident = cast.residents[spec["resident"]]
        self.midnight = midnight
        self.now = filed_at(spec["filed"], local(midnight).date(), is_workday)
        self.ticket, self.events = self._file()
        for step in spec["steps"]:
            self._step(*_parse(step))
        further(self)
        if self.now >= midnight:
            raise ValueError(f"not over before the day of seeding: {spec['words']}")
        self._set_clock(midnight)

    def _file(self) -> tuple[Ticket, list[TicketEvent]]:
        """As `tickets.file_in`: received, and sent to the grid worker of the place at once."""
        spec, now = self.spec, self.now
        home = self.cast.rooms[self.resident.room_id or 0]
        place = self.cast.book.addressed[spec["place"]] if "place" in spec else home
        category = Category(spec["category"])
        urgency = Urgency(spec["urgency"]) if "urgency" in spec else RULES[category].urgency
        accept_by, resolve_by = promised(built_in(category), urgency, now, self.is_workday)
        worker = self.cast.worker[place["grid_id"]]
        ticket = Ticket(
            id=0,
            number="",
            resident_id=self.resident.id,
            category=category,
            urgency=urgency,
            status=Status.RECEIVED,
            words=spec["words"],
            detail=spec.get("detail", ""),
            place_text=place["full_name"] + spec.get("where", ""),
            place_id=place["id"],
            estate_id=place["estate_id"],
            grid_id=place["grid_id"],
            community_id=place["community_id"],
            created_at=now,
            accept_by=accept_by,
            resolve_by=resolve_by,
            holder_id=worker.id,
            source=spec.get("source", "chat"),
        )
        who = Actor.of_resident(self.resident)
        filed = TicketEvent(0, 0, now, Move.FILE, None, Status.RECEIVED, who.kind, who.id, who.name, ticket.words)
        return ticket, [filed, ticket.apply(Move.DISPATCH, Actor.system(), now, f"派给{worker.role_name}{worker.name}")]

    def _set_clock(self, midnight: datetime) -> None:
        """What is late already goes up a level at the end of the next working day, not in the first minute somebody looks around."""
        ticket = self.ticket
        set_clock(ticket, built_in(ticket.category), self.now, self.is_workday)
        if ticket.look_at is not None:
            calm = add_working_time(midnight + timedelta(days=1), timedelta(hours=8), self.is_workday)
            ticket.look_at = max(ticket.look_at, calm)

    def _step(self, word: str, passed: timedelta, note: str) -> None:
        move = Move.NOTE if word == ADD else Move(word)
        by_resident = move in RESIDENT_MOVES or word == ADD
        before = self.now
        if by_resident or move is Move.SILENT_CLOSE:
            self.now += passed
        else:
            self.now = add_working_time(self.now, passed, self.is_workday)
        if move is Move.SILENT_CLOSE:
            if self.now - before < SILENCE:
                raise ValueError(f"closed by silence too early: {self.spec['words']}")
            self._apply(move, Actor.system(), "三天没有收到居民答复，按约定自动结案")
        elif by_resident:
            self._resident_step(move, note)
        else:
            self._staff_step(move, note)

    def _resident_step(self, move: Move, note: str) -> None:
        ticket, data = self.ticket, None
        if move is Move.CONFIRM:
            note = "居民确认已办好"
        if move is Move.URGE:
            if ticket.last_urged_at is not None and self.now - ticket.last_urged_at < URGE_EVERY:
                raise ValueError(f"urged too often: {ticket.words}")
            note = f"第{ticket.urge_count + 1}次催办"
        if move is Move.RATE:
            score = int(note)
            note, data = f"{score}分", {"score": score}
        self._apply(move, Actor.of_resident(self.resident), note, data=data)
        if move is Move.RATE and data:
            ticket.rating = data["score"]
        if move in AGAIN:
            ticket.accept_by, ticket.resolve_by = promised(built_in(ticket.category), Urgency.HIGH, self.now, self.is_workday)

    def _staff_step(self, move: Move, note: str) -> None:
        """By whoever holds the ticket: that is who the console lets move it."""
        ticket = self.ticket
        holder = self.cast.members[ticket.holder_id or 0]
        receiver = None
        if move is Move.TRANSFER:
            login, note = note.removeprefix("@").split(maxsplit=1)
            receiver = self.cast.staff[login]
            note = f"转给{receiver.role_name}{receiver.name}：{note}"
        if move is Move.RETURN:
            receiver = next(d for d in self.cast.desk[ticket.community_id] if d.id != holder.id)
        until = None
        if move is Move.PAUSE:
            days, note = note.removeprefix("@").split(maxsplit=1)
            until = self.midnight + timedelta(days=int(days), hours=17)
        self._apply(move, Actor.of_staff(holder), note, visible=move is not Move.NOTE)
        if until is not None:
            pause(ticket, until, self.now, self.is_workday)
        if receiver is not None:
            ticket.holder_id = receiver.id

    def wait(self, passed: timedelta) -> None:
        self.now = add_working_time(self.now, passed, self.is_workday)

    def note(self, who: Actor, words: str) -> None:
        """A line among colleagues."""
        self._apply(Move.NOTE, who, words, visible=False)

    def move(self, move: Move, who: Actor, words: str) -> None:
        self._apply(move, who, words)

    def _apply(self, move: Move, who: Actor, note: str, **more: Any) -> None:
        self.events.append(self.ticket.apply(move, who, self.now, note, **more))


def filed_at(words: str, today: date, is_workday: IsWorkday) -> datetime:
    """The moment of 'w3 19:30' or 'd1 20:10' seen from `today`."""
    which, clock = words.split()
    left, day = int(which[1:]), today
    while left:
        day -= timedelta(days=1)
        if which[0] == "d" or is_workday(day):
            left -= 1
    return datetime.combine(day, time.fromisoformat(clock.zfill(5)), SHANGHAI)


def _parse(step: str) -> tuple[str, timedelta, str]:
    word, passed, *note = step.split(maxsplit=2)
    hours, minutes = passed.split(":")
    return word, timedelta(hours=int(hours), minutes=int(minutes)), note[0] if note else ""
