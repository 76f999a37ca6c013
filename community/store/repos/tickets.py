from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, false, func, insert, or_, select, true
from sqlalchemy.exc import IntegrityError

from chinese.ticket_numbers import ticket_number
from community.model.calendar import SHANGHAI
from community.model.category import Category
from community.model.staffing import Told
from community.model.ticket import OPEN, Status, Ticket, TicketEvent
from community.ports import Scope, TicketCounts, TicketQuery
from community.store.repos.base import Repo, like
from community.store.tables import staff, staff_outbox, ticket_events, ticket_photos, tickets


def scope_clause(scope: Scope) -> ColumnElement[bool]:
    """The rows a scope may see; nothing when it is empty."""
    if scope.everything:
        seen: ColumnElement[bool] = true()
    else:
        parts: list[ColumnElement[bool]] = []
        for column, ids in (
            (tickets.c.community_id, scope.community_ids),
            (tickets.c.grid_id, scope.grid_ids),
            (tickets.c.estate_id, scope.estate_ids),
        ):
            if ids:
                parts.append(column.in_(sorted(ids)))
        seen = or_(*parts) if parts else false()
    if scope.categories is not None:
        seen = and_(seen, tickets.c.category.in_(sorted(scope.categories)))
    return seen


def _overdue(now: datetime) -> ColumnElement[bool]:
    late = or_(tickets.c.resolve_by < now, and_(tickets.c.accepted_at.is_(None), tickets.c.accept_by < now))
    return and_(tickets.c.status.in_(sorted(OPEN)), late)


class TicketRepo(Repo):
    async def add(self, ticket: Ticket) -> None:
        """Insert and give the number, which is made from the id the database chose."""
        if not ticket.number:
            # A placeholder that cannot collide inside one transaction; replaced before anybody can see it.
            ticket.number = f"~{id(ticket) % 10**10}"
        await self._add(ticket)
        ticket.number = ticket_number(ticket.id)
        await self.session.flush()

    async def get(self, ticket_id: int, *, for_update: bool = False) -> Ticket | None:
        query = select(Ticket).where(tickets.c.id == ticket_id)
        return await self.session.scalar(query.with_for_update() if for_update else query)

    async def by_number(self, number: str, *, for_update: bool = False) -> Ticket | None:
        query = select(Ticket).where(tickets.c.number == number)
        return await self.session.scalar(query.with_for_update() if for_update else query)

    async def of_resident(self, resident_id: int, limit: int = 20) -> list[Ticket]:
        query = select(Ticket).where(tickets.c.resident_id == resident_id).order_by(tickets.c.id.desc()).limit(limit)
        return list(await self.session.scalars(query))

    async def of_place(self, place_id: int, limit: int = 20) -> list[Ticket]:
        query = select(Ticket).where(tickets.c.place_id == place_id).order_by(tickets.c.id.desc()).limit(limit)
        return list(await self.session.scalars(query))

    async def search(self, query: TicketQuery) -> tuple[list[Ticket], int]:
        def narrowed(what: Select[Any]) -> Select[Any]:
            what = what.where(scope_clause(query.scope))
            if query.statuses is not None:
                what = what.where(tickets.c.status.in_(sorted(query.statuses)))
            if query.holder_id is not None:
                what = what.where(tickets.c.holder_id == query.holder_id)
            if query.category is not None:
                what = what.where(tickets.c.category == query.category)
            if query.overdue_at is not None:
                what = what.where(_overdue(query.overdue_at))
            for days, column in ((query.filed, tickets.c.created_at), (query.ended, tickets.c.ended_at)):
                if days is not None:
                    first = datetime.combine(days[0], datetime.min.time(), SHANGHAI)
                    after = datetime.combine(days[1] + timedelta(days=1), datetime.min.time(), SHANGHAI)
                    what = what.where(column >= first, column < after)
            if query.words:
                pattern = like(query.words)
                what = what.where(
                    or_(
                        tickets.c.number == query.words,
                        tickets.c.words.like(pattern, escape="\\"),
                        tickets.c.place_text.like(pattern, escape="\\"),
                    )
                )
            return what

        total = await self.session.scalar(narrowed(select(func.count()).select_from(tickets)))
        # What is open comes first, by promise; what has ended, newest first.
        order = (tickets.c.ended_at.is_not(None), tickets.c.ended_at.desc(), tickets.c.resolve_by, tickets.c.id)
        page = narrowed(select(Ticket)).order_by(*order).limit(query.limit).offset(query.offset)
        return list(await self.session.scalars(page)), int(total or 0)

    async def counts(self, scope: Scope, now: datetime, days: int, holder_id: int | None = None) -> TicketCounts:
        seen = scope_clause(scope)
        if holder_id is not None:
            seen = and_(seen, tickets.c.holder_id == holder_id)
        by_status = {
            Status(status): n
            for status, n in await self.session.execute(
                select(tickets.c.status, func.count()).where(seen).group_by(tickets.c.status)
            )
        }
        overdue = await self.session.scalar(select(func.count()).select_from(tickets).where(seen, _overdue(now)))
        by_category = {
            Category(category): n
            for category, n in await self.session.execute(
                select(tickets.c.category, func.count())
                .where(seen, tickets.c.status.in_(sorted(OPEN)))
                .group_by(tickets.c.category)
            )
        }
        today = now.astimezone(SHANGHAI).date()
        first = datetime.combine(today - timedelta(days=days - 1), datetime.min.time(), SHANGHAI)
        filed = await self._by_day(seen, tickets.c.created_at, first)
        ended = await self._by_day(seen, tickets.c.ended_at, first)
        return TicketCounts(by_status, int(overdue or 0), by_category, filed, ended)

    async def _by_day(self, seen: ColumnElement[bool], column: Any, first: datetime) -> dict[date, int]:
        """Counts a local day. The hours come from the database, the day boundaries from Python, alike on both databases."""
        rows = await self.session.scalars(select(column).where(seen, column >= first.astimezone(timezone.utc)))
        counted: dict[date, int] = {}
        for at in rows:
            day = at.astimezone(SHANGHAI).date()
            counted[day] = counted.get(day, 0) + 1
        return counted

    async def add_event(self, event: TicketEvent) -> None:
        await self._add(event)

    async def events(self, ticket_id: int) -> list[TicketEvent]:
        query = select(TicketEvent).where(ticket_events.c.ticket_id == ticket_id).order_by(ticket_events.c.id)
        return list(await self.session.scalars(query))

    async def add_photo(self, ticket_id: int, media_hash: str, kind: str, at: datetime) -> None:
        known = await self.session.scalar(
            select(ticket_photos.c.hash).where(
                ticket_photos.c.ticket_id == ticket_id, ticket_photos.c.hash == media_hash
            )
        )
        if known is None:
            row = {"ticket_id": ticket_id, "hash": media_hash, "kind": kind, "at": at}
            try:
                async with self.session.begin_nested():
                    await self.session.execute(insert(ticket_photos).values(**row))
            except IntegrityError:
                # The same photo twice on one ticket is one photo.
                pass

    async def photos(self, ticket_id: int) -> list[tuple[str, str]]:
        query = (
            select(ticket_photos.c.hash, ticket_photos.c.kind)
            .where(ticket_photos.c.ticket_id == ticket_id)
            .order_by(ticket_photos.c.at)
        )
        return [(row.hash, row.kind) for row in await self.session.execute(query)]

    async def silent_since(self, before: datetime, limit: int = 100) -> list[int]:
        """Tickets resolved before this moment that nobody answered for."""
        query = (
            select(tickets.c.id)
            .where(tickets.c.status == Status.RESOLVED, tickets.c.resolved_at < before)
            .order_by(tickets.c.resolved_at)
            .limit(limit)
        )
        return list(await self.session.scalars(query))

    async def not_accepted(self, now: datetime, limit: int = 100) -> list[int]:
        """Tickets past the time to accept them whose holder can be told in WeCom and was not since that time."""
        told = (
            select(staff_outbox.c.id)
            .where(
                staff_outbox.c.ticket_id == tickets.c.id,
                staff_outbox.c.staff_id == tickets.c.holder_id,
                staff_outbox.c.kind == Told.CARD,
                staff_outbox.c.created_at >= tickets.c.accept_by,
            )
            .exists()
        )
        query = (
            select(tickets.c.id)
            .join(staff, staff.c.id == tickets.c.holder_id)
            .where(
                tickets.c.status == Status.DISPATCHED,
                tickets.c.accept_by < now,
                staff.c.wecom_id.is_not(None),
                staff.c.active.is_(True),
                ~told,
            )
            .order_by(tickets.c.accept_by)
            .limit(limit)
        )
        return list(await self.session.scalars(query))
