"""Scripts and the prompt: what is played reaches the door as the platform would send it, and what is not met is said."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from ops.wechat import credentials
from ops.wechat.clock import seconds
from ops.wechat.script import Player, Script, ScriptError, read
from ops.wechat.terminal import Terminal
from tests.unit.ops.wechat.reference_door import Ways, door_and_platform

SCRIPTS = Path(__file__).resolve().parents[4] / "ops" / "wechat" / "scripts"


async def played(*steps: dict[str, Any], ways: Ways | None = None, **more: Any) -> list[str]:
    async with door_and_platform(ways) as (_, simulator):
        return (await Player(simulator).play(Script("test", list(steps), **more))).failures


@pytest.mark.parametrize("path", sorted(SCRIPTS.glob("*.yml")), ids=lambda path: path.stem)
def test_every_script_that_comes_with_linshe_can_be_read(path: Path) -> None:
    assert read(path).steps


def test_a_script_that_cannot_be_played_says_which_step_and_why(tmp_path: Path) -> None:
    for text, words in (
        ("steps: 3", "`steps`"),
        ("steps: [{who: a, says: b}]", "step 1: 'says' is not known"),
        ("steps: [{say: b}]", "does not say who"),
        ("steps: [{who: a, say: b, photo: c}]", "more than one thing"),
        ("steps: [{who: a, wait: '('}]", "step 1: wait"),
        ("faults: {push: {often: 1}}\nsteps: []", "faults"),
        ("steps: [", str(tmp_path)),
    ):
        path = tmp_path / "script.yml"
        path.write_text(text, "utf-8")
        with pytest.raises(ScriptError, match=words.replace("(", r"\(")):
            read(path)


async def test_what_is_waited_for_is_found_and_what_does_not_come_is_a_failure() -> None:
    assert await played({"who": "李秀英", "say": "你好", "wait": "^收到：你好$"}) == []
    assert await played({"who": "李秀英", "say": "你好", "wait": "再见", "within": "0.2s"}) == [
        "step 1: 李秀英 did not see /再见/ within 0 s"
    ]


async def test_what_must_not_come_is_a_failure_when_it_does() -> None:
    step = {"who": "李秀英", "say": "你好", "never": "收到", "within": "0.3s"}
    assert await played(step) == ["step 1: 李秀英 saw '收到：你好'"]


async def test_figures_must_be_clean_unless_the_script_says_otherwise() -> None:
    twice = Ways(double=frozenset({"你好"}))
    step, pause = {"who": "李秀英", "say": "你好", "wait": "收到"}, {"pause": "0.2s"}
    assert await played(step, pause, ways=twice) == ["doubled is 1, not 0"]
    assert await played(step, pause, ways=twice, expect={"doubled": 1}) == []


async def test_three_deliveries_can_be_asked_for() -> None:
    step = {"who": "李秀英", "faults": {"drop_answers": 2}, "say": "你好", "wait": "收到"}
    assert await played(step, expect={"deliveries": 3, "answered": 1}) == []


async def test_every_kind_of_message_and_event_arrives(tmp_path: Path) -> None:
    steps: list[dict[str, Any]] = [
        {"who": "李秀英", "follow": "gate", "answer": False},
        {"who": "李秀英", "photo": "sample"},
        {"who": "李秀英", "voice": ""},
        {"who": "李秀英", "location": {"latitude": 29.5, "longitude": 120.8, "label": "北门"}},
        {"who": "李秀英", "click": "REPORT"},
        {"who": "李秀英", "scan": "lamp-7"},
        {"who": "李秀英", "unfollow": None},
    ]
    async with door_and_platform() as (door, simulator):
        await Player(simulator).play(Script("test", steps))
        assert [body.get("Event") or body["MsgType"] for body in door.bodies] == [
            "subscribe",
            "image",
            "voice",
            "location",
            "CLICK",
            "SCAN",
            "unsubscribe",
        ]
        assert door.bodies[0]["EventKey"] == "qrscene_gate"
        kind, content = await door.get(door.bodies[1]["PicUrl"].removeprefix(door.api))
        assert (kind, content[:2]) == ("image/jpeg", b"\xff\xd8")
        assert door.bodies[2]["Recognition"] == ""
        assert (door.bodies[3]["Location_X"], door.bodies[3]["Label"]) == ("29.5", "北门")


async def test_sleeping_closes_the_window_without_moving_the_stamps() -> None:
    async with door_and_platform() as (door, simulator):
        await Player(simulator).play(
            Script("test", [{"who": "李秀英", "say": "你好", "wait": "收到"}, {"sleep": "49h"}])
        )
        stamp = simulator.options.clock.stamp()
        assert await door.send(simulator.resident("李秀英").user.openid, "迟到的话") == 45015
        await simulator.resident("李秀英").say("还在吗")
        assert abs(int(door.bodies[-1]["CreateTime"]) - stamp) < 5
        assert simulator.report()["quota_violations"] == 1


async def test_by_hand_one_can_be_several_people_and_do_what_a_phone_can() -> None:
    told: list[str] = []
    async with door_and_platform() as (door, simulator):
        terminal = Terminal(simulator, "李秀英", told.append)
        assert terminal.prompt == "李秀英> … "
        for line in (
            "你好",
            "/as 陈建明",
            "喂",
            "/sleep 48h",
            "/location",
            "/photo nowhere.jpg",
            "/choose 1",
            "/fly",
            "/menu",
        ):
            assert await terminal.line(line)
        await terminal.finish()
        await asyncio.sleep(0.1)
        assert not await terminal.line("/quit")
        said = "\n".join(told)
        assert "« 李秀英: 收到：你好" in said
        assert "« 陈建明: 收到：喂" in said
        for words in ("nowhere.jpg", "no such entry", "不能 /fly", "还没有设置自定义菜单", "拨快 48h"):
            assert words in said
        assert sorted(body["MsgType"] for body in door.bodies) == ["location", "text", "text"]


async def test_in_wecom_and_kf_one_can_do_only_what_exists_there() -> None:
    told: list[str] = []
    async with door_and_platform() as (door, simulator):
        terminal = Terminal(simulator, "李秀英", told.append)
        for line in ("/staff wangqiang", "今日待办", "/subscribe", "/kf 李秀英", "你好"):
            await terminal.line(line)
        await terminal.finish()
        assert [body.get("Event") or body["Content"] for body in door.bodies] == ["今日待办", "kf_msg_or_event"]
        assert "不能 /subscribe" in "\n".join(told)


def test_lengths_of_time_are_read() -> None:
    assert [seconds(text) for text in ("48h", "10m", "1.5s", "3d", "7")] == [172800, 600, 1.5, 259200, 7]
    with pytest.raises(ValueError, match="48h"):
        seconds("soon")


def test_the_accounts_are_made_once_and_kept_private(tmp_path: Path) -> None:
    path = tmp_path / "var" / "accounts.json"
    first, second = credentials.kept(path), credentials.kept(path)
    assert first == second
    assert path.stat().st_mode & 0o777 == 0o600
    settings = first[0].settings("http://127.0.0.1:1") | first[1].settings("http://127.0.0.1:1")
    lines = credentials.exports(settings).splitlines()
    assert {line.split("=")[0] for line in lines} == {
        f"export LINSHE_{name}"
        for name in (
            *("WECHAT_APPID", "WECHAT_TOKEN", "WECHAT_AES_KEY", "WECHAT_SECRET", "WECHAT_API"),
            *("WECOM_CORPID", "WECOM_AGENTID", "WECOM_SECRET", "WECOM_TOKEN", "WECOM_AES_KEY", "WECOM_API", "WECOM_KF"),
        )
    }
    path.write_text("{}")
    with pytest.raises(ValueError, match="delete it"):
        credentials.kept(path)
