"""Asking a colleague to look at messages of the trainers' queue."""

from __future__ import annotations

from collections.abc import Sequence

from chinese.masking import mask
from community.errors import Conflict, NotFound
from community.model.taught import Taught
from community.ports import Community
from community.services.teaching import names_of
from community.services.trainers import TEACHES, note, trainer_of


async def assign(c: Community, staff_id: int, ids: Sequence[int], to: int | None, was: int | None = None) -> str:
    """`to` is asked to look at these messages; None asks nobody any more. `was` is who was asked as the page showed it.

    Returns the name of who is asked. Raises Conflict when somebody else was asked meanwhile or it is dealt with, NotFound for nobody
    who teaches. The same again changes nothing.
    """
    async with c.uow() as uow:
        member = await trainer_of(uow, staff_id)
        other = await uow.people.staff(to) if to is not None else None
        if to is not None and (other is None or other.role not in TEACHES or not other.active):
            raise NotFound("没有这位训练师。")
        name = other.name if other is not None else ""
        found = await uow.understandings.get_all(ids)
        if found and all(one.assigned_to == to for one in found):
            return name
        if not found or await uow.understandings.assign(ids, to, was) < len(found):
            raise Conflict("刚才有人处理过这几句，刷新看看。")
        did = f"请{name}看" if other is not None and other.id != member.id else "自己看" if other is not None else "不请人看了"
        names = await names_of(uow, found[:1])
        await note(uow, member, Taught.QUEUE, found[0].id, c.clock.now(), did, mask(found[0].text, list(names.values()))[:100])
        uow.announce("models")
        await uow.commit()
        return name
