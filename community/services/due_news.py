"""Who answers for an entry of the knowledge hears a month before it wants checking again, and on the day. Once a day, from eight on."""

from __future__ import annotations

from datetime import date, timedelta

from community.model.calendar import local
from community.model.people import Staff
from community.model.revision import KIND_NAMES, SOON_DAYS, ItemKind, Revision
from community.ports import Community
from community.services import staff_notify
from community.services.flag_news import owners_of

FACT = "revisions.due"
FROM_HOUR = 8
NAMED = 5


async def run(c: Community) -> int:
    """How many entries were told of. In several processes at once each is told once."""
    now = c.clock.now()
    today = local(now).date()
    if local(now).hour < FROM_HOUR:
        return 0
    async with c.reading() as uow:
        if (await uow.facts.get(FACT) or "") >= today.isoformat():
            return 0
    async with c.uow() as uow:
        last = date.fromisoformat(await uow.facts.get(FACT) or (today - timedelta(days=1)).isoformat())
        due = [one for kind in ItemKind for one in await uow.revisions.live(kind) if _due_since(one.expires_on, last, today)]
        people = [one for one in await uow.people.all_staff() if one.active]
        theirs: dict[int, list[Revision]] = {}
        for one in due:
            for member in _answers_for(one, people):
                theirs.setdefault(member.id, []).append(one)
        for member in people:
            if found := theirs.get(member.id):
                names = "、".join(f"{KIND_NAMES[one.kind]}“{one.title}”" for one in found[:NAMED])
                more = f"等{len(found)}条" if len(found) > NAMED else ""
                said = f"{names}{more}快到或到了复核期限，请核对一遍，在工作台“知识”里改核对日期。过了期限，小邻就不直接给了。"
                await staff_notify.say(uow, member, said, key=f"due-{today}:{member.id}", now=now)
        await uow.facts.put(FACT, today.isoformat())
        await uow.commit()
        return len(due)


def _due_since(expires_on: date | None, last: date, today: date) -> bool:
    return expires_on is not None and any(last < day <= today for day in (expires_on, expires_on - timedelta(days=SOON_DAYS)))


def _answers_for(one: Revision, people: list[Staff]) -> list[Staff]:
    """Its owner by name; of an answer else all lawyers; else whoever wrote it."""
    owner = str(one.body.get("owner") or "")
    if one.kind is ItemKind.ANSWER:
        return owners_of(owner, people)
    named = [member for member in people if owner and member.name == owner]
    return named or [member for member in people if member.id == one.by_id]
