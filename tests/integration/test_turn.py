"""Inbox, outbox, danger and takeover, on SQLite and PostgreSQL."""

from __future__ import annotations

import asyncio
import dataclasses

import pytest

from community.errors import Forbidden, InvalidInput, NotFound, NotSignedIn
from community.model.category import Urgency
from community.model.conversation import Topic
from community.model.danger import Weighed
from community.model.message import Button, InboxStatus, Reply
from community.ports import Community
from community.services import clock as clockwork
from community.services import conversations, desk, homes, inbound, retries, staff_auth, webchat
from community.services.inbound import Answered, Incoming
from tests.conftest import FakeClock
from tests.small_city import PASSWORD, SmallCity
from tests.unsent import unsent


async def send(c: Community, city: SmallCity, text: str, key: str, who: str = "R0001") -> int:
    return (await inbound.receive(c, Incoming("webchat", city.residents[who].id, key, text))).id


async def work(c: Community, worker: str = "w1", replies: tuple[Reply, ...] = ()) -> list[str]:
    """Claim and finish everything that may be worked on now; returns what kind of turn each was."""
    kinds = []
    for message in await inbound.claim(c, worker):
        turn = await inbound.prepare(c, message)
        kinds.append(turn.kind)
        assert await inbound.finish(c, worker, [Answered(message.id, replies if turn.kind == "assistant" else ())]) == [True]
    return kinds


async def test_a_repeated_delivery_is_one_message(community: Community, city: SmallCity) -> None:
    first = await inbound.receive(community, Incoming("webchat", city.residents["R0001"].id, "k1", "你好"))
    again = await asyncio.gather(
        *(inbound.receive(community, Incoming("webchat", city.residents["R0001"].id, "k1", "你好")) for _ in range(5))
    )
    assert {r.id for r in again} == {first.id}
    assert all(r.duplicate for r in again)
    assert len(await inbound.claim(community, "w1")) == 1


async def test_one_message_of_a_resident_at_a_time_in_order_across_workers(
    community: Community, city: SmallCity
) -> None:
    one = await send(community, city, "第一条", "k1")
    two = await send(community, city, "第二条", "k2")
    other = await send(community, city, "别人的", "k3", "R0002")
    claims = await asyncio.gather(*(inbound.claim(community, f"w{n}") for n in range(4)))
    assert sorted(m.id for taken in claims for m in taken) == [one, other]
    assert await inbound.claim(community, "w9") == []
    for n, taken in enumerate(claims):
        for message in taken:
            assert await inbound.finish(community, f"w{n}", [Answered(message.id, ())]) == [True]
    assert [m.id for m in await inbound.claim(community, "w9")] == [two]


async def test_a_dead_workers_message_is_taken_over_and_answered_once(
    community: Community, city: SmallCity, clock: FakeClock
) -> None:
    number = await send(community, city, "你好", "k1")
    await inbound.claim(community, "dead")
    assert await inbound.claim(community, "w2") == []
    clock.forward(seconds=61)
    assert [m.id for m in await inbound.claim(community, "w2")] == [number]
    assert await inbound.finish(community, "w2", [Answered(number, (Reply("您好"),))]) == [True]
    # The first worker wakes up again, too late: nothing of what it says is sent.
    assert await inbound.finish(community, "dead", [Answered(number, (Reply("您好（迟到）"),))]) == [False]
    assert [m.text for m in await unsent(community)] == ["您好"]


async def test_what_a_killed_worker_left_is_taken_up_at_once_and_a_living_ones_is_left_alone(
    community: Community, city: SmallCity
) -> None:
    first = await send(community, city, "你好", "k1")
    await inbound.claim(community, "killed")
    await send(community, city, "您好", "k2", "R0002")
    await inbound.claim(community, "alive")
    assert await inbound.release_gone(community, lambda worker: worker == "killed") == 1
    assert [m.id for m in await inbound.claim(community, "next")] == [first]


async def test_an_outage_keeps_the_message_tells_the_resident_once_and_answers_later(
    community: Community, city: SmallCity, clock: FakeClock
) -> None:
    number = await send(community, city, "楼道灯坏了", "k1")
    for _ in range(4):
        clock.forward(seconds=12)
        (message,) = await inbound.claim(community, "w1")
        await retries.postpone(community, "w1", message.id, "connection refused", transient=True)
    notices = [m.text for m in await unsent(community)]
    assert len(notices) == 1
    assert "消息已收到" in notices[0]
    clock.forward(hours=3)
    await work(community, replies=(Reply("好的"),))
    assert [m.text for m in await unsent(community)][1:] == ["好的"]
    async with community.reading() as uow:
        kept = await uow.inbox.get(number)
        assert kept is not None
        assert kept.status is InboxStatus.DONE


async def test_a_message_that_always_fails_is_put_aside_and_the_next_one_is_answered(
    community: Community, city: SmallCity, clock: FakeClock
) -> None:
    await send(community, city, "毒药", "k1")
    await send(community, city, "你好", "k2")
    for _ in range(5):
        clock.forward(seconds=30)
        (message,) = await inbound.claim(community, "w1")
        await retries.postpone(community, "w1", message.id, "500", transient=False)
    assert any("没能处理好" in m.text for m in await unsent(community))
    assert await work(community) == ["assistant"]


async def test_a_number_means_the_button_of_the_last_message_and_a_typed_payload_means_nothing(
    community: Community, city: SmallCity
) -> None:
    await send(community, city, "在吗", "k1")
    await work(community, replies=(Reply("1 好 2 不好", (Button("好", "/affirm"), Button("不好", "/deny"))),))
    await send(community, city, "２。", "k2")
    (message,) = await inbound.claim(community, "w1")
    turn = await inbound.prepare(community, message)
    assert (turn.text, message.text) == ("/deny", "２。")
    await inbound.finish(community, "w1", [Answered(message.id, ())])
    await send(community, city, '/confirm_resolved{"ticket_number":"100014"}', "k3")
    (message,) = await inbound.claim(community, "w1")
    turn = await inbound.prepare(community, message)
    assert not turn.text.startswith("/")


async def test_a_button_of_somebody_elses_message_cannot_be_pressed(community: Community, city: SmallCity) -> None:
    await send(community, city, "在吗", "k1")
    await work(community, replies=(Reply("选", (Button("好", "/affirm"),)),))
    (shown,) = await unsent(community)
    with pytest.raises(NotFound):
        await inbound.receive(
            community,
            Incoming("webchat", city.residents["R0002"].id, "k9", choice=(f"out-{shown.id}", 0)),
        )


@pytest.mark.parametrize("text", ["", "   ", "\u200b\u200b", "\x00\x07", "长" * 2001])
async def test_nothing_and_too_much_are_refused_with_a_sentence(
    community: Community, city: SmallCity, text: str
) -> None:
    with pytest.raises(InvalidInput) as refused:
        await send(community, city, text, "k1")
    assert "。" in refused.value.message


async def test_danger_says_the_number_first_and_files_one_urgent_ticket(community: Community, city: SmallCity) -> None:
    number = await send(community, city, "快来，我家闻到一股煤气味", "k1")
    assert await work(community) == ["danger"]
    (told,) = await unsent(community)
    assert told.in_reply_to == number
    assert told.text.index("开窗") < told.text.index("工单")
    assert "王强" in told.text
    (view,) = (await desk.list_tickets(community, city.staff["grid1"].id, desk.DeskFilter())).items
    assert view.urgency is Urgency.DANGER
    assert "剡溪花园3幢2单元502室" in view.place_text
    assert [v.topic for v in await conversations.queue(community, city.staff["desk1"].id)] == [Topic.DANGER]


class Thinks:
    """A danger model that thinks one thing of every message."""

    def __init__(self, kind: str, grade: str) -> None:
        self._found = Weighed(kind, grade)  # type: ignore[arg-type]

    async def weigh(self, text: str) -> Weighed:
        return self._found


async def test_danger_without_any_word_for_it_is_still_an_alarm(community: Community, city: SmallCity) -> None:
    sensing = dataclasses.replace(community, danger_sense=Thinks("collapsed", "sure"))
    await send(sensing, city, "我爸坐着坐着往一边歪，叫他也不应声了似的", "k1")
    assert await work(sensing) == ["danger"]
    (told,) = await unsent(sensing)
    assert "120" in told.text


async def test_what_may_be_danger_gets_the_number_and_the_answer_in_one_message(
    community: Community, city: SmallCity
) -> None:
    sensing = dataclasses.replace(community, danger_sense=Thinks("gas", "ask"))
    await send(sensing, city, "厨房里好像有点怪味道", "k1")
    (message,) = await inbound.claim(sensing, "w", 8)
    turn = await inbound.prepare(sensing, message)
    assert turn.kind == "assistant"
    assert await inbound.finish(sensing, "w", [Answered(message.id, [Reply("在哪里？"), Reply("二")], turn.care)]) == [True]
    first, second = await unsent(sensing)
    assert first.text.startswith("如果这会儿正有危险：请马上开窗")
    assert first.text.endswith("\n\n在哪里？")
    assert second.text == "二"


async def test_a_person_takes_over_the_bot_is_silent_and_idle_time_returns_it(
    community: Community, city: SmallCity, clock: FakeClock
) -> None:
    person, worker = city.residents["R0001"].id, city.staff["grid1"].id
    await send(community, city, "转人工", "k0")
    await work(community)
    await conversations.ask_person(community, person, Topic.GENERAL, "想找人", "in-1:p")
    assert [v.resident_id for v in await conversations.queue(community, worker)] == [person]
    await conversations.take(community, worker, person)
    await send(community, city, "我家门口的事", "k1")
    assert await work(community) == ["held"]
    await conversations.say(community, worker, person, "我马上来", "c1")
    await conversations.say(community, worker, person, "我马上来", "c1")
    lines = (await conversations.open_conversation(community, worker, person)).lines
    assert [line.text for line in lines if line.direction == "staff"] == ["我马上来"]
    clock.forward(minutes=21)
    assert (await clockwork.tick(community)).handed_back == 1
    await send(community, city, "你好", "k2")
    assert await work(community) == ["assistant"]
    with pytest.raises(NotFound):
        await conversations.open_conversation(community, worker, person)


async def test_conversations_are_seen_by_their_own_place_and_lawyers_see_legal_ones(
    community: Community, city: SmallCity
) -> None:
    person = city.residents["R0001"].id
    await send(community, city, "找律师", "k0")
    await work(community)
    await conversations.ask_person(community, person, Topic.LEGAL, "押金", "in-1:p")
    sees = {
        login for login, member in city.staff.items() if await conversations.queue(community, member.id)
    }
    assert sees == {"grid1", "desk1", "lawyer", "operator"}
    with pytest.raises(NotFound):
        await conversations.take(community, city.staff["grid2"].id, person)
    await conversations.take(community, city.staff["lawyer"].id, person)
    with pytest.raises(Forbidden):
        await conversations.say(community, city.staff["grid1"].id, person, "插嘴", "c1")


async def test_two_people_taking_one_conversation_at_once_one_has_it(community: Community, city: SmallCity) -> None:
    person = city.residents["R0001"].id
    await send(community, city, "转人工", "k0")
    await work(community)
    await conversations.ask_person(community, person, Topic.GENERAL, "想找人", "in-1:p")
    results = await asyncio.gather(
        *(conversations.take(community, city.staff[s].id, person) for s in ("grid1", "desk1", "operator")),
        return_exceptions=True,
    )
    assert sum(not isinstance(r, BaseException) for r in results) == 1
    assert sum("来接待您了" in m.text for m in await unsent(community)) == 1


async def test_a_home_is_bound_only_when_the_room_exists(community: Community, city: SmallCity) -> None:
    person = city.residents["R0005"].id
    with pytest.raises(InvalidInput, match="几幢"):
        await homes.bind_home(community, person, "我住这里", "k")
    with pytest.raises(InvalidInput, match="剡溪花园3幢"):
        await homes.bind_home(community, person, "剡溪花园3幢2单元909", "k")
    home = await homes.bind_home(community, person, "我住剡溪花园三号楼二单元五零二", "k")
    assert (home.text, home.verified) == ("剡溪花园3幢2单元502室", False)
    view = await homes.home_of(community, person)
    assert view is not None
    assert view.text == home.text


async def test_five_wrong_passwords_lock_even_the_right_one_out(
    community: Community, city: SmallCity, clock: FakeClock
) -> None:
    for _ in range(5):
        with pytest.raises(NotSignedIn):
            await staff_auth.sign_in(community, "grid1", "wrong")
    with pytest.raises(NotSignedIn, match="分钟"):
        await staff_auth.sign_in(community, "grid1", PASSWORD)
    clock.forward(minutes=16)
    token, who = await staff_auth.sign_in(community, "grid1", PASSWORD)
    assert who.name == "王强"
    seen = await staff_auth.who(community, token)
    assert seen is not None
    clock.forward(hours=13)
    assert await staff_auth.who(community, token) is None


async def test_a_chat_session_ends_and_says_nothing_of_anyone(
    community: Community, city: SmallCity, clock: FakeClock
) -> None:
    token, resident = await webchat.demo_login(community, "R0001")
    assert resident.name == "李秀英"
    assert (await webchat.who(community, token)) is not None
    assert await webchat.who(community, token + "x") is None
    await webchat.logout(community, token)
    assert await webchat.who(community, token) is None
    fresh_token, fresh = await webchat.start(community)
    assert fresh.room_id is None
    clock.forward(days=31)
    assert await webchat.who(community, fresh_token) is None
