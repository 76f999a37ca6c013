"""Answers that ride on callbacks: given once each, the same to every delivery, the rest with the next word. On both databases."""

from __future__ import annotations

from community.model.delivery import MORE
from community.model.message import Reply
from community.ports import Community
from community.services import inbound, outbound, passive, wechat
from community.services.inbound import Answered
from community.services.parcels import Rules
from community.services.passive import Answer
from community.services.wechat import CHANNEL, Event
from tests.conftest import FakeClock
from tests.integration.test_outbox import statuses, write
from tests.small_city import SmallCity

SILENT = Rules(silent=frozenset({CHANNEL}))


async def say(c: Community, clock: FakeClock, text: str, key: str) -> tuple[int, int]:
    clock.forward(seconds=2)
    heard = await wechat.take(c, wechat.said(Event("o-a", key, clock.now()), text))
    assert heard.received is not None
    return heard.resident_id, heard.received.id


async def reply(c: Community, *texts: str) -> None:
    (message,) = await inbound.claim(c, "w1")
    assert await inbound.finish(c, "w1", [Answered(message.id, tuple(Reply(text) for text in texts))]) == [True]


async def take(c: Community, resident_id: int, inbox_id: int, *, late: bool = False) -> Answer:
    answer = await passive.take(c, resident_id, CHANNEL, "o-a", inbox_id, late=late)
    assert answer is not None
    return answer


async def test_the_callback_waits_for_its_own_answer_and_gives_it_once(
    community: Community, city: SmallCity, clock: FakeClock
) -> None:
    resident_id, first = await say(community, clock, "灯坏了", "k1")
    assert await passive.take(community, resident_id, CHANNEL, "o-a", first, late=False) is None
    await reply(community, "在哪儿？", "请拍张照片。")
    assert await outbound.claim(community, "w1", rules=SILENT) == []
    answer = await take(community, resident_id, first)
    assert answer.text == "在哪儿？\n\n请拍张照片。"
    await passive.given(community, resident_id, answer)
    assert set((await statuses(community, resident_id)).values()) == {"sent"}
    _, second = await say(community, clock, "3幢", "k2")
    await reply(community, "记下了。")
    assert (await take(community, resident_id, second)).text == "记下了。"


async def test_every_delivery_of_a_message_gets_the_same_answer_also_when_the_first_one_died(
    community: Community, city: SmallCity, clock: FakeClock
) -> None:
    resident_id, first = await say(community, clock, "灯坏了", "k1")
    await reply(community, "在哪儿？")
    died = await take(community, resident_id, first)
    await write(community, resident_id, "停水通知", author="system")
    again = await take(community, resident_id, first)
    assert again == died
    await passive.given(community, resident_id, again)
    assert await statuses(community, resident_id) == {"在哪儿？": "sent", "停水通知": "pending"}


async def test_an_answer_that_could_not_be_written_waits_for_the_next_delivery(
    community: Community, city: SmallCity, clock: FakeClock
) -> None:
    resident_id, first = await say(community, clock, "灯坏了", "k1")
    await reply(community, "在哪儿？")
    await passive.not_given(community, first, await take(community, resident_id, first))
    assert await statuses(community, resident_id) == {"在哪儿？": "waiting"}
    answer = await take(community, resident_id, first)
    await passive.given(community, resident_id, answer)
    assert await statuses(community, resident_id) == {"在哪儿？": "sent"}


async def test_what_a_process_took_with_it_waits_for_the_next_word(
    community: Community, city: SmallCity, clock: FakeClock
) -> None:
    resident_id, first = await say(community, clock, "灯坏了", "k1")
    await reply(community, "在哪儿？")
    await take(community, resident_id, first)
    clock.forward(seconds=31)
    assert await outbound.claim(community, "w1", rules=SILENT) == []
    _, second = await say(community, clock, "？", "k2")
    await reply(community, "您在吗？")
    assert (await take(community, resident_id, second)).text == "在哪儿？\n\n您在吗？"


async def test_who_is_answered_too_late_is_told_so_and_gets_it_first_next_time(
    community: Community, city: SmallCity, clock: FakeClock
) -> None:
    resident_id, first = await say(community, clock, "灯坏了", "k1")
    late = await take(community, resident_id, first, late=True)
    assert late.text == passive.STILL_WORKING
    await passive.given(community, resident_id, late)
    await reply(community, "在哪儿？")
    _, second = await say(community, clock, "好了吗", "k2")
    await reply(community, "还没有。")
    assert (await take(community, resident_id, second)).text == "在哪儿？\n\n还没有。"


async def test_more_than_one_text_can_hold_comes_piece_by_piece_without_loss(
    community: Community, city: SmallCity, clock: FakeClock
) -> None:
    resident_id, number = await say(community, clock, "读法条", "k1")
    parts = [f"第{n}条" + "文" * 400 for n in range(3)]
    await reply(community, *parts)
    got = []
    for turn in range(3):
        answer = await take(community, resident_id, number)
        assert len(answer.text.encode()) <= 2048
        await passive.given(community, resident_id, answer)
        got.append(answer.text.removesuffix("\n\n" + MORE))
        if turn < 2:
            assert answer.text.endswith(MORE)
            _, number = await say(community, clock, "继续", f"k{turn + 2}")
            await reply(community)
    assert got == parts
