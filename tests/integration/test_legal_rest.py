"""What a reviewer found in the legal rooms: old words answered, a bare article, a place said for all, a copy in cipher, owners not told."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from rasa_sdk.executor import CollectingDispatcher

from actions import runtime, slots
from actions.lawyer import ActionAskLawyer
from actions.legal import ActionAdvise
from community.knowledge.importer import import_answers, import_wheel
from community.model.law import AnswerFlag, Change
from community.model.people import Duty, Role, Staff
from community.ports import Community
from community.services import consultations, flag_news, privacy, staff_accounts
from tests.conftest import FakeClock
from tests.integration.test_knowledge import DEPOSIT, DOG, write_answers
from tests.integration.test_staff_wecom import letters
from tests.small_city import SmallCity
from tests.unit.actions.tracking import tracker
from tests.unit.knowledge.small_wheel import china


@dataclass
class Talk:
    """A conversation: slots are carried from turn to turn, as Rasa does it."""

    c: Community
    values: dict[str, Any] = field(default_factory=dict)
    buttons: list[dict[str, Any]] = field(default_factory=list)
    turns: int = 0

    async def say(self, text: str, action: Any = None, *, payload: dict[str, Any] | None = None) -> str:
        self.turns += 1
        said = f"/ask_legal{text}" if payload is not None else text
        entities = [{"entity": name, "value": value} for name, value in (payload or {}).items()]
        sent = tracker(said, intent="ask_legal", values=self.values, entities=entities, message_id=f"in-{self.turns}")
        dispatcher = CollectingDispatcher()
        for event in await (action or ActionAdvise()).run(dispatcher, sent, {}):
            if event.get("event") == "slot":
                self.values[event["name"]] = event["value"]
        self.buttons = [button for message in dispatcher.messages for button in message.get("buttons") or []]
        return "\n".join(str(message["text"]) for message in dispatcher.messages)


@pytest.fixture
async def lawful(community: Community, city: SmallCity, tmp_path: Path) -> AsyncIterator[Community]:
    await import_wheel(community, path=china(tmp_path / "laws.db").write())
    await import_answers(community, write_answers(tmp_path / "answers", DEPOSIT, DOG))
    runtime.use(community)
    yield community
    runtime.release()


async def test_words_not_understood_are_answered_within_half_an_hour_and_no_more_after_it(lawful: Community, clock: FakeClock) -> None:
    for minutes, answered in ((10, True), (31, False), (60 * 24 * 3, False)):
        talk = Talk(lawful, {"unclear_text": "房东不退押金", "unclear_at": clock.now().isoformat()})
        clock.forward(minutes=minutes)
        said = await talk.say("", payload={})
        assert ("押金该退" in said) is answered, minutes


async def test_words_without_a_time_are_of_before_and_not_answered(lawful: Community) -> None:
    assert "押金该退" not in await Talk(lawful, {"unclear_text": "房东不退押金"}).say("", payload={})


async def test_an_article_without_its_law_is_asked_for_and_never_guessed(lawful: Community) -> None:
    talk = Talk(lawful)
    said = await talk.say("第七百零八条")
    assert "哪部法律" in said
    assert "出租人应当" not in said
    assert [button["title"] for button in talk.buttons] == ["《民法典》第七百零八条"]
    said = await talk.say("", payload={"answer": "article:民法典/第七百零八条"})
    assert "《民法典》第七百零八条（" in said
    assert "出租人应当" in said


async def test_the_law_last_shown_is_offered_first_while_it_is_fresh(lawful: Community, clock: FakeClock) -> None:
    talk = Talk(lawful)
    await talk.say("生态环境法典第二条")
    assert "哪部法律" in await talk.say("第一条呢")
    assert [button["title"] for button in talk.buttons][0] == "《生态环境法典》第一条"
    clock.forward(minutes=31)
    await talk.say("第一条怎么规定的")
    assert all("生态环境" not in button["title"] for button in talk.buttons)


async def test_an_article_that_no_law_offered_has_asks_for_the_name(lawful: Community) -> None:
    talk = Talk(lawful)
    assert "是哪部法律的" in await talk.say("第1299条")
    assert talk.buttons == []


async def test_an_answer_names_its_articles_shortly_and_their_text_has_the_day(lawful: Community) -> None:
    talk = Talk(lawful)
    said = await talk.say("房东不退押金")
    assert "依据：《民法典》第七百零八条。" in said
    assert "起施行" not in said
    assert "（2021年1月1日起施行）" in await talk.say("", payload={"answer": "text:deposit"})


async def test_lawyers_of_the_whole_city_are_offered_each_with_their_own_place(lawful: Community, city: SmallCity) -> None:
    talk = Talk(lawful)
    one_place = await talk.say("找律师", ActionAskLawyer())
    assert "在剡溪社区公共法律服务站" in one_place
    async with lawful.uow() as uow:
        base = city.staff["lawyer"]
        new = Staff(0, "lawyer2", "孟律师", Role.LAWYER, city.staff["desk2"].place_id, password_hash="x")
        uow.session.add(new)  # type: ignore[attr-defined]
        new.id = None  # type: ignore[assignment]
        await uow.session.flush()  # type: ignore[attr-defined]
        for duty in await uow.people.duties([base.id]):
            uow.session.add(Duty(None, new.id, duty.weekday, duty.starts, duty.ends))  # type: ignore[attr-defined,arg-type]
        resident = await uow.people.resident(city.residents["R0001"].id)
        assert resident is not None
        resident.room_id = None
        await uow.commit()
    said = await talk.say("找律师", ActionAskLawyer())
    assert "服务站" not in said.split("哪个时间")[0]
    offered = [button["title"] for button in talk.buttons if "律师，" in button["title"]]
    assert {title.split("，")[-1] for title in offered} == {"剡溪社区公共法律服务站", "鹿山社区公共法律服务站"}
    assert all(("林律师" in title) == ("剡溪" in title) for title in offered)


async def test_the_copy_of_ones_data_has_the_question_for_the_lawyer_in_plain(lawful: Community, city: SmallCity) -> None:
    who = city.residents["R0001"].id
    first = (await consultations.free(lawful, who)).slots[0]
    await consultations.book(lawful, who, first.lawyer_id, first.starts_at, "押金不退怎么办", "k1")
    copy = await privacy.fetch(lawful, await privacy.make_link(lawful, who))
    assert [row["question"] for row in copy["约过的律师"]] == ["押金不退怎么办"]


async def test_who_owns_an_answer_is_told_once_a_flag_and_sees_it_at_the_console(
    lawful: Community, city: SmallCity, clock: FakeClock
) -> None:
    await staff_accounts.set_wecom(lawful, "lawyer", "lin")

    async def flag(article: str) -> None:
        async with lawful.uow() as uow:
            made = AnswerFlag(0, "deposit", "中华人民共和国民法典", article, Change.CHANGED, "a", "b", date(2026, 11, 24), clock.now())
            await uow.answer_flags.add_new([made])
            await uow.commit()

    await flag("第七百零八条")
    assert [await flag_news.run(lawful) for _ in range(2)] == [1, 0]
    clock.forward(hours=1)
    await flag("第七百零九条")
    assert await flag_news.run(lawful) == 1
    told = [letter.text for letter in await letters(lawful, "lin")]
    assert len(told) == 2
    assert "“退租了，房东不退押金怎么办”" in told[0]
    seen = await flag_news.waiting(lawful, city.staff["lawyer"].id)
    assert [(line.article, line.what) for line in seen] == [("《民法典》第七百零九条", "已改"), ("《民法典》第七百零八条", "已改")]


def test_the_slots_these_lean_on_are_declared() -> None:
    assert {"unclear_at", "legal_law"} <= set(slots.EVERY)
