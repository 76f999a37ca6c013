"""A visit note becomes a ticket, once, filed for who lives there."""

from __future__ import annotations

import secrets
from collections.abc import Sequence

from community.errors import InvalidInput
from community.model.category import Category, Urgency
from community.model.diary import DiaryEntry, who_in
from community.model.people import Actor, Resident, Staff
from community.model.place import PlaceKind
from community.ports import Community, UnitOfWork
from community.services.diary import need_of, readable, words_of, writer_of
from community.services.inbound import danger_in
from community.services.on_behalf import tell_filed
from community.services.tickets import FileTicket, detail_of, file_in
from community.services.views import TicketDetail

SOURCE = "diary"


async def turn(c: Community, staff_id: int, note_id: int, category: Category, words: str = "") -> TicketDetail:
    """File what the note's household wants. The same note again returns its ticket. Without `words` the need that was noted is filed.

    The note itself never is: what a worker saw in a home is not for the resident's chat, nor for whoever gets the ticket. Raises
    InvalidInput when there is neither words nor a need, NotFound for a note out of reach.
    """
    async with c.reading() as uow:
        member = await writer_of(uow, staff_id)
        entry = await readable(uow, member, note_id, c.clock.now())
        said = words.strip() or need_of(c, entry)
    if len(said) < 2:
        raise InvalidInput("请写一句要办什么事，居民和经办人会看到。")
    verdict = await danger_in(c, said)
    async with c.uow() as uow:
        now = c.clock.now()
        entry = await readable(uow, member, note_id, now, for_update=True)
        done = await uow.tickets.get(entry.ticket_id) if entry.ticket_id else None
        if done is not None:
            return await detail_of(uow, done, now, staff=True)
        resident = await _resident(uow, c, member, entry)
        command = FileTicket(
            resident.id,
            category,
            said,
            entry.place_text,
            entry.place_id,
            f"diary-{entry.id}:ticket",
            urgency=Urgency.DANGER if verdict.alarm else None,
            source=SOURCE,
        )
        otherwise = await uow.places.get(entry.grid_id or member.place_id or 0)
        ticket = await file_in(uow, c, command, resident, by=Actor.of_staff(member), otherwise=otherwise)
        entry.ticket_id = ticket.id
        await tell_filed(uow, member, resident, ticket, command.key, now)
        detail = await detail_of(uow, ticket, now, staff=True)
        await uow.commit()
        return detail


async def _resident(uow: UnitOfWork, c: Community, member: Staff, entry: DiaryEntry) -> Resident:
    """Who lives there: whom the note speaks of, by surname, else the first we know. Somebody new, in no channel, where nobody is known."""
    who = who_in(words_of(c, entry))
    place = await uow.places.get(entry.place_id) if entry.place_id else None
    living: Sequence[Resident] = await uow.people.residents_of_room(place.id) if place and place.kind is PlaceKind.ROOM else []
    if living:
        named = [one for one in living if who and one.name[:1] == who.lstrip("老小")[:1]]
        return (named or living)[0]
    resident = Resident(0, "r" + secrets.token_hex(12), who or f"{member.name}走访的住户", created_at=c.clock.now())
    await uow.people.add_resident(resident)
    return resident
