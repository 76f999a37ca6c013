"""What is going on, asked and told; and a report that a notice answers before a ticket is filed."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone

import pytest

from community.model.notice import Kind
from community.ports import Community
from community.services import notice_views, notices, noticing, tickets
from community.services.notice_views import NoticeView
from community.services.notices import NewNotice
from tests.conversation.servers import City
from tests.conversation.talk import Talk

HOME = "剡溪花园/3/2/502"


def told(city: City, kind: Kind, title: str, begins: float, ends: float, where: str = "剡溪花园/3") -> NoticeView:
    """A notice from `begins` to `ends`, hours from now."""
    now = datetime.now(timezone.utc)
    new = NewNotice(
        kind, title, "请提前存好用水，来水后先放一会儿再用。", now + timedelta(hours=begins), now + timedelta(hours=ends),
        (city.small.places[where].id,), "夜里也要让大家知道",
    )  # fmt: skip

    async def publish(c: Community) -> NoticeView:
        return await notices.publish(c, city.small.staff["desk1"].id, new, f"{title}{now.timestamp()}")

    return city.ask(publish)


@pytest.fixture
def tell(city: City) -> Iterator[Callable[..., NoticeView]]:
    made: list[int] = []

    def publish(*arguments: object, **more: object) -> NoticeView:
        view = told(city, *arguments, **more)  # type: ignore[arg-type]
        made.append(view.id)
        return view

    yield publish
    for number in made:  # the next conversation must not hear of it
        city.ask(lambda c, n=number: notices.recall(c, city.small.staff["desk1"].id, n, "测试结束，撤回"))  # type: ignore[misc]


def open_tickets(city: City, talk: Talk) -> int:
    return len(city.ask(lambda c: tickets.mine(c, talk.resident.id)))


def test_a_report_is_answered_from_the_notice_and_no_ticket_is_filed(resident: Talk, city: City, tell: Callable[..., NoticeView]) -> None:
    tell(Kind.WATER, "水表检修", -1, 5)
    said = resident.say("我家停水了")
    assert "水表检修" in said
    assert "存好用水" in said
    assert resident.titles() == ["知道了，不用报", "不是这回事，还是要报"]
    assert "不另外报" in resident.say("1")
    assert open_tickets(city, resident) == 0


def test_who_has_another_trouble_still_reports_it(resident: Talk, city: City, tell: Callable[..., NoticeView]) -> None:
    tell(Kind.WATER, "水表检修", -1, 5)
    resident.say("我家停水了")
    said = resident.say("2")
    assert "从什么时候开始" in said or "照片" in said
    resident.say("今天刚发生")
    resident.say("跳过")
    assert "报上去了" in resident.say("1")
    assert open_tickets(city, resident) == 1


def test_the_place_said_later_finds_the_notice_too(
    someone: Callable[..., Talk], tell: Callable[..., NoticeView]
) -> None:
    tell(Kind.POWER, "线路检修", -1, 3)
    visitor = someone(None)
    assert "什么地方" in visitor.say("停电了，电梯也不动")
    assert "线路检修" in visitor.say("剡溪花园3幢2单元")


def test_another_building_and_another_trouble_do_not_hear_of_it(
    someone: Callable[..., Talk], resident: Talk, tell: Callable[..., NoticeView]
) -> None:
    tell(Kind.WATER, "水表检修", -1, 5)
    assert "水表检修" not in resident.say("楼道灯坏了好几天了")
    assert "水表检修" not in someone(None).say("剡溪花园5幢停水了")


def test_a_notice_that_should_be_over_hides_no_report_and_hears_of_it(
    resident: Talk, city: City, tell: Callable[..., NoticeView]
) -> None:
    notice = tell(Kind.WATER, "水泵检修", -5, 0.001)

    async def end(c: Community) -> None:
        now = datetime.now(timezone.utc)
        await notices.move_end(c, city.small.staff["desk1"].id, notice.id, now - timedelta(minutes=1))

    city.ask(end)
    said = resident.say("我家停水了")
    assert "知道了，不用报" not in resident.titles()
    for answer in ("今天刚发生", "跳过"):
        said = resident.say(answer)
    assert "就该好了" in said
    assert "报上去了" in resident.say("1")
    seen = city.ask(lambda c: notice_views.look(c, city.small.staff["desk1"].id, notice.id))
    assert len(seen.view.late) == 1


def test_what_is_going_on_is_told_for_the_residents_own_building(
    resident: Talk, someone: Callable[..., Talk], tell: Callable[..., NoticeView]
) -> None:
    tell(Kind.WATER, "水箱清洗", 20, 24)
    said = resident.say("明天停不停水")
    assert "水箱清洗" in said
    assert "没有停电的通知" in resident.say("今天停电不")
    assert "水箱清洗" not in someone("剡溪花园/5/1/101").say("明天停不停水")


def test_who_has_no_home_asks_with_the_name_of_the_estate(someone: Callable[..., Talk], tell: Callable[..., NoticeView]) -> None:
    tell(Kind.POWER, "变压器检修", 2, 6)
    visitor = someone(None)
    assert "哪个小区" in visitor.say("今天停电不")
    assert "变压器检修" in visitor.say("剡溪花园3幢今天停电吗")


def test_a_digit_under_the_notice_says_that_it_was_read(resident: Talk, city: City, tell: Callable[..., NoticeView]) -> None:
    notice = tell(Kind.LIFT, "电梯年检", 3, 8)
    resident.send(f'/answer_invitation{{"ticket_number":"{notice.id}","answer":"notice_yes"}}')
    assert any("记下您知道了" in line for line in resident.lines)
    seen = city.ask(lambda c: notice_views.look(c, city.small.staff["desk1"].id, notice.id))
    assert seen.view.read == 1
    stranger = city.newcomer("剡溪花园/5/1/101")

    async def other(c: Community) -> None:
        await noticing.read(c, stranger.id, notice.id)

    with pytest.raises(Exception, match="找不到"):
        city.ask(other)
