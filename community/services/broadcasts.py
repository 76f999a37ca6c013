"""通知整幢楼: one message of staff to everybody who lives where an incident is, whether they reported or not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from community.errors import Conflict, Forbidden, InvalidInput, NotFound
from community.model.calendar import day_text
from community.model.category import category_name
from community.model.incident import MAX_BROADCAST, Incident, IncidentEvent, Told, quotation
from community.model.message import OutboxMessage
from community.model.people import Staff
from community.model.place import Place
from community.model.reply_check import Remark, check_reply
from community.model.ticket import Move, Outcome, Ticket
from community.ports import Community, UnitOfWork
from community.services import gathering
from community.services.access import may_see, scope_of, staff_of
from community.services.homes import clean_phone
from community.services.incidents import HANDLES


@dataclass(frozen=True)
class Audience:
    """Who is told: residents with a home in `areas`, and who reported from there. `reachable` of them are in a channel; `why_not` is the
    sentence for when nobody is."""

    areas: str
    residents: int
    reachable: int
    why_not: str


@dataclass(frozen=True)
class Preview:
    """`text` is exactly what each resident reads; `refused` says why it cannot go as it is ('' when it can), `remarks` what to think of."""

    text: str
    audience: Audience
    refused: str
    remarks: tuple[Remark, ...]
    sent_before: int


async def draft(c: Community, staff_id: int, incident_id: int) -> str:
    """Words to begin with, made of what the system knows: nothing that a reporter said."""
    async with c.reading() as uow:
        _, incident, tickets, _ = await _asked(uow, staff_id, incident_id)
        mark = (await gathering.marks(uow, [incident.id]))[incident.id]
        now = c.clock.now()
        living = [ticket for ticket in tickets if ticket.is_open]
        if not living:
            return await _draft_of_the_end(uow, incident, tickets)
        lead = living[0]
        holder = await uow.people.staff(lead.holder_id) if lead.holder_id else None
        who = f"由{holder.role_name}{holder.name}负责" if holder is not None else "社区在安排人"
        by = (
            f"{mark.expected_by}预计{day_text(mark.expected_at, now)}前好（{mark.expected_why}）"
            if mark.expects(now) and mark.expected_at is not None
            else f"承诺{day_text(lead.resolve_by, now)}前办好"
        )
        what = category_name(lead.category)
        return f"各位邻居，这里的{what}问题我们知道了，已有{mark.waiting}户反映，{who}，{by}。不用再报，有进展再告诉大家。"


async def _draft_of_the_end(uow: UnitOfWork, incident: Incident, tickets: Sequence[Ticket]) -> str:
    """Who says that it is over, or that it cannot be mended; why, they write themselves."""
    said = [line.who for line in await uow.incidents.events(incident.id) if line.what is Told.RESOLVED]
    who, what = said[-1] if said else "经办人", category_name(tickets[0].category)
    if any(ticket.outcome is Outcome.EXPLAINED for ticket in tickets):
        return f"各位邻居，这里的{what}问题，{who}已经答复反映的住户。"
    return f"各位邻居，这里的{what}问题，{who}说已经办好了。谁家还没好，跟我说一声，接着办。"


async def audience(c: Community, staff_id: int, incident_id: int) -> Audience:
    """Whom a broadcast would reach. Forbidden or NotFound where this member sends none."""
    async with c.reading() as uow:
        _, _, tickets, areas = await _asked(uow, staff_id, incident_id)
        return (await _people(uow, tickets, areas))[0]


async def preview(c: Community, staff_id: int, incident_id: int, text: str) -> Preview:
    """How `text` would arrive, to how many. Changes nothing."""
    async with c.reading() as uow:
        member, incident, tickets, areas = await _asked(uow, staff_id, incident_id)
        meant, _ = await _people(uow, tickets, areas)
        refused = await _refused(uow, incident, text, areas, meant)
        remarks = check_reply(text, now=c.clock.now(), known_phones=await staff_phones(uow))
        sent = sum(line.what is Told.BROADCAST for line in await uow.incidents.events(incident.id))
        return Preview(_as_read(text, member, areas), meant, refused, remarks, sent)


async def send(c: Community, staff_id: int, incident_id: int, text: str, key: str, sent_before: int) -> Audience:
    """Tell everybody once. `sent_before` is how many broadcasts its writer saw: Conflict when a colleague was faster.

    Raises InvalidInput for words of a reporter, their name, room or telephone, and when nobody can be reached.
    """
    async with c.uow() as uow:
        member, incident, tickets, areas = await _asked(uow, staff_id, incident_id, for_update=True)
        meant, addresses = await _people(uow, tickets, areas)
        if await uow.keys.ref(key) is not None:
            return meant
        now = c.clock.now()
        if why := await _refused(uow, incident, text, areas, meant):
            raise InvalidInput(why)
        earlier = [line for line in await uow.incidents.events(incident.id) if line.what is Told.BROADCAST]
        if len(earlier) != sent_before:
            raise Conflict(f"{earlier[-1].who}刚刚发过一条通知，看一眼再发。" if earlier else "请重新打开这个事件再发。")
        whole = _as_read(text, member, areas)
        line = IncidentEvent(
            0, incident.id, now, Told.BROADCAST, f"{member.role_name}{member.name}", f"发给{len(addresses)}人：{text.strip()}"
        )
        await uow.incidents.add_event(line)
        for resident_id, (channel, address) in sorted(addresses.items()):
            await uow.outbox.add(_message(f"broadcast-{line.id}-{resident_id}", resident_id, channel, address, whole, member, now))
            uow.announce("outbox", resident_id=resident_id)
        for ticket in tickets:
            uow.announce("tickets", number=ticket.number, grid_id=ticket.grid_id, community_id=ticket.community_id)
        await uow.keys.put(key, str(line.id), now)
        await uow.commit()
        return meant


def _message(
    key: str, resident_id: int, channel: str, address: str, text: str, member: Staff, now: datetime
) -> OutboxMessage:
    return OutboxMessage(
        id=0,
        idempotency_key=key,
        resident_id=resident_id,
        channel=channel,
        address=address,
        text=text,
        created_at=now,
        author="staff",
        author_name=f"{member.name}（{member.role_name}）",
    )


async def _asked(
    uow: UnitOfWork, staff_id: int, incident_id: int, *, for_update: bool = False
) -> tuple[Staff, Incident, list[Ticket], list[Place]]:
    """(member, incident, the tickets they may see, the areas of these that are theirs to speak to)."""
    member = await staff_of(uow, staff_id)
    if member.role not in HANDLES:
        raise Forbidden("通知由网格员、物业或社区来发。")
    incident = await uow.incidents.get(incident_id, for_update=for_update)
    tickets = [ticket for ticket in await uow.incidents.tickets(incident_id) if await may_see(uow, member, ticket)]
    if incident is None or not tickets:
        raise NotFound("没有找到这个事件。")
    scope = await scope_of(uow, member)
    areas = [
        area
        for area in await gathering.reached_by(uow, tickets)
        if scope.everything
        or area.community_id in scope.community_ids
        or area.grid_id in scope.grid_ids
        or area.estate_id in scope.estate_ids
    ]
    return member, incident, tickets, areas


async def _people(
    uow: UnitOfWork, tickets: Sequence[Ticket], areas: Sequence[Place]
) -> tuple[Audience, dict[int, tuple[str, str]]]:
    """(who is meant, the address of each who can be reached). Who reported from there is meant, wherever they live."""
    if not areas:
        return Audience("", 0, 0, "这些工单没有说清是哪一幢，发不了通知。"), {}
    rooms: list[int] = []
    for area in areas:
        rooms += await uow.places.ids_below(area.id)
    people = set(await uow.people.living_at(rooms))
    for ticket in tickets:
        if ticket.place_id in rooms:
            people |= {one for one in (ticket.resident_id, *await uow.tickets.followers(ticket.id)) if one is not None}
    addresses = await uow.people.addresses_of(people) if people else {}
    names = _names(areas)
    why_not = "" if addresses else f"{names}还没有人绑定住址、用过聊天，通知发不到。请贴告示，或者打电话。"
    return Audience(names, len(people), len(addresses), why_not), addresses


async def _refused(
    uow: UnitOfWork, incident: Incident, text: str, areas: Sequence[Place], meant: Audience
) -> str:
    """Why these words may not go to a whole building; '' when they may."""
    text = text.strip()
    if meant.why_not:
        return meant.why_not
    if len(text) < 4:
        return "请写一句要告诉大家的话。"
    if len(text) > MAX_BROADCAST:
        return f"太长了，请控制在{MAX_BROADCAST}字以内。"
    remarks = check_reply(text, now=incident.created_at, known_phones=await staff_phones(uow))
    if any(remark.kind in ("private", "hole") for remark in remarks):
        return "里面有居民的号码，或者没填上的空，不能发给整幢楼。"
    return await of_a_reporter(uow, incident, text, areas)


async def of_a_reporter(uow: UnitOfWork, incident: Incident, text: str, areas: Sequence[Place]) -> str:
    """Why words that strangers will read are a reporter's: their name, door or sentence; '' when they are not."""
    said: list[str] = []
    theirs: set[str] = set()
    known = [area.full_name or area.name for area in areas]
    # Also what is of others' scope: it is a reporter's all the same.
    for ticket in await uow.incidents.tickets(incident.id):
        known.append(category_name(ticket.category))
        said += [ticket.words, ticket.detail]
        said += [e.note for e in await uow.tickets.events(ticket.id) if e.actor_kind == "resident" and e.move is not Move.RATE]
        followers = await uow.tickets.followers(ticket.id)
        said += [await uow.tickets.follower_words(ticket.id, one) for one in followers]
        for resident_id in (ticket.resident_id, *followers):
            theirs |= await _personal(uow, resident_id)
    names = {person.name for person in await uow.people.all_staff()}
    if any(word in text for word in theirs - names):
        return "里面有反映人的姓名或门牌，不能让别的住户看到。"
    if quoted := quotation(text, said, known):
        return f"“{quoted}”像是反映人的原话，请换成自己的说法。"
    return ""


async def _personal(uow: UnitOfWork, resident_id: int | None) -> set[str]:
    """A reporter's name, and what their door is called."""
    resident = await uow.people.resident(resident_id) if resident_id else None
    if resident is None:
        return set()
    room = await uow.places.get(resident.room_id) if resident.room_id else None
    doors = {room.name} if room is not None and len(room.name) > 3 else set()
    return doors | ({resident.name} if len(resident.name) > 1 else set())


async def staff_phones(uow: UnitOfWork) -> frozenset[str]:
    phones = [person.phone for person in await uow.people.all_staff() if person.phone]
    return frozenset(digits for phone in phones if (digits := clean_phone(phone)))


def _names(areas: Sequence[Place]) -> str:
    return "、".join(area.full_name or area.name for area in areas)


def _as_read(text: str, member: Staff, areas: Sequence[Place]) -> str:
    return f"【{_names(areas)}】{text.strip()}\n——{member.role_name}{member.name}，发给这里的住户"
