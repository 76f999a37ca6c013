"""The outbox shared by several senders: nothing twice, in order a person, nothing stuck behind what is dead. On both databases."""

from __future__ import annotations

import asyncio
import random
from datetime import timedelta

import pytest
from sqlalchemy import select

from community.model.message import OutboxMessage, OutboxStatus, Reply
from community.model.window import Opening
from community.ports import Community
from community.services import deadletters, inbound, outbound, wechat, windows
from community.services.inbound import Answered
from community.services.notify import tell
from community.services.outbound import Failure, Trouble
from community.services.parcels import Parcel, Rules
from community.services.wechat import Event
from community.store.tables import outbox
from tests.conftest import FakeClock
from tests.small_city import SmallCity
from tests.unsent import unsent

WECHAT = "wechat"


async def on_wechat(c: Community, name: str, *, writes: bool = True) -> int:
    """A resident known by openid, who has just written something that is handled."""
    async with c.uow() as uow:
        resident = await wechat.resident_of(uow, f"o-{name}", c.clock.now())
        if writes:
            now = c.clock.now()
            await windows.opened(uow, resident.id, WECHAT, f"o-{name}", Opening.SAID, now, now)
        await uow.commit()
        return resident.id


async def write(c: Community, resident_id: int, *texts: str, topic: str = "", author: str = "bot") -> None:
    async with c.uow() as uow:
        for text in texts:
            key = f"test:{resident_id}:{text[-20:]}"
            await tell(uow, resident_id, text, key=key, now=c.clock.now(), topic=topic, author=author)
        await uow.commit()


async def rows(c: Community, resident_id: int) -> dict[str, OutboxMessage]:
    async with c.reading() as uow:
        query = select(OutboxMessage).where(outbox.c.resident_id == resident_id).order_by(outbox.c.id)
        return {row.text: row for row in await uow.session.scalars(query)}  # type: ignore[attr-defined]


async def statuses(c: Community, resident_id: int) -> dict[str, str]:
    return {text: str(row.status) for text, row in (await rows(c, resident_id)).items()}


async def send_all(c: Community, worker: str, parcel: Parcel) -> list[str]:
    for envelope in parcel.envelopes:
        assert await outbound.sent(c, worker, [(parcel, envelope)]) == [True]
    return [envelope.text for envelope in parcel.envelopes]


def texts(parcels: list[Parcel]) -> list[list[str]]:
    return [[envelope.text for envelope in parcel.envelopes] for parcel in parcels]


async def test_several_senders_at_once_send_everything_once_and_in_order(community: Community, city: SmallCity) -> None:
    people = [await on_wechat(community, f"p{n}") for n in range(5)] + [city.residents["R0001"].id]
    for number in range(4):
        for person in people:
            await write(community, person, f"第{number}句")
    seen: dict[int, list[str]] = {person: [] for person in people}
    busy: set[int] = set()

    async def sender(name: str) -> None:
        for _ in range(12):
            for parcel in await outbound.claim(community, name, 2):
                assert parcel.resident_id not in busy
                busy.add(parcel.resident_id)
                await asyncio.sleep(random.random() / 100)
                for envelope in parcel.envelopes:
                    seen[parcel.resident_id].append(envelope.text)
                    busy.discard(parcel.resident_id) if envelope is parcel.envelopes[-1] else None
                    assert await outbound.sent(community, name, [(parcel, envelope)]) == [True]

    await asyncio.gather(*(sender(f"w{n}") for n in range(3)))
    assert await unsent(community) == []
    assert all(said == [f"第{n}句" for n in range(4)] for said in seen.values())


async def test_nobody_sends_to_a_resident_somebody_else_is_sending_to(community: Community, city: SmallCity) -> None:
    person = await on_wechat(community, "a")
    await write(community, person, "一")
    (parcel,) = await outbound.claim(community, "w1")
    await write(community, person, "二")
    assert await outbound.claim(community, "w2") == []
    await send_all(community, "w1", parcel)
    assert texts(await outbound.claim(community, "w2")) == [["二"]]


async def test_what_a_killed_sender_held_is_sent_by_another_and_its_own_receipt_comes_too_late(
    community: Community, city: SmallCity, clock: FakeClock
) -> None:
    person = await on_wechat(community, "a")
    await write(community, person, "一", "二")
    (lost,) = await outbound.claim(community, "killed")
    assert await outbound.sent(community, "killed", [(lost, lost.envelopes[0])]) == [True]
    clock.forward(seconds=30)
    assert await outbound.claim(community, "w2") == []
    clock.forward(seconds=31)
    (parcel,) = await outbound.claim(community, "w2")
    assert texts([parcel]) == [["二"]]
    async with community.reading() as uow:
        window = await uow.windows.get(WECHAT, "o-a")
        assert window is not None
        assert window.in_flight == 1
    assert await outbound.sent(community, "killed", [(lost, lost.envelopes[1])]) == [False]
    await send_all(community, "w2", parcel)
    # The platform may have taken it from both: the ledger counts three, not two.
    async with community.reading() as uow:
        window = await uow.windows.get(WECHAT, "o-a")
        assert window is not None
        assert (window.left(clock.now()), window.in_flight) == (2, 0)


async def test_a_resend_does_not_pass_into_the_hands_of_a_second_sender(community: Community, city: SmallCity) -> None:
    person = city.residents["R0001"].id
    await write(community, person, "一")
    (parcel,) = await outbound.claim(community, "w1")
    await outbound.failed(community, "w1", parcel, 0, Failure(Trouble.REFUSED, "45002"))
    await write(community, person, "二")
    (busy,) = await outbound.claim(community, "w1")
    await deadletters.resend(community, city.staff["desk1"].id, f"out-{parcel.rows[0].id}", "click")
    assert await outbound.claim(community, "w2") == []
    await outbound.all_sent(community, "w1", [busy])
    assert texts(await outbound.claim(community, "w2")) == [["一"]]


async def test_what_a_sender_that_is_gone_held_is_free_at_once(community: Community, city: SmallCity) -> None:
    person = await on_wechat(community, "a")
    await write(community, person, "一")
    await outbound.claim(community, "killed")
    assert await outbound.release_gone(community, lambda worker: worker == "killed") == 1
    assert texts(await outbound.claim(community, "w2")) == [["一"]]


async def test_after_a_failure_the_rest_waits_behind_it_until_it_is_dead(
    community: Community, city: SmallCity, clock: FakeClock
) -> None:
    person = await on_wechat(community, "a")
    await write(community, person, "一", "二")
    for attempt in range(outbound.MAX_ATTEMPTS):
        clock.forward(minutes=11)
        (parcel,) = await outbound.claim(community, "w1")
        assert parcel.envelopes[0].text == "一", attempt
        await outbound.failed(community, "w1", parcel, 0, Failure(Trouble.FAILED, "99999"))
        assert await outbound.claim(community, "w1") == [] or attempt == outbound.MAX_ATTEMPTS - 1
    assert (await statuses(community, person))["一"] == "dead"
    clock.forward(minutes=2)
    assert texts(await outbound.claim(community, "w2")) == [["二"]]


async def test_an_outage_kills_nothing_and_costs_no_more_than_one_send(
    community: Community, city: SmallCity, clock: FakeClock
) -> None:
    person = await on_wechat(community, "a")
    await write(community, person, "一")
    for _ in range(30):
        clock.forward(seconds=61)
        (parcel,) = await outbound.claim(community, "w1")
        await outbound.failed(community, "w1", parcel, 0, Failure(Trouble.AGAIN, "timeout", unknown=True))
    assert await statuses(community, person) == {"一": "pending"}
    async with community.reading() as uow:
        window = await uow.windows.get(WECHAT, "o-a")
        assert window is not None
        assert window.left(clock.now()) == 4


async def test_what_will_never_be_taken_is_dead_at_once_and_the_next_goes_on(
    community: Community, city: SmallCity
) -> None:
    person = await on_wechat(community, "a")
    await write(community, person, "一", "二")
    (parcel,) = await outbound.claim(community, "w1")
    await outbound.failed(community, "w1", parcel, 0, Failure(Trouble.REFUSED, "45002 too long"))
    assert await statuses(community, person) == {"一": "dead", "二": "pending"}
    assert texts(await outbound.claim(community, "w1")) == [["二"]]


async def test_who_cannot_be_reached_any_more_is_not_tried_again(community: Community, city: SmallCity) -> None:
    person = await on_wechat(community, "a")
    await write(community, person, "一", "二")
    (parcel,) = await outbound.claim(community, "w1")
    await outbound.failed(community, "w1", parcel, 0, Failure(Trouble.GONE, "43004 not a follower"))
    assert set((await statuses(community, person)).values()) == {"dead"}
    await write(community, person, "三")
    assert await outbound.claim(community, "w1") == []
    assert (await rows(community, person))["三"].error == "unsubscribed"


async def test_a_closed_window_makes_it_wait_for_the_resident(
    community: Community, city: SmallCity, clock: FakeClock
) -> None:
    person = await on_wechat(community, "a")
    await write(community, person, "一", "二")
    (parcel,) = await outbound.claim(community, "w1")
    await outbound.failed(community, "w1", parcel, 0, Failure(Trouble.CLOSED, "45047"))
    assert await outbound.claim(community, "w1") == []
    clock.forward(hours=1)
    await on_wechat(community, "a")
    assert texts(await outbound.claim(community, "w1")) == [["一", "二"]]


async def test_a_window_renewed_while_the_platform_said_closed_is_not_forgotten(
    community: Community, city: SmallCity, clock: FakeClock
) -> None:
    person = await on_wechat(community, "a")
    await write(community, person, "一")
    (parcel,) = await outbound.claim(community, "w1")
    clock.forward(seconds=5)
    await on_wechat(community, "a")
    await outbound.failed(community, "w1", parcel, 0, Failure(Trouble.CLOSED, "45047"))
    assert texts(await outbound.claim(community, "w1")) == [["一"]]


async def test_who_never_wrote_gets_nothing_until_they_do_then_in_order_and_first(
    community: Community, city: SmallCity, clock: FakeClock
) -> None:
    person = await on_wechat(community, "a", writes=False)
    await write(community, person, "一")
    assert await outbound.claim(community, "w1") == []
    await write(community, person, "二")
    assert await outbound.claim(community, "w1") == []
    assert await statuses(community, person) == {"一": "waiting", "二": "waiting"}
    heard = await wechat.take(community, wechat.said(Event("o-a", "k1", clock.now()), "在吗"))
    assert heard.received is not None
    (message,) = await inbound.claim(community, "w1")
    await inbound.finish(community, "w1", [Answered(message.id, (Reply("在的"),))])
    (parcel,) = await outbound.claim(community, "w1")
    assert texts([parcel]) == [["一", "二", "在的"]]


async def test_news_leave_room_for_the_answer_to_what_was_said_last(
    community: Community, city: SmallCity, clock: FakeClock
) -> None:
    person = await on_wechat(community, "a")
    await wechat.take(community, wechat.said(Event("o-a", "k1", clock.now()), "怎么样了"))
    await write(community, person, *("长" * 500 + str(n) for n in range(4)), "短", author="system")
    (parcel,) = await outbound.claim(community, "w1")
    await send_all(community, "w1", parcel)
    assert len(parcel.rows) == 5
    (message,) = await inbound.claim(community, "w1")
    await inbound.finish(community, "w1", [Answered(message.id, (Reply("办好了"),))])
    assert texts(await outbound.claim(community, "w1")) == [["办好了"]]


async def test_room_kept_for_an_answer_is_free_again_when_there_is_none(
    community: Community, city: SmallCity, clock: FakeClock
) -> None:
    person = await on_wechat(community, "a")
    await wechat.take(community, wechat.said(Event("o-a", "k1", clock.now()), "好的"))
    await write(community, person, *("长" * 500 + str(n) for n in range(5)), author="system")
    (parcel,) = await outbound.claim(community, "w1")
    await send_all(community, "w1", parcel)
    assert await outbound.claim(community, "w1") == []
    (message,) = await inbound.claim(community, "w1")
    await inbound.finish(community, "w1", [Answered(message.id, ())])
    assert texts(await outbound.claim(community, "w1")) == [["长" * 500 + "4"]]


async def test_news_of_a_ticket_may_leave_as_a_template_and_pass_what_waits(
    community: Community, city: SmallCity
) -> None:
    person = await on_wechat(community, "a", writes=False)
    await write(community, person, "活动通知", author="system")
    await write(community, person, "工单修好了", topic="ticket:101", author="system")
    (parcel,) = await outbound.claim(community, "w1", rules=Rules(templates=frozenset({WECHAT})))
    assert [(e.template, e.text) for e in parcel.envelopes] == [("ticket:101", "工单修好了")]
    await send_all(community, "w1", parcel)
    assert await statuses(community, person) == {"活动通知": "waiting", "工单修好了": "sent"}


async def test_an_account_that_may_not_push_lets_everything_wait(community: Community, city: SmallCity) -> None:
    person = await on_wechat(community, "a")
    await write(community, person, "一")
    assert await outbound.claim(community, "w1", rules=Rules(silent=frozenset({WECHAT}))) == []
    assert await statuses(community, person) == {"一": "waiting"}


async def test_who_stops_following_is_sent_nothing_and_a_late_copy_of_their_words_changes_nothing(
    community: Community, city: SmallCity, clock: FakeClock
) -> None:
    person = await on_wechat(community, "a")
    before = clock.now()
    await write(community, person, "一")
    clock.forward(seconds=5)
    assert await wechat.unfollowed(community, Event("o-a", "e1", clock.now())) == 1
    await wechat.take(community, wechat.said(Event("o-a", "k0", before), "迟到的一句"))
    await write(community, person, "二")
    assert await outbound.claim(community, "w1") == []
    assert set((await statuses(community, person)).values()) == {"dead"}


async def test_a_repeated_delivery_opens_no_new_window(community: Community, city: SmallCity, clock: FakeClock) -> None:
    event = Event("o-a", "k1", clock.now())
    first = await wechat.take(community, wechat.said(event, "你好"))
    again = await asyncio.gather(*(wechat.take(community, wechat.said(event, "你好")) for _ in range(4)))
    assert first.received is not None
    assert {heard.received.id for heard in again if heard.received} == {first.received.id}
    assert all(heard.received and heard.received.duplicate for heard in again)


async def test_a_first_message_delivered_in_parallel_makes_one_resident(
    community: Community, city: SmallCity, clock: FakeClock
) -> None:
    event = Event("o-new", "k1", clock.now())
    heard = await asyncio.gather(*(wechat.take(community, wechat.said(event, "你好")) for _ in range(5)))
    assert len({one.resident_id for one in heard}) == 1
    assert sum(1 for one in heard if one.received and not one.received.duplicate) == 1


async def test_a_number_means_the_last_question_though_news_came_between(
    community: Community, city: SmallCity, clock: FakeClock
) -> None:
    person = await on_wechat(community, "a")
    async with community.uow() as uow:
        from community.model.message import Button

        asked = (Button("还没好", "/not_resolved"), Button("修好了", "/confirm_resolved"))
        await tell(uow, person, "修好了吗？", key="q", now=clock.now(), buttons=asked, in_reply_to=1)
        await uow.commit()
    await write(community, person, "停水通知", author="system")
    await wechat.take(community, wechat.said(Event("o-a", "k9", clock.now() + timedelta(seconds=1)), "2"))
    (message,) = await inbound.claim(community, "w1")
    assert message.payload == "/confirm_resolved"


@pytest.mark.parametrize("status", [OutboxStatus.SENT])
async def test_the_web_chat_is_taken_whole_in_one_go(
    community: Community, city: SmallCity, status: OutboxStatus
) -> None:
    person = city.residents["R0001"].id
    await write(community, person, *(f"第{n}句" for n in range(10)))
    (parcel,) = await outbound.claim(community, "w1")
    assert len(parcel.rows) == 10
    await outbound.all_sent(community, "w1", [parcel])
    assert set((await statuses(community, person)).values()) == {str(status)}
