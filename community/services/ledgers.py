"""Ledgers that must add up, and what does not. Each topic registers its own checks here; `./linshe check ledgers` runs them all."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from community.ports import Community, UnitOfWork

Check = Callable[[UnitOfWork], Awaitable[list[str]]]
"""Looks, changes nothing; a line for each difference, without names or phones. Empty: it adds up."""

CHECKS: dict[str, Check] = {}


@dataclass(frozen=True)
class Checked:
    name: str
    differences: tuple[str, ...]


def check(name: str) -> Callable[[Check], Check]:
    """Register a check under a name that says what adds up. Raises ValueError for a name taken."""

    def register(made: Check) -> Check:
        if name in CHECKS:
            raise ValueError(f"two ledgers named {name}")
        CHECKS[name] = made
        return made

    return register


async def check_all(c: Community) -> list[Checked]:
    """All checks, each in a reading transaction of its own."""
    found = []
    for name, made in CHECKS.items():
        async with c.reading() as uow:
            found.append(Checked(name, tuple(await made(uow))))
    return found


@check("points and hours are the sum of their entries")
async def points(uow: UnitOfWork) -> list[str]:
    return [
        f"resident {resident}: {points} points and {minutes} minutes, the entries give {sum_points} and {sum_minutes}"
        for resident, points, minutes, sum_points, sum_minutes in await uow.points.accounts_differing()
    ]


@check("hours served belong to somebody who attended")
async def hours(uow: UnitOfWork) -> list[str]:
    number = await uow.points.served_without_signup()
    return [f"{number} entries of hours without an attended signup"] if number else []


@check("stock is what came in less what was exchanged")
async def stock(uow: UnitOfWork) -> list[str]:
    return [f"gift {gift}: {have} in stock, should be {should}" for gift, have, should in await uow.points.stock_differing()]


@check("seats taken are the sum of the signups")
async def seats(uow: UnitOfWork) -> list[str]:
    return [f"shift {shift}: {taken} taken, the signups hold {held}" for shift, taken, held in await uow.organising.seats_differing()]
