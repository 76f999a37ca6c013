"""A list of tickets to take away: what its reader sees, without phone numbers; and a line that says who took it."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass, replace
from datetime import datetime

from community.errors import Forbidden
from community.model.audit import Viewed
from community.model.calendar import local
from community.model.category import URGENCY_NAMES, category_name
from community.model.figures import MARK_NAMES, Mark
from community.model.people import Role
from community.model.ticket import OUTCOME_NAMES, STATUS_NAMES, ClosedBy, Status, Ticket
from community.ports import Community, UnitOfWork
from community.services.access import staff_of
from community.services.audit import looked
from community.services.desk import DeskFilter, query_of

MOST = 20_000
"""Rows at most; who needs more takes it month by month."""
AT_ONCE = 2_000
"""Rows read in one go, about a tenth of a second of the event loop: the other pages get their turn in between."""
HEADINGS = (
    "工单号", "类别", "紧急程度", "状态", "内容", "补充", "地点", "网格", "经办人", "上报时间", "接单时限", "接单时间",
    "办结时限", "办结时间", "结束时间", "催办次数", "重开次数", "评分", "办结结果", "结案方式",
)  # fmt: skip
Cell = str | int | datetime | None

_NUMBERS = re.compile(r"(?<!\d)(?:1[3-9]\d(?:[ -]?\d{4}){2}|0\d{2,3}[ -]?\d{7,8})(?!\d)")
_CLOSED_BY = {ClosedBy.RESIDENT: "居民确认", ClosedBy.SILENCE: "到期自动结案"}
_GROUP_NAMES = {"mine": "我的", "grid": "本网格", "all": "全部"}
_STATUS_NAMES = {"open": "未办结", "overdue": "已超时", "resolved": "待居民确认", "ended": "已结束", "any": "不限"}


@dataclass(frozen=True)
class Export:
    """`rows` go with HEADINGS; times in them are Asia/Shanghai without a zone, as spreadsheets want them. `asked` says in Chinese
    what was asked for; `total` is how many there are, of which the first MOST are in `rows`.
    """

    asked: str
    made_at: datetime
    rows: tuple[tuple[Cell, ...], ...]
    total: int
    more: bool = False
    """Whether there are more than `total`: what is not taken along is not counted to its end."""


async def export(c: Community, staff_id: int, asked: DeskFilter, page: str = "/tickets") -> Export:
    """All of a list, as far as the member may see it; what `asked` says of limit and offset does not count.

    Written into 查阅记录 before it is returned. Forbidden for lawyers and trainers, whose work is not tickets.
    """
    async with c.reading() as uow:
        member = await staff_of(uow, staff_id)
        if member.role in (Role.LAWYER, Role.TRAINER):
            raise Forbidden("工单由办理的同事导出。")
        now = c.clock.now()
        query, _ = await query_of(c, uow, member, asked, now)
        found: dict[int, Ticket] = {}
        total, more, offset, part = 0, False, 0, AT_ONCE
        while part == AT_ONCE and offset < MOST:
            read = await uow.tickets.search(replace(query, limit=min(AT_ONCE, MOST - offset), offset=offset))
            total, more = max(total, read.total), read.more
            # By id: a ticket that moves in the order while we read would else be there twice.
            found.update((ticket.id, ticket) for ticket in read.items)
            part = len(read.items)
            offset += part
            await asyncio.sleep(0)
        words = asked_in_words(asked)
        grids, people = await _names(uow, list(found.values()))
    # The rows of many tickets take a while to make: not in the event loop.
    rows = await asyncio.to_thread(lambda: tuple(_row(ticket, grids, people) for ticket in found.values()))
    async with c.uow() as uow:
        note = f"{len(rows)}件：{words}"
        await looked(uow, member, Viewed.EXPORT, c.clock.now(), page=page, note=note)
        await uow.commit()
    return Export(words, now, rows, total, more)


def no_phones(text: str) -> str:
    """`text` with every phone number in it masked, also those written with spaces or dashes."""
    return _NUMBERS.sub(lambda found: found[0][:3] + "****" + found[0][-4:], text)


def asked_in_words(asked: DeskFilter) -> str:
    """What was asked for, for the sheet and the line: nothing personal is in it, so words searched for are only said to be there."""
    status = _STATUS_NAMES.get(asked.status) or STATUS_NAMES[Status(asked.status)]
    said = [_GROUP_NAMES[asked.group], status]
    said += [category_name(asked.category)] if asked.category is not None else []
    said += [MARK_NAMES[Mark(asked.mark)]] if asked.mark is not None else []
    for name, days in (("上报", asked.filed), ("结束", asked.ended)):
        said += [f"{days[0]}至{days[1]}{name}"] if days else []
    said += ["限一个网格"] if asked.grid_id is not None else []
    said += ["限一位经办人"] if asked.worker_id is not None else []
    said += ["含搜索词"] if asked.words.strip() else []
    return "、".join(said)


async def _names(uow: UnitOfWork, tickets: list[Ticket]) -> tuple[dict[int, str], dict[int, str]]:
    grids = await uow.figures.place_names({t.grid_id for t in tickets if t.grid_id})
    return grids, await uow.figures.staff_names({t.holder_id for t in tickets if t.holder_id})


def _row(ticket: Ticket, grids: dict[int, str], people: dict[int, str]) -> tuple[Cell, ...]:
    return (
        ticket.number,
        category_name(ticket.category),
        URGENCY_NAMES[ticket.urgency],
        "待居民确认" if ticket.status is Status.RESOLVED else STATUS_NAMES[ticket.status],
        no_phones(ticket.words),
        no_phones(ticket.detail),
        no_phones(ticket.place_text),
        grids.get(ticket.grid_id or 0, ""),
        people.get(ticket.holder_id or 0, ""),
        *(
            local(at).replace(tzinfo=None, microsecond=0) if at is not None else None
            for at in (
                ticket.created_at,
                ticket.accept_by,
                ticket.accepted_at,
                ticket.resolve_by,
                ticket.resolved_at,
                ticket.ended_at,
            )
        ),
        ticket.urge_count,
        ticket.reopen_count,
        ticket.rating,
        OUTCOME_NAMES[ticket.outcome] if ticket.outcome is not None else "",
        _CLOSED_BY[ticket.closed_by] if ticket.closed_by is not None else "",
    )
