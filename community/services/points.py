"""Points and hours: what one has, gifts for points, the ranking of those who want to be in it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from community.errors import Conflict, InvalidInput, NotFound
from community.model.points import Entry, GiftOrder, Why
from community.ports import Community
from community.services.volunteering import community_of

SHOWN = 3
RANKED = 5


@dataclass(frozen=True)
class EntryView:
    what: str
    who: str
    delta: int
    minutes: int
    at: datetime


@dataclass(frozen=True)
class Balance:
    """`waiting`: (gift, code) of what was exchanged and not fetched yet."""

    points: int
    minutes: int
    ranked: bool
    entries: tuple[EntryView, ...]
    waiting: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class GiftView:
    id: int
    title: str
    points: int
    stock: int


@dataclass(frozen=True)
class Exchanged:
    title: str
    code: str
    left: int


async def balance(c: Community, resident_id: int, limit: int = SHOWN) -> Balance:
    async with c.reading() as uow:
        account = await uow.points.account(resident_id)
        entries = await uow.points.entries(resident_id, limit)
        waiting = await uow.points.orders(resident_id)
        views = tuple(EntryView(e.what, e.who, e.delta, e.minutes, e.at) for e in entries)
        open_orders = tuple((gift.title, order.code) for order, gift in waiting)
        if account is None:
            return Balance(0, 0, False, views, open_orders)
        return Balance(account.points, account.minutes, account.ranked, views, open_orders)


async def gifts(c: Community, resident_id: int) -> list[GiftView]:
    """What their community (without a home: any) has for points and in stock, cheapest first."""
    async with c.reading() as uow:
        found = await uow.points.gifts(await community_of(uow, resident_id))
        return [GiftView(g.id, g.title, g.points, g.stock) for g in found if g.stock > 0]


async def exchange(c: Community, resident_id: int, gift_id: int, key: str) -> Exchanged:
    """One gift for its points. The same key again: the same answer. Raises Conflict when the points or the stock do not reach.

    The account is locked before the gift, by everybody in this order."""
    async with c.uow() as uow:
        account = await uow.points.open(resident_id)
        gift = await uow.points.gift(gift_id, for_update=True)
        if gift is None:
            raise NotFound("没有这件礼品，可能已经下架了。")
        home = await community_of(uow, resident_id)
        if home is not None and gift.community_id != home:
            raise NotFound("没有这件礼品，可能已经下架了。")
        entry_key = f"gift-{resident_id}:{key}"
        code = c.vault.fingerprint(entry_key)[:6].upper()
        if await uow.points.entry(entry_key) is not None:
            return Exchanged(gift.title, code, account.points)
        if gift.stock <= 0:
            raise Conflict(f"“{gift.title}”刚刚换完了，积分没有动，看看别的吧。")
        if account.points < gift.points:
            raise Conflict(f"“{gift.title}”要{gift.points}积分，您现在有{account.points}分，还差{gift.points - account.points}分。")
        now = c.clock.now()
        gift.stock -= 1
        account.points -= gift.points
        await uow.points.add(
            Entry(0, resident_id, -gift.points, 0, Why.GIFT, f"换{gift.title}", entry_key, now, gift_id=gift.id)
        )
        await uow.points.add_order(GiftOrder(0, gift.id, resident_id, gift.points, code, now))
        result = Exchanged(gift.title, code, account.points)
        await uow.commit()
        return result


async def set_ranked(c: Community, resident_id: int, ranked: bool) -> None:
    async with c.uow() as uow:
        account = await uow.points.open(resident_id)
        account.ranked = ranked
        await uow.commit()


async def ranking(c: Community, resident_id: int) -> list[tuple[str, int]]:
    """(name with only the family name shown, minutes) of those of their community who chose to be in it."""
    async with c.reading() as uow:
        home = await community_of(uow, resident_id)
        if home is None:
            raise InvalidInput("排行按社区来排，先告诉我您住哪儿（说“绑定住址”），再来看。")
        found = await uow.points.ranking(home, RANKED)
        return [(f"{name[:1]}**", account.minutes) for name, account in found]

