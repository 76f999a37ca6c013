"""Notices of the demo city: one going on today, some to come, one that is over."""

from __future__ import annotations

import random
from datetime import datetime, time, timedelta
from typing import Any

from community.model.notice import Kind, Notice, NoticeEvent, NoticeState, Receipt
from community.store.seed.tickets import Cast
from community.store.uow import SqlUnitOfWork


async def add_notices(uow: SqlUnitOfWork, cast: Cast, rows: list[dict[str, Any]], draw: random.Random, midnight: datetime) -> int:
    """Returns how many. Who lives there was told; who has answered is drawn."""
    for row in rows:
        member = cast.staff[row["by"]]
        places = [await uow.places.by_address(address) for address in row["where"]]
        found = [place for place in places if place is not None]
        day = midnight + timedelta(days=row["day"])
        sent = _at(midnight + timedelta(days=row["sent"][0]), row["sent"][1])
        notice = Notice(
            0, Kind(row["kind"]), row["title"], row["text"], _at(day, row["from"]), _at(day, row["to"]), found[0].community_id or 0,
            member.id, f"{member.role_name}{member.name}", sent, sent, "、".join(one.full_name or one.name for one in found),
            state=NoticeState.SENT, sent_at=sent, place_ids=[one.id for one in found],
        )  # fmt: skip
        await uow.notices.add(notice)
        homes = await uow.notices.living_at((await uow.notices.rooms_below(notice.place_ids)).keys())
        receipts = []
        for resident_id in sorted(homes):
            read = draw.randrange(100) < row["read"]
            minutes = timedelta(minutes=draw.randrange(2, 240))
            at = sent + min(minutes, midnight - sent) if read else None
            receipts.append(Receipt(0, notice.id, resident_id, sent, at, "button" if read else ""))
        await uow.notices.tell(receipts)
        await uow.notices.add_event(NoticeEvent(0, notice.id, sent, notice.by_name, f"写了通知，发给{len(receipts)}人"))
    return len(rows)


def _at(day: datetime, clock: str) -> datetime:
    return datetime.combine(day.date(), time.fromisoformat(clock), day.tzinfo)
