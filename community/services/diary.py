"""民情日记: a visit is written down, put right, gone to again. Lists are read in services/diary_list.py, reminders are diary_clock.py.

What a note says of a household is sealed with the city's secret, and opened here only.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Literal

from community.errors import Forbidden, InvalidInput, NotFound
from community.model.calendar import local
from community.model.diary import (
    MAX_NEED,
    MAX_WORDS,
    DiaryEntry,
    apart,
    check_day,
    morning_for,
    names_only_a_place,
    only_says,
    read_note,
    who_in,
)
from community.model.people import Role, Staff
from community.model.place import Place, PlaceKind
from community.ports import Community, Scope, UnitOfWork
from community.services.access import communities_of, scope_of, staff_of
from community.services.places import PlaceGuess, names_of, resolve_near

WRITES = frozenset({Role.GRID_WORKER, Role.COMMUNITY_STAFF})
"""Who goes from door to door."""
KEPT = frozenset({"room", "unit", "building", "estate"})
LATELY = timedelta(hours=12)
"""For how long “the note” means the one just written."""


@dataclass(frozen=True)
class NewNote:
    """What is to be written down. What is None is read out of `words`; '' says that there is none. `visit` None reads the day out of the
    words, False says that nobody means to come again. `key` makes it once."""

    words: str
    key: str
    place_text: str | None = None
    need: str | None = None
    visit: date | Literal[False] | None = None


@dataclass(frozen=True)
class NoteView:
    """A note as its reader sees it. `who` is whom it speaks of (李奶奶), '' when it does not say; `household`: it is about one room.
    `remark` says why a place that was named is not linked. `waits`: somebody means to go there; `late`: that day is over. `ticket`: the
    number of what came of it, or ''."""

    id: int
    at: datetime
    words: str
    need: str
    who: str
    writer_id: int
    writer: str
    place_id: int | None
    place_text: str
    household: bool
    follow_up: date | None
    followed_at: datetime | None
    waits: bool
    late: bool
    ticket: str
    remark: str = ""


async def note(c: Community, staff_id: int, new: NewNote) -> NoteView:
    """Write a visit down. The same `key` again returns the first. Forbidden for who makes no visits; InvalidInput without words, or for a
    day that will not do."""
    words = new.words.strip()[:MAX_WORDS]
    if len(words) < 2:
        raise InvalidInput("请写一句走访的情况。")
    async with c.uow() as uow:
        member = await writer_of(uow, staff_id)
        now = c.clock.now()
        said = read_note(words, now)
        found = await _where(uow, member, words if new.place_text is None else new.place_text)
        day = said.follow_up if new.visit is None else new.visit or None
        if day is not None:
            check_day(day, now)
        entry = DiaryEntry(0, new.key, member.id, now, c.vault.encrypt(words))
        await _put_place(uow, member, entry, found, new.place_text or "")
        set_need(c, entry, said.need if new.need is None else new.need)
        set_visit(c, entry, day, now)
        await uow.diary.add(entry)
        kept = await uow.diary.by_key(new.key)
        if kept is None or kept.staff_id != member.id:
            raise NotFound("没有这条日记。")
        (view,) = await views_of(uow, c, [kept], now)
        await uow.commit()
        return replace(view, remark=found.remark)


async def place_of(c: Community, staff_id: int, text: str) -> PlaceGuess:
    """Where `text` is, to this member: 3幢 alone is theirs. What is outside their places is not given."""
    async with c.reading() as uow:
        member = await writer_of(uow, staff_id)
        found = await _where(uow, member, text)
        return found.guess if found.place is not None else PlaceGuess(None, found.remark, "none", None, False)


async def correct(c: Community, staff_id: int, note_id: int, words: str) -> NoteView:
    """Put one's own note right: only a place changes the place, only a day the visit; anything else is what it says from now on, and what
    is found in that."""
    words = words.strip()[:MAX_WORDS]
    if len(words) < 2:
        raise InvalidInput("请写要改成什么，比如：改 剡溪花园3幢2单元502。")
    async with c.uow() as uow:
        member = await writer_of(uow, staff_id)
        entry = await own(uow, member, note_id)
        now = c.clock.now()
        found = await _where(uow, member, words)
        said, day = read_note(words, now), only_says(words, now)
        if day is None and found.place is not None:
            await _put_place(uow, member, entry, found)
        if (meant := day or said.follow_up) is not None:
            check_day(meant, now)
            set_visit(c, entry, meant, now)
        if day is None and not names_only_a_place(words, await names_of(uow)):
            entry.text, entry.sealed = c.vault.encrypt(words), True
            set_need(c, entry, said.need or need_of(c, entry))
        (view,) = await views_of(uow, c, [entry], now)
        await uow.commit()
        return replace(view, remark=found.remark)


async def rewrite(c: Community, staff_id: int, note_id: int, words: str, place_text: str, need: str) -> NoteView:
    """All of one's own note, as it stands in a form."""
    if len(words.strip()) < 2:
        raise InvalidInput("请写一句走访的情况。")
    async with c.uow() as uow:
        member = await writer_of(uow, staff_id)
        entry = await own(uow, member, note_id)
        entry.text, entry.sealed = c.vault.encrypt(words.strip()[:MAX_WORDS]), True
        if place_text.strip() != entry.place_text:
            await _put_place(uow, member, entry, await _where(uow, member, place_text), place_text)
        set_need(c, entry, need)
        (view,) = await views_of(uow, c, [entry], c.clock.now())
        await uow.commit()
        return view


async def visit_on(c: Community, staff_id: int, note_id: int, day: date | None) -> NoteView:
    """Mean to go there on that day (and be reminded), or with None no more. Raises InvalidInput for a day that is over."""
    async with c.uow() as uow:
        member = await writer_of(uow, staff_id)
        entry = await readable(uow, member, note_id, c.clock.now(), for_update=True)
        now = c.clock.now()
        if day is not None:
            check_day(day, now)
        set_visit(c, entry, day, now)
        (view,) = await views_of(uow, c, [entry], now)
        await uow.commit()
        return view


async def visited(c: Community, staff_id: int, note_id: int, words: str, key: str) -> NoteView:
    """Somebody went there. `words` are a note of their own about the same place, written once by `key`; another visit may be meant in it.
    Returns the new note, or without words the old one."""
    words = words.strip()[:MAX_WORDS]
    async with c.uow() as uow:
        member = await writer_of(uow, staff_id)
        now = c.clock.now()
        done = await uow.keys.ref(key)
        if done is not None:
            kept = await uow.diary.by_key(key) or await readable(uow, member, int(done), now)
            return (await views_of(uow, c, [kept], now))[0]
        entry = await readable(uow, member, note_id, now, for_update=True)
        await uow.keys.put(key, str(entry.id), now)
        if entry.follow_up is not None and entry.followed_at is None:
            entry.followed_at, entry.remind_at = now, None
        kept = entry
        if len(words) >= 2:
            said = read_note(words, now)
            new = DiaryEntry(0, key, member.id, now, c.vault.encrypt(words), entry.place_id, entry.place_text)
            new.grid_id, new.community_id = entry.grid_id, entry.community_id
            set_need(c, new, said.need)
            set_visit(c, new, said.follow_up, now)
            await uow.diary.add(new)
            kept = await uow.diary.by_key(key) or entry
        (view,) = await views_of(uow, c, [kept], now)
        await uow.commit()
        return view


async def latest(c: Community, staff_id: int) -> NoteView | None:
    """The note just written by this member."""
    async with c.reading() as uow:
        member = await writer_of(uow, staff_id)
        now = c.clock.now()
        found = [entry for entry in await uow.diary.of_staff(member.id, 1) if now - entry.at <= LATELY]
        return (await views_of(uow, c, found, now))[0] if found else None


# --- rights ---------------------------------------------------------------------------------------------------------------


async def writer_of(uow: UnitOfWork, staff_id: int) -> Staff:
    member = await staff_of(uow, staff_id)
    if member.role not in WRITES:
        raise Forbidden("民情日记由网格员和社区工作者来记。")
    return member


async def own(uow: UnitOfWork, member: Staff, note_id: int) -> DiaryEntry:
    """One's own note, to be changed. NotFound for anybody else's: what a colleague has seen is theirs to say."""
    entry = await uow.diary.get(note_id, for_update=True)
    if entry is None or entry.staff_id != member.id:
        raise NotFound("没有这条日记，或者不是您记的。")
    return entry


async def readable(
    uow: UnitOfWork, member: Staff, note_id: int, now: datetime, *, for_update: bool = False
) -> DiaryEntry:
    """A note this member may read: their own, one of a place of theirs, one of whom they stand in for. NotFound otherwise."""
    entry = await uow.diary.get(note_id, for_update=for_update)
    if entry is not None:
        if entry.staff_id == member.id or covers(await scope_of(uow, member), entry):
            return entry
        if entry.staff_id in await stands_in_for(uow, member, now):
            return entry
    raise NotFound("没有这条日记。")


def covers(scope: Scope, entry: DiaryEntry) -> bool:
    return scope.everything or entry.grid_id in scope.grid_ids or entry.community_id in scope.community_ids


async def stands_in_for(uow: UnitOfWork, member: Staff, now: datetime) -> frozenset[int]:
    """Who is on leave today with this member as their deputy."""
    today = local(now).date()
    leaves = await uow.leaves.within([member.id], today, today)
    return frozenset(leave.staff_id for leave in leaves if leave.deputy_id == member.id)


# --- what a note is made of -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Found:
    """`place` is None when nothing may be linked; then `remark` says why, when something was named."""

    guess: PlaceGuess
    place: Place | None
    remark: str


async def _where(uow: UnitOfWork, member: Staff, text: str) -> _Found:
    scope = await scope_of(uow, member)
    guess = await resolve_near(uow, apart(text), scope)
    place = await uow.places.get(guess.place_id) if guess.place_id and guess.precise in KEPT else None
    if place is None:
        return _Found(guess, None, f"“{guess.text}”没有对上，请带上小区名" if guess.text else "")
    if place.grid_id is not None and (scope.grid_ids or scope.community_ids):
        inside = place.grid_id in scope.grid_ids or place.community_id in scope.community_ids
    else:
        inside = scope.everything or place.community_id in await communities_of(uow, member)
    return _Found(guess, place, "") if inside else _Found(guess, None, f"{guess.text}不归您管，没有关联")


async def _put_place(uow: UnitOfWork, member: Staff, entry: DiaryEntry, found: _Found, typed: str = "") -> None:
    """`typed` is what stood in a field of its own: it is kept though it is no place that we know."""
    base = found.place or (await uow.places.get(member.place_id) if member.place_id else None)
    entry.place_id = found.place.id if found.place else None
    entry.place_text = (found.guess.text if found.place else typed.strip())[:200]
    entry.grid_id, entry.community_id = (base.grid_id, base.community_id) if base else (None, None)


def set_need(c: Community, entry: DiaryEntry, need: str) -> None:
    entry.need = c.vault.encrypt(need.strip()[:MAX_NEED]) if need.strip() else ""


def need_of(c: Community, entry: DiaryEntry) -> str:
    return c.vault.decrypt(entry.need) if entry.need else ""


def words_of(c: Community, entry: DiaryEntry) -> str:
    return c.vault.decrypt(entry.text) if entry.sealed else entry.text


def set_visit(c: Community, entry: DiaryEntry, day: date | None, now: datetime) -> None:
    entry.follow_up, entry.followed_at = day, None
    entry.remind_at = morning_for(day, now, c.is_workday) if day is not None else None


async def views_of(uow: UnitOfWork, c: Community, entries: Sequence[DiaryEntry], now: datetime) -> list[NoteView]:
    writers = await uow.people.staff_with_ids({entry.staff_id for entry in entries})
    today = local(now).date()
    views = []
    for entry in entries:
        place = await uow.places.get(entry.place_id) if entry.place_id else None
        ticket = await uow.tickets.get(entry.ticket_id) if entry.ticket_id else None
        words, writer = words_of(c, entry), writers.get(entry.staff_id)
        views.append(
            NoteView(
                id=entry.id,
                at=entry.at,
                words=words,
                need=need_of(c, entry),
                who=who_in(words),
                writer_id=entry.staff_id,
                writer=writer.name if writer else "",
                place_id=entry.place_id,
                place_text=entry.place_text,
                household=place is not None and place.kind is PlaceKind.ROOM,
                follow_up=entry.follow_up,
                followed_at=entry.followed_at,
                waits=entry.waits,
                late=entry.waits and entry.follow_up is not None and entry.follow_up < today,
                ticket=ticket.number if ticket else "",
            )
        )
    return views
