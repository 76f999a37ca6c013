"""What was said to legal questions is kept, with whether it was of use: what nobody could answer is what a trainer writes next."""

from __future__ import annotations

from chinese.masking import mask
from community.errors import NotFound
from community.model.advice import AdviceGiven
from community.ports import Community
from community.services import understandings
from community.services.legal import Advice

LONGEST = 500


async def keep(c: Community, resident_id: int, question: str, advice: Advice, key: str) -> int:
    """Keep what was asked (masked) and what it got; the id to vote with. The same `key` again changes nothing."""
    codes = [advice.answer.code] if advice.answer else [answer.code for answer in advice.choices]
    labels = [f"{citation.law} {citation.label}" for citation in advice.citations]
    async with c.uow() as uow:
        now = c.clock.now()
        given = AdviceGiven(
            0, resident_id, now, mask(question)[:LONGEST], advice.kind, round(advice.score, 4), key, codes, labels
        )
        number = await uow.advice.add(given)
        await uow.commit()
        return number


async def vote(c: Community, resident_id: int, advice_id: int, useful: bool) -> AdviceGiven:
    """Said by the resident who asked; a second word takes the place of the first. Raises NotFound for anybody else's."""
    async with c.uow() as uow:
        given = await uow.advice.get(advice_id)
        if given is None or given.resident_id != resident_id:
            raise NotFound("这条回答找不到了。")
        given.useful, given.said_at = useful, c.clock.now()
        await understandings.voted(uow, given.key.partition(":")[0], useful)
        await uow.commit()
        return given

