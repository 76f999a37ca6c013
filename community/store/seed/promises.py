"""Promises of the demo city where they differ from what comes with Linshe."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from community.model.calendar import local
from community.model.category import Category
from community.model.promise import First, Photos, built_in
from community.store.seed.rows import Row
from community.store.uow import SqlUnitOfWork

AUTHOR = "演示数据"


async def add_promises(uow: SqlUnitOfWork, specs: list[Row], midnight: datetime) -> int:
    """Rules from the day of seeding on: what was reported before was promised before. Returns how many."""
    for spec in specs:
        values = {**spec, "first": First(spec.get("first", "grid")), "photos": Photos(spec.get("photos", "none"))}
        category = Category(values.pop("category"))
        rule = replace(built_in(category), effective_from=local(midnight).date(), author=AUTHOR, **values)
        rule.check()
        await uow.promises.add(rule)
    return len(specs)
