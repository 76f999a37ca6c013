"""The promise 承诺时限: what a rule promises from when on, and what the clock does while it runs. Pure: times in, times out.

A day is worked as `calendar.SPANS` has it. Danger runs by plain time: gas does not wait for office hours.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from community.errors import IllegalMove, InvalidInput
from community.model.calendar import IsWorkday, add_working_time, local, working_time_between
from community.model.category import RULES, Category, Urgency
from community.model.level import Level
from community.model.ticket import OPEN, Status, Ticket

REMIND_AT = 0.75
"""The share of a promise after which its holder is reminded."""
DANGER_ACCEPT = timedelta(minutes=15)
DANGER_RESOLVE = timedelta(hours=24)
DANGER_STEP = timedelta(hours=1)
DANGER_PRESS = timedelta(hours=24)
LONGEST_PAUSE = timedelta(days=60)


class First(StrEnum):
    """Who is asked first. The grid worker of the place is told of every ticket, whoever has it."""

    GRID = "grid"
    PROPERTY = "property"


class Photos(StrEnum):
    """What must be there before a ticket of this category may be called done."""

    NONE = "none"
    AFTER = "after"
    BOTH = "both"


@dataclass(eq=False)
class PromiseRule:
    """What one category is promised from `effective_from` (a local day) until a later rule of it begins.

    `accept_minutes`, `resolve_hours` and `step_hours` (how long each level has before the next one is asked) are working time for
    NORMAL; HIGH has half of the first two. `department` names who really deals with it when the community does not, with how to reach them.
    """

    id: int
    category: Category
    effective_from: date
    accept_minutes: int
    resolve_hours: int
    step_hours: int = 8
    first: First = First.GRID
    photos: Photos = Photos.NONE
    department: str = ""
    author: str = ""
    set_at: datetime | None = None

    def check(self) -> None:
        """Raises InvalidInput, in words for who typed it."""
        if not 5 <= self.accept_minutes <= 60 * 80:
            raise InvalidInput("接单时限要在5分钟到80小时之间。")
        if not 1 <= self.resolve_hours <= 8 * 120:
            raise InvalidInput("办结时限要在1到960个工作小时之间。")
        if self.resolve_hours * 60 < self.accept_minutes:
            raise InvalidInput("办结时限不能短于接单时限。")
        if not 1 <= self.step_hours <= 80:
            raise InvalidInput("升级间隔要在1到80个工作小时之间。")
        if len(self.department) > 120:
            raise InvalidInput("部门说明请控制在120字以内。")


def built_in(category: Category) -> PromiseRule:
    """What holds where a city has set nothing."""
    rule = RULES[category]
    return PromiseRule(0, category, date(2000, 1, 1), rule.accept_minutes, rule.resolve_hours, department=rule.department)


class RuleBook:
    """All rules that were ever set, by category and day."""

    def __init__(self, rules: Iterable[PromiseRule] = ()) -> None:
        self._of: dict[Category, list[PromiseRule]] = {}
        for rule in sorted(rules, key=lambda rule: (rule.effective_from, rule.id)):
            self._of.setdefault(rule.category, []).append(rule)

    def on(self, category: Category, day: date) -> PromiseRule:
        """The rule in force on this local day: of two that begin together, the one set later."""
        found = built_in(category)
        for rule in self._of.get(category, ()):
            if rule.effective_from > day:
                break
            found = rule
        return found

    def at(self, category: Category, moment: datetime) -> PromiseRule:
        return self.on(category, local(moment).date())


@dataclass(frozen=True)
class Timer:
    """How time passes for one ticket."""

    is_workday: IsWorkday
    plain: bool = False

    def after(self, start: datetime, amount: timedelta) -> datetime:
        return start + amount if self.plain else add_working_time(start, amount, self.is_workday)

    def between(self, start: datetime, end: datetime) -> timedelta:
        if self.plain:
            return max(end - start, timedelta(0))
        return working_time_between(start, end, self.is_workday)


def timer_of(ticket: Ticket, is_workday: IsWorkday) -> Timer:
    return Timer(is_workday, ticket.urgency is Urgency.DANGER)


def promised(rule: PromiseRule, urgency: Urgency, start: datetime, is_workday: IsWorkday) -> tuple[datetime, datetime]:
    """(accept by, resolve by) of what starts its clock at `start`.

    Danger does not wait for office hours: 15 minutes and 24 hours of plain time. HIGH has half the working time of NORMAL, unless the
    category is urgent by itself.
    """
    if urgency is Urgency.DANGER:
        return start + DANGER_ACCEPT, start + DANGER_RESOLVE
    share = 0.5 if urgency is Urgency.HIGH and RULES[rule.category].urgency is Urgency.NORMAL else 1.0
    accept = add_working_time(start, timedelta(minutes=rule.accept_minutes) * share, is_workday)
    resolve = add_working_time(start, timedelta(hours=rule.resolve_hours) * share, is_workday)
    return accept, resolve


def step_of(rule: PromiseRule, ticket: Ticket) -> timedelta:
    """How long a level has, once the promise is broken, before the next one is asked: at most one step in this time.

    The city, above which there is nobody, is pressed once a (working) day.
    """
    if ticket.urgency is Urgency.DANGER:
        return DANGER_PRESS if ticket.level is Level.CITY else DANGER_STEP
    return timedelta(hours=rule.step_hours)


class Due(StrEnum):
    """What the clock has to do with a ticket now."""

    RESUME = "resume"
    ESCALATE = "escalate"
    PRESS = "press"
    """At the top already: who holds it is pressed again."""
    REMIND = "remind"


def due(ticket: Ticket, now: datetime) -> Due | None:
    """What is to be done, the most urgent first; None when it is too early."""
    if ticket.status not in OPEN:
        return None
    if ticket.status is Status.PAUSED:
        return Due.RESUME if ticket.paused_until is not None and ticket.paused_until <= now else None
    if ticket.escalate_at is not None and ticket.escalate_at <= now:
        return Due.ESCALATE if ticket.level < Level.CITY else Due.PRESS
    if ticket.remind_at is not None and ticket.remind_at <= now:
        return Due.REMIND
    return None


def set_clock(ticket: Ticket, rule: PromiseRule, now: datetime, is_workday: IsWorkday) -> None:
    """After each move: when the clock must look at this ticket next (`look_at`), and what for."""
    ticket.remind_at = ticket.escalate_at = ticket.look_at = None
    if ticket.status is Status.PAUSED:
        ticket.look_at = ticket.paused_until
        return
    if ticket.status not in OPEN:
        return
    timer, step = timer_of(ticket, is_workday), step_of(rule, ticket)
    deadline = ticket.deadline
    escalate = deadline
    if ticket.escalated_at is not None:
        # One step at a time: the level that was asked has its time, too.
        escalate = max(escalate, timer.after(ticket.escalated_at, step))
    ticket.escalate_at = escalate
    if ticket.reminded_for != deadline and now < deadline:
        ticket.remind_at = max(now, _remind_at(ticket, timer))
    ticket.look_at = min(at for at in (ticket.remind_at, ticket.escalate_at) if at is not None)


def _remind_at(ticket: Ticket, timer: Timer) -> datetime:
    since = ticket.running_since
    return timer.after(since, timer.between(since, ticket.deadline) * REMIND_AT)


def pause(ticket: Ticket, until: datetime, now: datetime, is_workday: IsWorkday) -> None:
    """Stop the clock until then: what was left of each promise is left afterwards. What was broken before stays broken.

    Raises InvalidInput for an end that is not in the future or further away than `LONGEST_PAUSE`.
    """
    if until <= now:
        raise InvalidInput("暂停要有一个以后的日期。")
    if until - now > LONGEST_PAUSE:
        raise InvalidInput(f"最多暂停{LONGEST_PAUSE.days}天，到期前可以再申请。")
    ticket.paused_at, ticket.paused_until = now, until
    _shift(ticket, now, until, is_workday)


def resume(ticket: Ticket, now: datetime, is_workday: IsWorkday) -> None:
    """Let the clock run again, at the end of the pause or before it. Raises IllegalMove when it is not paused."""
    if ticket.paused_until is None:
        raise IllegalMove(f"工单{ticket.number}没有暂停。")
    if now < ticket.paused_until:
        _shift(ticket, ticket.paused_until, now, is_workday)
    ticket.paused_at = ticket.paused_until = None
    _if_broken_a_step_from(ticket, now)


def hand_over(ticket: Ticket, level: Level, now: datetime) -> None:
    """Somebody of this level has it from now on. Who is asked by a level above, with the promise broken, has a step's time for it; among
    equals it would be a way around the clock."""
    if level < ticket.level:
        _if_broken_a_step_from(ticket, now)
    ticket.level = level


def anew(
    ticket: Ticket,
    rule: PromiseRule,
    start: datetime,
    urgency: Urgency,
    pauses: Iterable[tuple[datetime, datetime]],
    now: datetime,
    is_workday: IsWorkday,
) -> tuple[datetime, datetime]:
    """(accept by, resolve by) of a ticket that has been under `rule`, with `urgency`, since `start`: staff put its category right.

    `pauses` (from, until) are not counted. What was accepted keeps what it was to be accepted by. What is broken stays broken: no
    category is a way around the clock. What the new rule would have broken before anybody knew of it is counted from now, and never
    ends later than what was told.
    """
    timer = Timer(is_workday, urgency is Urgency.DANGER)
    accept, resolve = promised(rule, urgency, start, is_workday)
    begin = now
    for since, until in pauses:
        if resolve > since:
            resolve = timer.after(until, timer.between(since, resolve))
        begin = max(begin, until)
    accept_now, resolve_now = promised(rule, urgency, begin, is_workday)

    def fair(old: datetime, made: datetime, from_now: datetime) -> datetime:
        if old <= now:
            return old
        return made if made > now else min(old, from_now)

    accept_by = ticket.accept_by if ticket.accepted_at is not None else fair(ticket.accept_by, accept, accept_now)
    return accept_by, fair(ticket.resolve_by, resolve, resolve_now)


def _if_broken_a_step_from(ticket: Ticket, now: datetime) -> None:
    if ticket.deadline <= now:
        ticket.escalated_at = now


def _shift(ticket: Ticket, before: datetime, after: datetime, is_workday: IsWorkday) -> None:
    """As much time as lay between `before` and each promise lies between `after` and it now."""
    timer = timer_of(ticket, is_workday)
    names: Sequence[str] = ("resolve_by",) if ticket.accepted_at is not None else ("accept_by", "resolve_by")
    for name in names:
        deadline: datetime = getattr(ticket, name)
        if deadline > before:
            setattr(ticket, name, timer.after(after, timer.between(before, deadline)))
    ticket.clock_from = max(ticket.running_since, after)
