"""协商议事 in chat: a proposal in a sentence, co-signing, voting with digits, asking what came of it."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from community.model.ballot import SCORES, YES_NO, Ballot, Kind, Rule
from community.model.deliberation import MeetingKind
from community.model.household import CONSENT_TEXT
from community.services import ballot_papers, ballots, meetings, proposal_desk, proposals
from community.services.ballots import NewBallot
from community.services.meetings import NewMeeting
from tests.conversation.servers import City
from tests.conversation.talk import Talk, payload
from tests.deliberating import settle

Someone = Callable[..., Talk]


@pytest.fixture(scope="module", autouse=True)
def settled(assistant: object) -> None:
    """Every room of 剡溪花园 has a household."""
    city: City = assistant.city  # type: ignore[attr-defined]
    city.ask(lambda c: settle(c, city.small))


def open_ballot(city: City, key: str, **more: object) -> Ballot:
    desk = city.small.staff["desk1"].id

    async def go(c: object) -> Ballot:
        now = c.clock.now()  # type: ignore[attr-defined]
        given: dict[str, object] = {"rule": Rule.SIMPLE, **more}
        new = NewBallot(city.small.places["剡溪花园"].id, key, now, now + timedelta(days=3), f"talk:{key}", **given)  # type: ignore[arg-type]
        ballot = await ballots.prepare(c, desk, new)  # type: ignore[arg-type]
        await ballots.open_ballot(c, desk, ballot.id, f"talk:{key}:open")  # type: ignore[arg-type]
        return ballot

    return city.ask(go)


def call_off(city: City, ballot: Ballot) -> None:
    city.ask(lambda c: ballots.call_off(c, city.small.staff["desk1"].id, ballot.id, "测试完了"))


def chosen_in_tracker(city: City, talk: Talk) -> list[str]:
    """Stored events of Rasa with the name of an option in them, but for what the resident typed in words and notices quote."""
    with sqlite3.connect(city.folder.parent / "tracker.db") as connection:
        rows = connection.execute("SELECT data FROM events WHERE sender_id = ?", (talk.resident.key,)).fetchall()
    told = [json.loads(row[0]) for row in rows]
    typed = {"我投反对"}
    return [
        str(event)
        for event in told
        if event.get("text") not in typed and any(option in _as_kept(event) for option in YES_NO)
    ]


def _as_kept(event: dict[str, Any]) -> str:
    """Without the line about consent, which a newcomer reads once under an answer."""
    kept = json.dumps({k: v for k, v in event.items() if k != "parse_data"}, ensure_ascii=False)
    return kept.replace(CONSENT_TEXT, "")


def test_a_sentence_becomes_a_proposal_once_it_is_confirmed(resident: Talk, city: City) -> None:
    said = resident.say("我想提个议题，3幢楼下装一个电瓶车充电棚")
    assert "议题：3幢楼下装一个电瓶车充电棚" in said
    assert "就这样提" in said
    said = resident.say("1")
    assert "提上去了" in said
    assert "您家算第一户" in said
    (own,) = city.ask(lambda c: proposals.find(c, resident.resident.id, "我提的那个怎么样了"))
    assert (own.signed, own.place_text) == (1, "剡溪花园3幢")
    assert "征集附议" in resident.say("我提的议题怎么样了")


def test_a_wish_without_a_matter_is_asked_for_it_and_a_wrong_wording_is_said_again(resident: Talk) -> None:
    assert "一两句话" in resident.say("我要提个议题")
    assert "议题：" in resident.say("小区广场晚上跳舞八点半结束")
    assert "一两句话" in resident.say("2") or "一两句话" in resident.say("改个说法")
    assert "广场舞改到七点到八点半" in resident.say("广场舞改到七点到八点半")
    assert "没有提" in resident.say("不提了")


def test_neighbours_co_sign_with_digits_a_household_once(someone: Someone, city: City) -> None:
    raiser = someone("剡溪花园/3/1/101")
    raiser.say("我想提个议题，2单元门口装无障碍坡道")
    assert "提上去了" in raiser.say("1")
    one = someone("剡溪花园/5/1/101")
    said = one.say("我附议")
    if one.buttons:
        number = next(n for n, title in enumerate(one.titles(), 1) if "坡道" in title)
        said = one.say(str(number))
    assert "附议上了" in said
    assert "2户" in said
    other = someone("剡溪花园/5/1/101")  # of the same household
    (found,) = [p for p in city.ask(lambda c: proposals.overview(c, other.resident.id)).proposals if "坡道" in p.title]
    assert "已经附议过" in other.send(payload("vote", answer=f"sign:{found.id}"))


def test_a_neighbour_who_says_the_same_is_offered_to_co_sign(someone: Someone) -> None:
    first = someone("剡溪花园/3/1/502")
    first.say("我有个建议，北门的围墙改成花墙，大家商量")
    first.say("1")
    second = someone("剡溪花园/5/2/502")
    said = second.say("我想提议北门围墙改成花墙")
    assert "邻居提过相近的" in said
    assert "附议上了" in second.tap("附议那一个")


def test_without_a_home_one_is_told_to_bind_it(someone: Someone) -> None:
    assert "绑定住址" in someone(None).say("我想提个议题，楼下装电瓶车棚")
    assert "绑定住址" in someone(None).say("我要投票")


def test_a_household_votes_by_digits_after_it_was_read_back_and_not_twice(someone: Someone, city: City) -> None:
    ballot = open_ballot(city, "楼道统一换声控灯", secret=False)
    try:
        talk = someone("剡溪花园/3/2/101")
        said = talk.say("我要投票")
        assert "楼道统一换声控灯" in said
        assert "回 2 反对" in said
        said = talk.say("2")
        assert "您家选的是" in said
        assert "反对" in said
        # Chosen again, then cast.
        assert "回 1 同意" in talk.say("2")
        talk.say("1")
        assert "投好了" in talk.say("1")
        assert "已经投过" in talk.say("我要投票")
        neighbour = someone("剡溪花园/3/2/101")
        assert "已经投过" in neighbour.send(payload("vote", answer=f"ballot:{ballot.id}"))
    finally:
        call_off(city, ballot)


def test_words_are_enough_for_an_open_ballot(someone: Someone, city: City) -> None:
    ballot = open_ballot(city, "门禁换成刷脸", secret=False)
    try:
        said = someone("剡溪花园/5/2/101").say("换刷脸门禁我家投反对")
        assert "您家选的是" in said
        assert "反对" in said
    finally:
        call_off(city, ballot)


def test_of_a_secret_ballot_no_answer_of_the_assistant_holds_a_choice(someone: Someone, city: City) -> None:
    ballot = open_ballot(city, "更换物业公司", secret=True)
    try:
        talk = someone("剡溪花园/5/1/502")
        said = talk.say("我投反对")
        assert "不算投票" in said
        assert not any(f"回 {n} {option}" in said for n in "123" for option in YES_NO)
        # What the resident reads on their own screen:
        read = city.ask(lambda c: ballot_papers.reveal(c, talk.resident.id, said))
        digit = next(n for n in "123" if f"回 {n} 同意" in read)
        said = talk.say(digit)
        assert "同意" not in said
        assert "您家选的是：\n同意" in city.ask(lambda c: ballot_papers.reveal(c, talk.resident.id, said))
        assert "同意" not in talk.say("1")
        assert "投好了" in talk.lines[-1]
        assert not any("同意" in title for title in talk.titles())
        assert chosen_in_tracker(city, talk) == []
    finally:
        call_off(city, ballot)


def test_a_review_is_scored_item_by_item(someone: Someone, city: City) -> None:
    desk = city.small.staff["desk1"].id
    ((company, _),) = city.ask(lambda c: ballots.companies(c, desk))
    ballot = open_ballot(city, "物业年度民主评议", kind=Kind.SCORES, items=("保洁", "维修"), company_id=company, secret=False)
    try:
        talk = someone("剡溪花园/5/2/502")
        assert "第1项，共2项：保洁" in talk.say("评议物业，我要打分投票")
        assert "第2项，共2项：维修" in talk.say("1")
        said = talk.say("5")
        assert f"保洁：{SCORES[0]}" in said
        assert f"维修：{SCORES[4]}" in said
        assert "投好了" in talk.say("1")
    finally:
        call_off(city, ballot)


def test_what_is_on_when_they_meet_and_what_was_decided_is_answered(someone: Someone, city: City) -> None:
    talk, desk = someone("剡溪花园/3/2/502"), city.small.staff["desk1"].id
    assert "还没定日子" in talk.say("议事会什么时候开")
    raised = talk.say("我想提个议题，给孩子们装个沙坑")
    assert "议题" in raised
    talk.say("1")
    (own, *_) = city.ask(lambda c: proposals.find(c, talk.resident.id, "沙坑"))

    async def meet(c: object) -> int:
        starts = c.clock.now() + timedelta(days=5)  # type: ignore[attr-defined]
        new = NewMeeting(city.small.places["剡溪社区"].id, MeetingKind.QUARTERLY, "四季度议事会", starts, "社区二楼会议室", "talk:meet")
        meeting = await meetings.plan(c, desk, new)  # type: ignore[arg-type]
        await meetings.set_agenda(c, desk, meeting.id, [own.id])  # type: ignore[arg-type]
        seen = await meetings.open_meeting(c, desk, meeting.id)  # type: ignore[arg-type]
        return await meetings.send_notice(c, desk, meeting.id, seen.notice, "talk:notice")  # type: ignore[arg-type]

    assert city.ask(meet) > 5
    said = talk.say("议事会什么时候开")
    assert "社区二楼会议室" in said
    assert "装个沙坑" in said
    assert "已排上会" in talk.say("沙坑那个议题怎么样了")
    city.ask(lambda c: proposal_desk.discussed(c, desk, own.id, "都赞成，先看地方"))
    city.ask(lambda c: proposal_desk.decide(c, desk, own.id, True, "装在3幢东侧"))
    said = talk.say("沙坑那个议题有结果了吗")
    assert "结果：通过" in said
    assert "3幢东侧" in said
    assert "剡溪社区的协商议事" in talk.say("现在有哪些事情在讨论")


def test_odd_answers_are_sentences(resident: Talk) -> None:
    for odd in ("ballot:999999", "ballot:x", "paper:nothing:1", "cast:abcdefghijklmnopqrst:1", "sign:999999", "", "x:y:z"):
        said = resident.send(payload("vote", answer=odd))
        assert said
        assert "Traceback" not in said
    for odd in ("proposal:999999", "proposal:-1", "what"):
        assert resident.send(payload("ask_deliberation", answer=odd))


def test_in_the_middle_of_a_report_the_report_goes_on(resident: Talk) -> None:
    resident.say("楼道灯坏了")
    said = resident.say("议事会什么时候开")
    assert "议事会" in said or "协商议事" in said
    assert "什么地方" in said or "哪里" in said
