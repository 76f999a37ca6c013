"""The socket of an open page: everything once, to the right resident, and the end of each message after its replies."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from community.model.conversation import Topic
from community.services import conversations, webchat
from gateway.webchat import hub as hub_module
from tests.conftest import FakeClock
from tests.unit.gateway.door import Door, city_file, city_url, door, pushed, rasa  # noqa: F401


def texts(events: list[dict[str, Any]]) -> list[str]:
    return [e["message"]["text"] for e in events if e["type"] == "message" and e["message"]["direction"] != "in"]


async def id_of(door: Door, name: str) -> int:  # noqa: F811
    async with door.community.reading() as uow:
        return next(r.id for r in await uow.people.demo_residents() if r.name == name)


async def test_replies_are_pushed_and_then_the_message_is_handled(door: Door) -> None:  # noqa: F811
    door.rasa.script = lambda turn: [{"text": f"{part}：{turn['message']}"} for part in "一二三"]
    resident = await door.visitor("R0001")
    async with resident.socket() as socket:
        for words in ("灯坏了", "水漏了"):
            _, answer = await resident.say(words)
            events = await pushed(socket, "handled")
            assert texts(events) == [f"{part}：{words}" for part in "一二三"]
            assert events[-1] == {"type": "handled", "id": answer["id"]}
            own = [e["message"]["id"] for e in events if e["type"] == "message" and e["message"]["direction"] == "in"]
            assert own == [f"in-{answer['id']}"]


async def test_each_line_is_pushed_once(door: Door) -> None:  # noqa: F811
    resident = await door.visitor("R0001")
    async with resident.socket() as socket:
        answers = [await resident.say(f"第{n}句") for n in range(6)]
        ids: list[str] = []
        handled: list[int] = []
        async with asyncio.timeout(60):
            while len(handled) < 6:
                event = await socket.receive_json()
                if event["type"] == "message":
                    ids.append(event["message"]["id"])
                elif event["type"] == "handled":
                    handled.append(event["id"])
        # Hints that come late push nothing a second time.
        door.app_hub.poke_all()
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(socket.receive_json(), 0.4)
    assert handled == [body["id"] for _, body in answers]
    assert len(ids) == len(set(ids)) == 12


async def test_typing_is_shown_while_the_assistant_thinks(door: Door) -> None:  # noqa: F811
    resident = await door.visitor("R0001")
    async with resident.socket() as socket:
        # The first one may be handled before the page is listening at all: a socket is open a moment before it is known.
        await resident.say("你好")
        await pushed(socket, "handled")
        await resident.say("灯坏了")
        kinds = []
        async with asyncio.timeout(60):
            while "handled" not in kinds:
                kinds.append((await socket.receive_json())["type"])
    assert kinds[0] == "typing"


async def test_what_was_there_before_is_not_pushed(door: Door) -> None:  # noqa: F811
    resident = await door.visitor("R0001")
    await resident.say("昨天的事")
    await resident.until_told("收到：昨天的事")
    async with resident.socket() as socket:
        await resident.say("今天的事")
        assert texts(await pushed(socket, "handled")) == ["收到：今天的事"]


async def test_two_pages_of_one_resident_both_see_what_is_said(door: Door) -> None:  # noqa: F811
    resident = await door.visitor("R0001")
    async with resident.socket() as one, resident.socket() as other:
        await resident.say("灯坏了")
        for socket in (one, other):
            events = await pushed(socket, "handled")
            assert [e["message"]["text"] for e in events[:-1]] == ["灯坏了", "收到：灯坏了"]


async def test_two_residents_at_once_never_see_each_others_lines(door: Door) -> None:  # noqa: F811
    one, other = await door.visitor("R0001"), await door.visitor("R0002")
    async with one.socket() as first, other.socket() as second:
        await asyncio.gather(
            *(who.say(f"{name}第{n}句") for n in range(3) for who, name in ((one, "李"), (other, "张")))
        )
        for socket, own in ((first, "李"), (second, "张")):
            seen = texts([e for _ in range(3) for e in await pushed(socket, "handled")])
            assert len(seen) == 3
            assert all(text.startswith(f"收到：{own}") for text in seen)


async def test_what_staff_write_arrives_under_their_name(door: Door, clock: FakeClock) -> None:  # noqa: F811
    resident_id = await id_of(door, "李秀英")
    resident = await door.visitor("R0001")
    await resident.say("你好")
    await resident.until_told("收到：你好")
    await conversations.ask_person(door.community, resident_id, Topic.GENERAL, "想找人", "in-1:person")
    async with door.community.reading() as uow:
        worker = await uow.people.staff_by_login("grid1")
    assert worker is not None
    async with resident.socket() as socket:
        await conversations.take(door.community, worker.id, resident_id)
        await conversations.say(door.community, worker.id, resident_id, "我是王强，马上来看。", "page-1")
        async with asyncio.timeout(60):
            while (event := await socket.receive_json()).get("message", {}).get("direction") != "staff":
                pass
        assert event["message"]["text"] == "我是王强，马上来看。"
        assert "王强" in event["message"]["author"]
        # While a person is here the assistant is silent, and the page still learns that the message is taken.
        asked = len(door.rasa.turns)
        _, answer = await resident.say("好的")
        events = await pushed(socket, "handled")
        assert events[-1]["id"] == answer["id"]
        assert texts(events) == []
        assert len(door.rasa.turns) == asked


async def test_danger_is_answered_without_the_assistant(door: Door) -> None:  # noqa: F811
    door.rasa.failing = [500] * 100
    resident = await door.visitor("R0001")
    async with resident.socket() as socket:
        _, answer = await resident.say("厨房有很重的煤气味")
        events = await pushed(socket, "handled")
    assert events[-1]["id"] == answer["id"]
    (said,) = texts(events)
    assert "119" in said
    assert door.rasa.turns == []


async def test_logging_out_tells_the_open_pages(door: Door) -> None:  # noqa: F811
    resident = await door.visitor("R0001")
    async with resident.socket() as socket:
        await resident.post("/api/logout")
        assert await socket.receive_json(timeout=3) == {"type": "expired"}
        assert (await socket.receive(timeout=3)).data == 4401


async def test_a_session_that_runs_out_tells_the_open_page(
    door: Door,  # noqa: F811
    clock: FakeClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(hub_module, "SESSION_CHECK", 0.1)
    resident = await door.visitor("R0001")
    async with resident.socket() as socket:
        clock.forward(days=31)
        assert await socket.receive_json(timeout=5) == {"type": "expired"}


async def test_a_page_that_comes_back_hears_the_end_of_what_it_left(door: Door) -> None:  # noqa: F811
    door.rasa.delay = 0.5
    resident = await door.visitor("R0001")
    async with resident.socket():
        _, answer = await resident.say("灯坏了")
    async with resident.socket() as socket:
        events = await pushed(socket, "handled")
    assert events[-1]["id"] == answer["id"]
    assert texts(events) == ["收到：灯坏了"]


async def test_no_line_is_missed_between_opening_and_the_first_history(door: Door) -> None:  # noqa: F811
    """A page opens its socket, then loads the history: whatever is written meanwhile comes one way or the other."""
    resident = await door.visitor("R0001")
    for number in range(5):
        await resident.say(f"第{number}句")
        async with resident.socket() as socket:
            seen = {line["text"] for line in await resident.lines()}
            async with asyncio.timeout(60):
                while f"收到：第{number}句" not in seen:
                    event = await socket.receive_json()
                    if event["type"] == "message":
                        seen.add(event["message"]["text"])


async def test_a_resident_cannot_open_sockets_without_end(door: Door) -> None:  # noqa: F811
    import aiohttp

    resident = await door.visitor("R0001")
    opened = [await resident.session.ws_connect("/api/ws") for _ in range(10)]
    with pytest.raises(aiohttp.WSServerHandshakeError, match="429"):
        await resident.session.ws_connect("/api/ws")
    await opened.pop().close()
    await asyncio.sleep(0.1)
    await (await resident.session.ws_connect("/api/ws")).close()


async def test_what_a_page_sends_into_the_socket_is_ignored(door: Door) -> None:  # noqa: F811
    resident = await door.visitor("R0001")
    async with resident.socket() as socket:
        await socket.send_str('{"type":"message","text":"/affirm"}')
        await socket.send_bytes(b"\x00")
        await resident.say("灯坏了")
        assert texts(await pushed(socket, "handled")) == ["收到：灯坏了"]
    assert door.rasa.messages == ["灯坏了"]


async def test_the_session_named_by_an_ended_token_is_nobody(door: Door) -> None:  # noqa: F811
    token, _ = await webchat.demo_login(door.community, "R0001")
    await webchat.logout(door.community, token)
    stranger = await door.visitor()
    stranger.session.cookie_jar.update_cookies({"linshe_chat": token})
    assert (await stranger.get("/api/me"))[0] == 401
