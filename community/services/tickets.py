"""What a resident does with tickets: file, follow, urge, add, withdraw, confirm, reopen, rate."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from chinese.ticket_numbers import find_numbers
from community.errors import InvalidInput, NotFound
from community.model.category import RULES, Category, Urgency
from community.model.household import Carer, CarerUse
from community.model.level import Level
from community.model.mediation import Mediation, Side
from community.model.people import Actor, Resident, Staff
from community.model.place import Place
from community.model.promise import RuleBook, promised
from community.model.ticket import (
    ENDED,
    REPEAT_WITHIN,
    URGE_EVERY,
    Move,
    Outcome,
    Status,
    Ticket,
    TicketEvent,
)
from community.ports import Community, UnitOfWork
from community.services import care_ends, carers, gathering, moves, rooms, sides, staff_notify, understandings
from community.services.homes import phone_in
from community.services.matching import best_matches
from community.services.notify import tell
from community.services.routing import first_holder, route_of_place, worker_for
from community.services.views import TicketDetail, TicketView, event_view, for_follower, ticket_view


@dataclass(frozen=True)
class FileTicket:
    """A report ready to be filed. `urgency` None takes the category's own. `key` makes it once."""

    resident_id: int
    category: Category
    words: str
    place_text: str
    place_id: int | None
    key: str
    detail: str = ""
    contact: str = ""
    photos: tuple[str, ...] = ()
    urgency: Urgency | None = None
    source: str = "chat"


@dataclass(frozen=True)
class Found:
    """What a resident's words point at: one ticket, several, a misread number, or nothing."""

    ticket: TicketView | None
    candidates: list[TicketView]
    wrong_number: str | None = None


@dataclass(frozen=True)
class UrgeResult:
    """`counted` is False when the last urging was less than half an hour ago; `next_at` says when the next one counts."""

    ticket: TicketView
    counted: bool
    next_at: datetime


async def add_event(uow: UnitOfWork, c: Community, ticket: Ticket, event: TicketEvent) -> None:
    """Keep an event, and tell who holds the ticket."""
    await moves.keep(uow, c, ticket, event)
    await staff_notify.moved(uow, ticket, event)


def announce(uow: UnitOfWork, ticket: Ticket) -> None:
    uow.announce("tickets", number=ticket.number, grid_id=ticket.grid_id, community_id=ticket.community_id)


async def view_of(uow: UnitOfWork, ticket: Ticket, now: datetime) -> TicketView:
    holder = await uow.people.staff(ticket.holder_id) if ticket.holder_id else None
    return ticket_view(ticket, holder, now, await gathering.mark_of(uow, ticket))


async def views_of(uow: UnitOfWork, tickets: Sequence[Ticket], now: datetime) -> list[TicketView]:
    """The same for many, asking once for all who hold them."""
    holders = await uow.people.staff_with_ids({ticket.holder_id for ticket in tickets if ticket.holder_id})
    marks = await gathering.marks(uow, {ticket.incident_id for ticket in tickets if ticket.incident_id})
    return [
        ticket_view(ticket, holders.get(ticket.holder_id or 0), now, marks.get(ticket.incident_id or 0)) for ticket in tickets
    ]


async def detail_of(uow: UnitOfWork, ticket: Ticket, now: datetime, *, staff: bool) -> TicketDetail:
    """The ticket with its history; a resident sees the visible events only."""
    events = await uow.tickets.events(ticket.id)
    if not staff:
        events = [e for e in events if e.visible and not _another_resident(ticket, e)]
    photos = await uow.tickets.photos(ticket.id)
    department = (await moves.rule_for(uow, ticket, now)).department
    view = await view_of(uow, ticket, now)
    return TicketDetail(view, tuple(event_view(e) for e in events), tuple(photos), department)


def _another_resident(ticket: Ticket, event: TicketEvent) -> bool:
    """From before the ticket was theirs: a neighbour reported it (or somebody for them), and has withdrawn."""
    by_another = event.actor_kind == "resident" and event.actor_id != ticket.resident_id
    return by_another or (event.move is Move.FILE and event.note != ticket.words)


async def file_ticket(c: Community, cmd: FileTicket) -> TicketDetail:
    """File a report and send it to the grid worker of its place. The same `key` again returns the first ticket."""
    return (await file_several(c, (cmd,)))[0]


async def file_several(c: Community, commands: Sequence[FileTicket]) -> tuple[TicketDetail, ...]:
    """File what one message told of, each as a ticket of its own: all of them or none. Keys seen before return their tickets."""
    if not all(cmd.words.strip() for cmd in commands):
        raise InvalidInput("还没有说是什么事，请用一句话告诉我。")
    async with c.uow() as uow:
        await gathering.hold(uow, [(cmd.category, cmd.place_id) for cmd in commands])
        filed = []
        for cmd in commands:
            ref = await uow.keys.ref(cmd.key)
            ticket = await uow.tickets.get(int(ref)) if ref else None
            if ticket is None:
                resident = await _resident(uow, cmd.resident_id)
                link = await carers.acting(uow, resident.id)
                ticket = await (file_in(uow, c, cmd, resident) if link is None else _file_for(uow, c, cmd, resident, link))
                await uow.keys.put(cmd.key, str(ticket.id), c.clock.now())
            filed.append(ticket)
        details = tuple([await detail_of(uow, ticket, c.clock.now(), staff=False) for ticket in filed])
        await uow.commit()
        return details


async def _file_for(uow: UnitOfWork, c: Community, cmd: FileTicket, carer: Resident, link: Carer) -> Ticket:
    """A carer's report for their elder: the elder's ticket, filed by the carer, and the elder is told."""
    elder, now = await _resident(uow, link.elder_id), c.clock.now()
    for photo in cmd.photos:
        if await uow.media.granted(photo, carer.id):
            await uow.media.grant(photo, elder.id)
    ticket = await file_in(uow, c, cmd, elder, by=Actor.of_resident(carer))
    await uow.homes.add(CarerUse(0, link.id, now, carers.REPORTED, ticket.id))
    text = f"{carer.name or '家人'}替您报了：{ticket.title}，工单号{ticket.number}。不对的话，说“撤回{ticket.number}”。"
    await tell(uow, elder.id, text, key=f"carer-filed-{ticket.id}", now=now, author="system", topic=f"ticket:{ticket.number}")
    (await uow.privacy.settings_or_new(carer.id)).acting_for = None
    return ticket


async def file_in(
    uow: UnitOfWork,
    c: Community,
    cmd: FileTicket,
    resident: Resident,
    *,
    by: Actor | None = None,
    otherwise: Place | None = None,
    to: Staff | None = None,
) -> Ticket:
    """File inside a running unit of work (danger does it together with its warning).

    `by` is who files it when that is not the resident; `otherwise` whose it is when neither its place nor a home is known;
    `to` a member of the community who gets it instead of whom the rule says (a mediator).
    """
    now = c.clock.now()
    place = await uow.places.get(cmd.place_id) if cmd.place_id else None
    if place is None and resident.room_id:
        # Not known where: the writer's own community takes it and asks.
        home = await uow.places.get(resident.room_id)
        routed = home
    else:
        routed = place
    routed = routed or otherwise
    urgency = cmd.urgency or RULES[cmd.category].urgency
    rule = RuleBook(await uow.promises.of_category(cmd.category)).at(cmd.category, now)
    accept_by, resolve_by = promised(rule, urgency, now, c.is_workday)
    contact = cmd.contact.strip()[:64]
    phone = phone_in(contact)
    ticket = Ticket(
        id=0,
        number="",
        resident_id=resident.id,
        category=cmd.category,
        urgency=urgency,
        status=Status.RECEIVED,
        words=cmd.words.strip()[:2000],
        detail=cmd.detail.strip()[:1000],
        contact=c.vault.encrypt(contact) if contact else "",
        contact_hash=c.vault.fingerprint(phone) if phone else None,
        place_text=cmd.place_text.strip()[:200],
        place_id=place.id if place else None,
        estate_id=routed.estate_id if routed else None,
        grid_id=routed.grid_id if routed else None,
        community_id=routed.community_id if routed else None,
        created_at=now,
        accept_by=accept_by,
        resolve_by=resolve_by,
        source=cmd.source,
    )
    await uow.tickets.add(ticket)
    actor = by or Actor.of_resident(resident)
    await uow.tickets.add_event(
        TicketEvent(0, ticket.id, now, Move.FILE, None, Status.RECEIVED, actor.kind, actor.id, actor.name, ticket.words)
    )
    for photo in cmd.photos:
        if await uow.media.granted(photo, resident.id):
            await uow.tickets.add_photo(ticket.id, photo, "report", now)
    await gathering.gather(uow, c, ticket, now)
    holder, level = (to, Level.COMMUNITY) if to else await first_holder(uow, route_of_place(routed), rule, now)
    if holder is None:
        await moves.set_clock(uow, c, ticket, now)
    else:
        ticket.holder_id, ticket.level = holder.id, level
        note = f"派给{holder.role_name}{holder.name}" + await _again(uow, ticket, now)
        dispatched = ticket.apply(Move.DISPATCH, Actor.system(), now, note, data={"to_level": int(level)})
        await add_event(uow, c, ticket, dispatched)
        worker = await worker_for(uow, routed, now)
        if worker is not None and worker.id != holder.id:
            words = f"知悉：工单{ticket.number}（{ticket.title}）已派给{holder.role_name}{holder.name}，{ticket.place_text}"
            key = staff_notify.once(ticket, "known", worker.id, now) or f"ticket-{ticket.id}:known"
            await staff_notify.say(uow, worker, words, key=key, now=now, ticket=ticket)
    await rooms.filed(uow, c, ticket, now)
    await understandings.filed(uow, ticket)
    announce(uow, ticket)
    return ticket


async def _again(uow: UnitOfWork, ticket: Ticket, now: datetime) -> str:
    """（该处60天内第3次）, for whoever gets it: what comes again wants another remedy. Empty the first time, or without a place."""
    if ticket.place_id is None:
        return ""
    times = await uow.tickets.number_at(ticket.place_id, ticket.category, now - REPEAT_WITHIN)
    return f"（该处{REPEAT_WITHIN.days}天内第{times}次）" if times > 1 else ""


async def mine(c: Community, resident_id: int, limit: int = 5) -> list[TicketView]:
    """The resident's tickets, open ones first, then the newest."""
    async with c.reading() as uow:
        found = await uow.tickets.of_resident(resident_id, 50, second=True)
        followed = await carers.tickets_followed(uow, resident_id)
        found += followed
        found.sort(key=lambda t: (t.status in ENDED, -t.id))
        views = [await _seen_by(uow, resident_id, t, c.clock.now()) for t in found[:limit]]
    if followed:
        await carers.used(c, resident_id, followed, carers.LISTED)
    return views


async def find(c: Community, resident_id: int, text: str) -> Found:
    """Which of the resident's own tickets `text` means: by number, by description, or the only open one.

    Another resident's number is treated like an unknown one.
    """
    found, followed = await _find(c, resident_id, text)
    if followed:
        await carers.used(c, resident_id, followed, carers.LISTED)
    return found


async def _find(c: Community, resident_id: int, text: str) -> tuple[Found, list[Ticket]]:
    good, bad = find_numbers(text)
    async with c.reading() as uow:
        now = c.clock.now()
        own = await uow.tickets.of_resident(resident_id, 50, second=True)
        followed = await carers.tickets_followed(uow, resident_id)
        own += followed
        for number in good:
            for ticket in own:
                if ticket.number == number:
                    return Found(await _seen_by(uow, resident_id, ticket, now), []), followed
        if good:
            raise NotFound(f"没有查到工单{good[0]}，请再核对一下号码。")
        if bad:
            return Found(None, [], bad[0]), followed
        alive = [t for t in own if t.status not in ENDED] or own[:1]
        matched = best_matches(text, own)
        if len(matched) == 1:
            return Found(await _seen_by(uow, resident_id, matched[0], now), []), followed
        if len(matched) > 1:
            return Found(None, [await _seen_by(uow, resident_id, t, now) for t in matched[:5]]), followed
        if len(alive) == 1:
            return Found(await _seen_by(uow, resident_id, alive[0], now), []), followed
        return Found(None, [await _seen_by(uow, resident_id, t, now) for t in alive[:5]]), followed


async def progress(c: Community, resident_id: int, number: str) -> TicketDetail:
    async with c.reading() as uow:
        ticket = await _own(uow, resident_id, number, following=True, second=True, caring=True)
        cares = await carers.link_to(uow, resident_id, ticket) is not None
    if cares:
        await carers.used(c, resident_id, [ticket], carers.READ)
    async with c.reading() as uow:
        view = await _seen_by(uow, resident_id, ticket, c.clock.now())
        mediation = await uow.mediations.of_ticket(ticket.id) if view.second else None
        if mediation is not None:
            lines = await uow.mediations.lines(mediation.id)
            seen = sides.events_for_second(mediation, await uow.tickets.events(ticket.id), lines)
            return TicketDetail(view, seen, ())
        detail = await detail_of(uow, ticket, c.clock.now(), staff=False)
        if ticket.resident_id == resident_id or cares:
            return detail
        # Joined: what became of it, and nothing that the one who reported it said or was told.
        events = tuple(e for e in detail.events if e.actor_kind != "resident" and e.move not in (Move.FILE, Move.NOTE))
        return TicketDetail(view, events, (), detail.department)


async def _seen_by(uow: UnitOfWork, resident_id: int, ticket: Ticket, now: datetime) -> TicketView:
    """The ticket as this resident sees it, whose it is or who has joined it."""
    view = await view_of(uow, ticket, now)
    if ticket.resident_id == resident_id or await carers.link_to(uow, resident_id, ticket) is not None:
        return view
    mediation = await uow.mediations.of_ticket(ticket.id)
    if mediation is not None and mediation.is_second(resident_id):
        return sides.seen_by_second(view, mediation)
    return for_follower(view, await uow.tickets.follower_words(ticket.id, resident_id))


async def urge(c: Community, resident_id: int, number: str, key: str) -> UrgeResult:
    """Urge a ticket. Counts at most once in half an hour, and always says when it counts again."""
    async with c.uow() as uow:
        ticket = await _own(uow, resident_id, number, for_update=True, following=True, caring=True)
        await carers.acted(uow, resident_id, ticket, c.clock.now())
        now = c.clock.now()
        last = ticket.last_urged_at
        if last is not None and now - last < URGE_EVERY:
            again = await uow.keys.ref(key) is not None
            return UrgeResult(await _seen_by(uow, resident_id, ticket, now), again, last + URGE_EVERY)
        actor = Actor.of_resident(await _resident(uow, resident_id))
        event = ticket.apply(Move.URGE, actor, now, f"第{ticket.urge_count + 1}次催办")
        await add_event(uow, c, ticket, event)
        await uow.keys.put(key, number, now)
        announce(uow, ticket)
        view = await _seen_by(uow, resident_id, ticket, now)
        await uow.commit()
        return UrgeResult(view, True, now + URGE_EVERY)


async def add_note(
    c: Community, resident_id: int, number: str, text: str, photos: tuple[str, ...], key: str
) -> TicketView:
    if not text.strip() and not photos:
        raise InvalidInput("请说一句要补充的话，或者发一张照片。")

    async def change(uow: UnitOfWork, ticket: Ticket, actor: Actor, now: datetime) -> None:
        mediation = await uow.mediations.of_ticket(ticket.id)
        if mediation is not None and mediation.is_second(actor.id):
            if photos:
                raise InvalidInput("照片请当面给调解员看，这里先用一句话说。")  # the ticket's photos are the first side's
            await sides.said_by_second(uow, c, ticket, mediation, actor, text.strip()[:1000], now)
            return
        kept = 0
        for photo in photos:
            if await uow.media.granted(photo, resident_id):
                await uow.tickets.add_photo(ticket.id, photo, "added", now)
                kept += 1
        note = text.strip()[:1000] or f"补充了{kept}张照片"
        await add_event(uow, c, ticket, ticket.apply(Move.NOTE, actor, now, note))

    return await _change(c, resident_id, number, key, change, second=True, caring=True)


async def withdraw(c: Community, resident_id: int, number: str, reason: str, key: str) -> TicketView:
    """The resident needs it no more. Neighbours who have met the same keep it, and who has only joined leaves: then the status that comes
    back is not WITHDRAWN. The first of the neighbours has the last word from then on, in their own words.
    """

    async def change(uow: UnitOfWork, ticket: Ticket, actor: Actor, now: datetime) -> None:
        followers = await uow.tickets.followers(ticket.id)
        if resident_id in followers:
            await uow.tickets.unfollow(ticket.id, resident_id)
            return
        if not followers:
            await add_event(uow, c, ticket, ticket.apply(Move.WITHDRAW, actor, now, reason.strip()[:500]))
            await care_ends.ended(uow, ticket, "居民不需要了", now)
            if (mediation := await uow.mediations.of_ticket(ticket.id)) is not None:
                await sides.withdrawn(uow, ticket, mediation, now)
            return
        event = ticket.apply(Move.NOTE, actor, now, f"先报的居民不用了，还有{len(followers)}户在等")
        words = await uow.tickets.follower_words(ticket.id, followers[0])
        ticket.resident_id, ticket.words = followers[0], words or ticket.words
        # Nobody is to be called who has left, and what they added is not the neighbour's to read.
        ticket.contact, ticket.contact_hash, ticket.detail = "", None, ""
        await uow.tickets.unfollow(ticket.id, followers[0])
        await add_event(uow, c, ticket, event)

    return await _change(c, resident_id, number, key, change, following=True)


async def confirm(c: Community, resident_id: int, number: str, key: str) -> TicketView:
    """The resident says it is done. A mediation is closed when both sides have said so: until then it stays RESOLVED."""

    async def change(uow: UnitOfWork, ticket: Ticket, actor: Actor, now: datetime) -> None:
        mediation = await uow.mediations.of_ticket(ticket.id)
        if mediation is not None:
            await sides.agree(uow, c, ticket, mediation, actor, _side(mediation, actor), now)
            return
        await add_event(uow, c, ticket, ticket.apply(Move.CONFIRM, actor, now, "居民确认已办好"))

    return await _change(c, resident_id, number, key, change, second=True)


async def reopen(
    c: Community, resident_id: int, number: str, reason: str, key: str, *, partly: bool = False
) -> TicketView:
    """The resident says it is not done, or done `partly` and what is missing: it goes back to its holder with a new promise.

    Where staff explained why it cannot be done nothing was done in part: `partly` is a plain reopening there.
    """

    async def change(uow: UnitOfWork, ticket: Ticket, actor: Actor, now: datetime) -> None:
        part = partly and ticket.outcome is not Outcome.EXPLAINED
        event = ticket.apply(Move.PARTLY if part else Move.REOPEN, actor, now, reason.strip()[:500])
        rule = await moves.rule_for(uow, ticket, now)
        ticket.accept_by, ticket.resolve_by = promised(rule, Urgency.HIGH, now, c.is_workday)
        if (mediation := await uow.mediations.of_ticket(ticket.id)) is not None:
            await sides.go_on(uow, c, ticket, mediation, event, _side(mediation, actor), actor)
        await add_event(uow, c, ticket, event)

    return await _change(c, resident_id, number, key, change, second=True)


def _side(mediation: Mediation, actor: Actor) -> Side:
    return Side.SECOND if mediation.is_second(actor.id) else Side.FIRST


async def rate(c: Community, resident_id: int, number: str, score: int, key: str) -> TicketView:
    if not 1 <= score <= 5:
        raise InvalidInput("请在1到5分之间打分，5分最满意。")

    async def change(uow: UnitOfWork, ticket: Ticket, actor: Actor, now: datetime) -> None:
        event = ticket.apply(Move.RATE, actor, now, f"{score}分", data={"score": score})
        ticket.rating = score
        await moves.keep(uow, c, ticket, event)

    return await _change(c, resident_id, number, key, change)


async def _change(
    c: Community,
    resident_id: int,
    number: str,
    key: str,
    change: Callable[[UnitOfWork, Ticket, Actor, datetime], Awaitable[None]],
    *,
    following: bool = False,
    second: bool = False,
    caring: bool = False,
) -> TicketView:
    """One change of a resident's own ticket (`following`: or one they have joined; `second`: or one whose mediation they take part in;
    `caring`: or an elder's whose carer they are), made once for `key`."""
    async with c.uow() as uow:
        now = c.clock.now()
        done = await uow.keys.ref(key)
        # Done before, it may not be theirs any more.
        ticket = await uow.tickets.by_number(done) if done is not None else None
        if ticket is None:
            ticket = await _own(uow, resident_id, number, for_update=True, following=following, second=second, caring=caring)
            await carers.acted(uow, resident_id, ticket, now)
            await change(uow, ticket, Actor.of_resident(await _resident(uow, resident_id)), now)
            await uow.keys.put(key, ticket.number, now)
            announce(uow, ticket)
        view = await _seen_by(uow, resident_id, ticket, now)
        await uow.commit()
        return view


async def _resident(uow: UnitOfWork, resident_id: int) -> Resident:
    resident = await uow.people.resident(resident_id)
    if resident is None:
        raise NotFound("没有找到您的信息，请重新进入。")
    return resident


async def _own(
    uow: UnitOfWork,
    resident_id: int,
    number: str,
    *,
    for_update: bool = False,
    following: bool = False,
    second: bool = False,
    caring: bool = False,
) -> Ticket:
    """The resident's ticket; `following`: or one they have joined, which they may ask after and urge, but not close; `second`: or one in
    whose mediation they take part."""
    ticket = await uow.tickets.by_number(number.strip(), for_update=for_update)
    mine = ticket is not None and (
        ticket.resident_id == resident_id
        or (following and resident_id in await uow.tickets.followers(ticket.id))
    )
    if ticket is not None and second and not mine:
        mediation = await uow.mediations.of_ticket(ticket.id)
        mine = mediation is not None and mediation.is_second(resident_id)
    if ticket is not None and not mine and caring:
        mine = await carers.link_to(uow, resident_id, ticket) is not None
    if ticket is None or not mine:
        raise NotFound(f"没有查到工单{number.strip()[:12]}，请再核对一下号码。")
    return ticket


async def list_for_operator(c: Community, limit: int = 20) -> list[TicketView]:
    """The newest tickets, for the operator's command line on the machine itself."""
    from community.ports import Scope, TicketQuery

    async with c.reading() as uow:
        page = await uow.tickets.search(TicketQuery(Scope(everything=True), limit=limit))
        return await views_of(uow, page.items, c.clock.now())


async def show_for_operator(c: Community, number: str) -> TicketDetail:
    async with c.reading() as uow:
        ticket = await uow.tickets.by_number(number)
        if ticket is None:
            raise NotFound(f"没有工单{number}。")
        return await detail_of(uow, ticket, c.clock.now(), staff=True)
