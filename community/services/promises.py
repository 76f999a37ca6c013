"""Promise rules as data: what holds from which day, who may change it, and what a change would have done."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta

from community.errors import Forbidden, InvalidInput
from community.model.calendar import local
from community.model.category import Category
from community.model.people import Role, Staff
from community.model.place import PlaceKind
from community.model.promise import PromiseRule, RuleBook
from community.model.trial import measured
from community.ports import Community, UnitOfWork
from community.services.access import scope_of, staff_of

MONTH = 30
MOST = 5_000
"""Tickets of one trial. More than that of one category in a month is a city, and a share of them says the same."""


@dataclass(frozen=True)
class RuleLine:
    """One category: the rule of today and the one that comes next, if any is set."""

    category: Category
    now: PromiseRule
    coming: PromiseRule | None
    may_change: bool


@dataclass(frozen=True)
class Trial:
    """Tickets of the last `days`, by the rules as they were and by the new one. Late: not done in time, or not yet and over it."""

    days: int
    tickets: int
    late_accept_before: int
    late_accept_after: int
    late_resolve_before: int
    late_resolve_after: int


async def list_rules(c: Community, staff_id: int) -> list[RuleLine]:
    async with c.reading() as uow:
        member = await staff_of(uow, staff_id)
        may_change = await _may_change(uow, member)
        everything = await uow.promises.everything()
        book, today = RuleBook(everything), local(c.clock.now()).date()
        lines = []
        for category in Category:
            later = [r for r in everything if r.category is category and r.effective_from > today]
            coming = min(later, key=lambda r: (r.effective_from, -r.id), default=None)
            lines.append(RuleLine(category, book.on(category, today), coming, may_change))
        return lines


async def try_rule(c: Community, staff_id: int, rule: PromiseRule, days: int = MONTH) -> Trial:
    """What `rule` would have done to the tickets of its category that the member may see. Changes nothing."""
    rule.check()
    async with c.reading() as uow:
        member = await staff_of(uow, staff_id)
        scope = await scope_of(uow, member)
        now = c.clock.now()
        book = RuleBook(await uow.promises.of_category(rule.category))
        found = await uow.tickets.filed_between(now - timedelta(days=max(1, min(days, 366))), now, MOST, rule.category)
        pairs = []
        for ticket in found:
            if scope.covers(ticket):
                events = await uow.tickets.events(ticket.id)
                before = measured(ticket, events, book.at(ticket.category, ticket.created_at), c.is_workday, now)
                pairs.append((before, measured(ticket, events, rule, c.is_workday, now)))
    return Trial(
        days,
        len(pairs),
        _late([before.accepted for before, _ in pairs]),
        _late([after.accepted for _, after in pairs]),
        _late([before.resolved for before, _ in pairs]),
        _late([after.resolved for _, after in pairs]),
    )


async def set_rule(c: Community, staff_id: int, rule: PromiseRule) -> PromiseRule:
    """Let `rule` hold from its day on, tomorrow at the earliest: what was promised today stays as it was promised.

    Raises Forbidden for anybody but the city's desk and operators, InvalidInput for numbers or a day that will not do.
    """
    rule.check()
    async with c.uow() as uow:
        member = await staff_of(uow, staff_id)
        if not await _may_change(uow, member):
            raise Forbidden("承诺时限由市级管理人员调整。")
        now = c.clock.now()
        if rule.effective_from <= local(now).date():
            raise InvalidInput("新时限最早从明天起生效，今天已经承诺的不变。")
        if rule.effective_from > local(now).date() + timedelta(days=366):
            raise InvalidInput("生效日期请选在一年以内。")
        kept = replace(rule, id=0, author=member.name, set_at=now)
        await uow.promises.add(kept)
        await uow.commit()
        return kept


def tomorrow(c: Community) -> date:
    """The first day from which a new rule may hold."""
    return local(c.clock.now()).date() + timedelta(days=1)


async def _may_change(uow: UnitOfWork, member: Staff) -> bool:
    if member.role is Role.OPERATOR:
        return True
    place = await uow.places.get(member.place_id) if member.place_id else None
    return member.role is Role.COMMUNITY_STAFF and place is not None and place.kind is PlaceKind.CITY


def _late(kept: list[bool | None]) -> int:
    return sum(1 for one in kept if one is False)

