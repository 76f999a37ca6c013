"""What is told in a community's room: rows of the ticket's own transaction, said once, at the robot's pace. Both databases."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer
from sqlalchemy import select
from structlog.testing import capture_logs

from community.model.category import Category, Urgency
from community.model.room import A_MINUTE, RoomNote
from community.ports import Community
from community.services import rooms
from community.services.tickets import FileTicket, file_ticket
from community.store.tables import room_notes
from gateway.wecom.robot import Robots
from tests.conftest import FakeClock
from tests.small_city import SmallCity

KEY, OTHER = "robot-of-shanxi", "robot-of-lushan"


class FakeRobots:
    """The platform's webhook. `answers` are codes or statuses given first."""

    def __init__(self) -> None:
        self.said: list[tuple[str, str]] = []
        self.answers: list[int] = []
        self.slow = 0.0

    async def send(self, request: web.Request) -> web.Response:
        body = await request.json()
        await asyncio.sleep(self.slow)
        code = self.answers.pop(0) if self.answers else 0
        if code >= 500 and code < 600:
            return web.Response(status=code)
        if code == 0:
            self.said.append((request.query["key"], body["text"]["content"]))
        return web.json_response({"errcode": code, "errmsg": "x"})


@contextlib.asynccontextmanager
async def robots(
    c: Community, platform: FakeRobots, keys: dict[str, str], rung: list[str] | None = None, count: int = 1
) -> AsyncIterator[list[Robots]]:
    app = web.Application()
    app.router.add_post("/cgi-bin/webhook/send", platform.send)
    server = TestServer(app)
    await server.start_server()
    alarm = rung.append if rung is not None else lambda reason: None
    made = [Robots(c, str(server.make_url("")), keys, alarm, timeout=1) for _ in range(count)]
    try:
        for one in made:
            await one.open()
        yield made
    finally:
        for one in made:
            await one.close()
        await server.close()


@pytest.fixture
def with_rooms(community: Community) -> Community:
    return dataclasses.replace(community, rooms=frozenset({"剡溪社区"}))


async def notes(c: Community) -> list[RoomNote]:
    async with c.reading() as uow:
        return list(await uow.session.scalars(select(RoomNote).order_by(room_notes.c.id)))  # type: ignore[attr-defined]


def report(city: SmallCity, key: str = "k1", who: str = "R0001", at: str | None = "剡溪花园/3/2/502", **more: object) -> FileTicket:
    place = city.places[at].id if at else None
    words = "李秀英家502室门口，电梯困人，电话13800000001"
    given = {"category": Category.ELEVATOR, "words": words, "place_text": "502室", "place_id": place, "key": key, **more}
    return FileTicket(resident_id=city.residents[who].id, **given)  # type: ignore[arg-type]


async def test_an_urgent_ticket_is_told_once_without_who_and_which_room(
    with_rooms: Community, city: SmallCity
) -> None:
    ticket = (await file_ticket(with_rooms, report(city))).ticket
    await file_ticket(with_rooms, report(city))
    platform = FakeRobots()
    async with robots(with_rooms, platform, {"剡溪社区": KEY}) as (robot,):
        assert await robot.once() == 1
        assert await robot.once() == 0
    ((key, text),) = platform.said
    assert key == KEY
    assert ticket.number in text
    assert "剡溪花园3幢2单元\n" in text
    assert not any(part in text for part in ("502", "李秀英", "138"))


async def test_what_is_not_urgent_or_of_a_community_without_a_room_is_not_told(
    with_rooms: Community, city: SmallCity
) -> None:
    await file_ticket(with_rooms, report(city, "k1", urgency=Urgency.NORMAL))
    await file_ticket(with_rooms, report(city, "k2", "R0004", "鹿山苑/1/1/502"))
    await file_ticket(with_rooms, report(city, "k3", "R0005", None))
    assert await notes(with_rooms) == []


async def test_danger_in_chat_is_told_with_its_ticket(with_rooms: Community, city: SmallCity) -> None:
    from community.services import inbound
    from community.services.inbound import Incoming

    await inbound.receive(with_rooms, Incoming("webchat", city.residents["R0001"].id, "d1", "家里着火了快来人"))
    (message,) = await inbound.claim(with_rooms, "w")
    assert (await inbound.prepare(with_rooms, message)).kind == "danger"
    (note,) = await notes(with_rooms)
    assert note.text.startswith("【危急】")
    assert "502" not in note.text


async def test_an_escalation_is_told_once(with_rooms: Community, city: SmallCity, clock: FakeClock) -> None:
    number = (await file_ticket(with_rooms, report(city, urgency=Urgency.NORMAL))).ticket.number
    for _ in range(2):
        async with with_rooms.uow() as uow:
            ticket = await uow.tickets.by_number(number)
            assert ticket is not None
            await rooms.escalated(uow, with_rooms, ticket, "街道", "event-9", clock.now())
            await uow.commit()
    (note,) = await notes(with_rooms)
    assert note.text.startswith(f"【升级】工单{number}已升级到街道")


async def test_a_ticket_that_is_not_kept_is_not_told(with_rooms: Community, city: SmallCity) -> None:
    async with with_rooms.uow() as uow:
        from community.services.tickets import file_in

        resident = city.residents["R0001"]
        await file_in(uow, with_rooms, report(city), resident)
    assert await notes(with_rooms) == []


async def test_more_than_the_robot_may_say_waits_and_nothing_is_dropped(
    with_rooms: Community, city: SmallCity, clock: FakeClock
) -> None:
    for number in range(A_MINUTE + 5):
        await file_ticket(with_rooms, report(city, f"k{number}"))
    platform = FakeRobots()
    async with robots(with_rooms, platform, {"剡溪社区": KEY}, count=2) as (one, two):
        await asyncio.gather(one.once(), two.once())
        await asyncio.gather(one.once(), two.once())
        assert len(platform.said) == A_MINUTE
        clock.forward(seconds=61)
        await asyncio.gather(one.once(), two.once())
    texts = [text for _, text in platform.said]
    assert len(texts) == len(set(texts)) == A_MINUTE + 5
    assert [note.status for note in await notes(with_rooms)] == ["sent"] * (A_MINUTE + 5)


async def test_workers_who_ask_at_the_same_moment_get_no_more_together_than_one(
    with_rooms: Community, city: SmallCity
) -> None:
    for number in range(A_MINUTE + 12):
        await file_ticket(with_rooms, report(city, f"k{number}"))
    where = {KEY: await rooms.ids_of(with_rooms, ["剡溪社区"])}
    taken = await asyncio.gather(*(rooms.claim(with_rooms, f"w{n}", where) for n in range(6)))
    ids = [note.id for notes in taken for note in notes]
    assert len(ids) == len(set(ids)) == A_MINUTE


async def test_communities_that_share_a_robot_share_what_it_may_say(
    with_rooms: Community, city: SmallCity, clock: FakeClock
) -> None:
    both = dataclasses.replace(with_rooms, rooms=frozenset({"剡溪社区", "鹿山社区"}))
    for number in range(12):
        await file_ticket(both, report(city, f"a{number}"))
        await file_ticket(both, report(city, f"b{number}", "R0004", "鹿山苑/1/1/502"))
    platform = FakeRobots()
    async with robots(both, platform, {"剡溪社区": KEY, "鹿山社区": KEY}) as (robot,):
        assert await robot.once() == A_MINUTE
    platform = FakeRobots()
    clock.forward(seconds=61)
    async with robots(both, platform, {"剡溪社区": KEY, "鹿山社区": OTHER}) as (robot,):
        await robot.once()
    assert {key for key, _ in platform.said} == {KEY, OTHER}


@pytest.mark.parametrize("answer", [45009, -1, 502])
async def test_a_busy_platform_is_asked_later_and_those_behind_wait_too(
    with_rooms: Community, city: SmallCity, clock: FakeClock, answer: int
) -> None:
    for number in range(3):
        await file_ticket(with_rooms, report(city, f"k{number}"))
    platform = FakeRobots()
    platform.answers = [answer]
    async with robots(with_rooms, platform, {"剡溪社区": KEY}) as (robot,):
        assert await robot.once() == 0
        assert platform.answers == []
        assert await robot.once() == 0
        clock.forward(seconds=61)
        assert await robot.once() == 3


async def test_a_robot_that_is_gone_rings_and_its_key_is_in_no_log(
    with_rooms: Community, city: SmallCity, clock: FakeClock
) -> None:
    await file_ticket(with_rooms, report(city))
    platform, rung = FakeRobots(), list[str]()
    platform.answers = [93000, 502]
    with capture_logs() as logs:
        async with robots(with_rooms, platform, {"剡溪社区": KEY}, rung) as (robot,):
            await robot.once()
            assert rung == ["93000"]
            clock.forward(minutes=11)
            await robot.once()
            platform.slow = 1.5
            clock.forward(minutes=2)
            await robot.once()
            robot._base = "http://127.0.0.1:9"
            clock.forward(minutes=2)
            await robot.once()
    assert len(logs) == 4
    assert KEY not in str(logs)
    assert all(KEY not in note.error for note in await notes(with_rooms))


async def test_what_a_killed_worker_held_is_said_by_another(
    with_rooms: Community, city: SmallCity, clock: FakeClock
) -> None:
    for number in range(A_MINUTE):
        await file_ticket(with_rooms, report(city, f"k{number}"))
    where = {KEY: await rooms.ids_of(with_rooms, ["剡溪社区"])}
    held = await rooms.claim(with_rooms, "killed", where)
    assert len(held) == A_MINUTE
    assert await rooms.claim(with_rooms, "w2", where) == []
    clock.forward(seconds=61)
    assert len(await rooms.claim(with_rooms, "w2", where)) == A_MINUTE
    await rooms.sent(with_rooms, "killed", held[0].id)
    assert [note.status for note in await notes(with_rooms)][0] == "sending"


async def test_what_always_fails_is_put_aside(with_rooms: Community, city: SmallCity, clock: FakeClock) -> None:
    await file_ticket(with_rooms, report(city))
    platform = FakeRobots()
    platform.answers = [40008] * 20
    async with robots(with_rooms, platform, {"剡溪社区": KEY}) as (robot,):
        for _ in range(10):
            await robot.once()
            clock.forward(minutes=2)
    assert len(platform.answers) == 12
    assert [note.status for note in await notes(with_rooms)] == ["dead"]


async def test_a_robot_of_no_community_is_said_once_and_found_when_it_is_there(
    with_rooms: Community, city: SmallCity
) -> None:
    platform = FakeRobots()
    with capture_logs() as logs:
        async with robots(with_rooms, platform, {"没有的社区": KEY}) as (robot,):
            await robot.once()
            await robot.once()
    assert [entry["event"] for entry in logs] == ["a robot of no community"]
