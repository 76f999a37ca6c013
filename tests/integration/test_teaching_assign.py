"""Asking a colleague to look at what was not understood; on both databases."""

from __future__ import annotations

import asyncio

import pytest

from community.errors import Conflict, Forbidden, NotFound
from community.model.understanding import Heard
from community.ports import Community
from community.services import assigning, labels, teaching
from community.services.understandings import of_message
from tests.small_city import SmallCity

UNSURE = Heard("nlu_fallback", 0.3, (("ask_points", 0.31), ("out_of_scope", 0.28)), "other", 0.2, "m1")
SAID = ("饭卡余额怎么查", "快递柜满了放不进去")


async def ids_of(c: Community, city: SmallCity) -> list[int]:
    async with c.uow() as uow:
        who = city.residents["R0001"].id
        await uow.understandings.add_all([of_message(f"in-{n}", who, c.clock.now(), text, UNSURE) for n, text in enumerate(SAID)])
        await uow.commit()
    async with c.reading() as uow:
        return [one.id for one in await uow.understandings.get_all(range(1, 100))]


async def test_what_one_is_asked_to_look_at_is_found_by_itself_and_in_the_history(community: Community, city: SmallCity) -> None:
    trainer, lead = city.staff["trainer"].id, city.staff["operator"].id
    first, _ = await ids_of(community, city)
    assert await assigning.assign(community, trainer, [first], lead) == "运维"
    shown = await teaching.queue(community, lead, mine=True)
    assert ([group.lines[0].text for group in shown.groups], shown.mine, shown.people[0]) == ([SAID[0]], 1, (lead, "运维"))
    assert (await teaching.queue(community, trainer)).total == 2
    assert (await teaching.queue(community, trainer, mine=True)).total == 0
    await assigning.assign(community, trainer, [first], lead)  # the same again
    await assigning.assign(community, lead, [first], None, lead)
    assert (await teaching.queue(community, lead)).mine == 0
    assert [event.did for event in await labels.history(community, trainer)] == ["不请人看了", "请运维看"]


async def test_two_who_ask_others_at_once_do_not_overwrite_each_other(community: Community, city: SmallCity) -> None:
    trainer, lead = city.staff["trainer"].id, city.staff["operator"].id
    first, _ = await ids_of(community, city)
    both = (assigning.assign(community, trainer, [first], trainer), assigning.assign(community, lead, [first], lead))
    done = await asyncio.gather(*both, return_exceptions=True)
    assert sorted(type(one).__name__ for one in done) == ["Conflict", "str"]
    [winner] = [one for one in done if isinstance(one, str)]
    async with community.reading() as uow:
        [kept] = await uow.understandings.get_all([first])
    assert kept.assigned_to == (trainer if winner == "杜训练" else lead)


async def test_only_who_teaches_asks_and_is_asked_and_what_is_done_is_done(community: Community, city: SmallCity) -> None:
    trainer = city.staff["trainer"].id
    first, second = await ids_of(community, city)
    with pytest.raises(Forbidden):
        await assigning.assign(community, city.staff["desk1"].id, [first], trainer)
    with pytest.raises(NotFound):
        await assigning.assign(community, trainer, [first], city.staff["desk1"].id)
    await teaching.pass_over(community, trainer, [second])
    with pytest.raises(Conflict):
        await assigning.assign(community, trainer, [second], trainer)
