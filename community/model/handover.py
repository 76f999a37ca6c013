"""The summary of a talk for whoever takes it next: put together by rules from what is known, nothing made up. No I/O."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from community.model.calendar import day_text
from community.model.message import HistoryLine

LAST_LINES = 4
MAX_LINE = 60
MAX_HANDOVER = 1000
SPEAKERS = {"in": "居民", "staff": "工作人员"}


@dataclass(frozen=True)
class TicketLine:
    """One ticket as the summary tells it. `promise` is None once nothing is promised any more."""

    number: str
    title: str
    status_name: str
    holder: str
    promise: datetime | None
    urged: int
    last: str


def summarise(
    who: str, reason: str, tickets: Sequence[TicketLine], lines: Sequence[HistoryLine], now: datetime
) -> str:
    """A few lines to be read, mended and kept by the person who hands over. `now` is aware."""
    parts = [who]
    if reason:
        parts.append(f"要找人的原因：{reason}")
    for ticket in tickets:
        told = [ticket.status_name, ticket.holder]
        if ticket.promise is not None:
            told.append(f"{day_text(ticket.promise, now)}前" + ("（已超时）" if now > ticket.promise else ""))
        if ticket.urged:
            told.append(f"催办{ticket.urged}次")
        parts.append(f"工单{ticket.number} {ticket.title}：" + "，".join(word for word in told if word))
        if ticket.last:
            parts.append(f"　最近：{_short(ticket.last)}")
    # What the assistant said, or the system announced, the next person need not read.
    spoken = [line for line in lines if line.direction != "out" and line.text.strip()][-LAST_LINES:]
    if spoken:
        parts.append("最后几句：")
        parts += [f"　{line.author_name or SPEAKERS.get(line.direction, '')}：{_short(line.text)}" for line in spoken]
        if spoken[-1].direction == "in":
            parts.append("居民最后这句还没有回。")
    return "\n".join(parts)[:MAX_HANDOVER]


def _short(text: str) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= MAX_LINE else flat[: MAX_LINE - 1] + "…"
