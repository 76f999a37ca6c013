"""常用语: phrases of a member's own and of their community's desk."""

from __future__ import annotations

from dataclasses import dataclass

from community.errors import Forbidden, InvalidInput, NotFound
from community.model.desk import MAX_NAME, MAX_PHRASE, CannedReply
from community.model.people import Role, Staff
from community.ports import Community, UnitOfWork
from community.services.access import communities_of, staff_of

SHARES = frozenset({Role.COMMUNITY_STAFF, Role.OPERATOR})
"""Who may write what the whole desk says."""


@dataclass(frozen=True)
class Phrase:
    """`shared`: the community's. `mine_to_change`: whether the asker may change or drop it."""

    id: int
    title: str
    text: str
    shared: bool
    mine_to_change: bool


async def phrases(c: Community, staff_id: int) -> list[Phrase]:
    """What the member may use: their own first, then those of the communities they work in."""
    async with c.reading() as uow:
        member = await staff_of(uow, staff_id)
        theirs = await communities_of(uow, member)
        return [_phrase(one, member) for one in await uow.desk.phrases(member.id, theirs)]


async def may_share(c: Community, staff_id: int) -> bool:
    """Whether this member may write phrases for the whole desk of a community."""
    async with c.reading() as uow:
        return await _desk_of(uow, await staff_of(uow, staff_id)) is not None


async def keep(
    c: Community, staff_id: int, title: str, text: str, *, shared: bool = False, phrase_id: int | None = None
) -> None:
    """Add a phrase, or with `phrase_id` change one. `shared` makes a new one the community's.

    Raises InvalidInput for an empty or too long one, Forbidden for a community's phrase to whom it is not to change.
    """
    title, text = " ".join(title.split()), text.strip()
    if not title or len(title) > MAX_NAME:
        raise InvalidInput(f"请给这句话起个名字，{MAX_NAME}个字以内。")
    if not text or len(text) > MAX_PHRASE:
        raise InvalidInput(f"请写上内容，{MAX_PHRASE}个字以内。")
    async with c.uow() as uow:
        member = await staff_of(uow, staff_id)
        if phrase_id is not None:
            known = await _to_change(uow, member, phrase_id)
            known.title, known.text = title, text
        else:
            desk = await _desk_of(uow, member) if shared else None
            if shared and desk is None:
                raise Forbidden("社区的常用语请由社区工作者来写，您可以存成自己的。")
            owner = {"community_id": desk} if shared else {"staff_id": member.id}
            await uow.desk.add_phrase(CannedReply(0, title, text, c.clock.now(), **owner))
        await uow.commit()


async def drop(c: Community, staff_id: int, phrase_id: int) -> None:
    async with c.uow() as uow:
        member = await staff_of(uow, staff_id)
        known = await _to_change(uow, member, phrase_id)
        await uow.desk.drop_phrase(known.id)
        await uow.commit()


async def _to_change(uow: UnitOfWork, member: Staff, phrase_id: int) -> CannedReply:
    phrase = await uow.desk.phrase(phrase_id)
    seen = phrase is not None and (
        phrase.staff_id == member.id or phrase.community_id in await communities_of(uow, member)
    )
    if phrase is None or not seen:
        raise NotFound("没有这句常用语，可能已经删了。")
    if not _may_change(phrase, member):
        raise Forbidden("社区的常用语由社区工作者来改。")
    return phrase


async def _desk_of(uow: UnitOfWork, member: Staff) -> int | None:
    """The one community whose desk this member speaks for."""
    theirs = await communities_of(uow, member)
    return next(iter(theirs)) if member.role in SHARES and len(theirs) == 1 else None


def _may_change(phrase: CannedReply, member: Staff) -> bool:
    return phrase.staff_id == member.id or (phrase.community_id is not None and member.role in SHARES)


def _phrase(phrase: CannedReply, member: Staff) -> Phrase:
    return Phrase(phrase.id, phrase.title, phrase.text, phrase.community_id is not None, _may_change(phrase, member))
