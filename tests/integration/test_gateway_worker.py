"""The worker: once, in order, several residents at a time, and patient when the assistant is away. On both databases."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from community.model.message import InboxStatus, OutboxStatus
from community.ports import Community
from community.services import inbound, outbound, retries, wechat
from community.services.notify import tell
from community.services.parcels import Parcel
from community.services.wechat import Event
from gateway.delivery import Delivery, SendFailed, Took
from gateway.metrics import Metrics
from gateway.rasa_client import RasaClient
from gateway.worker import InboxWorker
from tests.conftest import FakeClock, free_port
from tests.small_city import SmallCity
from tests.unit.gateway.door import Door, city_file, city_url, open_door, rasa, rasa_server  # noqa: F401
from tests.unit.gateway.fake_rasa import FakeRasa


@pytest.fixture
async def door(
    community: Community,
    city: SmallCity,
    tmp_path: Path,
    rasa: FakeRasa,  # noqa: F811
) -> AsyncIterator[Door]:
    async with rasa_server(rasa) as url, open_door(community, rasa, url, tmp_path) as opened:
        yield opened


async def status_of(c: Community, message_id: int) -> InboxStatus:
    async with c.reading() as uow:
        message = await uow.inbox.get(message_id)
        assert message is not None
        return message.status


async def test_messages_of_one_resident_are_worked_on_one_at_a_time_in_order(door: Door) -> None:
    door.rasa.delay = 0.05
    resident = await door.visitor("R0001")
    said = [f"第{n}句" for n in range(6)]
    for words in said:
        await resident.say(words)
    await resident.until_told("收到：第5句")
    assert door.rasa.messages == said
    assert door.rasa.most_at_once_of_one == 1
    assert await resident.texts() == [f"收到：{words}" for words in said]


async def test_several_residents_are_served_at_the_same_time(door: Door) -> None:
    door.rasa.delay = 0.4
    residents = [await door.visitor(code) for code in ("R0001", "R0002", "R0003", "R0004")]
    await asyncio.gather(*(resident.say("你好") for resident in residents))
    await asyncio.gather(*(resident.until_told("收到：你好") for resident in residents))
    assert door.rasa.most_at_once == 4
    assert door.rasa.most_at_once_of_one == 1


@pytest.mark.parametrize("failing", [[503] * 3, [500] * 3, [404]])
async def test_a_turn_that_fails_is_tried_again_and_answered_once(
    door: Door, clock: FakeClock, failing: list[int]
) -> None:
    door.rasa.failing = list(failing)
    resident = await door.visitor("R0001")
    await resident.say("灯坏了")
    async with asyncio.timeout(60):
        while not door.rasa.turns:
            await asyncio.sleep(0.05)
            clock.forward(seconds=1)
    await resident.until_told("收到：灯坏了")
    assert door.rasa.messages == ["灯坏了"]
    assert [text for text in await resident.texts() if "收到：" in text] == ["收到：灯坏了"]


async def test_while_rasa_is_away_the_resident_is_told_once_and_answered_when_it_is_back(
    community: Community,
    city: SmallCity,
    clock: FakeClock,
    tmp_path: Path,
    rasa: FakeRasa,  # noqa: F811
) -> None:
    port = free_port()
    async with open_door(community, rasa, f"http://127.0.0.1:{port}", tmp_path) as opened:
        resident = await opened.visitor("R0001")
        _, body = await resident.say("灯坏了")
        async with asyncio.timeout(60):
            while not any("消息已收到" in text for text in await resident.texts()):
                await asyncio.sleep(0.05)
                clock.forward(seconds=1)
        clock.forward(minutes=10)
        await asyncio.sleep(1.2)
        assert await status_of(community, body["id"]) in (InboxStatus.NEW, InboxStatus.WORKING)
        async with rasa_server(rasa, port):
            clock.forward(minutes=1)
            await resident.until_told("收到：灯坏了")
        told = await resident.texts()
        assert len(told) == 2
        assert len([text for text in told if "消息已收到" in text]) == 1
        assert rasa.messages == ["灯坏了"]


async def put_off(c: Community, message_id: int) -> None:
    """Until this message has been tried and put off."""
    async with asyncio.timeout(10):
        while True:
            async with c.reading() as uow:
                message = await uow.inbox.get(message_id)
            if message is not None and message.status is InboxStatus.NEW and message.error:
                return
            await asyncio.sleep(0.02)


async def test_nobody_waits_out_a_pause_once_the_assistant_is_back(
    community: Community,
    city: SmallCity,
    tmp_path: Path,
    rasa: FakeRasa,  # noqa: F811
) -> None:
    """The clock stands still: a pause would never end."""
    port = free_port()
    async with open_door(community, rasa, f"http://127.0.0.1:{port}", tmp_path) as opened:
        residents = [await opened.visitor(code) for code in ("R0001", "R0002")]
        for resident in residents:
            _, body = await resident.say("灯坏了")
            await put_off(community, body["id"])
        async with rasa_server(rasa, port):
            for resident in residents:
                await resident.until_told("收到：灯坏了", seconds=10)


async def test_what_a_killed_worker_put_off_does_not_wait_out_its_pause_either(
    community: Community,
    city: SmallCity,
    tmp_path: Path,
    rasa: FakeRasa,  # noqa: F811
) -> None:
    resident_id = city.residents["R0001"].id
    received = await inbound.receive(community, inbound.Incoming("webchat", resident_id, "k1", "灯坏了"))
    await inbound.claim(community, "killed")
    await retries.postpone(community, "killed", received.id, f"{retries.ASSISTANT_AWAY}: gone", transient=True)
    async with rasa_server(rasa) as url, open_door(community, rasa, url, tmp_path) as opened:
        await (await opened.visitor("R0001")).until_told("收到：灯坏了", seconds=10)


async def test_only_what_waits_for_the_assistant_is_called_back(
    community: Community, city: SmallCity, clock: FakeClock
) -> None:
    errors = {"R0001": f"{retries.ASSISTANT_AWAY}: timeout", "R0002": "media away: busy"}
    for code, error in errors.items():
        message = inbound.Incoming("webchat", city.residents[code].id, code, "灯坏了")
        received = await inbound.receive(community, message)
        await inbound.claim(community, "w")
        await retries.postpone(community, "w", received.id, error, transient=True)
    assert await inbound.claim(community, "w") == []
    assert await retries.assistant_back(community) == 1
    assert [m.resident_id for m in await inbound.claim(community, "w")] == [city.residents["R0001"].id]


async def test_a_message_that_breaks_the_connection_of_an_assistant_that_is_there_is_not_tried_without_end(
    door: Door,
) -> None:
    door.rasa.hanging_up = True
    resident = await door.visitor("R0001")
    _, body = await resident.say("灯坏了")
    await put_off(door.community, body["id"])
    await asyncio.sleep(1.5)
    assert door.rasa.hung_up == 1


async def test_tries_in_an_outage_are_none_of_the_messages_own(door: Door, clock: FakeClock) -> None:
    """Six tries fail since the action server is away, the seventh for some reason: that is its first."""
    door.rasa.failing = [503] * 6 + [500]
    resident = await door.visitor("R0001")
    _, body = await resident.say("灯坏了")
    async with asyncio.timeout(60):
        while not door.rasa.turns and await status_of(door.community, body["id"]) is not InboxStatus.DEAD:
            await asyncio.sleep(0.05)
            clock.forward(seconds=2)
    await resident.until_told("收到：灯坏了", seconds=10)


async def test_in_an_outage_nobody_waits_for_more_than_a_quarter_longer_and_ten_seconds(
    community: Community, city: SmallCity, clock: FakeClock
) -> None:
    began = clock.now()
    await inbound.receive(community, inbound.Incoming("webchat", city.residents["R0001"].id, "k1", "灯坏了"))
    pauses = []
    for _ in range(30):
        (message,) = await inbound.claim(community, "w")
        failed_at = clock.now()
        await retries.postpone(community, "w", message.id, "unavailable", transient=True)
        while not await inbound.claim(community, "another"):
            clock.forward(seconds=0.1)
        pauses.append(((clock.now() - failed_at).total_seconds(), (failed_at - began).total_seconds()))
        await inbound.release_gone(community, lambda name: name == "another")
    assert all(pause <= max(0.5, waited / 4) + 0.11 and pause <= 10.11 for pause, waited in pauses), pauses
    assert pauses[-1][0] > 9.9, "an outage of a day is not asked about four times a second"


async def test_an_assistant_that_is_gone_is_not_asked_again_and_again_but_the_resident_is_told(
    community: Community, city: SmallCity, clock: FakeClock
) -> None:
    """Hundreds may wait while it starts, on the same cores."""
    await inbound.receive(community, inbound.Incoming("webchat", city.residents["R0001"].id, "k1", "灯坏了"))
    began, tries = clock.now(), []
    while (waited := (clock.now() - began).total_seconds()) < 30:
        for message in await inbound.claim(community, "w"):
            tries.append(round(waited))
            await retries.postpone(community, "w", message.id, retries.ASSISTANT_AWAY, transient=True, called_back=True)
        clock.forward(seconds=0.1)
    assert tries == [0, 3, 13, 23]
    lines = await outbound.history(community, city.residents["R0001"].id, 10)
    assert len([line for line in lines if "消息已收到" in line.text]) == 1


async def test_a_message_that_always_fails_is_put_aside_and_the_next_one_goes_on(door: Door, clock: FakeClock) -> None:
    resident = await door.visitor("R0001")
    door.rasa.failing = [500] * 5
    _, first = await resident.say("会出错的一句")
    await resident.say("下一句")
    async with asyncio.timeout(60):
        while not door.rasa.turns:
            await asyncio.sleep(0.05)
            clock.forward(seconds=2)
    await resident.until_told("收到：下一句")
    assert await status_of(door.community, first["id"]) is InboxStatus.DEAD
    assert any("没能处理好" in text for text in await resident.texts())


async def test_a_worker_that_stops_in_the_middle_gives_its_message_back(
    community: Community,
    city: SmallCity,
    clock: FakeClock,
    rasa: FakeRasa,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("gateway.worker.GRACE", 0.1)
    rasa.delay = 5
    resident_id = city.residents["R0001"].id
    received = await inbound.receive(community, inbound.Incoming("webchat", resident_id, "k1", "灯坏了"))
    async with rasa_server(rasa) as url:
        client = RasaClient(url)
        await client.open()
        worker = InboxWorker(community, client, Metrics())
        task = asyncio.create_task(worker.run())
        async with asyncio.timeout(60):
            while not rasa.busy:
                await asyncio.sleep(0.02)
        assert await status_of(community, received.id) is InboxStatus.WORKING
        task.cancel()
        await worker.stop()
        await client.close()
    # Free for another worker well before the lease of the stopped one would have run out.
    assert await status_of(community, received.id) is InboxStatus.NEW
    clock.forward(seconds=11)
    assert [m.id for m in await inbound.claim(community, "another", 8)] == [received.id]


async def test_two_workers_never_answer_a_message_twice(
    community: Community,
    city: SmallCity,
    rasa: FakeRasa,  # noqa: F811
) -> None:
    rasa.delay = 0.02
    ids = [resident.id for resident in city.residents.values()]
    for number in range(20):
        await inbound.receive(community, inbound.Incoming("webchat", ids[number % 5], f"k{number}", f"第{number}句"))
    async with rasa_server(rasa) as url:
        client = RasaClient(url)
        await client.open()
        workers = [InboxWorker(community, client, Metrics()) for _ in range(3)]
        tasks = [asyncio.create_task(worker.run()) for worker in workers]
        async with asyncio.timeout(60):
            while any([await inbound.unfinished(community, i) for i in ids]):
                await asyncio.sleep(0.05)
        for task in tasks:
            task.cancel()
        for worker in workers:
            await worker.stop()
        await client.close()
    assert sorted(rasa.messages) == sorted(f"第{n}句" for n in range(20))
    assert rasa.most_at_once_of_one == 1
    for resident_id in ids:
        lines = [line.text for line in await outbound.history(community, resident_id) if line.direction == "out"]
        assert len(lines) == len(set(lines)) == 4


# --- delivery --------------------------------------------------------------------------------------------------------


class Postman:
    """A channel that fails when told, and remembers what it took."""

    def __init__(self) -> None:
        self.taken: list[str] = []
        self.failing: set[str] = set()

    async def send(self, parcel: Parcel, took: Took) -> None:
        for envelope in parcel.envelopes:
            if envelope.text in self.failing:
                raise SendFailed("quota")
            self.taken.append(envelope.text)
            await took(envelope)


async def write(c: Community, resident_id: int, *words: str) -> None:
    async with c.uow() as uow:
        for text in words:
            await tell(uow, resident_id, text, key=f"test:{resident_id}:{text}", now=c.clock.now())
        await uow.commit()


async def test_what_is_due_is_sent_once_in_order(community: Community, city: SmallCity) -> None:
    postman = Postman()
    delivery = Delivery(community, {"webchat": postman}, Metrics())
    await write(community, city.residents["R0001"].id, "一", "二", "三")
    assert await delivery.once() == 1
    assert await delivery.once() == 0
    assert postman.taken == ["一", "二", "三"]


async def test_after_a_failure_the_rest_for_this_resident_waits_and_others_go_on(
    community: Community, city: SmallCity, clock: FakeClock
) -> None:
    postman = Postman()
    postman.failing = {"一"}
    delivery = Delivery(community, {"webchat": postman}, Metrics())
    await write(community, city.residents["R0001"].id, "一", "二")
    await write(community, city.residents["R0002"].id, "甲")
    await delivery.once()
    await delivery.once()
    assert postman.taken == ["甲"]
    postman.failing.clear()
    clock.forward(minutes=1)
    await delivery.once()
    assert postman.taken == ["甲", "一", "二"]


async def test_a_channel_without_a_sender_is_a_failure_not_a_crash(community: Community, city: SmallCity) -> None:
    await write(community, city.residents["R0001"].id, "一")
    await Delivery(community, {}, Metrics()).once()
    (line,) = await outbound.history(community, city.residents["R0001"].id)
    async with community.reading() as uow:
        message = await uow.outbox.get(int(line.key.removeprefix("out-")))
    assert message is not None
    assert (message.status, message.attempts) == (OutboxStatus.PENDING, 1)


async def test_a_receipt_that_fails_at_first_is_tried_again_and_nothing_is_sent_twice(
    community: Community, city: SmallCity, monkeypatch: pytest.MonkeyPatch
) -> None:
    postman, sent, failing = Postman(), outbound.sent, [OSError("database is away"), OSError("still")]

    async def flaky(*args: Any) -> bool:
        if failing:
            raise failing.pop()
        return await sent(*args)

    monkeypatch.setattr(outbound, "sent", flaky)
    await write(community, city.residents["R0001"].id, "一", "二")
    delivery = Delivery(community, {"webchat": postman}, Metrics())
    await delivery.once()
    assert await delivery.once() == 0
    assert postman.taken == ["一", "二"]


async def test_one_slow_call_keeps_no_other_resident_waiting(
    community: Community, city: SmallCity, clock: FakeClock
) -> None:
    slow, taken = asyncio.Event(), list[str]()

    class Slow:
        async def send(self, parcel: Parcel, took: Took) -> None:
            if parcel.address == "o-slow":
                await slow.wait()
            for envelope in parcel.envelopes:
                taken.append(envelope.text)
                await took(envelope)

    delivery = Delivery(community, {"wechat": Slow()}, Metrics(), only=("wechat",))
    running = asyncio.create_task(delivery.run())
    for name in ("slow", "quick"):
        heard = await wechat.take(community, wechat.sorry(Event(f"o-{name}", name, clock.now()), f"给{name}的话"))
        delivery.wake()
        await asyncio.sleep(0.3)
        assert heard.received is None
    assert taken == ["给quick的话"]
    slow.set()
    await asyncio.sleep(0.3)
    assert taken == ["给quick的话", "给slow的话"]
    running.cancel()
    await delivery.stop()
