"""邻舍+: finding an activity, a place or the waitlist, giving it back."""

from __future__ import annotations

from collections.abc import Callable

from community.model.volunteer import SignupStatus
from community.services import volunteering
from tests.conversation.servers import City
from tests.conversation.talk import Talk, payload

Someone = Callable[..., Talk]


def status_of(city: City, talk: Talk, shift: str) -> SignupStatus | None:
    own = city.ask(lambda c: volunteering.mine(c, talk.resident.id))
    return next((s.status for s in own if s.shift.shift_id == city.small.shifts[shift].id), None)


def test_what_is_on_is_listed_and_a_digit_signs_up(resident: Talk, city: City) -> None:
    said = resident.say("最近有什么志愿活动")
    assert "小区平安巡逻" in said
    assert "名额" in said
    place = next(n for n, title in enumerate(resident.titles(), 1) if title.startswith("小区平安巡逻"))
    assert "报上了" in resident.say(str(place))
    assert status_of(city, resident, "patrol") is SignupStatus.SIGNED_UP


def test_a_kind_narrows_the_list(resident: Talk) -> None:
    said = resident.say("有没有助餐的志愿活动")
    assert "敬老助餐" in said
    assert "巡逻" not in said


def test_words_that_mean_one_activity_sign_up_at_once(resident: Talk, city: City) -> None:
    assert "报上了" in resident.say("我要报名敬老助餐")
    assert status_of(city, resident, "meal") is SignupStatus.SIGNED_UP


def test_words_after_the_list_choose_from_it(resident: Talk, city: City) -> None:
    resident.say("最近有什么志愿活动")
    assert "报上了" in resident.say("助餐那个")


def test_full_means_the_waitlist_with_its_place_and_the_first_moves_up(someone: Someone, city: City) -> None:
    first, second, third = someone(), someone(), someone()
    shift = payload("volunteer_signup", shift_id=str(city.small.shifts["waste"].id))
    said = [talk.send(shift) for talk in (first, second, third)]
    assert "报上了" in said[0]
    assert "候补第1位" in said[1]
    assert "候补第2位" in said[2]
    first.say("我要取消报名垃圾分类")
    if first.buttons:
        first.say("1")
    assert status_of(city, first, "waste") in (None, SignupStatus.CANCELLED)
    # The place is kept for the first who waits (at night: from the morning on), never for the second.
    assert status_of(city, second, "waste") in (SignupStatus.CONFIRMING, SignupStatus.WAITLISTED)
    assert "候补中第" in third.say("我的活动")
    # Leaves the shift as it was for others.
    second.send(payload("volunteer_cancel", shift_id=str(city.small.shifts["waste"].id)))
    third.send(payload("volunteer_cancel", shift_id=str(city.small.shifts["waste"].id)))


def test_a_clash_is_refused_with_its_reason(resident: Talk, city: City) -> None:
    resident.send(payload("volunteer_signup", shift_id=str(city.small.shifts["patrol"].id)))
    said = resident.send(payload("volunteer_signup", shift_id=str(city.small.shifts["waste"].id)))
    assert "小区平安巡逻" in said
    assert status_of(city, resident, "waste") is None


def test_signing_up_twice_is_said_to_be_done_already(resident: Talk, city: City) -> None:
    button = payload("volunteer_signup", shift_id=str(city.small.shifts["meal"].id))
    resident.send(button)
    assert "已经报过" in resident.send(button)
    resident.send(payload("volunteer_cancel", shift_id=str(city.small.shifts["meal"].id)))


def test_cancelling_asks_which_when_several(resident: Talk, city: City) -> None:
    for name in ("patrol", "meal"):
        resident.send(payload("volunteer_signup", shift_id=str(city.small.shifts[name].id)))
    said = resident.say("我要取消报名")
    assert "小区平安巡逻" in said
    assert "敬老助餐" in said
    assert "已取消" in resident.say("1")


def test_an_activity_that_is_not_there_is_a_sentence(resident: Talk) -> None:
    for odd in ("999999", "abc", "-1", "1e9"):
        said = resident.send(payload("volunteer_signup", shift_id=odd))
        assert said
        assert "Traceback" not in said


def test_no_activities_of_ones_own_points_to_the_list(resident: Talk) -> None:
    assert "还没有报名" in resident.say("我报了哪些活动")
    assert "巡逻" in resident.say("1")
