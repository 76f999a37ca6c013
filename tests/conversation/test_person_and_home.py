"""A person on request, office hours, and a home bound piece by piece."""

from __future__ import annotations

from collections.abc import Callable

from community.model.conversation import Holder, Topic
from community.services import homes
from tests.conversation.servers import City
from tests.conversation.talk import Talk
from tests.conversation.test_legal import conversation

Someone = Callable[..., Talk]


def test_a_person_is_asked_for_at_any_time(resident: Talk, city: City) -> None:
    said = resident.say("转人工")
    assert "工作人员" in said
    assert city.ask(lambda c: conversation(c, resident.resident.id)) == (Holder.WAITING, Topic.GENERAL)
    assert "已经在帮您找" in resident.say("叫个真人来")


def test_office_hours_are_stated(resident: Talk) -> None:
    # Of the community's own counter where it is registered (another test does that), else the office's.
    assert "8:30–12:00、13:30–1" in resident.say("你们几点上班")


def test_a_home_is_bound_from_one_sentence(someone: Someone, city: City) -> None:
    talk = someone(None)
    assert "绑好了" in talk.say("我住剡溪花园3幢2单元502，帮我绑定一下")
    home = city.ask(lambda c: homes.home_of(c, talk.resident.id))
    assert home is not None
    assert home.text == "剡溪花园3幢2单元502室"


def test_a_home_is_bound_piece_by_piece_saying_what_is_missing(someone: Someone, city: City) -> None:
    talk = someone(None)
    assert "门牌" in talk.say("我要绑定住址")
    assert "门牌号" in talk.say("剡溪花园")
    assert "剡溪花园3幢" in talk.say("3幢")
    assert "绑好了" in talk.say("2单元502")
    assert "我家" in talk.say("楼道灯坏了")


def test_a_room_that_is_not_there_leads_to_a_person_in_the_end(someone: Someone) -> None:
    talk = someone(None)
    talk.say("我要绑定住址")
    said = [talk.say("剡溪花园99幢9单元999") for _ in range(4)]
    assert "绑好了" not in "".join(said)
    assert "请工作人员帮忙" in talk.titles()


def test_binding_can_be_left_and_interrupted(someone: Someone) -> None:
    talk = someone(None)
    talk.say("我要绑定住址")
    said = talk.say("你们几点上班")
    assert "8:30" in said
    assert "门牌" in said
    assert "绑定住址" in talk.say("取消")


def test_a_ticket_asked_about_while_binding_is_answered(resident: Talk) -> None:
    resident.say("我要绑定住址")
    said = resident.say("我的工单怎么样了")
    assert "没有工单" in said
    assert "门牌" in said


def test_who_has_just_come_may_report_before_saying_where_they_live(someone: Someone, city: City) -> None:
    talk = someone(None)
    talk.say("我要绑定住址")
    said = talk.say("3幢楼道灯坏了")
    assert "记下了" in said
    assert "门牌" not in said
    talk.say("剡溪花园3幢2单元")
    talk.say("跳过")
    talk.say("跳过")
    assert "报上去了" in talk.say("提交")


def test_an_address_is_no_report_whatever_it_looks_like(someone: Someone) -> None:
    talk = someone(None)
    talk.say("我要绑定住址")
    assert "绑好了" in talk.say("我家住在剡溪花园3幢2单元502")
