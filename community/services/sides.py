"""The two sides of a mediation, inside a unit of work: what each may see, what each is told. No word of one reaches the other.

The first side's thread is its ticket's own history; the second side's is `mediation_lines`, which nothing else reads.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from community.model.calendar import day_text
from community.model.mediation import Mediation, MediationLine, Result, Second, Side
from community.model.message import Button
from community.model.people import Actor
from community.model.ticket import MOVE_NAMES, STATUS_NAMES, Move, Status, Ticket, TicketEvent
from community.ports import Community, UnitOfWork
from community.services import moves, staff_notify
from community.services.notify import tell
from community.services.views import EventView, TicketView

OTHER_SIDE = "另一方"
NEXT_STEPS = "还可以申请人民调解委员会调解，或者依法向人民法院起诉；想先问法律怎么说，跟我说“问法律”。"


def payload(ticket: Ticket, intent: str, **more: str) -> str:
    fields = "".join(f',"{name}":"{value}"' for name, value in more.items())
    return f'/{intent}{{"ticket_number":"{ticket.number}"{fields}}}'


def what(ticket: Ticket, mediation: Mediation, side: Side) -> str:
    """How the mediation is spoken of to one side: the first by their own words, the second by the mediator's."""
    if side is Side.FIRST:
        return f"您的调解“{ticket.title}”（工单{ticket.number}）"
    return f"您参加的调解“{mediation.subject}”（工单{ticket.number}）"


def seen_by_second(view: TicketView, mediation: Mediation) -> TicketView:
    """The ticket as the second side sees it: the mediator's subject in place of every word, place and name of the first side's."""
    return replace(
        view,
        title=f"调解：{mediation.subject}"[:24],
        words=mediation.subject,
        detail="",
        place_text="",
        resident_id=None,
        rating=None,
        urge_count=0,
        partly=False,
        second=True,
    )


def events_for_second(
    mediation: Mediation, events: list[TicketEvent], lines: list[MediationLine]
) -> tuple[EventView, ...]:
    """What the second side reads of the history: its own thread, and what became of the whole since it came, without anybody's words."""
    since = mediation.answered_at or mediation.created_at
    seen = [
        EventView(e.at, e.move, MOVE_NAMES[e.move], e.actor_name if e.actor_kind == "staff" else OTHER_SIDE,
                  e.actor_kind, mediation.result_words if e.move is Move.RESOLVE else "", True, STATUS_NAMES[e.to_status])
        for e in events
        if e.visible and e.at >= since and e.move in (Move.START, Move.RESOLVE, Move.CONFIRM, Move.REOPEN, Move.PARTLY, Move.SILENT_CLOSE)
    ]  # fmt: skip
    own = [EventView(line.at, Move.NOTE, MOVE_NAMES[Move.NOTE], line.actor_name, line.actor_kind, line.text, True, "") for line in lines]
    return tuple(sorted([*seen, *own], key=lambda event: event.at))


async def tell_side(
    uow: UnitOfWork,
    ticket: Ticket,
    mediation: Mediation,
    side: Side,
    text: str,
    *,
    key: str,
    now: datetime,
    buttons: tuple[Button, ...] = (),
) -> None:
    """Say it to one side; nothing when the second side does not take part. News of the second side carry no ticket as their topic:
    a template message of a ticket is made of its words."""
    if side is Side.FIRST:
        topic = f"ticket:{ticket.number}"
        await tell(uow, ticket.resident_id, text, key=f"{key}:1", now=now, buttons=buttons, author="system", topic=topic)
    elif mediation.both:
        await tell(uow, mediation.second_id, text, key=f"{key}:2", now=now, buttons=buttons, author="system")


async def add_line(uow: UnitOfWork, mediation: Mediation, actor: Actor, text: str, now: datetime) -> None:
    """A line in the second side's thread."""
    await uow.mediations.add_line(MediationLine(0, mediation.id, now, actor.kind, actor.id, actor.name, text))


async def mark(uow: UnitOfWork, c: Community, ticket: Ticket, note: str, now: datetime, *, news: str = "") -> TicketEvent:
    """A line among colleagues about how far it is; `news`: a card to who holds the ticket says it, too."""
    event = ticket.apply(Move.NOTE, Actor.system("调解"), now, note, visible=False)
    await moves.keep(uow, c, ticket, event)
    if news:
        await staff_notify.show(uow, ticket.holder_id, ticket, news, key=f"event-{event.id}:staff", now=now)
    return event


async def said_by_second(
    uow: UnitOfWork, c: Community, ticket: Ticket, mediation: Mediation, actor: Actor, text: str, now: datetime
) -> None:
    """Words of the second side: in their thread alone. Who holds the ticket is told that there are some; the words are read on the page."""
    await add_line(uow, mediation, actor, text, now)
    await mark(uow, c, ticket, "另一方说了话，在“两方调解”里看", now, news="调解的另一方说了话，请到工作台看")


async def agree(
    uow: UnitOfWork, c: Community, ticket: Ticket, mediation: Mediation, actor: Actor, side: Side, now: datetime
) -> None:
    """One side says that the result is so. Closed when both have."""
    if ticket.status is not Status.RESOLVED:
        ticket.apply(Move.CONFIRM, Actor.system(), now)  # raises: says where it stands, as for every ticket
    if mediation.first_agrees if side is Side.FIRST else mediation.second_agrees:
        return
    if mediation.agree(side):
        actor = Actor.system("两方") if mediation.both else actor
        event = ticket.apply(Move.CONFIRM, actor, now, "居民确认调解结果" if not mediation.both else "两方都确认了调解结果")
        await moves.keep(uow, c, ticket, event)
        await staff_notify.moved(uow, ticket, event)
    else:
        who = "申请的一方" if side is Side.FIRST else OTHER_SIDE
        await mark(uow, c, ticket, f"{who}确认了调解结果，还等一方", now)


async def go_on(
    uow: UnitOfWork, c: Community, ticket: Ticket, mediation: Mediation, event: TicketEvent, side: Side, actor: Actor
) -> None:
    """After a side said that it is not so (`event`, not yet kept): the result falls, the other side hears that it goes on, not why."""
    mediation.go_on()
    if side is Side.SECOND:
        if event.note:
            await add_line(uow, mediation, actor, event.note, event.at)
        event.note, event.actor_kind, event.actor_id, event.actor_name = "", "system", 0, OTHER_SIDE
    other = Side.FIRST if side is Side.SECOND else Side.SECOND
    text = f"{what(ticket, mediation, other)}，有一方还有话要说，先不算完，调解员会再联系您。"
    await tell_side(uow, ticket, mediation, other, text, key=f"go-on-{ticket.id}-{ticket.reopen_count}", now=event.at)


async def withdrawn(uow: UnitOfWork, ticket: Ticket, mediation: Mediation, now: datetime) -> None:
    """The first side needs it no more: who was asked, or has come, need not wait."""
    if mediation.second in (Second.INVITED, Second.ACCEPTED):
        text = f"工单{ticket.number}的调解到此为止：申请的一方不再需要了。谢谢您。"
        await tell(uow, mediation.second_id, text, key=f"withdrawn-{ticket.id}:2", now=now, author="system")


def result_text(ticket: Ticket, mediation: Mediation, side: Side, who: str) -> tuple[str, tuple[Button, ...]]:
    """The result as one side reads it, and the question whether it is so."""
    reached = mediation.result is Result.REACHED
    said = "谈成了" if reached else "这次没有谈成"
    more = "" if reached else f"\n{NEXT_STEPS}"
    text = (
        f"{what(ticket, mediation, side)}，{who}说{said}：{mediation.result_words}{more}\n是不是这样？\n1 是这样\n2 不对，还要谈\n"
        "（3天内没有回复，会自动结案，仍可重新打开。）"
    )
    return text, (Button("是这样", payload(ticket, "confirm_resolved")), Button("不对，还要谈", payload(ticket, "not_resolved")))


def meeting_text(ticket: Ticket, mediation: Mediation, side: Side, now: datetime) -> str:
    when = day_text(mediation.meet_at, now) if mediation.meet_at is not None else ""
    return f"{what(ticket, mediation, side)}约在{when}，{mediation.meet_place}。来不了请早点告诉调解员。"
