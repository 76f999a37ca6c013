"""Media, volunteering, statutes, sessions and the small key tables."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import String, cast, delete, insert, or_, select, update
from sqlalchemy.exc import IntegrityError

from community.model.care import CARE_KIND
from community.model.conversation import Conversation
from community.model.law import Article, CuratedAnswer, Statute
from community.model.media import Media
from community.model.ticket import Ticket
from community.model.volunteer import STANDING, Activity, Shift, Signup, SignupStatus
from community.store.repos.base import Repo
from community.store.tables import (
    activities,
    answers,
    articles,
    conversations,
    done_keys,
    facts,
    inbox,
    media_grants,
    outbox,
    sessions,
    shifts,
    signups,
    statutes,
    ticket_photos,
    tickets,
)


class MediaRepo(Repo):
    async def add(self, media: Media) -> None:
        if await self.session.get(Media, media.hash) is None:
            try:
                async with self.session.begin_nested():
                    self.session.add(media)
            except IntegrityError:
                # Two people uploaded the same picture at once: one row is right.
                pass

    async def get(self, media_hash: str) -> Media | None:
        return await self.session.get(Media, media_hash)

    async def grant(self, media_hash: str, resident_id: int) -> None:
        if not await self.granted(media_hash, resident_id):
            try:
                async with self.session.begin_nested():
                    await self.session.execute(
                        insert(media_grants).values(hash=media_hash, resident_id=resident_id)
                    )
            except IntegrityError:
                pass

    async def granted(self, media_hash: str, resident_id: int) -> bool:
        query = select(media_grants.c.hash).where(
            media_grants.c.hash == media_hash, media_grants.c.resident_id == resident_id
        )
        return await self.session.scalar(query) is not None

    async def tickets_showing(self, media_hash: str) -> list[Ticket]:
        query = (
            select(Ticket)
            .join(ticket_photos, ticket_photos.c.ticket_id == tickets.c.id)
            .where(ticket_photos.c.hash == media_hash)
        )
        return list(await self.session.scalars(query))

    async def conversations_showing(self, media_hash: str) -> list[Conversation]:
        """Conversations of residents to whom the photo belongs and who sent it or were sent it."""
        pattern = f'%"{media_hash}"%'
        query = (
            select(Conversation)
            .join(media_grants, media_grants.c.resident_id == conversations.c.resident_id)
            .where(
                media_grants.c.hash == media_hash,
                or_(
                    select(inbox.c.id)
                    .where(inbox.c.resident_id == media_grants.c.resident_id, cast(inbox.c.photos, String).like(pattern))
                    .exists(),
                    select(outbox.c.id)
                    .where(
                        outbox.c.resident_id == media_grants.c.resident_id, cast(outbox.c.photos, String).like(pattern)
                    )
                    .exists(),
                ),
            )
        )
        return list(await self.session.scalars(query))


class VolunteeringRepo(Repo):
    async def add_activity(self, activity: Activity) -> None:
        await self._add(activity)

    async def add_shift(self, shift: Shift) -> None:
        await self._add(shift)

    async def upcoming(
        self, now: datetime, until: datetime | None = None, community_id: int | None = None
    ) -> list[tuple[Activity, Shift]]:
        query = (
            select(Activity, Shift)
            .join(shifts, shifts.c.activity_id == activities.c.id)
            .where(shifts.c.starts_at > now, activities.c.kind != CARE_KIND, activities.c.published)
            .order_by(shifts.c.starts_at, shifts.c.id)
        )
        if until is not None:
            query = query.where(shifts.c.starts_at < until)
        if community_id is not None:
            query = query.where(activities.c.community_id == community_id)
        return [(activity, shift) for activity, shift in await self.session.execute(query)]

    async def shift(self, shift_id: int, *, for_update: bool = False) -> tuple[Activity, Shift] | None:
        query = select(Shift).where(shifts.c.id == shift_id)
        shift = await self.session.scalar(query.with_for_update() if for_update else query)
        if shift is None:
            return None
        activity = await self.session.get(Activity, shift.activity_id)
        return (activity, shift) if activity is not None else None

    async def signup(self, shift_id: int, resident_id: int) -> Signup | None:
        query = select(Signup).where(signups.c.shift_id == shift_id, signups.c.resident_id == resident_id)
        return await self.session.scalar(query)

    async def add_signup(self, signup: Signup) -> None:
        await self._add(signup)

    async def waitlist(self, shift_id: int) -> list[Signup]:
        query = (
            select(Signup)
            .where(signups.c.shift_id == shift_id, signups.c.status == SignupStatus.WAITLISTED)
            .order_by(signups.c.queued_at, signups.c.id)
        )
        return list(await self.session.scalars(query))

    async def of_resident(self, resident_id: int, now: datetime) -> list[tuple[Activity, Shift, Signup]]:
        """Standing signups (also waitlisted) for shifts that have not ended, by time."""
        query = (
            select(Activity, Shift, Signup)
            .join(shifts, shifts.c.activity_id == activities.c.id)
            .join(signups, signups.c.shift_id == shifts.c.id)
            .where(
                signups.c.resident_id == resident_id,
                signups.c.status.in_(STANDING),
                shifts.c.ends_at > now,
            )
            .order_by(shifts.c.starts_at)
        )
        return [(a, s, u) for a, s, u in await self.session.execute(query)]


class LawRepo(Repo):
    async def statutes(self) -> list[Statute]:
        return list(await self.session.scalars(select(Statute).order_by(statutes.c.id)))

    async def versions(self, name: str) -> list[Statute]:
        query = select(Statute).where(statutes.c.name == name).order_by(statutes.c.in_force_from)
        return list(await self.session.scalars(query))

    async def article(self, statute_id: int, label: str) -> Article | None:
        query = select(Article).where(articles.c.statute_id == statute_id, articles.c.label == label)
        return await self.session.scalar(query)

    async def articles_of(self, statute_id: int) -> list[Article]:
        query = select(Article).where(articles.c.statute_id == statute_id).order_by(articles.c.id)
        return list(await self.session.scalars(query))

    async def articles_saying(self, words: str, source: str) -> list[tuple[Article, Statute]]:
        query = (
            select(Article, Statute)
            .join(statutes, statutes.c.id == articles.c.statute_id)
            .where(statutes.c.source_id.startswith(source, autoescape=True), articles.c.text.contains(words, autoescape=True))
            .order_by(articles.c.id)
        )
        return [(article, statute) for article, statute in await self.session.execute(query)]

    async def articles_in_force(self, day: date) -> list[tuple[Article, Statute]]:
        query = (
            select(Article, Statute)
            .join(statutes, statutes.c.id == articles.c.statute_id)
            .where(
                statutes.c.in_force_from <= day, or_(statutes.c.repealed_on.is_(None), statutes.c.repealed_on > day)
            )
            .order_by(articles.c.id)
        )
        return [(article, statute) for article, statute in await self.session.execute(query)]

    async def answers(self) -> list[CuratedAnswer]:
        return list(await self.session.scalars(select(CuratedAnswer).order_by(answers.c.id)))

    async def add(self, thing: Statute | Article | CuratedAnswer) -> None:
        await self._add(thing)

    async def add_all(self, things: Sequence[Statute | Article | CuratedAnswer]) -> None:
        for thing in things:
            if thing.id == 0:
                thing.id = None  # type: ignore[assignment]
        self.session.add_all(things)
        await self.session.flush()

    async def delete_articles(self, statute_id: int) -> None:
        await self.session.execute(delete(articles).where(articles.c.statute_id == statute_id))

    async def remove(self, thing: Statute | CuratedAnswer) -> None:
        await self.session.delete(thing)
        await self.session.flush()


class SessionRepo(Repo):
    async def add(self, token_hash: str, kind: str, subject_id: int, now: datetime, expires_at: datetime) -> None:
        await self.session.execute(
            insert(sessions).values(
                token_hash=token_hash,
                kind=kind,
                subject_id=subject_id,
                created_at=now,
                seen_at=now,
                expires_at=expires_at,
            )
        )

    async def subject(self, token_hash: str, kind: str, now: datetime) -> int | None:
        query = select(sessions.c.subject_id).where(
            sessions.c.token_hash == token_hash, sessions.c.kind == kind, sessions.c.expires_at > now
        )
        found = await self.session.scalar(query)
        return None if found is None else int(found)

    async def extend(self, token_hash: str, now: datetime, expires_at: datetime) -> None:
        await self.session.execute(
            update(sessions).where(sessions.c.token_hash == token_hash).values(seen_at=now, expires_at=expires_at)
        )

    async def remove(self, token_hash: str) -> None:
        await self.session.execute(delete(sessions).where(sessions.c.token_hash == token_hash))

    async def sweep(self, now: datetime) -> int:
        result = await self.session.execute(delete(sessions).where(sessions.c.expires_at <= now))
        return int(getattr(result, "rowcount", 0) or 0)


class KeyRepo(Repo):
    async def ref(self, key: str) -> str | None:
        return await self.session.scalar(select(done_keys.c.ref).where(done_keys.c.key == key))

    async def put(self, key: str, ref: str, now: datetime) -> None:
        await self.session.execute(insert(done_keys).values(key=key, ref=ref, at=now))


class FactRepo(Repo):
    async def get(self, name: str) -> str | None:
        return await self.session.scalar(select(facts.c.value).where(facts.c.name == name))

    async def put(self, name: str, value: str) -> None:
        changed = await self.session.execute(update(facts).where(facts.c.name == name).values(value=value))
        if not getattr(changed, "rowcount", 0):
            await self.session.execute(insert(facts).values(name=name, value=value))
