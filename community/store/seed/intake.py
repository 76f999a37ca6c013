"""What grid workers of the demo city passed on from groups: the drafts that wait, and one that was not wanted."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from chinese.group_talk import read_block
from community.model.calendar import local
from community.model.danger import find_danger
from community.model.intake import DraftState, DraftStep, bare_words, problems_in
from community.ports import Community
from community.services.intake import keep_draft, note
from community.services.places import names_of
from community.store.seed.tickets import Cast, filed_at
from community.store.uow import SqlUnitOfWork


async def add_intake(uow: SqlUnitOfWork, c: Community, cast: Cast, spec: dict[str, Any], midnight: datetime) -> int:
    """All blocks, in the order in which they were passed on. Returns how many drafts."""
    today, number = local(midnight).date(), 0
    estates, watched = await names_of(uow), await c.danger_rules.in_force()

    def rings(words: str) -> str:
        found = find_danger(words, watched)
        return found.code if found is not None else ""

    for row in spec["blocks"]:
        at = filed_at(row["at"], today, c.is_workday)
        if at >= midnight:
            raise ValueError(f"not over before the day of seeding: {row['text']}")
        member = cast.staff[row["by"]]
        sayings = [replace(one, text=bare_words(one.text)) for one in read_block(row["text"])]
        drafts = [(await keep_draft(uow, c, member, problem, at))[0] for problem in problems_in(sayings, estates, rings).problems]
        number += len(drafts)
        for what in row.get("then", ()):
            draft = drafts[what["draft"] - 1]
            draft.state, draft.reason = DraftState.DROPPED, what["drop"]
            draft.decided_by, draft.decided_at = member.id, at
            await note(uow, draft, member, DraftStep.DROPPED, at, draft.reason)
    return number
