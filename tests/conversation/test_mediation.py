"""Asking for a 老娘舅, being asked to come, answering in parts, and lending a hand: by words and by single digits."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from community.model.category import Category
from community.model.mediation import Side
from community.model.people import Role, Staff
from community.model.ticket import Move, Status
from community.model.volunteer import Activity, Shift, Signup, SignupStatus
from community.ports import Community
from community.services import care, desk, mediation, tickets
from tests.conversation.servers import City
from tests.conversation.talk import Talk
from tests.conversation.test_followup import Someone, report, resolve, state


def news(city: City, talk: Talk) -> str:
    """Read the newest message to this resident, as it would have arrived: its buttons are what a digit means from now on."""

    async def read(c: Community) -> tuple[str, list[dict[str, str]]]:
        async with c.reading() as uow:
            last = (await uow.outbox.latest(talk.resident.id, 1))[0]
            return last.text, list(last.buttons)

    text, buttons = city.ask(read)
    talk.buttons = buttons
    talk.lines.append(f"消息：{text}")
    return text


@pytest.fixture
def mediator(city: City) -> int:
    known = city.small.staff.get("mediator")
    if known is not None:
        return known.id
    member = Staff(0, "mediator", "倪阿庆", Role.MEDIATOR, city.small.places["剡溪社区"].id, phone="138-0000-0009")

    async def add(c: Community) -> None:
        async with c.uow() as uow:
            member.id = None  # type: ignore[assignment]
            uow.session.add(member)  # type: ignore[attr-defined]
            await uow.commit()

    city.ask(add)
    city.small.staff["mediator"] = member
    return member.id


# Part of it -----------------------------------------------------------------------------------------------------------


def test_two_says_part_of_it_and_is_asked_once_what_is_missing(resident: Talk, city: City) -> None:
    number = report(resident)
    resolve(city, number)
    assert "2 办了一部分" in news(city, resident)
    said = resident.say("2")
    assert "还差什么" in said
    said = resident.say("二楼那盏还黑着")
    assert "办了一部分" in said
    assert "新的承诺" in said
    last = state(city, resident, number).events[-1]
    assert (last.move, last.note) == (Move.PARTLY, "二楼那盏还黑着")


def test_what_is_missing_may_be_left_out(resident: Talk, city: City) -> None:
    number = report(resident)
    resolve(city, number)
    news(city, resident)
    resident.say("2")
    assert "办了一部分" in resident.say("1")
    assert state(city, resident, number).events[-1].note == ""


@pytest.mark.parametrize(
    ("words", "kept"), [("部分解决", None), ("还有一点没弄好", None), ("只修了一半，二楼还黑着", "只修了一半，二楼还黑着")]
)
def test_words_for_part_of_it_are_not_a_plain_no(resident: Talk, city: City, words: str, kept: str | None) -> None:
    number = report(resident)
    resolve(city, number)
    said = resident.say(words)
    if kept is None:
        assert "还差什么" in said, said
        resident.say("跳过")
    last = state(city, resident, number).events[-1]
    assert (last.move, last.note) == (Move.PARTLY, kept or "")


def test_the_digit_counts_in_the_middle_of_a_report_which_then_goes_on(resident: Talk, city: City) -> None:
    number = report(resident)
    resolve(city, number)
    resident.say("剡溪花园5幢1单元电梯坏了")
    news(city, resident)
    said = resident.say("2")
    assert "办了一部分" in said
    assert f"补充工单{number}" in said
    assert state(city, resident, number).events[-1].move is Move.PARTLY
    # What is typed next belongs to the report's own question.
    resident.say("1")
    resident.say("1")
    assert re.search(r"工单号 \d{6}", resident.say("提交"))


def test_a_digit_under_the_news_of_another_ticket_is_not_taken_for_this_one(resident: Talk, city: City) -> None:
    first = report(resident)
    second = report(resident, "剡溪花园3幢1单元门禁刷不开两天了")
    resolve(city, first)
    news(city, resident)
    resident.say("3")  # asked what is not yet done
    resolve(city, second)
    news(city, resident)
    assert second in resident.say("3")
    resident.say("刷了没反应")
    assert state(city, resident, second).events[-1].move is Move.REOPEN
    assert state(city, resident, first).ticket.status is Status.RESOLVED


# Mediation -------------------------------------------------------------------------------------------------------------


def test_a_mediator_is_asked_for_in_three_short_questions(resident: Talk, city: City, mediator: int) -> None:
    assert "是什么事" in resident.say("我要申请调解")
    assert "对方住哪里" in resident.say("楼上半夜拖椅子，说了几次都吵起来")
    said = resident.say("剡溪花园3幢1单元101")
    assert "都不会给对方看" in said
    said = resident.say("1")
    number = re.search(r"工单号 (\d{6})", said)
    assert number, said
    assert "调解员倪阿庆" in said
    detail = state(city, resident, number.group(1))
    assert (detail.ticket.category, detail.ticket.words) == (Category.DISPUTE, "楼上半夜拖椅子，说了几次都吵起来")


def test_who_says_what_it_is_about_is_not_asked_again_and_may_leave(resident: Talk, mediator: int) -> None:
    said = resident.say("我和隔壁为了楼道堆东西吵了半年，想请老娘舅来调解")
    assert "对方住哪里" in said, said
    assert "由调解员去找" in resident.say("1")
    assert "没有请" in resident.say("2")
    assert "还没有工单" in resident.say("我的工单到哪了")


def test_the_other_side_is_asked_accepts_and_speaks_without_being_heard_by_the_first(
    someone: Someone, city: City, mediator: int
) -> None:
    first, second = someone(), someone("剡溪花园/5/2/101")
    first.say("请老娘舅")
    first.say("楼下半夜放音乐吵得孩子睡不着")
    first.say("剡溪花园5幢2单元101")
    match = re.search(r"工单号 (\d{6})", first.say("1"))
    assert match, first.lines
    number = match.group(1)
    city.ask(lambda c: desk.accept(c, mediator, number))
    city.ask(lambda c: mediation.invite(c, mediator, number, second.resident.id, "夜里的声响"))
    assert "1 愿意谈" in news(city, second)
    second.say("小区里路灯坏了")  # in the middle of a report of their own
    news(city, second)
    said = second.say("1")
    assert "谢谢您愿意谈" in said
    second.say("取消")
    assert "另一方愿意" in news(city, first)
    city.ask(lambda c: mediation.write(c, mediator, number, (Side.SECOND,), "您那边怎么说？", f"w-{number}"))
    news(city, second)
    assert "请说要补充" in second.say("1")
    assert "补充好了" in second.say("我戴耳机听的，不知道漏音")
    assert "漏音" not in first.say(f"{number}到哪一步了")
    said = second.say(f"{number}到哪一步了")
    assert "夜里的声响" in said
    assert "睡不着" not in said


def test_a_no_to_the_invitation_is_taken_kindly(someone: Someone, city: City, mediator: int) -> None:
    first, second = someone(), someone("剡溪花园/5/2/502")
    ask = mediation.AskMediation(first.resident.id, "为晾衣服吵架", "剡溪花园5幢2单元502", f"ask-{second.resident.id}")
    number = city.ask(lambda c: mediation.ask(c, ask)).ticket.number
    city.ask(lambda c: mediation.invite(c, mediator, number, second.resident.id, "晾衣服"))
    news(city, second)
    assert "不勉强您" in second.say("2")
    assert "这次约不到另一方" in news(city, first)


# A hand ------------------------------------------------------------------------------------------------------------------


def test_a_request_for_a_hand_finds_a_neighbour_who_takes_it_by_a_digit(someone: Someone, city: City) -> None:
    asker, helper, late = someone(), someone("剡溪花园/3/1/502"), someone("剡溪花园/3/1/101")
    assert "志愿者" in asker.say("帮我妈取一次药，她走不动")
    for _ in range(5):
        if "提交" in asker.say("1"):
            break
    match = re.search(r"工单号 (\d{6})", asker.say("提交"))
    assert match, asker.lines
    number = match.group(1)
    assert state(city, asker, number).ticket.category is Category.ELDERLY_CARE

    async def work(c: Community) -> None:
        now = c.clock.now()
        async with c.uow() as uow:
            table = Activity(0, "助餐", "敬老助餐", "", "食堂", city.small.places["剡溪社区"].id, "社区")
            await uow.volunteering.add_activity(table)
            shift = Shift(0, table.id, now - timedelta(days=9), now - timedelta(days=8), 5)  # over: no list shows it
            await uow.volunteering.add_shift(shift)
            for who in (helper, late):
                await uow.volunteering.add_signup(Signup(0, shift.id, who.resident.id, SignupStatus.SIGNED_UP, now, now))
            await uow.commit()
        start = now + timedelta(days=1)
        await care.make(c, city.small.staff["grid1"].id, number, "去药店取一次药", start, start + timedelta(hours=1))

    city.ask(work)
    news(city, asker)
    assert "正在问附近的志愿者" in asker.say("1")
    offer = news(city, helper)
    news(city, late)
    assert "502" not in offer
    said = helper.say("1")
    assert "剡溪花园3幢2单元502室" in said
    assert "已经有人接了" in late.say("1")
    assert "接了" in news(city, asker)
    assert "去药店取一次药" in helper.say("我的志愿活动")
    helper.buttons = [{"title": "帮好了", "payload": f'/answer_invitation{{"ticket_number":"{number}","answer":"done_yes"}}'}]
    assert "辛苦您了" in helper.say("1")
    assert "2 办了一部分" in news(city, asker)
    assert city.ask(lambda c: tickets.progress(c, asker.resident.id, number)).ticket.status is Status.RESOLVED
