"""A form's turn: answer, aside, refusal, resumption; and one report from words to card without Rasa."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from rasa_sdk.executor import CollectingDispatcher

from actions import runtime
from actions.followup import TicketForm
from actions.forms import answered_already, is_aside, wants_out
from actions.home import HomeForm
from actions.report import ReportForm
from actions.report_filing import ActionFileReport
from actions.turn import Turn
from community.ports import Community
from community.services import tickets
from tests.conftest import FakeClock, community_on
from tests.small_city import SmallCity, build_small_city
from tests.unit.actions.tracking import tracker


@pytest.fixture
async def heart(sqlite_url: str, tmp_path: Path, clock: FakeClock) -> Any:
    async with community_on(sqlite_url, tmp_path, clock) as opened:
        runtime.use(opened)
        yield opened
        runtime.release()


@pytest.fixture
async def small(heart: Community) -> SmallCity:
    return await build_small_city(heart)


@pytest.fixture(autouse=True)
def _closed() -> Iterator[None]:
    yield
    runtime.release()


def category(name: str, chance: float = 0.9) -> list[dict[str, Any]]:
    return [{"entity": "category", "value": name, "confidence_entity": chance}]


async def turn_of(**given: Any) -> Turn:
    return await Turn.of(CollectingDispatcher(), tracker(**given))


async def validate(form: Any, **given: Any) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """The slots a validator sets, and what it said."""
    dispatcher = CollectingDispatcher()
    events = await form.run(dispatcher, tracker(**given), {})
    return {e["name"]: e["value"] for e in events if e["event"] == "slot"}, dispatcher.messages


USER = {"event": "user", "text": "x"}
LISTEN = {"event": "action", "name": "action_listen"}
FORM = {"event": "action", "name": "report_form"}
SLOT = {"event": "slot", "name": "a", "value": 1}


@pytest.mark.parametrize(
    ("events", "already"),
    [
        ([LISTEN, USER, FORM], False),
        ([LISTEN, USER, SLOT, SLOT, FORM, SLOT], False),
        ([LISTEN, USER, {"event": "active_loop", "name": "report_form"}, FORM], False),
        ([LISTEN, USER, {"event": "action_execution_rejected", "name": "report_form"}, FORM], True),
        ([LISTEN, USER, {"event": "action", "name": "action_hours"}, {"event": "bot"}, FORM], True),
        ([LISTEN, USER, FORM, LISTEN, USER, FORM], False),
        ([], False),
    ],
)
async def test_whether_a_message_was_answered_by_something_else(
    small: SmallCity, events: list[dict[str, Any]], already: bool
) -> None:
    assert answered_already(await turn_of(text="x", events=events), "report_form") is already


@pytest.mark.parametrize(
    ("text", "intent", "confidence", "out"),
    [
        ("取消", "inform", 0.2, True),
        ("算了不报了", "nlu_fallback", 0.0, True),
        ("我后悔了，别报上去了", "cancel", 0.9, True),
        ("取消绿化带改停车位，强烈反对", "report", 0.9, False),
        ("算了半天账也不对，物业公共收益", "report", 0.8, False),
        ("/cancel", "cancel", 1.0, True),
    ],
)
async def test_wanting_out(small: SmallCity, text: str, intent: str, confidence: float, out: bool) -> None:
    assert wants_out(await turn_of(text=text, intent=intent, confidence=confidence)) is out


async def test_only_what_is_clearly_about_something_else_is_an_aside(small: SmallCity) -> None:
    assert is_aside(await turn_of(text="你们几点上班", intent="ask_hours", confidence=0.9), 0.6)
    assert not is_aside(await turn_of(text="你们几点上班", intent="ask_hours", confidence=0.4), 0.6)
    assert not is_aside(await turn_of(text="你好，昨天晚上九点开始的", intent="greet", confidence=0.9), 0.6)
    assert not is_aside(await turn_of(text="漏得更大了", intent="report", confidence=0.9), 0.6)
    assert is_aside(await turn_of(text="/ask_hours", intent="ask_hours", confidence=1.0), 2.0)


async def test_a_sentence_fills_what_it_says_and_asks_for_the_rest_in_one_message(small: SmallCity) -> None:
    filled, said = await validate(
        ReportForm(), text="剡溪花园3幢2单元楼道灯坏了", intent="report", entities=category("lighting")
    )
    assert filled["report_place"] == "剡溪花园3幢2单元"
    assert filled["report_category"] == "lighting"
    assert filled["requested_slot"] == "report_detail"
    assert len(said) == 1


async def test_an_aside_sets_nothing_so_that_rasa_lets_other_rules_answer(small: SmallCity) -> None:
    filled, said = await validate(
        ReportForm(),
        text="你们几点上班",
        intent="ask_hours",
        values={"report_words": "灯坏了", "requested_slot": "report_place"},
        loop="report_form",
    )
    assert (filled, said) == ({}, [])


async def test_after_an_aside_the_same_question_comes_again_and_nothing_is_read(small: SmallCity) -> None:
    events = [LISTEN, USER, {"event": "action", "name": "action_hours"}, FORM]
    filled, said = await validate(
        ReportForm(),
        text="你们几点上班",
        intent="ask_hours",
        values={"report_words": "灯坏了", "requested_slot": "report_place"},
        loop="report_form",
        events=events,
    )
    assert filled["requested_slot"] == "report_place"
    assert filled["report_place"] is None
    assert "在什么地方" in said[0]["text"]


async def test_an_answer_that_cannot_be_used_is_said_and_asked_again_in_one_message(small: SmallCity) -> None:
    filled, said = await validate(
        ReportForm(),
        text="？",
        intent="nlu_fallback",
        values={"report_words": "灯坏了", "requested_slot": "report_place"},
        loop="report_form",
    )
    assert filled["requested_slot"] == "report_place"
    assert len(said) == 1
    assert "没看懂" in said[0]["text"]
    assert "在什么地方" in said[0]["text"]


async def test_a_refusal_of_a_service_keeps_the_form(small: SmallCity) -> None:
    filled, said = await validate(
        TicketForm(),
        text="999990",
        intent="ask_progress",
        values={"ticket_task": "ask_progress", "requested_slot": "ticket_number"},
        loop="ticket_form",
    )
    assert filled["requested_slot"] == "ticket_number"
    assert said


async def test_a_form_that_takes_the_place_of_another_reads_its_opening_words(small: SmallCity) -> None:
    """Rasa still names the other form's question then, and that form's rejection stands behind the message."""
    rejected = {"event": "action_execution_rejected", "name": "ticket_form"}
    filled, _ = await validate(
        ReportForm(),
        text="剡溪花园3幢2单元楼道灯坏了",
        intent="report",
        values={"requested_slot": "ticket_number"},
        loop="report_form",
        events=[LISTEN, USER, rejected, FORM],
    )
    assert filled["report_words"] == "剡溪花园3幢2单元楼道灯坏了"


async def test_a_report_left_lying_does_not_come_back_in_the_next(small: SmallCity) -> None:
    left = {
        "report_words": "昨天的事",
        "report_place": "鹿山苑1幢",
        "report_detail": "很久了",
        "report_contact": "13800001234",
    }
    filled, _ = await validate(ReportForm(), text="电梯坏了", intent="report", values=left)
    assert filled["report_words"] == "电梯坏了"
    assert (filled["report_place"], filled["report_detail"], filled["report_contact"]) == (None, None, None)


FILLED = {
    "report_words": "楼道灯坏了",
    "report_category": "lighting",
    "report_place": "剡溪花园3幢2单元",
    "report_detail": "好几天了",
    "report_contact": "13800001234",
    "report_confirm": "yes",
}


async def test_filing_twice_for_one_message_is_one_ticket(heart: Community, small: SmallCity) -> None:
    said = []
    for _ in range(2):
        dispatcher = CollectingDispatcher()
        events = await ActionFileReport().run(dispatcher, tracker("提交", values=FILLED), {})
        said.append(dispatcher.messages[0]["text"])
        assert all(e["value"] is None for e in events if e["name"].startswith("report_"))
    assert said[0] == said[1]
    assert len(await tickets.mine(heart, small.residents["R0001"].id)) == 1


async def test_a_refused_report_keeps_all_that_was_said(small: SmallCity) -> None:
    dispatcher = CollectingDispatcher()
    events = await ActionFileReport().run(dispatcher, tracker("提交", values={**FILLED, "report_words": " "}), {})
    assert "什么事" in dispatcher.messages[0]["text"]
    assert [e["event"] for e in events] == ["slot", "followup"]


async def test_a_resident_nobody_knows_is_told_to_come_in_again(small: SmallCity) -> None:
    dispatcher = CollectingDispatcher()
    assert await ActionFileReport().run(dispatcher, tracker("提交", sender="nobody"), {}) == []
    assert "重新进入" in dispatcher.messages[0]["text"]


@pytest.mark.parametrize("welcome", [True, False])
async def test_who_just_began_to_follow_is_greeted_and_asked_for_a_home_in_one_message(
    small: SmallCity, welcome: bool
) -> None:
    said = CollectingDispatcher()
    began = tracker("/bind_home", intent="bind_home", sender="rkeyR0005")
    began.latest_message["metadata"]["welcome"] = welcome
    await HomeForm().ask_home_text(await Turn.of(said, began), {"home_tries": 0})
    (message,) = said.messages
    assert ("您好，我是邻舍的小邻" in message["text"]) is welcome
    assert "请说小区和门牌" in message["text"]
