"""Gifts for points, as staff keep them: what there is, more of it, handing over what was exchanged."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from community.errors import Forbidden, InvalidInput, NotFound
from community.model.people import Role, Staff
from community.model.points import Gift
from community.ports import Community, UnitOfWork
from community.services.access import communities_of, staff_of

KEEPS = frozenset({Role.COMMUNITY_STAFF, Role.OPERATOR})


@dataclass(frozen=True)
class GiftLine:
    id: int
    title: str
    points: int
    stock: int
    stocked: int


@dataclass(frozen=True)
class OrderLine:
    id: int
    gift: str
    name: str
    code: str
    at: datetime


async def page(c: Community, staff_id: int) -> tuple[tuple[GiftLine, ...], tuple[OrderLine, ...]]:
    """(gifts, what was exchanged and not fetched) of the member's communities."""
    async with c.reading() as uow:
        member = await _keeper(uow, staff_id)
        where = await communities_of(uow, member)
        found = [gift for gift in await uow.points.gifts(None) if gift.community_id in where]
        waiting = await uow.points.orders_open(where)
        lines = tuple(GiftLine(g.id, g.title, g.points, g.stock, g.stocked) for g in found)
        return lines, tuple(OrderLine(o.id, g.title, name, o.code, o.at) for o, g, name in waiting)


async def add(c: Community, staff_id: int, title: str, points: int, stock: int) -> None:
    if not title.strip() or len(title.strip()) > 30:
        raise InvalidInput("请填礼品名称，30个字以内。")
    if not (1 <= points <= 10_000 and 1 <= stock <= 10_000):
        raise InvalidInput("积分和份数请填1到10000。")
    async with c.uow() as uow:
        where = await communities_of(uow, await _keeper(uow, staff_id))
        if not where:
            raise Forbidden("礼品由社区工作人员管理。")
        await uow.points.add_gift(Gift(0, title.strip(), min(where), points, stock, stock))
        await uow.commit()


async def restock(c: Community, staff_id: int, gift_id: int, more: int) -> None:
    """More of a gift came in."""
    if not 1 <= more <= 10_000:
        raise InvalidInput("份数请填1到10000。")
    async with c.uow() as uow:
        where = await communities_of(uow, await _keeper(uow, staff_id))
        gift = await uow.points.gift(gift_id, for_update=True)
        if gift is None or gift.community_id not in where:
            raise NotFound("没有这件礼品。")
        gift.stocked += more
        gift.stock += more
        await uow.commit()


async def hand_over(c: Community, staff_id: int, order_id: int) -> None:
    """It was fetched. Again: nothing changes."""
    async with c.uow() as uow:
        where = await communities_of(uow, await _keeper(uow, staff_id))
        order = await uow.points.order(order_id)
        gift = await uow.points.gift(order.gift_id) if order is not None else None
        if order is None or gift is None or gift.community_id not in where:
            raise NotFound("没有这件礼品。")
        if order.handed_at is None:
            order.handed_at = c.clock.now()
            await uow.commit()


async def _keeper(uow: UnitOfWork, staff_id: int) -> Staff:
    member = await staff_of(uow, staff_id)
    if member.role not in KEEPS:
        raise Forbidden("礼品由社区工作人员管理。")
    return member
