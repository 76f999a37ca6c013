"""Tickets by promise: what is late, what ends today, what has time. Two lines each, to stand beside the chosen one."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from nicegui import ui

from community.model.category import Urgency
from community.services.views import TicketView
from console.words import DUE_GROUPS, countdown, due_group, running, status_text, status_tone

# Vue escapes every {{ }}.
ROW = """
<div v-if="props.row.heading" class="section ihead" :class="props.row.due_tone">{{ props.row.heading }}</div>
<a v-else class="trow irow" :class="['due-' + props.row.due_tone, {chosen: props.row.chosen}]" :href="'/tickets/' + props.row.key"
   :data-number="props.row.key" :aria-current="props.row.chosen ? 'true' : null">
  <span class="ipick" role="checkbox" :aria-checked="props.row.picked" :aria-label="'选中' + props.row.key"><i></i></span>
  <span class="i-title"><b v-if="props.row.urgency" class="tag" :class="props.row.urgency_tone"
    >{{ props.row.urgency }}</b><b v-if="props.row.incident" class="tag inc-tag">{{ props.row.incident }}</b>{{ props.row.title }}</span>
  <span class="i-due" :class="props.row.due_tone">{{ props.row.due }}</span>
  <span class="i-place">{{ props.row.place }}</span>
  <span class="i-status"><template v-if="props.row.urged"><b class="i-urged">催{{ props.row.urged }}</b></template
    ><i class="tag" :class="'s-' + props.row.status_tone">{{ props.row.status }}</i></span>
  <span class="i-more">{{ props.row.key }} · {{ props.row.category }} · {{ props.row.holder }}</span>
</a>
"""


@dataclass(frozen=True)
class Entry:
    """A ticket, or with a `heading` the beginning of a part, as the inbox shows it. `key` is the ticket's number."""

    key: str
    heading: str = ""
    title: str = ""
    urgency: str = ""
    urgency_tone: str = ""
    category: str = ""
    place: str = ""
    status: str = ""
    status_tone: str = ""
    due: str = ""
    due_tone: str = ""
    urged: int = 0
    holder: str = ""
    incident: str = ""
    chosen: bool = False
    picked: bool = False


def entries(
    tickets: Sequence[TicketView], now: datetime, chosen: str = "", picked: Collection[str] = (), whole: bool = True
) -> list[Entry]:
    """Grouped by when their promise ends, the first to end on top; what waits or has ended keeps the order it came in.

    A part says how many it holds only where `tickets` are the whole list: of one page the number would mean nothing.
    """
    found = []
    for group, name in DUE_GROUPS.items():
        members = [ticket for ticket in tickets if due_group(ticket, now) == group]
        if group not in ("none", "paused"):
            members.sort(key=lambda ticket: _ends(ticket, now))
        if members:
            tone = "late" if group == "late" else ""
            heading = f"{name} {len(members)}" if whole else name
            found.append(Entry(f"~{group}", heading=heading, due_tone=tone))
            found += [_entry(ticket, now, ticket.number == chosen, ticket.number in picked) for ticket in members]
    return found


def _ends(ticket: TicketView, now: datetime) -> datetime:
    clock = running(ticket, now)
    return clock[1] if clock is not None else ticket.resolve_by


def _entry(ticket: TicketView, now: datetime, chosen: bool, picked: bool) -> Entry:
    due = countdown(ticket, now)
    calm = ticket.urgency is Urgency.NORMAL
    return Entry(
        key=ticket.number,
        title=ticket.words if len(ticket.words) <= 60 else ticket.words[:59] + "…",
        urgency="" if calm else ticket.urgency_name,
        urgency_tone="u-danger" if ticket.urgency is Urgency.DANGER else "u-high",
        category=ticket.category_name,
        place=ticket.place_text or "地点没有说清",
        status=status_text(ticket.status, ticket.status_name),
        status_tone=status_tone(ticket.status),
        due=due.text,
        due_tone=due.tone,
        urged=ticket.urge_count,
        holder=ticket.holder_name or "未派",
        incident=f"事件 {ticket.incident.households}户" if ticket.incident is not None else "",
        chosen=chosen,
        picked=picked,
    )


class InboxList:
    """Rows that change in place. `on_open` and `on_pick` get a number; opening happens beside the list where there is room."""

    def __init__(self, on_open: Callable[[str], Any], on_pick: Callable[[str], Any]) -> None:
        self._on_open, self._on_pick = on_open, on_pick
        self.box = ui.element("div").classes("tlist ilist").props('aria-label="工单"')
        with self.box:
            columns = [{"name": "key", "label": "", "field": "key"}]
            self._table = ui.table(rows=[], columns=columns, row_key="key")
            self._table.props("grid flat hide-header hide-bottom hide-no-data").classes("tgrid")
            self._table.add_slot("item", ROW)
        # The browser decides: beside the list where there is room, else the link leads to the ticket's own page.
        self.box.on("click", self._clicked, js_handler="(e) => linsheChoose(e, emit)")

    async def _clicked(self, event: Any) -> None:
        args = event.args if isinstance(event.args, dict) else {}
        number = str(args.get("number", ""))
        if args.get("pick"):
            await self._on_pick(number)
        elif number:
            await self._on_open(number)

    def show(
        self,
        tickets: Sequence[TicketView],
        now: datetime,
        chosen: str = "",
        picked: Collection[str] = (),
        whole: bool = True,
    ) -> None:
        rows = [asdict(entry) for entry in entries(tickets, now, chosen, picked, whole)]
        if rows != self._table.rows:
            self._table.rows = rows
