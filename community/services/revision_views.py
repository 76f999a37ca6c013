"""The assistant's knowledge as staff see it: entries as they count, changes that wait, what has to be checked again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from community.errors import Forbidden, NotFound
from community.model.calendar import local
from community.model.people import Role, Staff
from community.model.revision import (
    JUDGES,
    KIND_NAMES,
    REVISION_NAMES,
    SOON_DAYS,
    TWO_PERSONS,
    WRITES,
    ItemKind,
    Revision,
    RevisionState,
)
from community.ports import Community, KnowledgeEntry, UnitOfWork
from community.services.access import staff_of

SEES: frozenset[Role] = frozenset().union(*WRITES.values())
FILE = "file"
"""Beside an entry's own fields: where it stands; no part of what it says."""


@dataclass(frozen=True)
class RevisionView:
    id: int
    kind: ItemKind
    kind_name: str
    code: str
    title: str
    state: RevisionState
    state_name: str
    body: dict[str, Any]
    before: dict[str, Any]
    gone: bool
    by: str
    at: datetime
    why: str
    look: tuple[str, ...]
    second: str
    decided_at: datetime | None
    said: str
    mine: bool
    may_judge: bool


@dataclass(frozen=True)
class ItemLine:
    """`state`: 'file', 'revised', 'proposed'. `due`: has to be checked again, 'over' or 'soon' or ''."""

    kind: ItemKind
    code: str
    title: str
    topic: str
    owner: str
    checked_on: str
    expires_on: str
    state: str
    due: str


@dataclass(frozen=True)
class Page:
    proposed: tuple[RevisionView, ...]
    recent: tuple[RevisionView, ...]
    numbers: dict[ItemKind, int] = field(default_factory=dict)
    due: tuple[ItemLine, ...] = ()


@dataclass(frozen=True)
class Item:
    """One entry as it counts now. `file` differs where it is revised; `history` the newest first."""

    kind: ItemKind
    code: str
    entry: dict[str, Any]
    base: str
    history: tuple[RevisionView, ...]
    revised: bool
    may_write: bool
    may_revert: bool


def digest_of(entry: KnowledgeEntry | None) -> str:
    if entry is None:
        return ""
    plain = {name: value for name, value in entry.items() if name != FILE}
    return hashlib.sha256(json.dumps(plain, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


async def standing(c: Community, uow: UnitOfWork, kind: ItemKind) -> dict[str, dict[str, Any]]:
    """Every entry of the kind as it counts now, by code."""
    return overlaid(await c.curation.entries(kind), await uow.revisions.live(kind))


def overlaid(files: Mapping[str, dict[str, Any]], live: list[Revision]) -> dict[str, dict[str, Any]]:
    found = dict(files)
    for one in live:
        if one.gone:
            found.pop(one.code, None)
        else:
            beside = {FILE: found[one.code][FILE]} if FILE in found.get(one.code, {}) else {}
            found[one.code] = {**one.body, **beside}
    return found


async def member_for(uow: UnitOfWork, staff_id: int, kind: ItemKind | None = None) -> Staff:
    member = await staff_of(uow, staff_id)
    if member.role not in (WRITES[kind] if kind else SEES):
        raise Forbidden("这一类内容不归您改。" if kind else "改知识内容由训练师、律师和社区工作人员来做。")
    return member


async def page(c: Community, staff_id: int) -> Page:
    """What waits for a second person, what was decided lately, what has to be checked again. Forbidden but for who writes some kind."""
    async with c.reading() as uow:
        member = await member_for(uow, staff_id)
        mine = tuple(kind for kind in ItemKind if member.role in WRITES[kind])
        today = local(c.clock.now()).date()
        entries = {kind: await standing(c, uow, kind) for kind in mine}
        proposed = [one for one in await uow.revisions.proposed() if one.kind in mine]
        recent = [one for one in await uow.revisions.history(None, "", 30) if one.kind in mine]
        open_keys = {one.key for one in proposed}
        due = [
            line
            for kind in mine
            for code, entry in entries[kind].items()
            if (line := _line(kind, code, entry, today, False, f"{kind}:{code}" in open_keys)).due
        ]
        due.sort(key=lambda line: line.expires_on)
        return Page(
            tuple(view_of(one, member, entries[one.kind].get(one.code, {})) for one in proposed),
            tuple(view_of(one, member) for one in recent if one.state is not RevisionState.PROPOSED),
            {kind: len(entries[kind]) for kind in mine},
            tuple(due),
        )


async def waiting(c: Community, staff_id: int) -> int:
    """How many this member may say yes to."""
    async with c.reading() as uow:
        member = await member_for(uow, staff_id)
        return sum(1 for one in await uow.revisions.proposed() if may_judge(one, member))


async def items(c: Community, staff_id: int, kind: ItemKind, words: str = "") -> list[ItemLine]:
    """Entries of a kind that hold all of `words` (parted by spaces), by topic and title."""
    async with c.reading() as uow:
        await member_for(uow, staff_id, kind)
        entries = await standing(c, uow, kind)
        revised = {one.code for one in await uow.revisions.live(kind)}
        proposed = {one.code for one in await uow.revisions.proposed() if one.kind is kind}
    today = local(c.clock.now()).date()
    wanted = words.split()
    lines = [
        _line(kind, code, entry, today, code in revised, code in proposed)
        for code, entry in entries.items()
        if all(word in _all_text(code, entry) for word in wanted)
    ]
    lines.sort(key=lambda line: (line.state == "file", line.topic, line.title))
    return lines


async def item(c: Community, staff_id: int, kind: ItemKind, code: str) -> Item:
    """Raises NotFound for a code that never was; a new entry is begun with `code` ''."""
    async with c.reading() as uow:
        member = await member_for(uow, staff_id, kind)
        entries = await standing(c, uow, kind)
        past = await uow.revisions.history(kind, code, 20) if code else []
        if code and code not in entries and not past:
            raise NotFound("没有找到这一条。")
        live = any(one.state is RevisionState.IN_FORCE for one in past)
        entry = entries.get(code, {})
        return Item(
            kind,
            code,
            {name: value for name, value in entry.items() if name != FILE},
            digest_of(entries.get(code)),
            tuple(view_of(one, member, entry if one.state is RevisionState.PROPOSED else {}) for one in past),
            live,
            not any(one.state is RevisionState.PROPOSED for one in past),
            live and member.role in JUDGES[kind],
        )


def may_judge(one: Revision, member: Staff) -> bool:
    allowed = one.kind not in TWO_PERSONS or bool({member.role, one.by_role} & JUDGES[one.kind])
    return one.state is RevisionState.PROPOSED and one.by_id != member.id and member.role in WRITES[one.kind] and allowed


def view_of(one: Revision, member: Staff, before: Mapping[str, Any] | None = None) -> RevisionView:
    return RevisionView(
        one.id, one.kind, KIND_NAMES[one.kind], one.code, one.title, one.state, REVISION_NAMES[one.state], dict(one.body),
        {name: value for name, value in (before or {}).items() if name != FILE}, one.gone, one.by_name, one.at, one.why, tuple(one.look),
        one.second_name, one.decided_at, one.said, one.by_id == member.id, may_judge(one, member),
    )  # fmt: skip


def _topic(entry: KnowledgeEntry) -> str:
    return str(entry.get("topic") or entry.get("field") or "")


def _all_text(code: str, entry: KnowledgeEntry) -> str:
    said = [code, str(entry.get("title", "")), str(entry.get("answer", "")), str(entry.get("where", ""))]
    return "\n".join([*said, *entry.get("questions", ()), *entry.get("rings", ()), *entry.get("harmless", ())])


def _line(kind: ItemKind, code: str, entry: KnowledgeEntry, today: date, revised: bool, proposed: bool) -> ItemLine:
    expires = str(entry.get("expires_on") or "")
    left = (date.fromisoformat(expires) - today).days if expires else SOON_DAYS + 1
    return ItemLine(
        kind, code, str(entry.get("title", code)), _topic(entry), str(entry.get("owner", "")), str(entry.get("checked_on") or ""),
        expires, "proposed" if proposed else "revised" if revised else "file",
        "over" if left <= 0 else "soon" if left <= SOON_DAYS else "",
    )  # fmt: skip
