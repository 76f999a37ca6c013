"""邻舍+ for a whole family, from signing up to the certificate."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from community.model.party import read_party
from community.model.points import Entry, Gift, Why
from community.model.volunteer import Shift, SignupStatus
from community.ports import Community
from community.services import checkin, signups, volunteering
from tests.conversation.servers import City
from tests.conversation.talk import Talk, payload

Someone = Callable[..., Talk]


@pytest.fixture(autouse=True)
def _room_for_all(city: City) -> None:
    """Tests here share the shift: who comes first must not fill it for the others."""

    async def widen(c: Community) -> None:
        async with c.uow() as uow:
            pair = await uow.volunteering.shift(city.small.shifts["patrol"].id)
            assert pair is not None
            pair[1].capacity = 60
            await uow.commit()

    city.ask(widen)


def seats_of(city: City, talk: Talk) -> list[int]:
    return [m.seats for m in city.ask(lambda c: volunteering.mine(c, talk.resident.id))]


def test_one_sentence_signs_up_a_mother_and_her_daughter(resident: Talk, city: City) -> None:
    said = resident.say("我和我女儿报名小区平安巡逻")
    assert "您和女儿都报上了" in said
    assert seats_of(city, resident) == [2]
    assert "2位" in resident.say("我的活动")


def test_mother_too_adds_her_to_what_one_has(resident: Talk, city: City) -> None:
    resident.say("我要报名小区平安巡逻")
    assert "加上了" in resident.say("帮我妈也报一个")
    assert seats_of(city, resident) == [2]


def test_two_grown_ups_and_a_child_choose_from_the_list_together(resident: Talk, city: City) -> None:
    said = resident.say("报名，两大一小")
    assert "哪一场" in said
    place = next(n for n, title in enumerate(resident.titles(), 1) if title.startswith("小区平安巡逻"))
    resident.say(str(place))
    assert seats_of(city, resident) == [3]


def test_a_daughters_age_is_asked_once_with_digits(resident: Talk, city: City) -> None:
    def grown_up(years: int | None) -> None:
        async def change(c: Community) -> None:
            async with c.uow() as uow:
                pair = await uow.volunteering.shift(city.small.shifts["patrol"].id)
                assert pair is not None
                pair[0].minimum_age = years
                await uow.commit()

        city.ask(change)

    grown_up(16)
    try:
        said = resident.say("我和我女儿报名小区平安巡逻")
        assert "女儿满了吗" in said
        assert seats_of(city, resident) == []
        assert "报上了" in resident.say("2")
        assert seats_of(city, resident) == [1]
        resident.send(payload("volunteer_cancel", shift_id=str(city.small.shifts["patrol"].id)))
        resident.say("我和我女儿报名小区平安巡逻")
        assert "报上了" in resident.say("1")
        assert seats_of(city, resident) == [2]
        resident.send(payload("volunteer_cancel", shift_id=str(city.small.shifts["patrol"].id)))
    finally:
        grown_up(None)


def test_who_gets_a_freed_place_confirms_it_by_its_button(someone: Someone, city: City) -> None:
    first, second = someone(), someone()
    shift = str(city.small.shifts["waste"].id)
    for talk in (first, second):
        talk.send(payload("volunteer_signup", shift_id=shift))
    first.send(payload("volunteer_cancel", shift_id=shift))
    own = city.ask(lambda c: volunteering.mine(c, second.resident.id))
    if [m.status for m in own] == [SignupStatus.CONFIRMING]:  # at night the clock asks in the morning
        assert "留定了" in second.send(payload("volunteer_signup", shift_id=shift, answer="confirm"))
    second.send(payload("volunteer_cancel", shift_id=shift))


def test_checking_in_without_anything_to_check_in_for_says_when(resident: Talk) -> None:
    assert "开始前30分钟" in resident.say("签到 1234")
    assert "开始前30分钟" in resident.say("我到活动现场了，怎么签到")


def test_at_the_place_the_code_alone_checks_a_family_in(resident: Talk, city: City) -> None:
    async def begin(c: Community) -> tuple[int, str]:
        async with c.uow() as uow:
            pair = await uow.volunteering.shift(city.small.shifts["patrol"].id)
            assert pair is not None
            now = c.clock.now()
            shift = Shift(0, pair[0].id, now + timedelta(minutes=10), now + timedelta(hours=1), 5)
            await uow.volunteering.add_shift(shift)
            await uow.commit()
        await signups.sign_up(c, resident.resident.id, shift.id, f"code-{shift.id}", read_party("我和女儿"))
        return shift.id, checkin.code_of(c, shift.id)

    shift, code = city.ask(begin)
    try:
        assert "4位签到码" in resident.say("我到了，签到")
        wrong = f"{(int(code) + 1) % 10_000:04d}"
        assert "签到码不对" in resident.say(f"签到 {wrong}")
        assert "签到好了：您和女儿" in resident.say(code)
        assert "已经签过到" in resident.say(f"签到{code}")
    finally:
        resident.send(payload("volunteer_cancel", shift_id=str(shift)))


def test_points_are_told_with_what_they_are_for_and_buy_a_gift_once(resident: Talk, city: City) -> None:
    async def give(c: Community) -> None:
        async with c.uow() as uow:
            account = await uow.points.open(resident.resident.id)
            account.points, account.minutes = 50, 120
            key = f"test-{resident.resident.id}"
            now = c.clock.now()
            await uow.points.add(Entry(0, resident.resident.id, 50, 120, Why.SERVED, "平安巡逻", key, now))
            await uow.points.add_gift(Gift(0, "一袋大米", city.small.places["剡溪社区"].id, 30, 5, 5))
            await uow.commit()

    assert "还没有积分" in resident.say("我的志愿积分有多少")
    city.ask(give)
    said = resident.say("我的志愿积分有多少")
    assert "50积分" in said
    assert "平安巡逻" in said
    assert "一袋大米" in resident.say("1")
    assert "还剩20积分" in resident.say("1")
    said = resident.say("我想开一张志愿服务证明，找工作要用")
    assert "/certificates/" in said
    assert "领取码" in resident.say("查积分")


def test_nobody_is_in_the_ranking_who_did_not_choose_it(resident: Talk) -> None:
    said = resident.say("排行榜")
    assert "李秀英" not in said
