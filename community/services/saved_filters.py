"""Lists of tickets that a member comes back to, under names of their own."""

from __future__ import annotations

from dataclasses import dataclass

from community.errors import InvalidInput
from community.model.desk import MAX_FILTERS, MAX_NAME
from community.ports import Community
from community.services.access import staff_of

MAX_QUERY = 600


@dataclass(frozen=True)
class SavedView:
    id: int
    name: str
    query: str


async def saved(c: Community, staff_id: int) -> list[SavedView]:
    """The member's own, the oldest first."""
    async with c.reading() as uow:
        member = await staff_of(uow, staff_id)
        return [SavedView(one.id, one.name, one.query) for one in await uow.desk.filters(member.id)]


async def save(c: Community, staff_id: int, name: str, query: str) -> list[SavedView]:
    """Keep a list; an old name means the new list from now on. Raises InvalidInput without a name, or with too many."""
    name = " ".join(name.split())
    if not name or len(name) > MAX_NAME:
        raise InvalidInput(f"请给筛选起个名字，{MAX_NAME}个字以内。")
    if len(query) > MAX_QUERY:
        raise InvalidInput("筛选条件太长了，存不下。")
    async with c.uow() as uow:
        member = await staff_of(uow, staff_id)
        kept = await uow.desk.filters(member.id)
        if len(kept) >= MAX_FILTERS and name not in {one.name for one in kept}:
            raise InvalidInput(f"最多存{MAX_FILTERS}个筛选，请先删掉一个。")
        await uow.desk.save_filter(member.id, name, query, c.clock.now())
        await uow.commit()
    return await saved(c, staff_id)


async def drop(c: Community, staff_id: int, filter_id: int) -> list[SavedView]:
    """Forget one of the member's own; another's is left alone without a word."""
    async with c.uow() as uow:
        member = await staff_of(uow, staff_id)
        await uow.desk.drop_filter(member.id, filter_id)
        await uow.commit()
    return await saved(c, staff_id)
