"""What a resident does with tickets: file, follow, urge, add, withdraw, confirm, reopen, rate."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from chinese.ticket_numbers import find_numbers
from community.errors import InvalidInput, NotFound
from community.model.calendar import day_text
from community.model.category import RULES, Category, Urgency, category_name
from community.model.message import Button
from community.model.people import Actor, Resident
from community.model.ticket import (
    ENDED,
    URGE_EVERY,
    Move,
    Status,
    Ticket,
    TicketEvent,
    promise,
)
from community.ports import Community, UnitOfWork
from community.services import rooms, staff_notify
from community.services.matching import best_matches
from community.services.notify import tell
from community.services.routing import worker_for
from community.services.views import TicketDetail, TicketView, event_view, ticket_view


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


async def add_event(uow: UnitOfWork, ticket: Ticket, event: TicketEvent) -> None:
    """Keep an event, and tell who holds the ticket."""
    await uow.tickets.add_event(event)
    await staff_notify.moved(uow, ticket, event)


def announce(uow: UnitOfWork, ticket: Ticket) -> None:
    uow.announce("tickets", number=ticket.number, grid_id=ticket.grid_id, community_id=ticket.community_id)


async def view_of(uow: UnitOfWork, ticket: Ticket, now: datetime) -> TicketView:
    holder = await uow.people.staff(ticket.holder_id) if ticket.holder_id else None
    return ticket_view(ticket, holder, now)


async def detail_of(uow: UnitOfWork, ticket: Ticket, now: datetime, *, staff: bool) -> TicketDetail:
    """The ticket with its history; a resident sees the visible events only."""
    events = [e for e in await uow.tickets.events(ticket.id) if staff or e.visible]
    photos = await uow.tickets.photos(ticket.id)
    return TicketDetail(await view_of(uow, ticket, now), tuple(event_view(e) for e in events), tuple(photos))


async def file_ticket(c: Community, cmd: FileTicket) -> TicketDetail:
    """File a report and send it to the grid worker of its place. The same `key` again returns the first ticket."""
    return (await file_several(c, (cmd,)))[0]


async def file_several(c: Community, commands: Sequence[FileTicket]) -> tuple[TicketDetail, ...]:
    """File what one message told of, each as a ticket of its own: all of them or none. Keys seen before return their tickets."""
    if not all(cmd.words.strip() for cmd in commands):
        raise InvalidInput("还没有说是什么事，请用一句话告诉我。")
    async with c.uow() as uow:
        filed = []
        for cmd in commands:
            ref = await uow.keys.ref(cmd.key)
            ticket = await uow.tickets.get(int(ref)) if ref else None
            if ticket is None:
                ticket = await file_in(uow, c, cmd, await _resident(uow, cmd.resident_id))
                await uow.keys.put(cmd.key, str(ticket.id), c.clock.now())
            filed.append(ticket)
        details = tuple([await detail_of(uow, ticket, c.clock.now(), staff=False) for ticket in filed])
        await uow.commit()
        return details


async def file_in(uow: UnitOfWork, c: Community, cmd: FileTicket, resident: Resident) -> Ticket:
    """File inside a running unit of work (danger does it together with its warning)."""
    now = c.clock.now()
    place = await uow.places.get(cmd.place_id) if cmd.place_id else None
    if place is None and resident.room_id:
        # Not known where: the writer's own community takes it and asks.
        home = await uow.places.get(resident.room_id)
        routed = home
    else:
        routed = place
    urgency = cmd.urgency or RULES[cmd.category].urgency
    accept_by, resolve_by = promise(cmd.category, urgency, now, c.is_workday)
    ticket = Ticket(
        id=0,
        number="",
        resident_id=resident.id,
        category=cmd.category,
        urgency=urgency,
        status=Status.RECEIVED,
        words=cmd.words.strip()[:2000],
        detail=cmd.detail.strip()[:1000],
        contact=c.vault.encrypt(cmd.contact.strip()[:64]) if cmd.contact.strip() else "",
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
    actor = Actor.of_resident(resident)
    await uow.tickets.add_event(
        TicketEvent(0, ticket.id, now, Move.FILE, None, Status.RECEIVED, actor.kind, actor.id, actor.name, ticket.words)
    )
    for photo in cmd.photos:
        if await uow.media.granted(photo, resident.id):
            await uow.tickets.add_photo(ticket.id, photo, "report", now)
    worker = await worker_for(uow, routed, now)
    if worker is not None:
        ticket.holder_id = worker.id
        note = f"派给{worker.role_name}{worker.name}"
        dispatched = ticket.apply(Move.DISPATCH, Actor.system(), now, note)
        await add_event(uow, ticket, dispatched)
    await rooms.filed(uow, c, ticket, now)
    announce(uow, ticket)
    return ticket


async def mine(c: Community, resident_id: int, limit: int = 5) -> list[TicketView]:
    """The resident's tickets, open ones first, then the newest."""
    async with c.reading() as uow:
        found = await uow.tickets.of_resident(resident_id, 50)
        found.sort(key=lambda t: (t.status in ENDED, -t.id))
        return [await view_of(uow, t, c.clock.now()) for t in found[:limit]]


async def find(c: Community, resident_id: int, text: str) -> Found:
    """Which of the resident's own tickets `text` means: by number, by description, or the only open one.

    Another resident's number is treated like an unknown one.
    """
    good, bad = find_numbers(text)
    async with c.reading() as uow:
        now = c.clock.now()
        own = await uow.tickets.of_resident(resident_id, 50)
        for number in good:
            for ticket in own:
                if ticket.number == number:
                    return Found(await view_of(uow, ticket, now), [])
        if good:
            raise NotFound(f"没有查到工单{good[0]}，请再核对一下号码。")
        if bad:
            return Found(None, [], bad[0])
        alive = [t for t in own if t.status not in ENDED] or own[:1]
        matched = best_matches(text, own)
        if len(matched) == 1:
            return Found(await view_of(uow, matched[0], now), [])
        if len(matched) > 1:
            return Found(None, [await view_of(uow, t, now) for t in matched[:5]])
        if len(alive) == 1:
            return Found(await view_of(uow, alive[0], now), [])
        return Found(None, [await view_of(uow, t, now) for t in alive[:5]])


async def progress(c: Community, resident_id: int, number: str) -> TicketDetail:
    async with c.reading() as uow:
        ticket = await _own(uow, resident_id, number)
        return await detail_of(uow, ticket, c.clock.now(), staff=False)


async def urge(c: Community, resident_id: int, number: str, key: str) -> UrgeResult:
    """Urge a ticket. Counts at most once in half an hour, and always says when it counts again."""
    async with c.uow() as uow:
        ticket = await _own(uow, resident_id, number, for_update=True)
        now = c.clock.now()
        last = ticket.last_urged_at
        if last is not None and now - last < URGE_EVERY:
            again = await uow.keys.ref(key) is not None
            return UrgeResult(await view_of(uow, ticket, now), again, last + URGE_EVERY)
        actor = Actor.of_resident(await _resident(uow, resident_id))
        event = ticket.apply(Move.URGE, actor, now, f"第{ticket.urge_count + 1}次催办")
        await add_event(uow, ticket, event)
        await uow.keys.put(key, number, now)
        announce(uow, ticket)
        view = await view_of(uow, ticket, now)
        await uow.commit()
        return UrgeResult(view, True, now + URGE_EVERY)


async def add_note(
    c: Community, resident_id: int, number: str, text: str, photos: tuple[str, ...], key: str
) -> TicketView:
    if not text.strip() and not photos:
        raise InvalidInput("请说一句要补充的话，或者发一张照片。")

    async def change(uow: UnitOfWork, ticket: Ticket, actor: Actor, now: datetime) -> None:
        kept = 0
        for photo in photos:
            if await uow.media.granted(photo, resident_id):
                await uow.tickets.add_photo(ticket.id, photo, "added", now)
                kept += 1
        note = text.strip()[:1000] or f"补充了{kept}张照片"
        await add_event(uow, ticket, ticket.apply(Move.NOTE, actor, now, note))

    return await _change(c, resident_id, number, key, change)


async def withdraw(c: Community, resident_id: int, number: str, reason: str, key: str) -> TicketView:
    async def change(uow: UnitOfWork, ticket: Ticket, actor: Actor, now: datetime) -> None:
        await add_event(uow, ticket, ticket.apply(Move.WITHDRAW, actor, now, reason.strip()[:500]))

    return await _change(c, resident_id, number, key, change)


async def confirm(c: Community, resident_id: int, number: str, key: str) -> TicketView:
    """The resident says it is done."""

    async def change(uow: UnitOfWork, ticket: Ticket, actor: Actor, now: datetime) -> None:
        await add_event(uow, ticket, ticket.apply(Move.CONFIRM, actor, now, "居民确认已办好"))

    return await _change(c, resident_id, number, key, change)


async def reopen(c: Community, resident_id: int, number: str, reason: str, key: str) -> TicketView:
    """The resident says it is not done: the ticket goes back to its holder with a new promise."""

    async def change(uow: UnitOfWork, ticket: Ticket, actor: Actor, now: datetime) -> None:
        event = ticket.apply(Move.REOPEN, actor, now, reason.strip()[:500])
        ticket.accept_by, ticket.resolve_by = promise(ticket.category, Urgency.HIGH, now, c.is_workday)
        await add_event(uow, ticket, event)

    return await _change(c, resident_id, number, key, change)


async def rate(c: Community, resident_id: int, number: str, score: int, key: str) -> TicketView:
    if not 1 <= score <= 5:
        raise InvalidInput("请在1到5分之间打分，5分最满意。")

    async def change(uow: UnitOfWork, ticket: Ticket, actor: Actor, now: datetime) -> None:
        event = ticket.apply(Move.RATE, actor, now, f"{score}分", data={"score": score})
        ticket.rating = score
        await uow.tickets.add_event(event)

    return await _change(c, resident_id, number, key, change)


async def _change(
    c: Community,
    resident_id: int,
    number: str,
    key: str,
    change: Callable[[UnitOfWork, Ticket, Actor, datetime], Awaitable[None]],
) -> TicketView:
    """One change of a resident's own ticket, made once for `key`."""
    async with c.uow() as uow:
        ticket = await _own(uow, resident_id, number, for_update=True)
        now = c.clock.now()
        if await uow.keys.ref(key) is None:
            await change(uow, ticket, Actor.of_resident(await _resident(uow, resident_id)), now)
            await uow.keys.put(key, number, now)
            announce(uow, ticket)
        view = await view_of(uow, ticket, now)
        await uow.commit()
        return view


async def _resident(uow: UnitOfWork, resident_id: int) -> Resident:
    resident = await uow.people.resident(resident_id)
    if resident is None:
        raise NotFound("没有找到您的信息，请重新进入。")
    return resident


async def _own(uow: UnitOfWork, resident_id: int, number: str, *, for_update: bool = False) -> Ticket:
    ticket = await uow.tickets.by_number(number.strip(), for_update=for_update)
    if ticket is None or ticket.resident_id != resident_id:
        raise NotFound(f"没有查到工单{number.strip()[:12]}，请再核对一下号码。")
    return ticket


def told_moved(ticket: Ticket, move: Move, who: str, note: str, now: datetime) -> tuple[str, tuple[Button, ...]]:
    """The sentence (and choices) a resident reads when staff moved their ticket."""
    what = f"您报的“{ticket.title}”（工单{ticket.number}）"
    if move is Move.ACCEPT:
        return f"{what}，{who}已接单，承诺{day_text(ticket.resolve_by, now)}前办好。", ()
    if move is Move.START:
        return f"{what}，{who}已经开始处理。" + (f"说明：{note}" if note else ""), ()
    if move is Move.RESOLVE:
        text = (
            f"{what}，{who}说已经办好：{note}\n请您看看，办好了没有？\n1 办好了\n2 还没好\n"
            "（3天内没有回复，会自动结案，您仍可重新打开。）"
        )
        payload = f'{{"ticket_number":"{ticket.number}"}}'
        return text, (
            Button("办好了", "/confirm_resolved" + payload),
            Button("还没好", "/not_resolved" + payload),
        )
    if move is Move.RETURN:
        return f"{what}被{who}退回到社区重新安排，原因：{note}。我们会尽快改派，您不用重报。", ()
    if move is Move.TRANSFER:
        return f"{what}已转给{who}继续办。", ()
    return f"{what}（{category_name(ticket.category)}）有新进展：{note}", ()


async def tell_moved(
    uow: UnitOfWork, ticket: Ticket, event: TicketEvent, who: str, photos: tuple[str, ...] = ()
) -> None:
    """Write the resident's message for an event; needs the event's id, so after it was added."""
    text, buttons = told_moved(ticket, event.move, who, event.note, event.at)
    await tell(
        uow,
        ticket.resident_id,
        text,
        key=f"event-{event.id}",
        now=event.at,
        buttons=buttons,
        photos=photos,
        author="system",
        topic=f"ticket:{ticket.number}",
    )


async def list_for_operator(c: Community, limit: int = 20) -> list[TicketView]:
    """The newest tickets, for the operator's command line on the machine itself."""
    from community.ports import Scope, TicketQuery

    async with c.reading() as uow:
        found, _ = await uow.tickets.search(TicketQuery(Scope(everything=True), limit=limit))
        return [await view_of(uow, t, c.clock.now()) for t in found]


async def show_for_operator(c: Community, number: str) -> TicketDetail:
    async with c.reading() as uow:
        ticket = await uow.tickets.by_number(number)
        if ticket is None:
            raise NotFound(f"没有工单{number}。")
        return await detail_of(uow, ticket, c.clock.now(), staff=True)
