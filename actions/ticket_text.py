"""How tickets are told to residents, and the buttons that go with them."""

from __future__ import annotations

import json
from datetime import datetime

from actions.turn import Choice
from community.model.calendar import day_text
from community.model.ticket import Status
from community.services.views import TicketDetail, TicketView

SCORES = ("1分 很不满意", "2分 不满意", "3分 一般", "4分 满意", "5分 很满意")


def payload(intent: str, **entities: str) -> str:
    """A payload of the wire: /intent{"entity":"value"}."""
    return f"/{intent}" + (json.dumps(entities, ensure_ascii=False, separators=(",", ":")) if entities else "")


def short(ticket: TicketView) -> str:
    """One line in a list."""
    return f"{ticket.title}（{ticket.number}，{ticket.status_name}）"


def holder(ticket: TicketView) -> str:
    """Who has it, with the phone; a ticket nobody has says so."""
    if not ticket.holder_name:
        return "社区正在安排负责人"
    phone = f"，电话{ticket.holder_phone}" if ticket.holder_phone else ""
    return f"{ticket.holder_role}{ticket.holder_name}{phone}"


def end_text(ticket: TicketView, now: datetime) -> str:
    """What can be said of its end: what a member of staff expects of the incident it is in, else what was promised."""
    incident = ticket.incident
    if incident is not None and incident.expected_at is not None and incident.expects(now):
        return f"{incident.expected_by}预计{day_text(incident.expected_at, now)}前好（{incident.expected_why}）"
    return f"承诺{day_text(ticket.resolve_by, now)}前办好"


def progress(detail: TicketDetail, now: datetime) -> str:
    """Where a ticket stands: what, state and holder, promise, the latest two events the resident may see."""
    ticket = detail.ticket
    lines = [
        f"工单{ticket.number}：{ticket.title}（{ticket.category_name}）",
        f"现在：{ticket.status_name}；{holder(ticket)}",
    ]
    if ticket.is_open:
        late = "，已超过承诺时间，您可以催办" if ticket.overdue else ""
        lines.append(f"承诺：{day_text(ticket.resolve_by, now)}前办好{late}")
        if ticket.incident is not None and ticket.incident.waiting > 1:
            expected = f"，{end_text(ticket, now)}" if ticket.incident.expects(now) else ""
            lines.append(f"同一件事已有{ticket.incident.waiting}户反映，一起在办{expected}")
    for event in list(detail.events)[-2:]:
        note = f"：{event.note}" if event.note and event.note != ticket.words else ""
        lines.append(f"· {day_text(event.at, now)} {event.who}{event.move_name}{note}")
    return "\n".join(lines)


def next_choices(ticket: TicketView) -> list[Choice]:
    """What a resident may want to do with the ticket just shown."""
    number = ticket.number
    if ticket.second and ticket.is_open:
        return [Choice("跟调解员说", payload("add_note", ticket_number=number))]
    if ticket.following:
        leave = [Choice("不用告诉我了", payload("withdraw_ticket", ticket_number=number))]
        return [Choice("催一下", payload("urge", ticket_number=number)), *leave] if ticket.is_open else []
    if ticket.status is Status.RESOLVED:
        return [
            Choice("办好了", payload("confirm_resolved", ticket_number=number)),
            *([] if ticket.explained or ticket.second else [Choice("办了一部分", payload("partly_resolved", ticket_number=number))]),
            Choice("还没好", payload("not_resolved", ticket_number=number)),
        ]
    if ticket.is_open:
        return [
            Choice("催一下", payload("urge", ticket_number=number)),
            Choice("补充情况", payload("add_note", ticket_number=number)),
            Choice("撤回", payload("withdraw_ticket", ticket_number=number)),
        ]
    return []


def score_choices(number: str) -> list[Choice]:
    """One to five: the number typed is the score."""
    return [Choice(title, payload("rate", ticket_number=number, score=str(n))) for n, title in enumerate(SCORES, 1)]
