"""The diary as it is read: lists, one note with all that is known of its household, and what is due."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from community.model.audit import SAME_LOOK, Viewed
from community.model.calendar import local
from community.model.diary import DiaryEntry, names_only_a_place
from community.model.people import Resident, Staff
from community.model.place import PlaceKind
from community.ports import Community, DiaryQuery, Scope, UnitOfWork
from community.services.access import scope_of, staff_of
from community.services.audit import looked
from community.services.contacts import household_of
from community.services.diary import WRITES, NoteView, need_of, readable, stands_in_for, views_of, words_of, writer_of
from community.services.places import names_of, resolve_near
from community.services.tickets import views_of as ticket_views
from community.services.views import TicketView

SEARCHED = 2000
"""Of so many notes the words are looked through: they are sealed, so each has to be opened for it."""
HISTORY = 20


@dataclass(frozen=True)
class DiaryFilter:
    """`group` 'mine' is what I wrote, 'all' what was noted about my places. `what`: 'due' by today, 'waiting' whatever day, or everything.
    `find` is one box: a place of mine finds its notes, anything else is looked for in the words."""

    group: Literal["mine", "all"] = "mine"
    what: Literal["", "due", "waiting"] = ""
    writer: int | None = None
    find: str = ""
    limit: int = 30
    offset: int = 0


@dataclass(frozen=True)
class DiaryPage:
    """`due` is how many of this group somebody should have gone to by today; `writers` are (staff id, 'name · role') who wrote in it;
    `understood` is the place that `find` was read as, or ''; `cut`: there were more notes than words are looked for in."""

    items: list[NoteView]
    total: int
    due: int
    writers: list[tuple[int, str]]
    understood: str = ""
    cut: bool = False


@dataclass(frozen=True)
class NoteDetail:
    """`household` says where and, once verified, how many live there; `resident` is who is known there, '' when nobody. `mine`: its words
    may be changed by the reader. `earlier` are other notes of the same place, `tickets` those filed there, newest first."""

    note: NoteView
    household: str
    resident: str
    mine: bool
    earlier: list[NoteView]
    tickets: list[TicketView]


@dataclass(frozen=True)
class DueVisits:
    items: list[NoteView]
    total: int


async def list_notes(c: Community, staff_id: int, asked: DiaryFilter) -> DiaryPage:
    """A page of notes, visits that are due first. Forbidden for who makes none."""
    async with c.reading() as uow:
        member = await writer_of(uow, staff_id)
        now = c.clock.now()
        scope = await scope_of(uow, member)
        whole = DiaryQuery(staff_id=member.id) if asked.group == "mine" else DiaryQuery(staff_id=asked.writer, scope=scope)
        query, words, understood = await _asked(uow, scope, whole, asked, now)
        if words:
            items, total, cut = await _by_words(uow, c, query, words, now)
        else:
            entries = await uow.diary.search(query)
            items, total, cut = await views_of(uow, c, entries, now), await uow.diary.count(query), False
        due = await uow.diary.count(replace(whole, due_by=local(now).date()))
        writers = [] if asked.group == "mine" else await uow.diary.writers(DiaryQuery(scope=scope))
        named = [(person.id, f"{person.name} · {person.role_name}") for person in writers]
        return DiaryPage(items, total, due, named, understood, cut)


async def _asked(
    uow: UnitOfWork, scope: Scope, whole: DiaryQuery, asked: DiaryFilter, now: datetime
) -> tuple[DiaryQuery, str, str]:
    """(the query, the words to look for, the place that was read)."""
    find, place_ids, understood = asked.find.strip()[:60], None, ""
    if find and names_only_a_place(find, await names_of(uow)):
        guess = await resolve_near(uow, find, scope)
        if guess.place_id is not None:
            place_ids, understood = frozenset(await uow.places.ids_below(guess.place_id)), guess.text
    query = replace(
        whole,
        place_ids=place_ids,
        waiting=asked.what == "waiting",
        due_by=local(now).date() if asked.what == "due" else None,
        limit=max(1, min(asked.limit, 100)),
        offset=max(0, asked.offset),
    )
    return query, "" if understood else find, understood


async def _by_words(
    uow: UnitOfWork, c: Community, query: DiaryQuery, words: str, now: datetime
) -> tuple[list[NoteView], int, bool]:
    """The page of those in whose words, need or place every word is. Each has to be opened for it; only what is shown is looked up."""
    entries = await uow.diary.search(replace(query, limit=SEARCHED, offset=0))
    wanted = words.lower().split()
    found = []
    for entry in entries:
        text = f"{words_of(c, entry)}\n{need_of(c, entry)}\n{entry.place_text}".lower()
        if all(word in text for word in wanted):
            found.append(entry)
    page = found[query.offset : query.offset + query.limit]
    return await views_of(uow, c, page, now), len(found), len(entries) == SEARCHED


async def open_note(c: Community, staff_id: int, note_id: int, page: str = "") -> NoteDetail:
    """One note with its household's history. NotFound outside the member's places. A look at a household is a line in 查阅记录, written
    before it is given; the same note again within 30 minutes is the same look."""
    async with c.reading() as uow:
        member = await writer_of(uow, staff_id)
        now = c.clock.now()
        entry = await readable(uow, member, note_id, now)
        (view,) = await views_of(uow, c, [entry], now)
        living = await uow.people.residents_of_room(entry.place_id) if view.household and entry.place_id else []
        resident = living[0] if living else None
        opened = NoteDetail(
            note=view,
            household=await household_of(uow, resident) or (view.place_text if view.household else ""),
            resident="、".join(one.name for one in living if one.name),
            mine=entry.staff_id == member.id,
            earlier=await _earlier(uow, c, member, entry, now),
            tickets=await _tickets(uow, member, entry, now),
        )
    if view.household:
        await _looked_at(c, member, entry, resident, page or f"/diary/{entry.id}")
    return opened


async def _looked_at(c: Community, member: Staff, entry: DiaryEntry, resident: Resident | None, page: str) -> None:
    note, now = f"民情日记{entry.id}", c.clock.now()
    async with c.reading() as uow:
        if await uow.view_log.seen_since(member.id, Viewed.HOUSEHOLD, now - SAME_LOOK, note=note):
            return
    async with c.uow() as uow:
        who = resident.id if resident else None
        await looked(uow, member, Viewed.HOUSEHOLD, now, resident_id=who, page=page, note=note)
        await uow.commit()


async def _earlier(uow: UnitOfWork, c: Community, member: Staff, entry: DiaryEntry, now: datetime) -> list[NoteView]:
    if entry.place_id is None:
        return []
    scope = await scope_of(uow, member)
    query = DiaryQuery(scope=scope, place_ids=frozenset({entry.place_id}), limit=HISTORY)
    others = [other for other in await uow.diary.search(query) if other.id != entry.id]
    return await views_of(uow, c, sorted(others, key=lambda other: other.at, reverse=True), now)


async def _tickets(uow: UnitOfWork, member: Staff, entry: DiaryEntry, now: datetime) -> list[TicketView]:
    place = await uow.places.get(entry.place_id) if entry.place_id else None
    if place is None or place.kind in (PlaceKind.ESTATE, PlaceKind.COMMUNITY):
        return []
    scope = await scope_of(uow, member)
    there = await uow.tickets.of_place(place.id, HISTORY)
    seen = [ticket for ticket in there if ticket.holder_id == member.id or scope.covers(ticket)]
    return await ticket_views(uow, seen, now)


async def due(c: Community, staff_id: int, limit: int = 6) -> DueVisits:
    """What this member should have gone to by today, also for whom they stand in. Nothing for who makes no visits."""
    async with c.reading() as uow:
        member = await staff_of(uow, staff_id)
        if member.role not in WRITES:
            return DueVisits([], 0)
        now = c.clock.now()
        found: list[DiaryEntry] = []
        total = 0
        for whose in sorted({member.id, *await stands_in_for(uow, member, now)}):
            query = DiaryQuery(staff_id=whose, due_by=local(now).date(), limit=limit)
            found += await uow.diary.search(query)
            total += await uow.diary.count(query)
        found.sort(key=lambda entry: (entry.follow_up or now.date(), entry.id))
        return DueVisits(await views_of(uow, c, found[:limit], now), total)
