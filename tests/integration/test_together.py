"""Messages of many residents written in one transaction are kept as if each had been written by itself. On both databases."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy import select

from community.model.message import Button, InboxMessage, Reply
from community.model.window import Opening
from community.ports import Community
from community.services import inbound, outbound, together, wechat
from community.services.inbound import Answered
from community.services.notify import tell
from community.services.wechat import Arrival, Event
from community.store.tables import inbox
from gateway.wechat.gathering import Arrivals
from tests.conftest import FakeClock
from tests.small_city import SmallCity

WECHAT = "wechat"


def words(c: Community, who: str, text: str, key: str) -> Arrival:
    return wechat.said(Event(f"o-{who}", key, c.clock.now()), text)


async def kept(c: Community) -> list[InboxMessage]:
    async with c.reading() as uow:
        query = select(InboxMessage).where(inbox.c.channel == WECHAT).order_by(inbox.c.id)
        return list(await uow.session.scalars(query))  # type: ignore[attr-defined]


async def test_everybody_is_kept_in_the_order_they_wrote(community: Community, city: SmallCity) -> None:
    arrivals = [words(community, who, f"{who}说{n}", f"k-{who}-{n}") for n in range(3) for who in ("甲", "乙", "丙")]
    heard = await together.take_words(community, WECHAT, arrivals)
    assert [row.text for row in await kept(community)] == [arrival.text for arrival in arrivals]
    assert [one.received.id for one in heard if one.received] == [row.id for row in await kept(community)]
    assert len({one.resident_id for one in heard}) == 3
    assert not any(one.received.duplicate for one in heard if one.received)


async def test_what_was_delivered_before_or_twice_at_once_is_kept_once(community: Community, city: SmallCity) -> None:
    first = await wechat.take(community, words(community, "甲", "灯坏了", "k-1"))
    heard = await together.take_words(
        community,
        WECHAT,
        [
            words(community, "甲", "灯坏了", "k-1"),
            words(community, "乙", "漏水", "k-2"),
            words(community, "乙", "漏水", "k-2"),
        ],
    )
    assert [(one.received.id, one.received.duplicate) for one in heard if one.received] == [
        (first.received.id if first.received else 0, True),
        (heard[1].received.id if heard[1].received else 0, False),
        (heard[1].received.id if heard[1].received else 0, True),
    ]
    assert [row.text for row in await kept(community)] == ["灯坏了", "漏水"]
    assert heard[0].resident_id == first.resident_id


async def test_a_repeated_delivery_opens_no_window_again(
    community: Community, city: SmallCity, clock: FakeClock
) -> None:
    arrivals = [words(community, who, "你好", f"k-{who}") for who in ("甲", "乙")]
    await together.take_words(community, WECHAT, arrivals)
    await inbound.claim(community, "w")
    async with community.uow() as uow:
        window = await uow.windows.lock(WECHAT, "o-甲")
        assert (window.kind, window.room) == (Opening.SAID, 5)
        window.room = 1
        await uow.commit()
    await together.take_words(community, WECHAT, arrivals)
    clock.forward(seconds=90)
    await inbound.claim(community, "another, after the lease of the first ran out")
    async with community.reading() as uow:
        again = await uow.windows.get(WECHAT, "o-甲")
        assert again is not None
        assert again.room == 1


async def test_what_somebody_says_while_an_earlier_message_hangs_lets_out_what_waited_for_a_word(
    community: Community, city: SmallCity, clock: FakeClock
) -> None:
    """The platform counts from their newest word, whether or not we have come to it."""
    hanging = await wechat.take(community, words(community, "甲", "灯坏了", "k-1"))
    (message,) = await inbound.claim(community, "w")
    clock.forward(days=3)
    async with community.uow() as uow:
        await tell(uow, hanging.resident_id, "修好了", key="late", now=clock.now())
        await uow.commit()
    assert not await outbound.claim(community, "s", only=(WECHAT,)), "three days after their last word nothing may be sent"
    newest = words(community, "甲", "好了吗", "k-2")
    await together.take_words(community, WECHAT, [newest, words(community, "乙", "你好", "k-3")])
    assert {m.text for m in await inbound.claim(community, "w")} == {"灯坏了", "你好"}
    async with community.reading() as uow:
        window = await uow.windows.get(WECHAT, "o-甲")
    assert window is not None
    assert (window.kind, window.opened_at, window.room) == (Opening.SAID, newest.event.at, 5)
    (parcel,) = await outbound.claim(community, "s", only=(WECHAT,))
    assert [envelope.text for envelope in parcel.envelopes] == ["修好了"]
    # Nor does it open once more when its turn comes: what was sent since counts.
    clock.forward(seconds=5)
    await inbound.finish(community, "w", [Answered(message.id)])
    assert "好了吗" in {m.text for m in await inbound.claim(community, "w")}
    async with community.reading() as uow:
        window = await uow.windows.get(WECHAT, "o-甲")
    assert window is not None
    assert (window.opened_at, window.room) == (newest.event.at, 4)


async def test_a_number_still_means_the_choice_it_was_asked_for(community: Community, city: SmallCity) -> None:
    heard = await wechat.take(community, words(community, "甲", "好了吗", "k-1"))
    async with community.uow() as uow:
        await tell(
            uow,
            heard.resident_id,
            "修好了吗？",
            key="q",
            now=community.clock.now(),
            buttons=[Button("还没好", "/not_resolved"), Button("修好了", "/confirm_resolved")],
        )
        await uow.commit()
    await together.take_words(
        community, WECHAT, [words(community, "甲", "2", "k-2"), words(community, "乙", "2", "k-3")]
    )
    assert [(row.text, row.payload) for row in await kept(community)][1:] == [("2", "/confirm_resolved"), ("2", None)]


async def test_an_answer_that_waited_for_a_word_may_leave_again(
    community: Community, city: SmallCity, clock: FakeClock
) -> None:
    heard = await wechat.take(community, words(community, "甲", "灯坏了", "k-1"))
    (message,) = await inbound.claim(community, "w")
    assert await inbound.finish(community, "w", [Answered(message.id)]) == [True]
    clock.forward(days=3)
    async with community.uow() as uow:
        await tell(uow, heard.resident_id, "修好了", key="late", now=clock.now())
        await uow.commit()
    assert await outbound.claim(community, "w", only=(WECHAT,)) == []
    await together.take_words(
        community, WECHAT, [words(community, "甲", "怎么样了", "k-2"), words(community, "乙", "你好", "k-3")]
    )
    await inbound.claim(community, "w")
    (parcel,) = await outbound.claim(community, "w", only=(WECHAT,))
    assert [row.text for row in parcel.rows] == ["修好了"]


@pytest.mark.parametrize("gateways", [1, 2])
async def test_two_gateways_with_the_same_messages_at_once_keep_each_once(
    community: Community, city: SmallCity, gateways: int
) -> None:
    doors = [Arrivals(community) for _ in range(gateways)]
    arrivals = [words(community, f"人{n % 10}", f"第{n}句", f"k-{n}") for n in range(60)]
    orders = [arrivals, arrivals[::-1]][:gateways]
    heard = await asyncio.gather(
        *(door.take(arrival) for door, order in zip(doors, orders, strict=True) for arrival in order)
    )
    rows = await kept(community)
    assert sorted(row.dedup_key for row in rows) == sorted(f"k-{n}" for n in range(60))
    assert len({row.resident_id for row in rows}) == 10
    by_key = {row.dedup_key: row.id for row in rows}
    for arrival, one in zip([a for order in orders for a in order], heard, strict=True):
        assert one.received is not None
        assert one.received.id == by_key[arrival.event.dedup_key]
    new = [one for one in heard if one.received and not one.received.duplicate]
    assert len(new) == 60


async def test_one_that_cannot_be_kept_takes_nobody_with_it(
    community: Community, city: SmallCity, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = wechat.take

    async def take(c: Community, arrival: Arrival) -> wechat.Heard:
        if arrival.text == "坏":
            raise RuntimeError("broken")
        return await real(c, arrival)

    async def never(*_: object) -> list[wechat.Heard]:
        raise RuntimeError("together failed")

    monkeypatch.setattr(wechat, "take", take)
    monkeypatch.setattr(together, "take_gathered", never)
    door = Arrivals(community)
    outcome = await asyncio.gather(
        *(door.take(words(community, f"人{n}", text, f"k-{n}")) for n, text in enumerate(["一", "坏", "三"])),
        return_exceptions=True,
    )
    assert [type(one).__name__ for one in outcome] == ["Heard", "RuntimeError", "Heard"]
    assert [row.text for row in await kept(community)] == ["一", "三"]


async def test_a_turn_follows_as_for_any_other_message(community: Community, city: SmallCity) -> None:
    await together.take_words(
        community, WECHAT, [words(community, "甲", "灯坏了", "k-1"), words(community, "乙", "漏水", "k-2")]
    )
    claimed = await inbound.claim(community, "w")
    assert [message.text for message in claimed] == ["灯坏了", "漏水"]
    assert await inbound.finish(community, "w", [Answered(claimed[0].id, [Reply("收到")])]) == [True]


async def test_a_photo_does_not_overtake_the_words_before_it(community: Community, city: SmallCity) -> None:
    door = Arrivals(community)
    now = community.clock.now()
    arrivals = [
        words(community, "乙", "你好", "k-1"),
        words(community, "甲", "这里坏了", "k-2"),
        wechat.showed(Event("o-甲", "k-3", now), "m-1"),
        words(community, "甲", "就是这盏", "k-4"),
    ]
    await asyncio.gather(*(door.take(arrival) for arrival in arrivals))
    assert [row.dedup_key for row in await kept(community)] == ["k-1", "k-2", "k-3", "k-4"]
