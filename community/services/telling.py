"""What a resident reads when their ticket moves, by whoever moved it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from community.model.calendar import day_text
from community.model.category import category_name
from community.model.level import LEVEL_NAMES
from community.model.message import Button
from community.model.ticket import Move, Outcome, Ticket, TicketEvent
from community.ports import UnitOfWork
from community.services.notify import tell

FOR_FOLLOWERS = frozenset({Move.RESOLVE, Move.PAUSE, Move.ESCALATE})


def told_moved(ticket: Ticket, move: Move, who: str, note: str, now: datetime) -> tuple[str, tuple[Button, ...]]:
    """The sentence (and choices) a resident reads when staff moved their ticket."""
    what = f"您报的“{ticket.title}”（工单{ticket.number}）"
    if move is Move.ACCEPT:
        return f"{what}，{who}已接单，承诺{day_text(ticket.resolve_by, now)}前办好。", ()
    if move is Move.START:
        return f"{what}，{who}已经开始处理。" + (f"说明：{note}" if note else ""), ()
    if move is Move.RESOLVE and ticket.outcome is Outcome.EXPLAINED:
        text = (
            f"{what}，{who}回复：{note}\n这样处理您看行不行？\n1 可以\n2 不行，还要办\n"
            "（3天内没有回复，会自动结案，您仍可重新打开。）"
        )
        return text, _answers(ticket, "可以", "不行，还要办")
    if move is Move.RESOLVE:
        text = (
            f"{what}，{who}说已经办好：{note}\n请您看看，办好了没有？\n1 办好了\n2 办了一部分\n3 还没好\n"
            "（3天内没有回复，会自动结案，您仍可重新打开。）"
        )
        return text, _answers(ticket, "办好了", "还没好", partly="办了一部分")
    if move is Move.RETURN:
        return f"{what}被{who}退回到社区重新安排，原因：{note}。我们会尽快改派，您不用重报。", ()
    if move is Move.TRANSFER:
        return f"{what}已转给{who}继续办。", ()
    if move is Move.PAUSE and ticket.paused_until is not None:
        by = day_text(ticket.paused_until, now)
        return f"{what}，{who}说要等一等：{note}。最晚{by}接着办，到时候我们会告诉您。", ()
    if move is Move.RESUME:
        return f"{what}接着办了，承诺{day_text(ticket.resolve_by, now)}前办好。", ()
    if move is Move.ESCALATE:
        return f"{what}超过了承诺的时间，对不住。已升到{LEVEL_NAMES[ticket.level]}，由{who}督办。", ()
    return f"{what}（{category_name(ticket.category)}）有新进展：{note}", ()


async def tell_moved(
    uow: UnitOfWork, ticket: Ticket, event: TicketEvent, who: str, photos: tuple[str, ...] = ()
) -> None:
    """Write the resident's message for an event; needs the event's id, so after it was added. Neighbours who have met the same are
    told what they wait for: that it is done, or that it takes longer."""
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
    if event.move in FOR_FOLLOWERS:
        for resident_id in await uow.tickets.followers(ticket.id):
            key = f"follower-{event.id}-{resident_id}"
            words = _for_follower(ticket, event, who)
            await tell(uow, resident_id, words, key=key, now=event.at, author="system", topic=f"ticket:{ticket.number}")


async def tell_together(
    uow: UnitOfWork, resolved: Sequence[tuple[Ticket, TicketEvent]], who: str, photos: tuple[str, ...] = ()
) -> int:
    """One message to each who reported or joined one of these tickets, which were resolved at once; how many it went to. Who reported
    several is asked for the first, and told that the others went with it: each waits for their word of its own."""
    of: dict[int, list[tuple[Ticket, TicketEvent]]] = {}
    for ticket, event in resolved:
        if ticket.resident_id is not None:
            of.setdefault(ticket.resident_id, []).append((ticket, event))
    for resident_id, theirs in of.items():
        (ticket, event), *more = theirs
        text, buttons = told_moved(ticket, event.move, who, event.note, event.at)
        if more:
            text += f"\n（您报的工单{'、'.join(t.number for t, _ in more)}也一起办结了，那件要是还没好，说一声工单号和“还没好”就行。）"
        await tell(
            uow, resident_id, text, key=f"event-{event.id}", now=event.at, buttons=buttons, photos=photos, author="system",
            topic=f"ticket:{ticket.number}",
        )  # fmt: skip
    told = set(of)
    for ticket, event in resolved:
        for resident_id in await uow.tickets.followers(ticket.id):
            if resident_id not in told:
                told.add(resident_id)
                key = f"follower-{event.id}-{resident_id}"
                words = _for_follower(ticket, event, who)
                await tell(uow, resident_id, words, key=key, now=event.at, author="system", topic=f"ticket:{ticket.number}")
    return len(told)


def _for_follower(ticket: Ticket, event: TicketEvent, who: str) -> str:
    # Not in the words of who reported it.
    what = f"您也遇到的{category_name(ticket.category)}问题（工单{ticket.number}）"
    if event.move is Move.PAUSE and ticket.paused_until is not None:
        return f"{what}，{who}说要等一等：{event.note}。最晚{day_text(ticket.paused_until, event.at)}接着办。"
    if event.move is Move.ESCALATE:
        return f"{what}超过了承诺的时间，对不住。已升到{LEVEL_NAMES[ticket.level]}，由{who}督办。"
    done = "回复" if ticket.outcome is Outcome.EXPLAINED else "说已经办好"
    return f"{what}，{who}{done}：{event.note}\n您家要是还没好，说一句是什么情况，我给您另报一件。"


def _answers(ticket: Ticket, yes: str, no: str, partly: str = "") -> tuple[Button, ...]:
    payload = f'{{"ticket_number":"{ticket.number}"}}'
    middle = (Button(partly, "/partly_resolved" + payload),) if partly else ()
    return Button(yes, "/confirm_resolved" + payload), *middle, Button(no, "/not_resolved" + payload)
