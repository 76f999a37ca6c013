"""A resident's phone number and household, as staff get them: masked, until somebody asks and a line says who did."""

from __future__ import annotations

from community.errors import NotFound
from community.model.audit import SAME_LOOK, Viewed
from community.model.people import Resident, Staff
from community.model.ticket import Ticket
from community.ports import Community, UnitOfWork
from community.services.access import staff_of, ticket_for
from community.services.audit import looked
from community.services.phones import mask_phone


async def show_phone(c: Community, staff_id: int, number: str, page: str = "") -> str:
    """The phone number to call about this ticket. Every call is a line in 查阅记录, committed before the number is given.

    NotFound when the ticket is outside the member's scope, or when nobody left a number.
    """
    async with c.uow() as uow:
        member = await staff_of(uow, staff_id)
        ticket = await ticket_for(uow, member, number)
        resident = await uow.people.resident(ticket.resident_id) if ticket.resident_id else None
        phone = phone_of(c, ticket, resident)
        if not phone:
            raise NotFound("居民没有留电话。")
        await looked(uow, member, Viewed.PHONE, c.clock.now(), ticket=ticket, page=page or f"/tickets/{ticket.number}")
        await uow.commit()
    return phone


def phone_of(c: Community, ticket: Ticket, resident: Resident | None) -> str:
    """In plain: for who has written the line, or masks it. Left with the ticket, else the resident's own; empty when there is none."""
    if ticket.contact:
        return c.vault.decrypt(ticket.contact)
    return c.vault.decrypt(resident.phone_cipher) if resident is not None and resident.phone_cipher else ""


def own_numbers(c: Community, ticket: Ticket | None, resident: Resident | None) -> list[str]:
    """In plain, for a rule that asks whether words hold somebody else's number; not to be given to anybody."""
    ciphers = [ticket.contact if ticket is not None else "", resident.phone_cipher if resident is not None else ""]
    return [c.vault.decrypt(cipher) for cipher in ciphers if cipher]


def masked_phone(c: Community, resident: Resident) -> str:
    """138****5678, for lists and for the resident; empty when there is none."""
    return mask_phone(c.vault.decrypt(resident.phone_cipher)) if resident.phone_cipher else ""


def own_copy(c: Community, cipher: str | None) -> str:
    """In plain, for the copy of their own data that a resident asked for, and for nobody else."""
    return c.vault.decrypt(cipher) if cipher else ""


async def household_of(uow: UnitOfWork, resident: Resident | None) -> str:
    """Where the resident lives, and when that is verified how many live there. Empty when nothing is known."""
    room = await uow.places.get(resident.room_id) if resident is not None and resident.room_id else None
    if resident is None or room is None:
        return ""
    kept = await uow.people.household_of_room(room.id) if resident.home_verified else None
    if kept is None:
        return room.full_name
    return f"{room.full_name} · {kept.members}口人" + (" · 独居老人" if kept.elderly_alone else "")


async def looked_at_household(c: Community, member: Staff, ticket: Ticket, page: str) -> None:
    """Write the line, unless the same member had the same household before them a moment ago. Call it before giving the household."""
    now = c.clock.now()
    async with c.reading() as uow:
        if await uow.view_log.seen_since(member.id, Viewed.HOUSEHOLD, now - SAME_LOOK, ticket.id):
            return
    async with c.uow() as uow:
        await looked(uow, member, Viewed.HOUSEHOLD, now, ticket=ticket, page=page or f"/tickets/{ticket.number}")
        await uow.commit()


async def searched_by_phone(c: Community, member: Staff, fingerprint: str, page: str = "/tickets") -> None:
    """Write the line of a search by a phone number, of which this is the keyed fingerprint. Call it before giving what was found, also
    when that is nothing.

    An open list asks again by itself, so the same number is one search for a while. The line holds a part of the fingerprint: that
    one number was looked for again and again can be seen, which it was cannot.
    """
    note, now = f"号码指纹{fingerprint[:8]}", c.clock.now()
    async with c.reading() as uow:
        if await uow.view_log.seen_since(member.id, Viewed.PHONE_SEARCH, now - SAME_LOOK, note=note):
            return
    async with c.uow() as uow:
        await looked(uow, member, Viewed.PHONE_SEARCH, now, page=page, note=note)
        await uow.commit()
