"""What staff change in the assistant's knowledge: a revision 修订 of one entry, who proposed it, who looked, from when it counts."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from community.errors import Conflict, Forbidden
from community.model.people import Role, Staff


class ItemKind(StrEnum):
    ANSWER = "answer"
    GUIDE = "guide"
    DANGER = "danger"


KIND_NAMES = {ItemKind.ANSWER: "法律解答", ItemKind.GUIDE: "办事指南", ItemKind.DANGER: "危险说法"}


class RevisionState(StrEnum):
    PROPOSED = "proposed"
    IN_FORCE = "in_force"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    REPLACED = "replaced"
    REVERTED = "reverted"


REVISION_NAMES = {
    RevisionState.PROPOSED: "等另一位看",
    RevisionState.IN_FORCE: "在用",
    RevisionState.REFUSED: "没通过",
    RevisionState.WITHDRAWN: "撤回了",
    RevisionState.REPLACED: "被后来的改动替换",
    RevisionState.REVERTED: "退回了",
}
TWO_PERSONS = frozenset({ItemKind.ANSWER, ItemKind.DANGER})
"""What a wrong word does harm with: somebody else has to say yes."""
JUDGES = {
    ItemKind.ANSWER: frozenset({Role.LAWYER, Role.OPERATOR}),
    ItemKind.DANGER: frozenset({Role.OPERATOR}),
    ItemKind.GUIDE: frozenset({Role.TRAINER, Role.OPERATOR, Role.COMMUNITY_STAFF}),
}
"""One of the two persons has to be one of these: who answers for the law, or for the danger rules."""
WRITES = {
    ItemKind.ANSWER: frozenset({Role.TRAINER, Role.LAWYER, Role.OPERATOR}),
    ItemKind.GUIDE: frozenset({Role.TRAINER, Role.OPERATOR, Role.COMMUNITY_STAFF}),
    ItemKind.DANGER: frozenset({Role.TRAINER, Role.OPERATOR}),
}
SOON_DAYS = 30
"""So many days before it expires an entry is shown among those to be checked."""


@dataclass(eq=False)
class Revision:
    """A change of one entry. Aware UTC.

    `body` is the whole entry as its file has it, with dates as ISO text; of a danger rule only what is added to it (`model.danger.Added`).
    `gone`: the entry is taken out. `base` is the digest of the entry that it was written against, '' for a new one. `open_key` and
    `live_key` are unique while it is proposed and while it counts, None otherwise: of one entry there is at most one of each.
    """

    id: int
    kind: ItemKind
    code: str
    title: str
    body: dict[str, Any]
    base: str
    state: RevisionState
    by_id: int
    by_name: str
    by_role: Role
    at: datetime
    why: str = ""
    gone: bool = False
    look: list[str] = field(default_factory=list)
    """What the second reader is asked to look at."""
    second_id: int | None = None
    second_name: str = ""
    decided_at: datetime | None = None
    said: str = ""
    expires_on: date | None = None
    change: str = ""
    """The commit that carries it into the files, '' while none does."""
    open_key: str | None = None
    live_key: str | None = None

    @property
    def key(self) -> str:
        return f"{self.kind}:{self.code}"

    def propose(self) -> None:
        self.state, self.open_key = RevisionState.PROPOSED, self.key

    def put_in_force(self, now: datetime) -> None:
        self.state, self.decided_at = RevisionState.IN_FORCE, now
        self.open_key, self.live_key = None, self.key

    def approve(self, by: Staff, now: datetime) -> None:
        """Raises Conflict when it is decided already, Forbidden for who wrote it and where neither of the two answers for such entries."""
        self._open()
        if by.id == self.by_id:
            raise Forbidden("这是您自己写的，要请另一位来看。")
        if self.kind in TWO_PERSONS and not {by.role, self.by_role} & JUDGES[self.kind]:
            raise Forbidden("法律解答要有一位律师或运维看过。" if self.kind is ItemKind.ANSWER else "危险说法要有一位运维看过。")
        self.second_id, self.second_name = by.id, by.name
        self.put_in_force(now)

    def refuse(self, by: Staff, now: datetime, said: str) -> None:
        """Raises Conflict when it is decided already."""
        self._open()
        own = by.id == self.by_id
        self.state = RevisionState.WITHDRAWN if own else RevisionState.REFUSED
        self.open_key, self.decided_at, self.said = None, now, said
        if not own:
            self.second_id, self.second_name = by.id, by.name

    def end(self, state: RevisionState, now: datetime) -> None:
        """It counts no more: another one does, or what the file says."""
        if self.state is not RevisionState.IN_FORCE:
            raise Conflict("这一条已经不在用了，请刷新看看。")
        self.state, self.live_key, self.decided_at = state, None, now

    def _open(self) -> None:
        if self.state is not RevisionState.PROPOSED:
            raise Conflict("刚才已经有人处理了这一条，请刷新看看。")


def due(expires_on: date | None, today: date) -> bool:
    """Whether an entry has to be checked again before it is believed."""
    return expires_on is not None and expires_on <= today
