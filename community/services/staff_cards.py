"""What a ticket's card says to one member, from what the ticket is now."""

from __future__ import annotations

import re
from datetime import datetime

from community.model.calendar import day_text
from community.model.category import URGENCY_NAMES, Urgency, category_name
from community.model.people import Staff
from community.model.staffing import CardFace
from community.model.ticket import ENDED, MOVE_NAMES, STATUS_NAMES, Move, Status, Ticket, TicketEvent
from community.ports import UnitOfWork
from community.services.access import allowed_for

BUTTONS = ((Move.ACCEPT, "接单"), (Move.START, "到场"), (Move.RESOLVE, "办结"), (Move.RETURN, "退回"))
STAFF_STATUS = {**STATUS_NAMES, Status.DISPATCHED: "待接单", Status.RESOLVED: "已办结，待居民确认"}
_PHONE = re.compile(r"(?<!\d)1[3-9]\d{9}(?!\d)")
WORDS, VALUE, DONE = 150, 26, 10
"""Characters that a phone shows of each part [D]."""


async def face_of(uow: UnitOfWork, ticket: Ticket, member: Staff, why: str, now: datetime, *, may_press: bool) -> CardFace:
    """`why` the card came, or '' for what happened last. `may_press`: also without holding the ticket, as far as rights go."""
    events = await uow.tickets.events(ticket.id)
    why = why or happened(events, now)
    holder = await uow.people.staff(ticket.holder_id) if ticket.holder_id else None
    moves = allowed_for(member, ticket) if may_press or ticket.holder_id == member.id else frozenset()
    buttons = tuple((str(move), words) for move, words in BUTTONS if move in moves)
    resident = await uow.people.resident(ticket.resident_id) if ticket.resident_id else None
    urgent = "" if ticket.urgency is Urgency.NORMAL else f"（{URGENCY_NAMES[ticket.urgency]}）"
    rows = [("类别", category_name(ticket.category)), ("地点", _end(ticket.place_text or "待核实", VALUE))]
    if ticket.is_open:
        if ticket.accepted_at is None:
            rows.append(("接单时限", day_text(ticket.accept_by, now) + ("，已过" if ticket.accept_by < now else "")))
        rows.append(("办结时限", day_text(ticket.resolve_by, now) + ("，已过" if ticket.resolve_by < now else "")))
    if resident is not None:
        rows.append(("报事人", masked(resident.name)))
    if holder is not None and holder.id != member.id:
        rows.append(("经办", holder.name))
    title = f"工单 {ticket.number} · {STAFF_STATUS[ticket.status]}{urgent}"
    return CardFace(
        title=title,
        desc=_short("\n".join(part for part in (_short(why, 80), without_phones(ticket.words)) if part), WORDS),
        rows=tuple(rows),
        buttons=buttons,
        plain=_plain(title, why, ticket, rows, buttons, pass_on=Move.TRANSFER in moves),
        done=_done(ticket, member, holder),
    )


def _plain(
    title: str,
    why: str,
    ticket: Ticket,
    rows: list[tuple[str, str]],
    buttons: tuple[tuple[str, str], ...],
    *,
    pass_on: bool,
) -> str:
    lines = [title, why, _short(without_phones(ticket.words), WORDS), *(f"{name}：{value}" for name, value in rows)]
    ways = {"resolve": " 做了什么", "return": " 理由"}
    answers = [f"{words} {ticket.number}{ways.get(key, '')}" for key, words in buttons]
    if pass_on and (not buttons or ticket.status is Status.RETURNED):
        answers.append(f"转派 {ticket.number} 姓名")
    if answers:
        lines.append("可以回复：" + "；".join(answers))
    return "\n".join(line for line in lines if line).replace("<", "＜")


def happened(events: list[TicketEvent], now: datetime) -> str:
    """What changed last, by whom and when."""
    for event in reversed(events):
        if event.from_status is not event.to_status or event.move is Move.TRANSFER:
            who = "居民" if event.actor_kind == "resident" else event.actor_name
            return f"{who}{day_text(event.at, now)}{MOVE_NAMES[event.move]}"
    return ""


def without_phones(words: str) -> str:
    """What WeCom shows stays on phones and in screenshots; the number to call is in the console."""
    return _PHONE.sub(lambda found: found[0][:3] + "****" + found[0][-4:], words.strip())


def masked(name: str) -> str:
    """李秀英 as 李**: enough to greet, too little to look up."""
    name = name.strip()
    return name[0] + "*" * (len(name) - 1) if name else "匿名"


def _done(ticket: Ticket, member: Staff, holder: Staff | None) -> str:
    if ticket.status is Status.RESOLVED:
        return "已办结"
    if ticket.status in ENDED or ticket.status is Status.RETURNED:
        return STATUS_NAMES[ticket.status][:DONE]
    if holder is not None and holder.id != member.id:
        return _short(f"已由{holder.name}办理", DONE)
    return STAFF_STATUS[ticket.status][:DONE]


def _short(text: str, most: int) -> str:
    text = text.strip()
    return text if len(text) <= most else text[: most - 1] + "…"


def _end(text: str, most: int) -> str:
    """Of an address the end is what one looks for."""
    return text if len(text) <= most else "…" + text[-(most - 1) :]
