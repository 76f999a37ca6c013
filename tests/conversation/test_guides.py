"""办事指南 in chat: what to bring and where, whether it is open, what is asked after it, and an honest no."""

from __future__ import annotations

import contextlib
from collections.abc import Callable

import pytest

from community.errors import LinsheError
from community.services import guide_desk
from tests.conversation.servers import City
from tests.conversation.talk import Talk
from tests.guiding import add_sites


@pytest.fixture(autouse=True)
def sites(city: City) -> None:
    with contextlib.suppress(LinsheError):  # there from the test before
        city.ask(lambda c: add_sites(c, city.small))


def test_one_message_says_what_to_bring_where_and_whether_it_is_open(resident: Talk) -> None:
    said = resident.say("高龄津贴怎么领")
    assert "【高龄津贴】" in said
    assert "带上：老人身份证" in said
    assert "剡溪社区服务中心，剡溪路18号，电话0581-0000-2101，现在" in said
    assert "12345" in said


def test_short_questions_after_it_mean_the_same_matter(resident: Talk) -> None:
    resident.say("高龄津贴怎么领")
    assert "· 户口本" in resident.say("那要带什么")
    assert "儿女可以代办" in resident.say("可以让我女儿去吗")
    assert "剡溪社区服务中心" in resident.say("几点关门")
    assert "手机上可以申请" in resident.say("网上能办吗")


def test_digits_list_the_papers_other_sites_and_a_person(resident: Talk) -> None:
    resident.say("高龄津贴怎么领")
    assert resident.titles()[-1] == "请工作人员答复"
    assert "· 老人身份证" in resident.say("1")
    resident.tap("附近")
    resident.say("高龄津贴怎么领")
    assert "工作人员" in resident.say(str(len(resident.titles())))


def test_hours_are_those_of_ones_own_community_and_of_the_day_named(resident: Talk) -> None:
    assert "剡溪社区服务中心" in resident.say("现在开门吗")
    said = resident.say("周六上班吗")
    assert "周六" in said
    assert "剡溪警务室" in resident.say("派出所户籍窗口周六开不开")
    assert "剡溪助餐点" in resident.say("食堂中午几点开饭")


def test_a_deputys_day_is_told_with_place_and_time(resident: Talk) -> None:
    said = resident.say("人大代表什么时候接待")
    assert "陆海平" in said
    assert "9:00–11:00" in said
    assert "每月15日" in said


def test_what_no_guide_meets_is_said_so_and_offers_a_person(resident: Talk) -> None:
    said = resident.say("办理民用无人机飞行执照要什么材料，去哪个窗口")
    assert "没查到" in said
    assert "12345" in said
    assert "0581-0000-2101" in said
    assert resident.titles() == ["请工作人员答复"]


def test_without_a_home_the_guide_is_told_and_the_home_offered(someone: Callable[..., Talk]) -> None:
    newcomer = someone(None)
    said = newcomer.say("身份证丢了怎么补")
    assert "身份证" in said
    assert "剡溪" not in said
    assert any("绑定住址" in title for title in newcomer.titles())


def test_in_the_middle_of_a_report_the_guide_is_told_and_the_report_goes_on(resident: Talk) -> None:
    resident.say("楼道灯坏了")
    said = resident.say("老年证在哪里办，要带什么材料")
    assert "【老年优待证" in said
    assert "什么地方" in said


def test_an_elder_gets_short_lines_and_few_digits(resident: Talk) -> None:
    resident.say("字大一点，我眼睛不好")
    said = resident.say("高龄津贴怎么领")
    assert "老人身份证" in said
    assert len(resident.titles()) <= 4


def test_when_it_is_not_sure_up_to_three_titles_are_offered_and_none_of_them_is_counted(resident: Talk, city: City) -> None:
    said = resident.say("坐公交不要钱的卡到哪块办")
    assert "1 " in said
    assert 2 <= len(resident.titles()) <= 4
    assert resident.titles()[-1] == "都不是"
    assert "没查到" in resident.tap("都不是")
    page = city.ask(lambda c: guide_desk.page(c, city.small.staff["desk1"].id))
    assert "坐公交不要钱的卡到哪块办" in [one.text for one in page.misses]


def test_a_digit_under_titles_shows_that_guide(resident: Talk) -> None:
    resident.say("坐公交不要钱的卡到哪块办")
    title = resident.titles()[0]
    assert f"【{title}】" in resident.say("1")


def test_after_a_legal_answer_what_to_bring_means_that_answer_and_after_a_guide_the_guide(resident: Talk) -> None:
    resident.say("房东不退押金怎么办")
    resident.say("高龄津贴怎么领")
    assert "· 户口本" in resident.say("那要带什么")


def test_another_matter_asked_shortly_is_another_matter(resident: Talk) -> None:
    resident.say("电动车上牌要带什么东西")
    assert "【老年优待证" in resident.say("老年证在哪办")
    assert "剡溪社区服务中心" in resident.say("社区服务中心在哪里")


def test_asking_whether_family_may_go_means_the_guide_just_shown(resident: Talk) -> None:
    resident.say("高龄津贴怎么领")
    assert "儿女可以代办" in resident.say("能代办吗")
    assert "没有登记社区卫生服务站" in resident.say("卫生站今天有人吗")
