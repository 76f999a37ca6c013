"""Taking a resident out of the database, as `community.model.retention.RULES` say. Knows few tables by heart."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Table, and_, delete, func, or_, select, update

from chinese.masking import building_of, mask
from community.model.consultation import ConsultationStatus
from community.model.household import CarerState, RequestState
from community.model.message import InboxStatus, OutboxStatus
from community.model.place import PlaceKind
from community.model.retention import RULES, Fate, Rule, Text
from community.model.search import searchable
from community.store.repos.base import Repo
from community.store.tables import (
    carers,
    channel_identities,
    channel_windows,
    chat_sessions,
    consultations,
    data_links,
    done_keys,
    group_draft_events,
    group_drafts,
    home_letters,
    home_requests,
    inbox,
    media,
    media_grants,
    metadata,
    outbox,
    places,
    residents,
    staff_outbox,
    ticket_events,
    ticket_photos,
    tickets,
    understandings,
)

SECRET = frozenset({"lease_until", "worker", "dedup_key", "idempotency_key", "phone_hash", "contact_hash", "token_hash", "nonce", "begun",
                    "search_text", "version", "code", "hash"})  # fmt: skip
"""Columns that say nothing of the person: not in the copy they get."""


def _ended_drafts(before: datetime) -> Any:
    return select(group_drafts.c.id).where(group_drafts.c.decided_at < before)


def _where(key: str, rule: Rule, resident_id: int) -> tuple[Table, ColumnElement[bool]]:
    name, _, column = key.partition(".")
    table = metadata.tables[name]
    mine = table.c[column] == resident_id
    return table, and_(mine, table.c[rule.who[0]] == rule.who[1]) if rule.who else mine


class ErasureRepo(Repo):
    async def counts(self, resident_id: int) -> dict[str, int]:
        """How many rows of each kind that has a name."""
        found: dict[str, int] = {}
        for key, rule in RULES.items():
            if rule.name:
                table, mine = _where(key, rule, resident_id)
                found[rule.name] = int(await self.session.scalar(select(func.count()).select_from(table).where(mine)) or 0)
        return found

    async def rows(self, resident_id: int) -> dict[str, list[dict[str, Any]]]:
        """All of it, by name of its kind, newest last; ciphers are still ciphers."""
        found: dict[str, list[dict[str, Any]]] = {}
        for key, rule in RULES.items():
            if rule.name:
                table, mine = _where(key, rule, resident_id)
                columns = [c for c in table.columns if c.name not in SECRET]
                order = list(table.primary_key.columns)
                rows = await self.session.execute(select(*columns).where(mine).order_by(*order))
                found[rule.name] = [dict(row) for row in rows.mappings()]
        return found

    async def erase(
        self, resident_id: int, names: Collection[str], rooms: Collection[str]
    ) -> tuple[dict[str, int], list[str]]:
        """Do what the rules say, and empty the resident. Returns rows by 'table: fate', and hashes of photos nobody needs any more."""
        done: dict[str, int] = {}
        await self._tickets(resident_id, names, rooms)
        gone = await self.drop_photos(resident_id)
        await self._windows(resident_id)
        await self._end_what_runs(resident_id)
        for key, rule in RULES.items():
            table, mine = _where(key, rule, resident_id)
            if rule.texts and rule.fate is not Fate.DELETE:
                await self._texts(table, mine, rule, names, rooms)
            if rule.fate is Fate.SHELL:
                number = int(await self.session.scalar(select(func.count()).select_from(table).where(mine)) or 0)
            elif rule.fate is Fate.CUT:
                number = await self._run(update(table).where(mine).values({key.partition(".")[2]: None}))
            else:
                number = await self._run(delete(table).where(mine))
            if number:
                label = f"{table.name}: {rule.fate}"
                done[label] = done.get(label, 0) + number
        shell = {"name": "", "household_id": None, "room_id": None, "home_verified": False, "phone_cipher": None, "phone_hash": None,
                 "demo": False}  # fmt: skip
        # Rasa's memory of them is under the old key, which then leads to nobody.
        await self._run(update(residents).where(residents.c.id == resident_id).values(key=f"gone-{resident_id}", **shell))
        return done, gone

    async def photos(self, resident_id: int) -> int:
        return int(await self.session.scalar(select(func.count()).where(media_grants.c.resident_id == resident_id)) or 0)

    async def drop_photos(self, resident_id: int) -> list[str]:
        """Take the photos they sent from their tickets and from them. Returns hashes of those that are nowhere else."""
        theirs = list(await self.session.scalars(select(media_grants.c.hash).where(media_grants.c.resident_id == resident_id)))
        if not theirs:
            return []
        own = select(tickets.c.id).where(tickets.c.resident_id == resident_id)
        sent = (ticket_photos.c.hash.in_(theirs), ticket_photos.c.ticket_id.in_(own), ticket_photos.c.kind.in_(("report", "added")))
        await self.session.execute(delete(ticket_photos).where(*sent))
        await self.session.execute(delete(media_grants).where(media_grants.c.resident_id == resident_id))
        used = set(await self.session.scalars(select(ticket_photos.c.hash).where(ticket_photos.c.hash.in_(theirs))))
        used |= set(await self.session.scalars(select(media_grants.c.hash).where(media_grants.c.hash.in_(theirs))))
        gone = [one for one in theirs if one not in used]
        if gone:
            await self.session.execute(delete(media).where(media.c.hash.in_(gone)))
        return gone

    async def old(self, before: dict[str, datetime], *, drop: bool) -> dict[str, int]:
        """Rows past their time, by what they are; dropped when `drop`. Keys of `before`: messages, contacts, letters, links,
        keys, drafts."""
        found: dict[str, int] = {}
        over = (InboxStatus.DONE,)
        sent = (OutboxStatus.SENT,)
        for name, table, old in (
            ("messages", inbox, lambda at: and_(inbox.c.received_at < at, inbox.c.status.in_(over))),
            ("messages", outbox, lambda at: and_(outbox.c.created_at < at, outbox.c.status.in_(sent))),
            ("messages", understandings, lambda at: understandings.c.at < at),
            ("messages", chat_sessions, lambda at: chat_sessions.c.last_at < at),
            ("letters", home_letters, lambda at: home_letters.c.expires_at < at),
            ("links", data_links, lambda at: data_links.c.expires_at < at),
            ("drafts", group_draft_events, lambda at: group_draft_events.c.draft_id.in_(_ended_drafts(at))),
            ("drafts", group_drafts, lambda at: group_drafts.c.id.in_(_ended_drafts(at))),
            ("keys", done_keys, lambda at: done_keys.c.at < at),
        ):
            if name not in before:
                continue
            where = old(before[name])
            if drop:
                number = await self._run(delete(table).where(where))
            else:
                number = int(await self.session.scalar(select(func.count()).select_from(table).where(where)) or 0)
            found[table.name] = number
        if "contacts" in before:
            where = and_(tickets.c.ended_at < before["contacts"], or_(tickets.c.contact != "", tickets.c.contact_hash.is_not(None)))
            if drop:
                found["tickets.contact"] = await self._run(update(tickets).where(where).values(contact="", contact_hash=None))
            else:
                found["tickets.contact"] = int(await self.session.scalar(select(func.count()).select_from(tickets).where(where)) or 0)
        return found

    async def _run(self, statement: Any) -> int:
        return int((await self.session.execute(statement)).rowcount)  # type: ignore[attr-defined]

    async def _texts(
        self, table: Table, mine: ColumnElement[bool], rule: Rule, names: Collection[str], rooms: Collection[str]
    ) -> None:
        keys = list(table.primary_key.columns)
        columns = [table.c[name] for name in rule.texts]
        for row in (await self.session.execute(select(*keys, *columns).where(mine))).mappings():
            values: dict[str, Any] = {}
            for name, fate in rule.texts.items():
                said = row[name] or ""
                if fate is Text.EMPTY:
                    values[name] = None if table.c[name].nullable else ""
                else:
                    values[name] = building_of(said) if fate is Text.ROOM else mask(said, names, rooms)
            if table is tickets:
                values["search_text"] = searchable(values["words"], values["detail"], values["place_text"])
            await self.session.execute(update(table).where(*(key == row[key.name] for key in keys)).values(**values))

    async def _tickets(self, resident_id: int, names: Collection[str], rooms: Collection[str]) -> None:
        """What others wrote on their tickets, what staff were sent of them, and a ticket of a room, which is then one of its building."""
        own = select(tickets.c.id, tickets.c.place_id).where(tickets.c.resident_id == resident_id)
        for ticket_id, place_id in (await self.session.execute(own)).all():
            for table, text in ((ticket_events, ticket_events.c.note), (staff_outbox, staff_outbox.c.text)):
                said = select(table.c.id, text).where(table.c.ticket_id == ticket_id)
                for row_id, words in (await self.session.execute(said)).all():
                    masked = mask(words, names, rooms)
                    if masked != words:
                        await self.session.execute(update(table).where(table.c.id == row_id).values({text.name: masked}))
            place = (await self.session.execute(select(places.c.kind, places.c.parent_id).where(places.c.id == place_id))).first()
            if place is not None and place.kind is PlaceKind.ROOM:
                unit = (await self.session.execute(select(places.c.parent_id).where(places.c.id == place.parent_id))).first()
                values = {"place_id": unit.parent_id if unit is not None else None}
                await self.session.execute(update(tickets).where(tickets.c.id == ticket_id).values(**values))

    async def _end_what_runs(self, resident_id: int) -> None:
        """Nobody follows a shell, and nobody need decide on its home."""
        ours = or_(carers.c.carer_id == resident_id, carers.c.elder_id == resident_id)
        await self.session.execute(update(carers).where(ours).values(state=CarerState.ENDED))
        asked = (home_requests.c.resident_id == resident_id, home_requests.c.state == RequestState.ASKED)
        await self.session.execute(update(home_requests).where(*asked).values(state=RequestState.WITHDRAWN))
        booked = (consultations.c.resident_id == resident_id, consultations.c.status == ConsultationStatus.BOOKED)
        given_back = {"status": ConsultationStatus.CANCELLED, "holds": None, "remind_at": None}
        await self.session.execute(update(consultations).where(*booked).values(**given_back))

    async def _windows(self, resident_id: int) -> None:
        theirs = select(channel_identities.c.channel, channel_identities.c.external_id)
        for channel, address in (await self.session.execute(theirs.where(channel_identities.c.resident_id == resident_id))).all():
            there = (channel_windows.c.channel == channel, channel_windows.c.external_id == address)
            await self.session.execute(delete(channel_windows).where(*there))
