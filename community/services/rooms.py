"""A community's room in WeCom: told what is urgent and what went up a level, in the transaction of what it tells."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from community.model.category import Urgency
from community.model.message import OutboxStatus
from community.model.place import Place, PlaceKind
from community.model.room import MINUTE, TELLS, RoomNote, escalated_text, filed_text, public_place, room_left
from community.model.ticket import Ticket
from community.ports import Community, UnitOfWork

LEASE = timedelta(seconds=60)
MAX_FAILURES = 8
"""A note that fails this often for a reason of its own is put aside."""
GIVE_UP_AFTER = timedelta(hours=24)
"""How long an outage is waited out: by then the ticket itself has told everybody."""


@dataclass(frozen=True)
class Note:
    """One note for this worker to say now, in the room of this community."""

    id: int
    community: str
    text: str


async def filed(uow: UnitOfWork, c: Community, ticket: Ticket, now: datetime) -> None:
    """A ticket was filed: the room of its community hears of it when it is urgent."""
    if ticket.urgency in TELLS:
        # What an incident has made known already need not be said again for each household.
        known = ticket.incident_id is not None and ticket.urgency is not Urgency.DANGER
        key = f"incident-{ticket.incident_id}" if known else f"ticket-{ticket.id}"
        await _tell(uow, c, ticket, filed_text, f"{key}:room:filed", now)


async def in_danger(uow: UnitOfWork, c: Community, ticket: Ticket, now: datetime) -> None:
    """Staff found that somebody is in danger: the room hears of it once more, whatever it heard when the ticket was filed."""
    await _tell(uow, c, ticket, filed_text, f"ticket-{ticket.id}:room:danger", now)


async def escalated(uow: UnitOfWork, c: Community, ticket: Ticket, level: str, key: str, now: datetime) -> None:
    """A ticket went up to `level`. `key` is that of the event which says so."""
    await _tell(uow, c, ticket, lambda t, place: escalated_text(t, place, level), f"{key}:room", now)


async def _tell(
    uow: UnitOfWork, c: Community, ticket: Ticket, words: Callable[[Ticket, str], str], key: str, now: datetime
) -> None:
    community = await uow.places.get(ticket.community_id) if ticket.community_id else None
    if community is None or community.name not in c.rooms:
        return
    text = words(ticket, public_place(await _chain(uow, ticket.place_id)))
    await uow.rooms.add(RoomNote(0, key, community.id, text, now))


async def _chain(uow: UnitOfWork, place_id: int | None) -> list[Place]:
    """The place and its parent: a room's is the unit it lies in."""
    place = await uow.places.get(place_id) if place_id else None
    if place is None:
        return []
    parent = await uow.places.get(place.parent_id) if place.parent_id and place.kind is PlaceKind.ROOM else None
    return [place, *([parent] if parent is not None else [])]


async def ids_of(c: Community, names: Collection[str]) -> dict[str, int]:
    """The communities of these names that there are."""
    async with c.reading() as uow:
        found = {name: await uow.places.by_name(PlaceKind.COMMUNITY, name) for name in names}
    return {name: place.id for name, place in found.items() if place is not None}


async def claim(c: Community, worker: str, rooms: Mapping[str, Mapping[str, int]]) -> list[Note]:
    """Notes for this worker to say now: in order, and no more than the robot may say.

    `rooms` are the communities of each robot: name -> id. Communities that share one share what it may say.
    """
    everywhere = [community_id for theirs in rooms.values() for community_id in theirs.values()]
    async with c.reading() as uow:
        if not everywhere or not await uow.rooms.any_due(everywhere, c.clock.now()):
            return []
    taken = []
    async with c.uow() as uow:
        for theirs in rooms.values():
            names = {community_id: name for name, community_id in theirs.items()}
            await uow.rooms.lock_turn(min(names))
            now = c.clock.now()
            left = room_left(*await uow.rooms.spent(list(names), now - MINUTE, now))
            for note in await uow.rooms.due(list(names), now, left) if left else []:
                note.status, note.worker, note.lease_until = OutboxStatus.SENDING, worker, now + LEASE
                note.attempts += 1
                taken.append(Note(note.id, names[note.community_id], note.text))
        await uow.commit()
    return taken


async def sent(c: Community, worker: str, note_id: int) -> None:
    async with c.uow() as uow:
        note = await uow.rooms.owned(note_id, worker)
        if note is not None:
            note.status, note.sent_at, note.error = OutboxStatus.SENT, c.clock.now(), ""
            note.worker = note.lease_until = None
            await uow.commit()


async def failed(
    c: Community, worker: str, note_id: int, error: str, *, ours: bool, pause: timedelta | None = None
) -> None:
    """It was not said. `ours`: for a reason of its own, which does not go away by waiting. `error` holds no key of a robot."""
    async with c.uow() as uow:
        note = await uow.rooms.owned(note_id, worker)
        if note is None:
            return
        now = c.clock.now()
        note.failures += int(ours)
        note.error, note.worker, note.lease_until = error[:300], None, None
        note.status = OutboxStatus.PENDING
        note.next_try_at = now + (pause or timedelta(seconds=min(60, 2 ** min(note.attempts, 6))))
        if note.failures >= MAX_FAILURES or now - note.created_at > GIVE_UP_AFTER:
            note.status = OutboxStatus.DEAD
        await uow.commit()
