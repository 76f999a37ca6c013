"""Mediation 调解: two sides, a mediator between them, and what each side may know of the other: that it came, and what was agreed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from community.errors import Conflict, IllegalMove, InvalidInput

FARTHEST = timedelta(days=60)
"""How far ahead people may be asked to come."""


class Side(StrEnum):
    FIRST = "first"
    SECOND = "second"


class Second(StrEnum):
    """How far the second side has come."""

    UNKNOWN = "unknown"
    NAMED = "named"
    INVITED = "invited"
    ACCEPTED = "accepted"
    DECLINED = "declined"


SECOND_NAMES = {
    Second.UNKNOWN: "还没找到对方",
    Second.NAMED: "还没邀请",
    Second.INVITED: "已邀请，等答复",
    Second.ACCEPTED: "愿意调解",
    Second.DECLINED: "不愿调解",
}


class Result(StrEnum):
    REACHED = "reached"
    NOT_REACHED = "not_reached"


RESULT_NAMES = {Result.REACHED: "达成一致", Result.NOT_REACHED: "没有达成一致"}


@dataclass(eq=False)
class Mediation:
    """One ticket's two sides; the first is whose ticket it is. Times are aware UTC.

    `second_text` is how the first side named the other (only staff read it), `second_place_id` the room it means. `subject` is what the
    second side is told it is about, in the mediator's words. `first_agrees`/`second_agrees`: each one's answer to the result.
    """

    id: int
    ticket_id: int
    created_at: datetime
    second: Second = Second.UNKNOWN
    second_text: str = ""
    second_place_id: int | None = None
    second_id: int | None = None
    subject: str = ""
    invited_at: datetime | None = None
    answered_at: datetime | None = None
    meet_at: datetime | None = None
    meet_place: str = ""
    result: Result | None = None
    result_words: str = ""
    first_agrees: bool | None = None
    second_agrees: bool | None = None

    @property
    def both(self) -> bool:
        """Whether the second side takes part."""
        return self.second is Second.ACCEPTED

    def is_second(self, resident_id: int) -> bool:
        """Whether this resident is the second side and takes part: only then is anything of it theirs to see."""
        return self.both and self.second_id == resident_id

    def name(self, text: str, place_id: int | None) -> None:
        """Say where the other side lives. Not while somebody is asked or has come: it would be somebody else's matter then."""
        if self.second in (Second.INVITED, Second.ACCEPTED):
            raise IllegalMove("已经邀请了对方，不能再改住处。")
        self.second_text, self.second_place_id = text, place_id
        if self.second is not Second.DECLINED:
            self.second = Second.NAMED

    def invite(self, resident_id: int, subject: str, now: datetime) -> None:
        """Raises Conflict when they were asked: nobody is asked twice, least of all who has declined."""
        if self.second in (Second.INVITED, Second.ACCEPTED):
            raise Conflict("已经邀请过对方了。")
        if self.second is Second.DECLINED and self.second_id == resident_id:
            raise Conflict("对方已经说了不方便，不再打扰。")
        self.second, self.second_id, self.subject = Second.INVITED, resident_id, subject
        self.invited_at, self.answered_at = now, None

    def answer(self, accepts: bool, now: datetime) -> bool:
        """The second side's answer; False when it was given before. Raises IllegalMove for another answer than before."""
        wanted = Second.ACCEPTED if accepts else Second.DECLINED
        if self.second is wanted:
            return False
        if self.second is not Second.INVITED:
            raise IllegalMove("这次邀请您已经答复过了，要改主意请找社区工作人员。")
        self.second, self.answered_at = wanted, now
        return True

    def meet(self, at: datetime, place: str, now: datetime) -> None:
        if not now < at <= now + FARTHEST:
            raise InvalidInput(f"见面时间要在今后{FARTHEST.days}天之内。")
        self.meet_at, self.meet_place = at, place

    def conclude(self, result: Result, words: str) -> None:
        self.result, self.result_words = result, words
        self.first_agrees = self.second_agrees = None

    def agree(self, side: Side) -> bool:
        """One side says the result is so; True when nobody else has to say it."""
        if side is Side.FIRST:
            self.first_agrees = True
        else:
            self.second_agrees = True
        return bool(self.first_agrees) and (not self.both or bool(self.second_agrees))

    def go_on(self) -> None:
        """The result does not stand: it is talked about again."""
        self.result, self.result_words = None, ""
        self.first_agrees = self.second_agrees = None


@dataclass(eq=False)
class MediationLine:
    """A line between the second side and the mediator. The first side's are events of its ticket. `actor_kind` as in TicketEvent."""

    id: int
    mediation_id: int
    at: datetime
    actor_kind: str
    actor_id: int
    actor_name: str
    text: str
