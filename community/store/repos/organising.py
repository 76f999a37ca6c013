"""What organisers keep of activities, and the ledger of points and hours."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import and_, func, or_, select
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert

from community.model.care import CARE_KIND
from community.model.points import Account, Entry, Gift, GiftOrder, Why
from community.model.volunteer import HOLDING, Activity, Shift, Signup, SignupStatus
from community.store.repos.base import Repo
from community.store.tables import (
    activities,
    gift_orders,
    gifts,
    places,
    points_accounts,
    points_ledger,
    residents,
    shifts,
    signups,
)

WAITS = signups.c.status == SignupStatus.WAITLISTED


class OrganisingRepo(Repo):
    async def activity(self, activity_id: int) -> Activity | None:
        return await self.session.get(Activity, activity_id)

    async def activities(self, community_ids: Collection[int] | None, limit: int) -> list[Activity]:
        """Newest first; of these communities, None: of all."""
        query = select(Activity).where(activities.c.kind != CARE_KIND).order_by(activities.c.id.desc()).limit(limit)
        if community_ids is not None:
            query = query.where(activities.c.community_id.in_(community_ids))
        return list(await self.session.scalars(query))

    async def shifts(self, activity_ids: Collection[int], since: datetime) -> list[Shift]:
        query = select(Shift).where(shifts.c.activity_id.in_(activity_ids), shifts.c.ends_at > since)
        return list(await self.session.scalars(query.order_by(shifts.c.starts_at)))

    async def series(self) -> list[Activity]:
        query = select(Activity).where(activities.c.series != "", activities.c.published)
        return list(await self.session.scalars(query.order_by(activities.c.id)))

    async def starts(self, activity_id: int, since: datetime) -> set[datetime]:
        query = select(shifts.c.starts_at).where(shifts.c.activity_id == activity_id, shifts.c.starts_at >= since)
        return set(await self.session.scalars(query))

    async def signups(self, shift_id: int) -> list[Signup]:
        query = select(Signup).where(signups.c.shift_id == shift_id, signups.c.status != SignupStatus.OFFERED)
        return list(await self.session.scalars(query.order_by(signups.c.queued_at, signups.c.id)))

    async def signup_by_id(self, signup_id: int) -> Signup | None:
        return await self.session.get(Signup, signup_id)

    async def ahead(self, signup: Signup) -> int:
        """How many entries of the waitlist are before this one."""
        earlier = or_(
            signups.c.queued_at < signup.queued_at, and_(signups.c.queued_at == signup.queued_at, signups.c.id < signup.id)
        )
        query = select(func.count()).select_from(signups).where(signups.c.shift_id == signup.shift_id, WAITS, earlier)
        return int(await self.session.scalar(query) or 0)

    async def first_that_fits(self, shift_id: int, seats: int) -> Signup | None:
        """The first in the waitlist whose party needs no more than `seats`."""
        query = select(Signup).where(signups.c.shift_id == shift_id, WAITS, signups.c.seats <= seats)
        return await self.session.scalar(query.order_by(signups.c.queued_at, signups.c.id).limit(1))

    async def lapsed(self, now: datetime) -> list[int]:
        """Shifts with a place that was kept for somebody until now."""
        query = select(signups.c.shift_id).where(
            signups.c.status == SignupStatus.CONFIRMING, signups.c.confirm_by <= now
        )
        return list(await self.session.scalars(query.distinct().limit(100)))

    async def to_offer(self, now: datetime) -> list[int]:
        """Shifts to come with a free place that somebody who waits would fit into."""
        query = (
            select(shifts.c.id)
            .join(signups, signups.c.shift_id == shifts.c.id)
            .where(shifts.c.starts_at > now, WAITS, signups.c.seats <= shifts.c.capacity - shifts.c.taken)
        )
        return list(await self.session.scalars(query.distinct().limit(100)))

    async def to_remind(self, now: datetime, until: datetime) -> list[int]:
        query = (
            select(shifts.c.id)
            .join(activities, activities.c.id == shifts.c.activity_id)
            .where(
                shifts.c.starts_at > now, shifts.c.starts_at <= until, shifts.c.reminded_at.is_(None), shifts.c.taken > 0,
                activities.c.kind != CARE_KIND,
            )
            .limit(100)
        )  # fmt: skip
        return list(await self.session.scalars(query))

    async def over(self, before: datetime) -> list[int]:
        query = (
            select(shifts.c.id)
            .join(activities, activities.c.id == shifts.c.activity_id)
            .where(shifts.c.ends_at <= before, shifts.c.settled_at.is_(None), activities.c.kind != CARE_KIND)
            .limit(100)
        )
        return list(await self.session.scalars(query))

    async def checking_in(self, resident_id: int, now: datetime, until: datetime) -> list[tuple[Activity, Shift, Signup]]:
        """A resident's places in shifts that begin before `until` and are not over."""
        query = (
            select(Activity, Shift, Signup)
            .join(shifts, shifts.c.activity_id == activities.c.id)
            .join(signups, signups.c.shift_id == shifts.c.id)
            .where(
                signups.c.resident_id == resident_id,
                signups.c.status.in_((SignupStatus.SIGNED_UP, SignupStatus.CONFIRMING)),
                shifts.c.starts_at <= until,
                shifts.c.ends_at >= now,
                activities.c.kind != CARE_KIND,
            )
            .order_by(shifts.c.starts_at)
        )
        return [(a, s, u) for a, s, u in await self.session.execute(query)]

    async def counts(self, shift_ids: Collection[int]) -> dict[int, dict[SignupStatus, int]]:
        """Seats of each status."""
        query = (
            select(signups.c.shift_id, signups.c.status, func.sum(signups.c.seats))
            .where(signups.c.shift_id.in_(shift_ids))
            .group_by(signups.c.shift_id, signups.c.status)
        )
        found: dict[int, dict[SignupStatus, int]] = {}
        for shift_id, status, seats in await self.session.execute(query):
            found.setdefault(shift_id, {})[status] = int(seats)
        return found

    async def seats_differing(self) -> list[tuple[int, int, int]]:
        """(shift, taken, seats of those who hold a place) where the two differ."""
        held = func.coalesce(func.sum(signups.c.seats), 0)
        query = (
            select(shifts.c.id, shifts.c.taken, held)
            .outerjoin(signups, and_(signups.c.shift_id == shifts.c.id, signups.c.status.in_(HOLDING)))
            .group_by(shifts.c.id, shifts.c.taken)
            .having(held != shifts.c.taken)
        )
        return [(int(i), int(t), int(h)) for i, t, h in await self.session.execute(query)]


class PointsRepo(Repo):
    async def account(self, resident_id: int, *, for_update: bool = False) -> Account | None:
        query = select(Account).where(points_accounts.c.resident_id == resident_id)
        return await self.session.scalar(query.with_for_update() if for_update else query)

    async def open(self, resident_id: int) -> Account:
        """The resident's account, locked; made when there is none. Two who make it at once get the same one."""
        insert = pg_insert if self.session.get_bind().dialect.name == "postgresql" else sqlite_insert
        made = insert(points_accounts).values(resident_id=resident_id).on_conflict_do_nothing()
        await self.session.execute(made)
        account = await self.account(resident_id, for_update=True)
        assert account is not None
        return account

    async def add(self, entry: Entry) -> None:
        await self._add(entry)

    async def entry(self, key: str) -> Entry | None:
        return await self.session.scalar(select(Entry).where(points_ledger.c.key == key))

    async def entries(self, resident_id: int, limit: int) -> list[Entry]:
        query = select(Entry).where(points_ledger.c.resident_id == resident_id).order_by(points_ledger.c.id.desc())
        return list(await self.session.scalars(query.limit(limit)))

    async def served(self, resident_id: int, since: datetime) -> list[Entry]:
        """Hours since then, oldest first."""
        query = select(Entry).where(
            points_ledger.c.resident_id == resident_id, points_ledger.c.minutes != 0, points_ledger.c.at >= since
        )
        return list(await self.session.scalars(query.order_by(points_ledger.c.at, points_ledger.c.id)))

    async def ranking(self, community_id: int, limit: int) -> list[tuple[str, Account]]:
        """(name, account) of those of the community who chose to be shown, most minutes first."""
        query = (
            select(residents.c.name, Account)
            .join(points_accounts, points_accounts.c.resident_id == residents.c.id)
            .join(places, places.c.id == residents.c.room_id)
            .where(points_accounts.c.ranked, points_accounts.c.minutes > 0, places.c.community_id == community_id)
            .order_by(points_accounts.c.minutes.desc(), points_accounts.c.resident_id)
            .limit(limit)
        )
        return [(str(name), account) for name, account in await self.session.execute(query)]

    async def gifts(self, community_id: int | None) -> list[Gift]:
        query = select(Gift).order_by(gifts.c.points, gifts.c.id)
        if community_id is not None:
            query = query.where(gifts.c.community_id == community_id)
        return list(await self.session.scalars(query))

    async def gift(self, gift_id: int, *, for_update: bool = False) -> Gift | None:
        query = select(Gift).where(gifts.c.id == gift_id)
        return await self.session.scalar(query.with_for_update() if for_update else query)

    async def add_gift(self, gift: Gift) -> None:
        await self._add(gift)

    async def add_order(self, order: GiftOrder) -> None:
        await self._add(order)

    async def orders(self, resident_id: int) -> list[tuple[GiftOrder, Gift]]:
        query = select(GiftOrder, Gift).join(gifts, gifts.c.id == gift_orders.c.gift_id)
        query = query.where(gift_orders.c.resident_id == resident_id, gift_orders.c.handed_at.is_(None))
        return [(order, gift) for order, gift in await self.session.execute(query.order_by(gift_orders.c.id))]

    async def order(self, order_id: int) -> GiftOrder | None:
        return await self.session.scalar(select(GiftOrder).where(gift_orders.c.id == order_id).with_for_update())

    async def orders_open(self, community_ids: Collection[int] | None) -> list[tuple[GiftOrder, Gift, str]]:
        query = (
            select(GiftOrder, Gift, residents.c.name)
            .join(gifts, gifts.c.id == gift_orders.c.gift_id)
            .join(residents, residents.c.id == gift_orders.c.resident_id)
            .where(gift_orders.c.handed_at.is_(None))
            .order_by(gift_orders.c.id)
        )
        if community_ids is not None:
            query = query.where(gifts.c.community_id.in_(community_ids))
        return [(order, gift, str(name)) for order, gift, name in await self.session.execute(query)]

    async def accounts_differing(self) -> list[tuple[int, int, int, int, int]]:
        """(resident, points, minutes, sum of points, sum of minutes) where they differ; also entries without an account."""
        a, e = points_accounts, points_ledger
        sums = (
            select(e.c.resident_id, func.sum(e.c.delta).label("points"), func.sum(e.c.minutes).label("minutes"))
            .group_by(e.c.resident_id)
            .subquery()
        )
        points, minutes = func.coalesce(a.c.points, 0), func.coalesce(a.c.minutes, 0)
        sum_points, sum_minutes = func.coalesce(sums.c.points, 0), func.coalesce(sums.c.minutes, 0)
        differ = or_(points != sum_points, minutes != sum_minutes)
        joined = a.join(sums, sums.c.resident_id == a.c.resident_id, full=True)
        who = func.coalesce(a.c.resident_id, sums.c.resident_id)
        query = select(who, points, minutes, sum_points, sum_minutes).select_from(joined).where(differ)
        return [(int(r), int(p), int(m), int(sp), int(sm)) for r, p, m, sp, sm in await self.session.execute(query)]

    async def stock_differing(self) -> list[tuple[int, int, int]]:
        """(gift, stock, what came in less what was ordered) where they differ."""
        should = gifts.c.stocked - func.count(gift_orders.c.id)
        query = (
            select(gifts.c.id, gifts.c.stock, should)
            .outerjoin(gift_orders, gift_orders.c.gift_id == gifts.c.id)
            .group_by(gifts.c.id, gifts.c.stock, gifts.c.stocked)
            .having(should != gifts.c.stock)
        )
        return [(int(i), int(s), int(o)) for i, s, o in await self.session.execute(query)]

    async def served_without_signup(self) -> int:
        """Hours of a shift that its resident did not attend."""
        attended = select(signups.c.id).where(
            signups.c.shift_id == points_ledger.c.shift_id,
            signups.c.resident_id == points_ledger.c.resident_id,
            signups.c.status == SignupStatus.ATTENDED,
        )
        query = select(func.count()).select_from(points_ledger)
        query = query.where(points_ledger.c.why == Why.SERVED, points_ledger.c.shift_id.is_not(None), ~attended.exists())
        return int(await self.session.scalar(query) or 0)
