"""Following a ticket: by number, by description, by the button of a notification."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from chinese.ticket_numbers import is_valid, ticket_number
from community.model.ticket import Status
from community.services import desk, tickets
from community.services.views import TicketDetail
from tests.conversation.servers import City
from tests.conversation.talk import Talk, payload
from tests.conversation.test_report import photo_of

Someone = Callable[..., Talk]


def report(talk: Talk, words: str = "剡溪花园3幢1单元楼道灯坏了三天") -> str:
    talk.say(words)
    talk.say("1")
    match = re.search(r"工单号 (\d{6})", talk.say("提交"))
    assert match, talk.lines
    return match.group(1)


def state(city: City, talk: Talk, number: str) -> TicketDetail:
    return city.ask(lambda c: tickets.progress(c, talk.resident.id, number))


def resolve(city: City, number: str, worker: str = "grid1") -> None:
    """What the grid worker does in the console."""
    staff = city.small.staff[worker].id

    async def work(c: object) -> None:
        await desk.accept(c, staff, number)
        await desk.resolve(c, staff, number, "灯泡换好了")

    city.ask(work)


@pytest.fixture
def number(resident: Talk) -> str:
    return report(resident)


def test_progress_by_number_says_state_holder_and_promise(resident: Talk, number: str) -> None:
    said = resident.say(f"{number}到哪一步了")
    for word in (number, "已派单", "网格员王强", "前办好"):
        assert word in said


def test_a_bare_number_is_a_question_about_it(resident: Talk, number: str) -> None:
    assert "已派单" in resident.say(number)


def test_progress_by_description(resident: Talk, number: str) -> None:
    other = report(resident, "剡溪花园5幢1单元电梯坏了两天")
    assert other in resident.say("那个电梯怎么样了")
    assert number in resident.say("那个灯怎么样了")


def test_several_tickets_are_listed_and_chosen_by_digit_or_words(resident: Talk, number: str) -> None:
    other = report(resident, "剡溪花园5幢1单元电梯坏了两天")
    said = resident.say("看看我报过哪些工单")
    assert number in said
    assert other in said
    assert len(resident.titles()) == 2
    chosen = next(b["payload"] for b in resident.buttons if number in b["title"])
    assert "已派单" in resident.send(chosen)
    resident.say("看看我报过哪些工单")
    assert other in resident.say("电梯的那个")


def test_urging_counts_once_in_half_an_hour_and_says_when_again(resident: Talk, number: str) -> None:
    assert "第1次" in resident.say("催一下")
    again = resident.say("怎么还没人来，再催催")
    assert "半小时内刚催过" in again
    assert "138-0000-0001" in again


def test_a_word_more_is_added_to_the_ticket(resident: Talk, number: str, city: City) -> None:
    assert "补充好了" in resident.say("补充一下，晚上八点以后更黑")
    assert any("晚上八点以后更黑" in e.note for e in state(city, resident, number).events)


def test_adding_without_words_asks_for_them_and_takes_a_photo_too(resident: Talk, number: str, city: City) -> None:
    assert "补充" in resident.say("我要补充情况")
    shot = photo_of(city, resident)
    assert "照片" in resident.say("", photos=(shot,))
    assert (shot, "added") in state(city, resident, number).photos


def test_a_photo_sent_alone_can_go_to_an_open_ticket(resident: Talk, number: str, city: City) -> None:
    shot = photo_of(city, resident)
    assert "照片收到" in resident.say("", photos=(shot,))
    assert f"已加到工单{number}" in resident.say("1")
    assert (shot, "added") in state(city, resident, number).photos
    # The form is closed, and the next report does not carry the photo.
    resident.say("剡溪花园5幢1单元电梯坏了两天")
    assert "照片：没有" in resident.say("跳过")


def test_withdrawing_asks_once_and_can_be_declined(resident: Talk, number: str, city: City) -> None:
    assert "确定撤回" in resident.say(f"撤回{number}")
    assert "没有撤" in resident.say("2")
    assert state(city, resident, number).ticket.is_open
    resident.say(f"撤回{number}")
    assert "已撤回" in resident.say("1")
    assert state(city, resident, number).ticket.status is Status.WITHDRAWN


def test_confirming_asks_for_stars_and_takes_a_digit(resident: Talk, number: str, city: City) -> None:
    resolve(city, number)
    assert "打个分" in resident.send(payload("confirm_resolved", ticket_number=number))
    assert "5分" in resident.say("5")
    ticket = state(city, resident, number).ticket
    assert (ticket.status, ticket.rating) == (Status.CLOSED, 5)


def test_confirming_and_rating_in_words(resident: Talk, number: str, city: City) -> None:
    resolve(city, number)
    assert "打个分" in resident.say("已经修好了，谢谢师傅")
    assert "4分" in resident.say("打4分")
    assert state(city, resident, number).ticket.rating == 4


def test_not_done_goes_back_with_the_reason(resident: Talk, number: str, city: City) -> None:
    resolve(city, number)
    assert "哪里还没好" in resident.send(payload("not_resolved", ticket_number=number))
    assert "重办" in resident.say("二楼那盏还是不亮")
    detail = state(city, resident, number)
    assert detail.ticket.is_open
    assert any("二楼那盏还是不亮" in e.note for e in detail.events)


def test_not_done_needs_no_reason(resident: Talk, number: str, city: City) -> None:
    resolve(city, number)
    resident.send(payload("not_resolved", ticket_number=number))
    assert "重办" in resident.say("1")


def test_done_is_not_confirmed_before_staff_say_so(resident: Talk, number: str, city: City) -> None:
    said = resident.say("已经修好了")
    assert "撤回" in said
    assert state(city, resident, number).ticket.is_open


def test_a_notification_pressed_twice_changes_nothing_and_says_so_plainly(
    resident: Talk, number: str, city: City
) -> None:
    resolve(city, number)
    button = payload("confirm_resolved", ticket_number=number)
    resident.send(button)
    said = resident.send(button)
    assert number in said
    assert "Traceback" not in said
    assert state(city, resident, number).ticket.status is Status.CONFIRMED


def test_a_misread_number_is_said_to_be_misread(resident: Talk, number: str) -> None:
    wrong = number[:5] + str((int(number[5]) + 1) % 10)
    assert not is_valid(wrong)
    assert "读错" in resident.say(f"查一下{wrong}")
    assert "已派单" in resident.say(number)


def test_the_number_of_somebody_else_is_as_unknown_as_one_that_is_not(someone: Someone, number: str) -> None:
    nosy = someone("剡溪花园/5/1/101")
    never = ticket_number(80_000)
    nosy.say("你们几点上班")  # the first answer has a line more
    other, none = nosy.say(f"{number}到哪一步了"), nosy.say(f"{never}到哪一步了")
    assert other.replace(number, "") == none.replace(never, "")
    assert "没有查到" in other
    for move in ("confirm_resolved", "withdraw_ticket", "urge", "rate"):
        said = nosy.send(payload(move, ticket_number=number, score="5"))
        nosy.say("1")
        assert "楼道灯" not in said


def test_nobody_without_tickets_is_left_standing(resident: Talk) -> None:
    said = resident.say("我的工单怎么样了")
    assert "还没有工单" in said
    assert resident.titles() == ["我要报事"]
    assert "什么事" in resident.say("1")


def test_a_new_report_while_choosing_a_ticket_is_heard(resident: Talk, number: str) -> None:
    report(resident, "剡溪花园5幢1单元电梯坏了两天")
    resident.say("看看我报过哪些工单")
    assert "什么时候开始" in resident.say("剡溪花园5幢2单元下水道堵了，污水都冒出来了")
    assert "地点：剡溪花园5幢2单元" in (resident.say("今天刚发生") and resident.say("跳过"))


def test_leaving_the_choice_is_fine(resident: Talk, number: str) -> None:
    report(resident, "剡溪花园5幢1单元电梯坏了两天")
    resident.say("看看我报过哪些工单")
    assert "好的" in resident.say("算了")
    assert "8:30" in resident.say("你们几点上班")
