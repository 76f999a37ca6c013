"""What staff do with tickets. Every function checks the actor's scope itself."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Literal

from community.errors import Forbidden, InvalidInput, NotFound
from community.model import promise
from community.model.category import Category, category_name
from community.model.figures import Mark
from community.model.level import Level, level_of_place
from community.model.media import Media
from community.model.people import Actor, Role, Staff
from community.model.ticket import ENDED, OPEN, Move, Outcome, Status, Ticket, TicketEvent
from community.ports import Community, Scope, TicketQuery, UnitOfWork
from community.services import care_ends, contacts, moves, staff_notify
from community.services.access import allowed_for, may_talk, scope_of, staff_of, ticket_for
from community.services.desk_search import understand
from community.services.homes import mask_phone
from community.services.telling import tell_moved
from community.services.tickets import announce, detail_of, view_of, views_of
from community.services.views import DeskCounts, TicketDetail, TicketView


@dataclass(frozen=True)
class DeskFilter:
    """`group` 'mine' is what I hold, 'grid' and 'all' what my scope covers. `status` may also be a Status value;
    `words` is one box for all: number, telephone, place, words. `filed` and `ended` are local days, both ends included.
    `mark`, `grid_id` (0: in no grid) and `worker_id` (who holds it; 0: nobody) narrow a list to what a figure of the statistics counted.
    """

    group: Literal["mine", "grid", "all"] = "all"
    status: str = "open"
    category: Category | None = None
    words: str = ""
    filed: tuple[date, date] | None = None
    ended: tuple[date, date] | None = None
    limit: int = 50
    offset: int = 0
    mark: Mark | None = None
    grid_id: int | None = None
    worker_id: int | None = None


@dataclass(frozen=True)
class Page:
    """`total` is exact, or with `more` only as far as was counted: 1000件以上. `understood` says how the words were read."""

    items: list[TicketView]
    total: int
    more: bool = False
    understood: str = ""


@dataclass(frozen=True)
class DeskTicket:
    """One ticket as staff see it. `contact` is masked; `transfer_to` are (staff id, 'name · role · place')."""

    detail: TicketDetail
    resident_name: str
    contact: str
    household: str
    home_verified: bool
    place_history: list[TicketView]
    allowed: frozenset[Move]
    transfer_to: list[tuple[int, str]]


ONE_SIDED = frozenset({Move.RESOLVE, Move.RECATEGORISE})
"""Not for a ticket in mediation: how it ends, and what it is, is said for both sides."""
_GROUPS: dict[str, frozenset[Status] | None] = {
    "open": OPEN,
    "overdue": OPEN,
    "resolved": frozenset({Status.RESOLVED}),
    "ended": ENDED,
    "any": None,
}


async def list_tickets(c: Community, staff_id: int, filter: DeskFilter) -> Page:  # noqa: A002 (the word of the page)
    """A page of what this member may see, what is due first at its head. Raises InvalidInput for a status there is not.

    A search by a phone number is a line in 查阅记录.
    """
    async with c.reading() as uow:
        member = await staff_of(uow, staff_id)
        now = c.clock.now()
        query, understood = await query_of(c, uow, member, filter, now)
        found = await uow.tickets.search(query)
        items = await views_of(uow, found.items, now)
    for fingerprint in {clue.contact_hash for clue in query.clues or () if clue.contact_hash}:
        await contacts.searched_by_phone(c, member, fingerprint)
    return Page(items, found.total, found.more, understood)


async def query_of(
    c: Community, uow: UnitOfWork, member: Staff, filter: DeskFilter, now: datetime  # noqa: A002
) -> tuple[TicketQuery, str]:
    """What `filter` asks for, within what this member may see, and how its words were read. InvalidInput for a status there is not."""
    if filter.status in _GROUPS:
        statuses = _GROUPS[filter.status]
    else:
        try:
            statuses = frozenset({Status(filter.status)})
        except ValueError as error:
            raise InvalidInput("没有这种工单状态。") from error
    scope = await scope_of(uow, member)
    if filter.group == "mine":
        # What I hold is mine to see even when it came from outside my place by a transfer.
        scope = Scope(everything=True)
    words = filter.words.strip()[:100]
    understood = await understand(uow, c, words) if words else None
    query = TicketQuery(
        scope=scope,
        statuses=statuses,
        holder_id=member.id if filter.group == "mine" else filter.worker_id,
        category=filter.category,
        overdue_at=now if filter.status == "overdue" else None,
        clues=understood.clues if understood else None,
        filed=filter.filed,
        ended=filter.ended,
        limit=max(1, min(filter.limit, 200)),
        offset=max(0, filter.offset),
        mark=(filter.mark, now) if filter.mark is not None else None,
        grid_id=filter.grid_id,
    )
    return query, understood.said if understood else ""


async def open_ticket(
    c: Community, staff_id: int, number: str, page: str = "", *, household: bool = True
) -> DeskTicket:
    """The whole of one ticket. NotFound when it is outside the member's scope.

    The phone number is masked (`contacts.show_phone` gives it). Giving the household leaves a line in 查阅记录, with the path of the
    `page` that shows it; who does not show it asks without.
    """
    async with c.reading() as uow:
        member = await staff_of(uow, staff_id)
        ticket = await ticket_for(uow, member, number)
        now = c.clock.now()
        scope = await scope_of(uow, member)
        resident = await uow.people.resident(ticket.resident_id) if ticket.resident_id else None
        there = await uow.tickets.of_place(ticket.place_id, 10) if ticket.place_id else []
        earlier = [other for other in there if other.id != ticket.id and scope.covers(other)]
        phone = contacts.phone_of(c, ticket, resident)
        opened = DeskTicket(
            detail=await detail_of(uow, ticket, now, staff=True),
            resident_name=resident.name if resident else "",
            contact=mask_phone(phone) if phone else "",
            household=await contacts.household_of(uow, resident) if household else "",
            home_verified=bool(resident and resident.home_verified),
            place_history=await views_of(uow, earlier, now),
            # How a mediation ends is written for both sides, not for the one whose ticket it is.
            allowed=allowed_for(member, ticket) - (ONE_SIDED if await uow.mediations.of_ticket(ticket.id) else frozenset()),
            transfer_to=await colleagues(uow, member, ticket),
        )
    if opened.household:
        await contacts.looked_at_household(c, member, ticket, page)
    return opened


async def colleagues(uow: UnitOfWork, member: Staff, ticket: Ticket) -> list[tuple[int, str]]:
    """Who can take this ticket: people of its grid and community, the property company of its estate, its mediators."""
    people: list[Staff] = []
    for place_id in (ticket.grid_id, ticket.community_id):
        if place_id:
            people += await uow.people.staff_of_place(place_id)
    if ticket.community_id:
        for grid in await uow.places.children(ticket.community_id):
            if grid.id != ticket.grid_id:
                people += await uow.people.staff_of_place(grid.id, Role.GRID_WORKER)
    if ticket.estate_id:
        company = await uow.people.company_of_estate(ticket.estate_id)
        if company is not None:
            people += await uow.people.staff_of_company(company.id)
    seen: dict[int, str] = {}
    for person in people:
        if person.id in seen or person.id == ticket.holder_id or person.role in (Role.LAWYER, Role.TRAINER):
            continue
        place = await uow.places.get(person.place_id) if person.place_id else None
        seen[person.id] = " · ".join(x for x in (person.name, person.role_name, place.name if place else "") if x)
    return list(seen.items())


async def accept(c: Community, staff_id: int, number: str, key: str = "") -> TicketView:
    """`key`, here and below, makes it once: the same key again changes nothing and returns the ticket as it is."""
    return await _move(c, staff_id, number, Move.ACCEPT, key=key)


async def start(c: Community, staff_id: int, number: str, note: str = "", key: str = "") -> TicketView:
    return await _move(c, staff_id, number, Move.START, note, key=key)


async def resolve(
    c: Community,
    staff_id: int,
    number: str,
    note: str,
    photos: tuple[str, ...] = (),
    key: str = "",
    outcome: Outcome = Outcome.SOLVED,
) -> TicketView:
    """Say it is done, with what was done, or why it cannot be (`outcome`; counted apart). The resident is asked and has the last word.

    Raises InvalidInput when the rule of its category wants a photo that is not there.
    """
    if len(note.strip()) < 2:
        raise InvalidInput("请写一句办结说明，居民会看到。")

    async def before(uow: UnitOfWork, ticket: Ticket, now: datetime) -> None:
        if await uow.mediations.of_ticket(ticket.id) is not None:
            raise InvalidInput("这件在调解，请在“两方调解”里写结果，两方都会看到。")
        ticket.outcome = outcome
        for photo in photos:
            if await uow.media.get(photo) is None:
                raise InvalidInput("照片没有上传成功，请重新上传。")
            await uow.tickets.add_photo(ticket.id, photo, "after", now)
            if ticket.resident_id:
                await uow.media.grant(photo, ticket.resident_id)
        if outcome is Outcome.SOLVED:
            await moves.check_photos(uow, [ticket])
        await care_ends.ended(uow, ticket, "已经由社区办好", now)

    return await _move(c, staff_id, number, Move.RESOLVE, note, before=before, photos=photos, key=key)


async def pause(c: Community, staff_id: int, number: str, reason: str, until: datetime, key: str = "") -> TicketView:
    """Stop the clock until then, for a reason the resident reads. Raises InvalidInput without one, or for an end that will not do."""
    if len(reason.strip()) < 2:
        raise InvalidInput("请写明为什么要等，居民会看到。")

    async def before(uow: UnitOfWork, ticket: Ticket, now: datetime) -> None:
        promise.pause(ticket, until, now, c.is_workday)

    return await _move(c, staff_id, number, Move.PAUSE, reason, before=before, key=key)


async def resume(c: Community, staff_id: int, number: str, note: str = "", key: str = "") -> TicketView:
    """Go on before the pause ends: what was left of the promise runs from now."""

    async def before(uow: UnitOfWork, ticket: Ticket, now: datetime) -> None:
        promise.resume(ticket, now, c.is_workday)

    return await _move(c, staff_id, number, Move.RESUME, note, before=before, key=key)


async def return_ticket(c: Community, staff_id: int, number: str, reason: str, key: str = "") -> TicketView:
    """Send it back to the community's desk with the reason. The desk holds it from then on."""
    if len(reason.strip()) < 2:
        raise InvalidInput("请写明退回原因，居民和社区都会看到。")

    async def to_desk(uow: UnitOfWork, ticket: Ticket, now: datetime) -> None:
        desk = await uow.people.staff_of_place(ticket.community_id, Role.COMMUNITY_STAFF) if ticket.community_id else []
        others = [d for d in desk if d.id != staff_id]
        if others:
            ticket.holder_id, ticket.level = others[0].id, max(ticket.level, Level.COMMUNITY)

    return await _move(c, staff_id, number, Move.RETURN, reason, before=to_desk, key=key)


async def transfer(
    c: Community, staff_id: int, number: str, to_staff_id: int, reason: str, key: str = ""
) -> TicketView:
    async with c.uow() as uow:
        member = await staff_of(uow, staff_id)
        if (done := await _done(uow, c, key)) is not None:
            return done
        ticket = await ticket_for(uow, member, number, for_update=True)
        options = dict(await colleagues(uow, member, ticket))
        if member.id != ticket.holder_id:
            options.setdefault(member.id, member.name)
        if to_staff_id not in options:
            raise Forbidden("不能转给这位同事，请在名单里选。")
        receiver = await staff_of(uow, to_staff_id)
        now = c.clock.now()
        note = f"转给{receiver.role_name}{receiver.name}" + (f"：{reason.strip()[:500]}" if reason.strip() else "")
        level = await level_of(uow, receiver)
        event = ticket.apply(Move.TRANSFER, Actor.of_staff(member), now, note, data={"to_level": int(level)})
        ticket.holder_id = receiver.id
        promise.hand_over(ticket, level, now)
        await moves.keep(uow, c, ticket, event)
        await tell_moved(uow, ticket, event, f"{receiver.role_name}{receiver.name}")
        await staff_notify.moved(uow, ticket, event)
        await _note_key(uow, key, ticket, now)
        announce(uow, ticket)
        view = await view_of(uow, ticket, now)
        await uow.commit()
        return view


async def level_of(uow: UnitOfWork, member: Staff) -> Level:
    place = await uow.places.get(member.place_id) if member.place_id else None
    return level_of_place(place.kind if place is not None else None)


async def add_staff_note(c: Community, staff_id: int, number: str, note: str) -> TicketView:
    """A note among colleagues; the resident does not see it."""
    if not note.strip():
        raise InvalidInput("备注是空的。")
    return await _move(c, staff_id, number, Move.NOTE, note, visible=False)


async def _move(
    c: Community,
    staff_id: int,
    number: str,
    move: Move,
    note: str = "",
    *,
    before: Callable[[UnitOfWork, Ticket, datetime], Awaitable[None]] | None = None,
    extra: Callable[[UnitOfWork, Ticket, TicketEvent], Awaitable[None]] | None = None,
    photos: tuple[str, ...] = (),
    visible: bool = True,
    key: str = "",
) -> TicketView:
    async with c.uow() as uow:
        member = await staff_of(uow, staff_id)
        if (done := await _done(uow, c, key)) is not None:
            return done
        ticket = await ticket_for(uow, member, number, for_update=True)
        if move in ticket.allowed() and move not in allowed_for(member, ticket):
            raise Forbidden("这件工单在别的同事手里，请先转给自己。")
        now: datetime = c.clock.now()
        event = ticket.apply(move, Actor.of_staff(member), now, note.strip()[:1000], visible=visible)
        if before is not None:
            await before(uow, ticket, now)
        await moves.keep(uow, c, ticket, event)
        if extra is not None:
            await extra(uow, ticket, event)
        if visible:
            await tell_moved(uow, ticket, event, f"{member.role_name}{member.name}", photos)
            await staff_notify.moved(uow, ticket, event)
        await _note_key(uow, key, ticket, now)
        announce(uow, ticket)
        view = await view_of(uow, ticket, now)
        await uow.commit()
        return view


async def _done(uow: UnitOfWork, c: Community, key: str) -> TicketView | None:
    """The ticket, when what this key stands for was done before. Not asked for rights: by then it may be in other hands."""
    number = await uow.keys.ref(key) if key else None
    ticket = await uow.tickets.by_number(number) if number else None
    return await view_of(uow, ticket, c.clock.now()) if ticket is not None else None


async def _note_key(uow: UnitOfWork, key: str, ticket: Ticket, now: datetime) -> None:
    if key:
        await uow.keys.put(key, ticket.number, now)


async def attach_photo(c: Community, staff_id: int, number: str, media_hash: str, key: str) -> TicketView:
    """A photo of staff on a ticket they may see. Colleagues see it; the resident does when it goes with the words of what was done."""
    async with c.uow() as uow:
        member = await staff_of(uow, staff_id)
        ticket = await ticket_for(uow, member, number, for_update=True)
        now = c.clock.now()
        if await uow.keys.ref(key) is None:
            if await uow.media.get(media_hash) is None:
                raise InvalidInput("照片没有上传成功，请重新上传。")
            await uow.tickets.add_photo(ticket.id, media_hash, "staff", now)
            await uow.keys.put(key, ticket.number, now)
            announce(uow, ticket)
        view = await view_of(uow, ticket, now)
        await uow.commit()
        return view


async def counts(c: Community, staff_id: int, days: int = 14) -> DeskCounts:
    """The start page's numbers, over the member's scope."""
    async with c.reading() as uow:
        member = await staff_of(uow, staff_id)
        scope = await scope_of(uow, member)
        now = c.clock.now()
        seen = await uow.tickets.counts(scope, now, days)
        all_days = sorted({*seen.filed_by_day, *seen.ended_by_day})
        return DeskCounts(
            open=sum(n for s, n in seen.by_status.items() if s in OPEN),
            overdue=seen.overdue,
            resolved_waiting=seen.by_status.get(Status.RESOLVED, 0),
            ended_recent=sum(seen.ended_by_day.values()),
            mine_open=await uow.tickets.number_open(member.id),
            by_category=sorted(((k, category_name(k), n) for k, n in seen.by_category.items()), key=lambda row: -row[2]),
            by_day=[(d, seen.filed_by_day.get(d, 0), seen.ended_by_day.get(d, 0)) for d in all_days],
        )


async def store_staff_photo(c: Community, staff_id: int, raw: bytes) -> Media:
    """Keep a photo uploaded by staff. Raises InvalidInput when it is none."""
    kept = await c.media_files.put(raw, c.clock.now())
    async with c.uow() as uow:
        await staff_of(uow, staff_id)
        await uow.media.add(kept)
        await uow.commit()
    return kept


async def photo_for_staff(c: Community, staff_id: int, media_hash: str) -> Path:
    """The file of a photo on a ticket or in a conversation this member may see. NotFound otherwise."""
    async with c.reading() as uow:
        member = await staff_of(uow, staff_id)
        scope = await scope_of(uow, member)
        path: Path = c.media_files.path(media_hash)
        for ticket in await uow.media.tickets_showing(media_hash):
            if ticket.holder_id == member.id or scope.covers(ticket):
                return path
        for conversation in await uow.media.conversations_showing(media_hash):
            if conversation.holder != "bot" and await may_talk(uow, member, conversation):
                return path
    raise NotFound("没有这张照片。")
