"""Cards for staff, judged by what the simulator refuses of one and what it says a phone would cut."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chinese.ticket_numbers import ticket_number
from community.model.category import Category, Urgency
from community.model.ticket import Status, Ticket
from community.services.staff_cards import BUTTONS, _plain
from gateway.wecom.cards import Card, card_body, update_body
from gateway.wecom.commands import Kind, parse
from ops.wechat import cards
from ops.wechat.wecom_api import USED_CODE
from tests.unit.ops.wechat.company import WANG, Company
from tests.unit.ops.wechat.reference_door import door_and_platform

LI = "lina"
NOW = datetime(2026, 11, 24, 2, 0, tzinfo=timezone.utc)
NUMBER = ticket_number(23)
CARD = Card(
    title=f"工单 {NUMBER}",
    lines=(("地点", "剡溪花园3幢2单元"), ("类别", "照明"), ("期限", "今天 17:30 前接单")),
    task_id=f"t-{NUMBER}-1",
    buttons=(("accept", "接单", 1), ("return", "退回", 2), ("transfer", "转派", 2)),
    desc="楼道灯坏了，晚上看不见",
)
NOTICE = replace(CARD, buttons=(), url="https://a.cn/desk")


def checked(body: dict[str, Any]) -> dict[str, Any]:
    cards.check(body)
    assert list(cards.too_long(body)) == []
    return body


def test_a_card_with_buttons_is_taken_and_says_what_it_should() -> None:
    body = checked(card_body(CARD))
    assert body["card_type"] == "button_interaction"
    assert cards.buttons(body) == [("accept", "接单"), ("return", "退回"), ("transfer", "转派")]
    assert cards.words(body).splitlines() == [
        f"工单 {NUMBER}", "楼道灯坏了，晚上看不见", "地点：剡溪花园3幢2单元", "类别：照明", "期限：今天 17:30 前接单",
    ]  # fmt: skip


def test_a_card_without_buttons_is_a_notice_that_leads_somewhere() -> None:
    body = checked(card_body(NOTICE))
    assert body["card_type"] == "text_notice"
    assert body["card_action"] == {"type": 1, "url": "https://a.cn/desk"}
    assert "button_list" not in body


def test_a_card_with_buttons_may_lead_somewhere_too() -> None:
    assert checked(card_body(replace(CARD, url="http://a.cn")))["card_action"]["url"] == "http://a.cn"


@pytest.mark.parametrize(
    "card",
    [
        replace(NOTICE, url=""),
        replace(NOTICE, url="/desk"),
        replace(CARD, task_id=""),
        replace(CARD, task_id="工单1"),
        replace(CARD, task_id="t\n"),
        replace(CARD, task_id="x" * 129),
        replace(CARD, buttons=(("a", "接单", 1), ("a", "退回", 1))),
        replace(CARD, buttons=(("", "接单", 1),)),
        replace(CARD, buttons=(("字" * 342, "接单", 1),)),
    ],
)
def test_what_shortening_does_not_mend_is_said_before_it_is_sent(card: Card) -> None:
    with pytest.raises(ValueError, match="card|task_id|key"):
        card_body(card)


def test_a_long_description_gets_the_longer_field() -> None:
    body = checked(card_body(replace(CARD, desc="楼道灯坏了" * 20)))
    assert body["sub_title_text"] == "楼道灯坏了" * 20
    assert "desc" not in body["main_title"]
    assert checked(card_body(replace(CARD, desc="灯" * 500)))["sub_title_text"] == "灯" * 159 + "…"


def test_what_somebody_said_stands_below_and_a_long_description_before_it() -> None:
    body = checked(card_body(replace(CARD, words="楼道灯坏了\n昨晚开始")))
    assert (body["main_title"]["desc"], body["sub_title_text"]) == (CARD.desc, "楼道灯坏了 昨晚开始")
    assert checked(card_body(replace(CARD, desc="急" * 45, words="灯坏了")))["sub_title_text"] == "急" * 45 + " 灯坏了"


def test_what_is_too_long_ends_in_an_ellipsis() -> None:
    buttons = (("a", "马上接下这一张工单吧", 1), ("b", "字" * 11, 1))
    card = replace(CARD, title="工" * 37, lines=(("居民所在地点", "剡" * 27),), buttons=buttons)
    body = checked(card_body(card))
    assert body["main_title"]["title"] == "工" * 35 + "…"
    assert body["horizontal_content_list"] == [{"keyname": "居民所在…", "value": "剡" * 25 + "…"}]
    assert [one["text"] for one in body["button_list"]] == ["马上接下这一张工单吧", "字" * 9 + "…"]


def test_lines_beyond_the_sixth_are_drawn_together() -> None:
    body = checked(card_body(replace(CARD, lines=tuple((f"第{n}", str(n)) for n in range(8)))))
    assert body["horizontal_content_list"][-1] == {"keyname": "其余", "value": "第5 5；第6 6；第7 7"}


def test_a_seventh_button_is_left_to_typing() -> None:
    card = replace(CARD, buttons=tuple((str(n), f"接单{n}", 9) for n in range(7)))
    body = checked(card_body(card))
    assert len(body["button_list"]) == 6
    assert {one["style"] for one in body["button_list"]} == {1}


anything = st.text(max_size=300)


@given(
    anything,
    st.lists(st.tuples(anything, anything), max_size=9),
    st.lists(st.tuples(anything, st.integers(-1, 6)), max_size=8),
    anything,
)
def test_whatever_residents_wrote_a_card_is_taken(
    title: str, lines: list[tuple[str, str]], buttons: list[tuple[str, int]], desc: str
) -> None:
    keyed = tuple((str(index), words, style) for index, (words, style) in enumerate(buttons))
    card = Card(title, tuple(lines), "t1", keyed, desc, "https://a.cn")
    checked(card_body(card))


def test_what_the_plain_text_says_to_type_is_understood() -> None:
    ticket = Ticket(
        id=1,
        number=NUMBER,
        resident_id=None,
        category=Category.LIGHTING,
        urgency=Urgency.NORMAL,
        status=Status.DISPATCHED,
        place_id=None,
        estate_id=None,
        grid_id=None,
        community_id=None,
        words="楼道灯坏了 <a href='x'>看</a>",
        place_text="剡溪花园3幢",
        accept_by=NOW,
        resolve_by=NOW,
        created_at=NOW,
    )
    told = _plain(f"工单 {NUMBER}", "新工单", ticket, [("类别", "照明")], tuple((str(m), w) for m, w in BUTTONS), pass_on=False)
    assert "<" not in told
    typed = told.splitlines()[-1].removeprefix("可以回复：").split("；")
    commands = [parse(one) for one in typed]
    assert [one.kind for one in commands] == [Kind.ACCEPT, Kind.START, Kind.RESOLVE, Kind.RETURN_]
    assert {one.number for one in commands} == {NUMBER}


async def test_the_platform_takes_it_and_its_updates() -> None:
    async with door_and_platform() as (door, simulator):
        company = Company(door, simulator)
        wang, li = simulator.member(WANG), simulator.member(LI)
        sent = await company.card(f"{WANG}|{LI}", **card_body(CARD))
        assert sent["errcode"] == 0

        async def update(body: dict[str, Any]) -> int:
            return int((await company.call("message/update_template_card", body))["errcode"])

        greyed = update_body(CARD, sent["response_code"], company.own.agentid, "已接单 · 王强", userids=[WANG])
        assert [await update(greyed), await update(greyed)] == [0, USED_CODE]
        assert (wang.saw()[-1].text, wang.cards()) == ("[已接单 · 王强]", [])

        await li.press("退回")
        later = replace(CARD, buttons=(("start", "到场", 1),))
        assert await update(update_body(later, door.bodies[-1]["ResponseCode"], company.own.agentid, userids=[LI])) == 0
        await li.press("到场")
        assert (door.bodies[-1]["EventKey"], door.bodies[-1]["TaskId"]) == ("start", CARD.task_id)

        everybody = update_body(NOTICE, door.bodies[-1]["ResponseCode"], company.own.agentid, "已办结 · 李娜")
        assert await update(everybody) == 0
        assert all("状态：已办结 · 李娜" in hand.saw()[-1].text for hand in (wang, li))
        assert simulator.report()["findings"] == {"response_code_refused": 1}
