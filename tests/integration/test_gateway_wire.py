"""The web chat's calls against the real heart: who one is, what one says, what comes back."""

from __future__ import annotations

from pathlib import Path

import aiohttp
import pytest

from community.services import privacy, webchat
from tests.conftest import FakeClock, community_on
from tests.unit.gateway.door import Door, city_file, city_url, door, open_door, photo_bytes, rasa  # noqa: F401
from tests.unit.gateway.fake_rasa import FakeRasa


async def test_a_message_is_taken_worked_on_and_answered(door: Door) -> None:  # noqa: F811
    resident = await door.visitor("R0001")
    status, body = await resident.say("楼道的灯坏了")
    assert (status, body["duplicate"]) == (202, False)
    reply = await resident.until_told("收到：楼道的灯坏了")
    assert reply["direction"] == "out"
    assert reply["in_reply_to"] == body["id"]
    (turn,) = door.rasa.turns
    assert turn["sender"] == "rkeyR0001"
    assert turn["message_id"] == turn["metadata"]["message_id"] == f"in-{body['id']}"
    said = next(line for line in await resident.lines() if line["direction"] == "in")
    assert (said["id"], said["text"]) == (f"in-{body['id']}", "楼道的灯坏了")


async def test_the_same_client_id_is_one_message(door: Door) -> None:  # noqa: F811
    resident = await door.visitor("R0001")
    first = await resident.say("你好", "same")
    assert first[1]["duplicate"] is False
    for _ in range(3):
        assert await resident.say("你好", "same") == (202, {"id": first[1]["id"], "duplicate": True})
    await resident.until_told("收到：你好")
    await resident.say("最后一句")
    await resident.until_told("收到：最后一句")
    assert door.rasa.messages == ["你好", "最后一句"]
    assert await resident.texts() == ["收到：你好", "收到：最后一句"]


async def test_two_residents_may_use_the_same_client_id(door: Door) -> None:  # noqa: F811
    one, other = await door.visitor("R0001"), await door.visitor("R0002")
    first, second = await one.say("一", "same"), await other.say("二", "same")
    assert second[1]["duplicate"] is False
    assert first[1]["id"] != second[1]["id"]
    await other.until_told("收到：二")
    assert await other.texts("in") == ["二"]


async def test_a_button_sends_its_payload_which_never_leaves_the_server(door: Door) -> None:  # noqa: F811
    secret = '/inform{"place":"home"}'
    door.rasa.script = lambda turn: [
        {"text": f"收到：{turn['message'][:4]}", "buttons": [{"title": "我家", "payload": secret}]}
    ]
    resident = await door.visitor("R0001")
    await resident.say("灯坏了")
    asked = await resident.until_told("收到：灯坏了")
    assert asked["buttons"] == [{"title": "我家"}]
    assert secret not in str(await resident.lines())
    status, _ = await resident.say(None, choice={"message": asked["id"], "index": 0})
    assert status == 202
    await resident.until_told("收到：/inf")
    assert door.rasa.messages == ["灯坏了", secret]
    assert await resident.texts("in") == ["灯坏了", "我家"]


async def test_a_typed_number_means_the_button_of_the_last_message(door: Door) -> None:  # noqa: F811
    door.rasa.script = lambda turn: [
        {"text": f"收到：{turn['message']}", "buttons": [{"title": "提交", "payload": "/affirm"}]}
    ]
    resident = await door.visitor("R0001")
    await resident.say("灯坏了")
    await resident.until_told("收到：灯坏了")
    await resident.say("1")
    await resident.until_told("收到：/affirm")


async def test_who_one_is_and_where_one_lives(door: Door) -> None:  # noqa: F811
    resident = await door.visitor("李秀英")
    status, body = await resident.get("/api/me")
    assert status == 200
    assert body == {
        "resident": {"key": "rkeyR0001", "name": "李秀英", "home": "剡溪花园3幢2单元502室", "elder": False},
        "mode": "demo",
    }


async def test_a_copy_of_ones_data_is_a_file_behind_a_signed_link_and_nothing_behind_any_other(door: Door) -> None:  # noqa: F811
    resident = await door.visitor("李秀英")
    async with door.community.reading() as uow:
        known = await uow.people.resident_by_key("rkeyR0001")
    assert known is not None
    token = await privacy.make_link(door.community, known.id)
    async with resident.session.get(f"/my-data/{token}") as response:
        assert response.status == 200
        assert response.headers["Cache-Control"] == "no-store"
        assert response.headers["Content-Disposition"].startswith("attachment")
        assert (await response.json())["姓名"] == "李秀英"
    status, body = await resident.get(f"/my-data/{token}x")
    assert status == 404
    assert "导出我的资料" in body["message"]


async def test_demo_residents_can_be_chosen(door: Door) -> None:  # noqa: F811
    stranger = await door.visitor()
    assert (await stranger.get("/api/me"))[0] == 401
    status, known = await stranger.get("/api/demo/residents")
    assert status == 200
    assert known[0] == {"key": "rkeyR0001", "code": "R0001", "name": "李秀英", "home": "剡溪花园3幢2单元502室"}
    assert (await stranger.post("/api/demo/login", {"resident": "R9999"}))[0] == 404
    await stranger.log_in(known[1]["code"])
    assert (await stranger.get("/api/me"))[1]["resident"]["name"] == "张建国"


async def test_a_new_resident_starts_without_a_home(door: Door) -> None:  # noqa: F811
    stranger = await door.visitor()
    assert (await stranger.post("/api/start"))[0] == 200
    status, body = await stranger.get("/api/me")
    assert (status, body["resident"]["home"]) == (200, "")
    await stranger.say("你好")
    await stranger.until_told("收到：你好")


async def test_logging_out_ends_the_session_on_the_server(door: Door) -> None:  # noqa: F811
    resident = await door.visitor("R0001")
    cookie = next(iter(resident.session.cookie_jar)).value
    assert (await resident.post("/api/logout"))[0] == 200
    assert not list(resident.session.cookie_jar)
    assert await webchat.who(door.community, cookie) is None


async def test_being_somebody_else_ends_the_session_before(door: Door) -> None:  # noqa: F811
    resident = await door.visitor("R0001")
    cookie = next(iter(resident.session.cookie_jar)).value
    await resident.log_in("R0002")
    assert await webchat.who(door.community, cookie) is None
    assert (await resident.get("/api/me"))[1]["resident"]["name"] == "张建国"


async def test_the_cookie_is_out_of_reach_for_scripts_and_other_sites(door: Door) -> None:  # noqa: F811
    stranger = await door.visitor()
    async with stranger.session.post("/api/start", json={}) as response:
        cookie = response.cookies["linshe_chat"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Strict"
    assert not cookie["secure"]


async def test_production_has_no_demo_residents_and_a_secure_cookie(
    city_url: str,  # noqa: F811
    tmp_path: Path,
    clock: FakeClock,
    rasa: FakeRasa,  # noqa: F811
) -> None:
    async with community_on(city_url, tmp_path, clock) as community:
        async with open_door(community, rasa, "http://127.0.0.1:9", tmp_path, "production") as strict:
            stranger = await strict.visitor()
            assert (await stranger.get("/api/demo/residents"))[0] == 404
            assert (await stranger.post("/api/demo/login", {"resident": "R0001"}))[0] == 404
            async with stranger.session.post("/api/start", json={}) as response:
                assert response.cookies["linshe_chat"]["secure"]
            async with stranger.session.get("/chat") as response:
                assert 'data-mode="production"' in await response.text()


async def test_history_is_the_last_lines_oldest_first(door: Door) -> None:  # noqa: F811
    resident = await door.visitor("R0001")
    for number in range(3):
        await resident.say(f"第{number}句")
        await resident.until_told(f"收到：第{number}句")
    assert [line["text"] for line in await resident.lines()][:3] == ["第0句", "收到：第0句", "第1句"]
    assert [line["text"] for line in await resident.lines(2)] == ["第2句", "收到：第2句"]
    for odd in ("-1", "0", "99999999999", "abc", "٣"):
        assert (await resident.get(f"/api/history?limit={odd}"))[0] == 200


async def test_a_photo_is_kept_without_what_the_camera_knew_and_shown_to_its_owner_only(door: Door) -> None:  # noqa: F811
    owner, other = await door.visitor("R0001"), await door.visitor("R0002")
    status, body = await owner.send_photo(photo_bytes())
    assert status == 201
    assert body["url"] == f"/api/photos/{body['hash']}"
    async with owner.session.get(body["url"]) as response:
        assert (response.status, response.content_type) == (200, "image/jpeg")
        assert response.headers["Cache-Control"] == "private, no-cache"
        tag = response.headers["ETag"]
        assert (await response.read())[:2] == b"\xff\xd8"
    async with owner.session.get(body["url"], headers={"If-None-Match": tag}) as response:
        assert response.status == 304
    assert (await other.get(body["url"]))[0] == 404
    assert (await other.get(body["url"], headers={"If-None-Match": tag}))[0] == 404
    stranger = await door.visitor()
    assert (await stranger.get(body["url"]))[0] == 401
    assert (await other.say("看", photos=[body["hash"]]))[0] == 404
    assert (await owner.say("看", photos=[body["hash"]]))[0] == 202
    await owner.until_told("收到：看")
    assert door.rasa.turns[-1]["metadata"]["photos"] == [body["hash"]]
    assert (await owner.lines())[0]["photos"] == [body["url"]]


async def test_the_page_and_its_files_are_served_under_a_strict_policy(door: Door) -> None:  # noqa: F811
    stranger = await door.visitor()
    for path in ("/chat", "/chat/static/chat.js", "/api/me", "/nothing-here"):
        async with stranger.session.get(path) as response:
            policy = response.headers["Content-Security-Policy"]
            assert "default-src 'none'" in policy
            assert "unsafe" not in policy
            assert response.headers["X-Content-Type-Options"] == "nosniff"
            assert "aiohttp" not in response.headers["Server"]
    async with stranger.session.get("/", allow_redirects=False) as response:
        assert (response.status, response.headers["Location"]) == (302, "/chat")


async def test_health_and_numbers_are_told(door: Door) -> None:  # noqa: F811
    resident = await door.visitor("R0001")
    assert (await resident.get("/healthz")) == (
        200,
        {"ok": True, "database": True, "worker": True, "signals": True},
    )
    await resident.say("你好")
    await resident.until_told("收到：你好")
    async with resident.session.get("/metrics") as response:
        text = await response.text()
    assert 'linshe_inbox_received_total{channel="webchat",duplicate="false"} 1.0' in text
    assert 'linshe_turns_total{kind="assistant",outcome="done"} 1.0' in text
    assert "李秀英" not in text


async def test_health_says_so_when_the_worker_is_gone(door: Door) -> None:  # noqa: F811
    from gateway.background import Background
    from gateway.keys import BACKGROUND

    app = door.app
    parts: Background = app[BACKGROUND]
    parts._loops._tasks[0].cancel()
    stranger = await door.visitor()
    status, body = await stranger.get("/healthz")
    assert (status, body["ok"], body["worker"]) == (503, False, False)


async def test_other_sites_cannot_act_for_a_resident(door: Door) -> None:  # noqa: F811
    resident = await door.visitor("R0001")
    for headers in ({"Origin": "https://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"}):
        assert (await resident.post("/api/messages", {"client_id": "x", "text": "hi"}, headers=headers))[0] == 403
        with pytest.raises(aiohttp.WSServerHandshakeError, match="403"):
            await resident.session.ws_connect("/api/ws", headers=headers)
    own = {"Origin": door.url.rstrip("/")}
    assert (await resident.post("/api/messages", {"client_id": "x", "text": "hi"}, headers=own))[0] == 202
