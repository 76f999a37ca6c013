"""What a move asks for, read off its use case: a new move of the heart has its button and form without a line here.

The use case of a move is the function of `community.services.desk` that has the move's own value as its name (`pause`,
`escalate`), but for the few in `NAMED`. Its parameters say what to ask: `note` or `reason` a text, one of type date or
datetime a day, `to_staff_id` a colleague, `photos` photos, an `Outcome` whether it was put right or explained. Others that have
a default are not asked for.
"""

from __future__ import annotations

import inspect
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from community.model.calendar import SHANGHAI
from community.model.ticket import Move, Outcome
from community.services import desk
from console.words import move_name

UseCase = Callable[..., Awaitable[Any]]
NAMED = {Move.RETURN: "return_ticket", Move.NOTE: "add_staff_note"}
TEXTS = ("note", "reason")
END_OF_DAY = time(18)
"""A day given as the end of something ends with the office hours."""

MAIN = (Move.ACCEPT, Move.START, Move.RESUME, Move.RESOLVE)
"""The usual way of a ticket, in order: the nearest of these is the button that stands out."""
FIRST, LAST = (Move.TRANSFER, Move.RETURN), (Move.NOTE,)


@dataclass(frozen=True)
class Asks:
    """The parameters of a use case that a form fills; '' for none. Nothing at all: the move is made at once."""

    text: str = ""
    day: str = ""
    day_is_moment: bool = False
    colleague: str = ""
    photos: str = ""
    outcome: str = ""

    @property
    def nothing(self) -> bool:
        return not (self.text or self.day or self.colleague)


@dataclass(frozen=True)
class Words:
    """What the form of a move says."""

    label: str
    required: str
    done: str
    told: bool = True
    """Whether the resident reads what is written: then it is looked at before it goes."""


_WORDS = {
    Move.ACCEPT: Words("", "", "已接单。"),
    Move.START: Words("", "", "已开始处理，居民会收到通知。"),
    Move.RESOLVE: Words("怎么办好的（居民会看到）", "请写明怎么办好的，居民要看。", "已办结，等居民确认。"),
    Move.PAUSE: Words("为什么要等（居民会看到）", "请写明为什么要等。", "已暂缓，到日子自动接着算时限。"),
    Move.RESUME: Words("", "", "已接着算时限，居民会收到通知。"),
    Move.RETURN: Words("退回原因（居民会看到）", "请写明为什么退回。", "已退回，由社区重新安排。"),
    Move.TRANSFER: Words("转派原因（居民会看到）", "请写明为什么转派。", "已转派。", told=False),
    Move.NOTE: Words("备注内容（只有工作人员看到）", "请写一点内容。", "已备注。", told=False),
}


def use_case(move: Move) -> UseCase | None:
    found = getattr(desk, NAMED.get(move, move.value), None)
    return found if inspect.iscoroutinefunction(found) else None


def asks(act: UseCase) -> Asks:
    """Read what a use case asks for off its parameters."""
    found: dict[str, Any] = {}
    for name, parameter in inspect.signature(act, eval_str=True).parameters.items():
        if name == "photos":
            found["photos"] = name
        elif parameter.annotation is Outcome:
            found["outcome"] = name
        elif parameter.default is not inspect.Parameter.empty:
            continue
        elif name in TEXTS:
            found["text"] = name
        elif name == "to_staff_id":
            found["colleague"] = name
        elif parameter.annotation in (date, datetime):
            found["day"], found["day_is_moment"] = name, parameter.annotation is datetime
    return Asks(**found)


def words(move: Move) -> Words:
    name = move_name(move)
    return _WORDS.get(move) or Words(f"{name}说明（居民会看到）", "请写一句说明，居民会看到。", f"已{name}。")


def arguments(
    asked: Asks,
    text: str,
    day: date | None,
    colleague: int | None,
    photos: tuple[str, ...],
    outcome: Outcome = Outcome.SOLVED,
) -> dict[str, Any]:
    """The filled form as arguments of its use case."""
    filled: dict[str, Any] = {}
    if asked.text:
        filled[asked.text] = text
    if asked.day and day is not None:
        filled[asked.day] = datetime.combine(day, END_OF_DAY, SHANGHAI) if asked.day_is_moment else day
    if asked.colleague:
        filled[asked.colleague] = colleague
    if asked.photos:
        filled[asked.photos] = photos
    if asked.outcome:
        filled[asked.outcome] = outcome
    return filled


def in_order(allowed: Iterable[Move]) -> tuple[list[Move], list[Move]]:
    """(the usual way, the rest), of what is allowed and can be made here; new moves stand between 退回 and 备注."""
    can = {move for move in allowed if use_case(move) is not None}
    new = [move for move in Move if move in can and move not in (*MAIN, *FIRST, *LAST)]
    return [m for m in MAIN if m in can], [*(m for m in FIRST if m in can), *new, *(m for m in LAST if m in can)]
