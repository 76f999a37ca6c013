"""What is solved without a person, and what residents ask that they did not: counted in the database, on both databases."""

from __future__ import annotations

import pytest

from community.errors import InvalidInput
from community.model.advice import AdviceGiven
from community.model.conversation import Topic
from community.model.intents import INTENT_NAMES, TOPICS
from community.model.understanding import Heard
from community.ports import Community
from community.services import advice_log, conversations, inbound, labelling, teaching, teaching_figures
from community.services.inbound import Answered, Incoming
from community.services.labelling import NewLabel
from community.services.teaching_figures import Figures, Talks
from tests.conftest import FakeClock
from tests.small_city import SmallCity


def heard(intent: str, category: str = "other") -> Heard:
    return Heard(intent, 0.95, ((intent, 0.95), ("out_of_scope", 0.01)), category, 0.8, "m1")


UNSURE = Heard("nlu_fallback", 0.3, (("ask_points", 0.31), ("out_of_scope", 0.1)), "other", 0.2, "m1")


async def say(c: Community, city: SmallCity, text: str, what: Heard | None, who: str = "R0001", payload: str | None = None) -> str:
    """Returns the message's key."""
    resident = city.residents[who].id
    await inbound.receive(c, Incoming("webchat", resident, f"{who}:{text}:{c.clock.now():%d%H%M%S}", text, payload=payload))
    [message] = await inbound.claim(c, "w")
    assert await inbound.finish(c, "w", [Answered(message.id, (), "", what)]) == [True]
    return f"in-{message.id}"


async def shown(c: Community, city: SmallCity, topic: str = "") -> Figures:
    return await teaching_figures.figures(c, city.staff["trainer"].id, topic)


async def said(c: Community, city: SmallCity, found: Figures, kind: str, topic: str = "") -> list[str]:
    lines = await teaching_figures.behind(c, city.staff["trainer"].id, found.weeks[0].begins, kind=kind, topic=topic)
    return [line.text for line in lines]


def test_every_intent_is_of_one_topic() -> None:
    everything = [intent for _, intents in TOPICS.values() for intent in intents]
    assert len(everything) == len(set(everything))
    assert set(everything) == {*INTENT_NAMES, "nlu_fallback", ""}


async def test_a_session_is_what_is_said_within_half_an_hour_and_is_solved_when_no_person_was_in_it(
    community: Community, city: SmallCity, clock: FakeClock
) -> None:
    who = city.residents["R0001"].id
    await say(community, city, "你好", heard("greet"))
    clock.forward(minutes=29)
    await say(community, city, "楼道灯坏了", heard("report", "lighting"))
    clock.forward(minutes=29)
    await say(community, city, "提交", None, payload="提交")
    clock.forward(minutes=29)
    await say(community, city, "谢谢", heard("thanks"))
    clock.forward(minutes=31)
    await say(community, city, "我家那个东西弄一下", UNSURE)
    await say(community, city, "物业费能不交吗", heard("ask_legal"))
    key = await say(community, city, "转人工", heard("ask_person"))
    await conversations.ask_person(community, who, Topic.GENERAL, "", f"{key}:ask")
    # Another resident, at the same time, alone.
    await say(community, city, "厨房漏水了", heard("report", "leak"), "R0002")
    found = await shown(community, city)
    assert found.weeks[0].talks == Talks(sessions=3, alone=2, handed=1, messages=7, unclear=1)
    assert {(one.code, one.talks.sessions, one.talks.handed) for one in found.talks} == {("report", 2, 0), ("legal", 1, 1)}
    assert (await shown(community, city, "legal")).weeks[0].talks == Talks(1, 0, 1, 3, 1)
    assert await said(community, city, found, "handed") == ["转人工", "物业费能不交吗", "我家那个东西弄一下"]
    assert await said(community, city, found, "alone", "report") == ["厨房漏水了", "谢谢", "楼道灯坏了", "你好"]
    assert await said(community, city, found, "unclear") == ["我家那个东西弄一下"]
    assert await said(community, city, found, "any", "volunteer") == []
    for kind, topic in (("much", ""), ("any", "cats")):
        with pytest.raises(InvalidInput):
            await said(community, city, found, kind, topic)


async def test_who_asks_for_a_person_first_thing_is_one_session_and_staff_who_write_count(
    community: Community, city: SmallCity, clock: FakeClock
) -> None:
    who, desk = city.residents["R0001"].id, city.staff["desk1"].id
    # The service is called in the turn, before the message is finished.
    await conversations.ask_person(community, who, Topic.GENERAL, "", "in-77:ask")
    await say(community, city, "转人工", heard("ask_person"))
    assert (await shown(community, city)).weeks[0].talks == Talks(1, 0, 1, 1, 0)
    await conversations.take(community, desk, who)
    clock.forward(hours=2)
    await conversations.say(community, desk, who, "您好", "c1")  # nobody is talking any more: no session of its own
    await say(community, city, "在吗", heard("greet"))
    await conversations.say(community, desk, who, "在的", "c2")
    found = (await shown(community, city)).weeks[0].talks
    assert (found.sessions, found.alone, found.handed) == (2, 0, 1)


async def test_presses_alone_are_no_talk_that_was_solved(community: Community, city: SmallCity) -> None:
    """A notice to a building is answered by hundreds of presses: they would make the assistant look better than it is."""
    await say(community, city, "知道了", None, payload='/answer_invitation{"answer":"notice_yes"}')
    assert (await shown(community, city)).weeks == () or (await shown(community, city)).weeks[0].talks.sessions == 0
    await conversations.ask_person(community, city.residents["R0001"].id, Topic.GENERAL, "", "in-78:ask")
    assert (await shown(community, city)).weeks[0].talks == Talks(1, 0, 1, 0, 0)


async def test_the_message_of_danger_is_not_called_solved_by_the_assistant(community: Community, city: SmallCity) -> None:
    await inbound.receive(community, Incoming("webchat", city.residents["R0001"].id, "d1", "家里煤气漏了，味道很大"))
    [message] = await inbound.claim(community, "w")
    assert (await inbound.prepare(community, message)).kind == "danger"
    await inbound.finish(community, "w", [Answered(message.id)])
    assert (await shown(community, city)).weeks[0].talks == Talks(1, 0, 1, 0, 0)


async def test_votes_are_counted_once_each_by_their_last_word(community: Community, city: SmallCity) -> None:
    who = city.residents["R0001"].id
    ids = []
    for text in ("物业费能不交吗", "漏水谁赔"):
        key = await say(community, city, text, heard("ask_legal"))
        async with community.uow() as uow:
            ids.append(await uow.advice.add(AdviceGiven(0, who, community.clock.now(), text, "answer", 0.9, f"{key}:advice", [], [])))
            await uow.commit()
    await advice_log.vote(community, who, ids[0], False)
    await advice_log.vote(community, who, ids[0], True)
    await advice_log.vote(community, who, ids[1], False)
    found = await shown(community, city)
    assert (found.weeks[0].talks.useful, found.weeks[0].talks.useless) == (1, 1)
    assert await said(community, city, found, "useful") == ["物业费能不交吗"]
    assert (await shown(community, city, "report")).weeks[0].talks.useless == 0
    queue = await teaching.queue(community, city.staff["trainer"].id)
    assert [group.lines[0].text for group in queue.groups] == ["漏水谁赔"]


async def test_what_residents_ask_more_than_they_did_is_shown_with_what_was_taught_of_it(
    community: Community, city: SmallCity, clock: FakeClock
) -> None:
    for number in range(3):
        await say(community, city, f"楼道灯坏了{number}", heard("report"))
    await say(community, city, "物业费能不交吗", heard("ask_legal"))
    assert (await shown(community, city)).drift == ()  # nothing yet to hold it against
    clock.forward(weeks=6)
    for number in range(3):
        await say(community, city, f"居住证怎么办{number}", heard("ask_guide"))
    await say(community, city, "物业费能不交吗", heard("ask_legal"))
    await say(community, city, "谢谢", heard("thanks"))
    trainer = city.staff["trainer"].id
    await labelling.label(community, trainer, NewLabel("居住证要带什么去办", "ask_guide"))
    await labelling.label(community, trainer, NewLabel("积分哪里看得到", "ask_points"))
    found = await shown(community, city)
    moved = {one.intent: one for one in found.drift}
    assert [one.intent for one in found.drift][:2] == ["report", "ask_guide"]
    assert "thanks" not in moved
    guide = moved["ask_guide"]
    assert (guide.now, guide.before, guide.taught, guide.taught_share) == (3, 0, 1, 0.5)
    assert guide.now_share == pytest.approx(0.6)
    assert (moved["report"].now, moved["report"].before_share) == (0, 0.75)
    lines = await teaching_figures.behind(community, trainer, found.drift_from, 4, intent="ask_guide", kind="all")
    assert len(lines) == guide.now
