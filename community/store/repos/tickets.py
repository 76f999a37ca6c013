from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import and_, delete, func, insert, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from chinese.ticket_numbers import ticket_number
from community.model.category import Category
from community.model.mediation import Second
from community.model.promise import PromiseRule
from community.model.search import searchable
from community.model.ticket import OPEN, Status, Ticket, TicketEvent
from community.store.repos.base import Repo
from community.store.repos.ticket_counts import TicketCounting
from community.store.repos.ticket_lists import TicketLists
from community.store.tables import mediations, promise_rules, ticket_events, ticket_followers, ticket_photos, tickets


class TicketRepo(TicketLists, TicketCounting):
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

    async def last_id(self) -> int:
        return int(await self.session.scalar(select(func.max(tickets.c.id))) or 0)

    async def unread(self, limit: int) -> list[Ticket]:
        """Tickets from before there was anything to search them by."""
        query = select(Ticket).where(tickets.c.search_text.is_(None)).order_by(tickets.c.id).limit(limit)
        return list(await self.session.scalars(query))

    async def read(self, ticket: Ticket, contact_hash: str | None) -> None:
        """Keep what it is searched by. Its version stays: nothing that anybody could have changed in the meantime is written."""
        text = searchable(ticket.words, ticket.detail, ticket.place_text)
        kept = update(tickets).where(tickets.c.id == ticket.id, tickets.c.search_text.is_(None))
        await self.session.execute(kept.values(search_text=text, contact_hash=contact_hash))

    async def of_resident(self, resident_id: int, limit: int = 20, *, second: bool = False) -> list[Ticket]:
        """Tickets of this resident, and those they have joined; `second`: also those in whose mediation they take part. Only who shows
        these by `sides.seen_by_second` may ask for them: their words and places are the first side's."""
        # Asked before: PostgreSQL takes no index for "mine, or one of those that...", and reads a million.
        joined = await self.followed_by([resident_id])
        if second:
            joined += await self.as_second(resident_id)
        theirs = or_(tickets.c.resident_id == resident_id, tickets.c.id.in_(joined))
        query = select(Ticket).where(theirs).order_by(tickets.c.id.desc()).limit(limit)
        return list(await self.session.scalars(query))

    async def open_near(self, place_ids: Collection[int], category: Category, since: datetime) -> list[Ticket]:
        """Open tickets of this category at these places, filed since then, newest first."""
        query = select(Ticket).where(
            tickets.c.place_id.in_(place_ids),
            tickets.c.category == category,
            tickets.c.status.in_(sorted(OPEN)),
            tickets.c.created_at >= since,
        )
        return list(await self.session.scalars(query.order_by(tickets.c.id.desc()).limit(20)))

    async def followed_by(self, resident_ids: Collection[int]) -> list[int]:
        """Tickets that one of these residents has joined."""
        joined = ticket_followers.c.resident_id.in_(resident_ids)
        return list(await self.session.scalars(select(ticket_followers.c.ticket_id).where(joined)))

    async def as_second(self, resident_id: int) -> list[int]:
        """Tickets in whose mediation this resident takes part without having asked for it."""
        mine = and_(mediations.c.second_id == resident_id, mediations.c.second == Second.ACCEPTED)
        return list(await self.session.scalars(select(mediations.c.ticket_id).where(mine)))

    async def followers(self, ticket_id: int) -> list[int]:
        """Residents who have met the same, in the order in which they said so."""
        query = select(ticket_followers.c.resident_id).where(ticket_followers.c.ticket_id == ticket_id)
        return [int(one) for one in await self.session.scalars(query.order_by(ticket_followers.c.at))]

    async def follower_words(self, ticket_id: int, resident_id: int) -> str:
        """What this resident said of it when they joined."""
        mine = and_(ticket_followers.c.ticket_id == ticket_id, ticket_followers.c.resident_id == resident_id)
        return str(await self.session.scalar(select(ticket_followers.c.words).where(mine)) or "")

    async def follow(self, ticket_id: int, resident_id: int, words: str, at: datetime) -> None:
        row = {"ticket_id": ticket_id, "resident_id": resident_id, "words": words, "at": at}
        await self.session.execute(insert(ticket_followers).values(**row))

    async def unfollow(self, ticket_id: int, resident_id: int) -> None:
        mine = and_(ticket_followers.c.ticket_id == ticket_id, ticket_followers.c.resident_id == resident_id)
        await self.session.execute(delete(ticket_followers).where(mine))

    async def of_place(self, place_id: int, limit: int = 20) -> list[Ticket]:
        query = select(Ticket).where(tickets.c.place_id == place_id).order_by(tickets.c.id.desc()).limit(limit)
        return list(await self.session.scalars(query))

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

    async def number_at(self, place_id: int, category: Category, since: datetime) -> int:
        """How many tickets of this category were filed at this very place since then; withdrawn ones do not count."""
        query = select(func.count()).where(
            tickets.c.place_id == place_id,
            tickets.c.category == category,
            tickets.c.created_at >= since,
            tickets.c.status != Status.WITHDRAWN,
        )
        return int(await self.session.scalar(query) or 0)

    async def silent_since(self, before: datetime, limit: int = 100) -> list[int]:
        """Tickets resolved before this moment that nobody answered for."""
        query = (
            select(tickets.c.id)
            .where(tickets.c.status == Status.RESOLVED, tickets.c.resolved_at < before)
            .order_by(tickets.c.resolved_at)
            .limit(limit)
        )
        return list(await self.session.scalars(query))

    async def to_look_at(self, now: datetime, limit: int = 100) -> list[int]:
        """Tickets whose clock has something to do by now, the longest due first."""
        query = select(tickets.c.id).where(tickets.c.look_at <= now).order_by(tickets.c.look_at).limit(limit)
        return list(await self.session.scalars(query))

    async def filed_between(self, start: datetime, end: datetime, limit: int, category: Category) -> list[Ticket]:
        """Tickets of this category filed from `start` until before `end`, newest first."""
        query = select(Ticket).where(
            tickets.c.category == category, tickets.c.created_at >= start, tickets.c.created_at < end
        )
        return list(await self.session.scalars(query.order_by(tickets.c.id.desc()).limit(limit)))


class PromiseRepo(Repo):
    def __init__(self, session: AsyncSession) -> None:
        super().__init__(session)
        self._read: dict[Category, list[PromiseRule]] = {}

    async def of_category(self, category: Category) -> list[PromiseRule]:
        """Read once in a unit of work: to file a ticket, set its clock and show it asks three times."""
        if category not in self._read:
            query = select(PromiseRule).where(promise_rules.c.category == category).order_by(promise_rules.c.id)
            self._read[category] = list(await self.session.scalars(query))
        return self._read[category]

    async def everything(self) -> list[PromiseRule]:
        return list(await self.session.scalars(select(PromiseRule).order_by(promise_rules.c.id)))

    async def add(self, rule: PromiseRule) -> None:
        self._read.pop(rule.category, None)
        await self._add(rule)
