"""Tickets as rows: a table on a desk, cards on a phone. One list of links; the style sheet makes it either."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from nicegui import ui

from community.model.category import Urgency
from community.services.views import TicketView
from console.words import promise_of, short_time, status_text, status_tone

# Vue escapes every {{ }}.
ROW = """
<a class="trow" :class="'due-' + props.row.due_tone" :href="'/tickets/' + props.row.number">
  <span class="c-number">{{ props.row.number }}</span>
  <span class="c-title"><b v-if="props.row.urgency" class="tag" :class="props.row.urgency_tone"
    >{{ props.row.urgency }}</b>{{ props.row.title }}</span>
  <span class="c-category">{{ props.row.category }}</span>
  <span class="c-place">{{ props.row.place }}</span>
  <span class="c-status"><i class="tag" :class="'s-' + props.row.status_tone">{{ props.row.status }}</i></span>
  <span class="c-due" :class="props.row.due_tone">{{ props.row.due }}</span>
  <span class="c-urged"><template v-if="props.row.urged">催{{ props.row.urged }}</template></span>
  <span class="c-holder">{{ props.row.holder }}</span>
  <span class="c-filed">{{ props.row.filed }}</span>
</a>
"""
HEADINGS = (
    ("c-number", "工单号"), ("c-title", "事项"), ("c-category", "类别"), ("c-place", "地点"), ("c-status", "状态"),
    ("c-due", "时限"), ("c-urged", "催办"), ("c-holder", "经办人"), ("c-filed", "上报时间"),
)  # fmt: skip


@dataclass(frozen=True)
class Row:
    """A ticket as the list shows it."""

    number: str
    title: str
    urgency: str
    urgency_tone: str
    category: str
    place: str
    status: str
    status_tone: str
    due: str
    due_tone: str
    urged: int
    holder: str
    filed: str


def row_of(ticket: TicketView, now: datetime) -> Row:
    promise = promise_of(ticket, now)
    calm = ticket.urgency is Urgency.NORMAL
    return Row(
        number=ticket.number,
        title=ticket.words if len(ticket.words) <= 60 else ticket.words[:59] + "…",
        urgency="" if calm else ticket.urgency_name,
        urgency_tone="u-danger" if ticket.urgency is Urgency.DANGER else "u-high",
        category=ticket.category_name,
        place=ticket.place_text,
        status=status_text(ticket.status, ticket.status_name),
        status_tone=status_tone(ticket.status),
        due=promise.text,
        due_tone=promise.tone,
        urged=ticket.urge_count,
        holder=ticket.holder_name or "未派",
        filed=short_time(ticket.created_at, now),
    )


class TicketTable:
    """Rows that change in place: the browser keeps its scroll and what did not change."""

    def __init__(self) -> None:
        self._head = ui.element("div").classes("trow thead")
        with self._head:
            for cell, name in HEADINGS:
                ui.label(name).classes(cell)
        columns = [{"name": "number", "label": "", "field": "number"}]
        self._table = ui.table(rows=[], columns=columns, row_key="number")
        self._table.props("grid flat hide-header hide-bottom hide-no-data").classes("tgrid")
        self._table.add_slot("item", ROW)

    def show(self, tickets: Sequence[TicketView], now: datetime) -> None:
        rows = [asdict(row_of(ticket, now)) for ticket in tickets]
        if rows != self._table.rows:
            self._table.rows = rows
        self._head.set_visibility(bool(rows))
