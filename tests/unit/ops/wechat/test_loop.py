"""One terminal, one script: a resident, a member of staff and a customer side by side, and what nobody saw said aloud."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ops.wechat.accounts import Corp
from ops.wechat.clock import ManualClock
from ops.wechat.script import Player, Script, ScriptError, read
from ops.wechat.simulator import Simulator
from ops.wechat.staffing import demo_staff, named_members
from ops.wechat.terminal import Terminal
from tests.unit.ops.wechat.company import WANG, Company
from tests.unit.ops.wechat.reference_door import Door, door_and_platform

LI = "李秀英"
ROOT = Path(__file__).resolve().parents[4]


class Office:
    """A door that makes a ticket of everything a resident writes, and knows two things staff can do with it."""

    def __init__(self, door: Door, simulator: Simulator) -> None:
        self.door, self.company, self.simulator = door, Company(door, simulator), simulator
        self.residents: dict[str, str] = {}
        door.on_body = self.handle

    async def handle(self, body: dict[str, Any]) -> None:
        corp = self.door.corp.corpid
        if body.get("Event") == "template_card_event":
            number = body["TaskId"].removeprefix("ticket-")
            await self.company.update(body["ResponseCode"], "已接单")
            await self.door.send(self.residents[number], f"工单{number}，王强已接单")
        elif body["ToUserName"] == corp and body["MsgType"] == "text":
            _, number, what = body["Content"].split()
            await self.door.send(self.residents[number], f"工单{number}，王强说已经办好：{what}")
            await self.company.send(WANG, f"{number} 已办结")
        elif body["MsgType"] == "text":
            number = str(100001 + len(self.residents))
            self.residents[number] = body["FromUserName"]
            await self.door.send(body["FromUserName"], f"工单号 {number}")
            title = {"title": f"工单 {number}", "desc": body["Content"]}
            await self.company.card(WANG, task_id=f"ticket-{number}", main_title=title)


STEPS: list[dict[str, Any]] = [
    {"who": LI, "say": "灯坏了", "wait": r"工单号 (?P<number>\d{6})"},
    {"who": "陈建明", "say": "电梯坏了", "wait": "工单号"},
    {"staff": WANG, "seen": "{number}"},
    {"staff": WANG, "press": "接单", "card": "{number}"},
    {"who": LI, "seen": "{number}.*已接单"},
    {"staff": WANG, "say": "办结 {number} 已更换灯管", "wait": "{number} 已办结"},
    {"who": LI, "seen": "{number}.*已经办好：已更换灯管"},
]


async def test_the_whole_loop_of_a_resident_and_a_grid_worker_is_played_in_one_script() -> None:
    told: list[str] = []
    async with door_and_platform() as (door, simulator):
        Office(door, simulator)
        outcome = await Player(simulator, told.append).play(Script("loop", STEPS, expect={"findings": {}}))
        # The first ticket's card was pressed, though another had come on top of it.
        assert outcome.failures == []
        assert door.bodies[2]["TaskId"] == "ticket-100001"
        assert told[-1] == f"员工 {WANG}> 办结 100001 已更换灯管"


@pytest.mark.parametrize(
    ("steps", "failure"),
    [
        ([{"staff": WANG, "press": "接单"}], "step 1: no card with a button '接单'"),
        (
            [*STEPS[:3], {"staff": WANG, "press": "接单", "card": "999999"}],
            "step 4: no card with /999999/ with a button",
        ),
        ([*STEPS[:3], {"staff": WANG, "seen": "{number}", "within": "0.2s"}], "did not see /100001/"),
        ([{"staff": WANG, "follow": ""}], f"step 1: 员工 {WANG} cannot follow"),
    ],
)
async def test_what_staff_could_not_do_or_see_fails_the_script_with_its_step(
    steps: list[dict[str, Any]], failure: str
) -> None:
    async with door_and_platform() as (door, simulator):
        Office(door, simulator)
        outcome = await Player(simulator).play(Script("loop", steps))
        assert failure in outcome.failures[0]


async def test_a_message_to_staff_that_was_dropped_fails_a_script_that_does_not_expect_it() -> None:
    async with door_and_platform(clock=ManualClock()) as (door, simulator):
        Office(door, simulator)
        await Player(simulator).play(Script("loop", STEPS))
        for number in range(30):
            await Company(door, simulator).send(WANG, f"{number}")
        assert "dropped_silently is 3, not 0" in (await Player(simulator).play(Script("none", []))).failures


async def test_a_customer_enters_chooses_and_is_played_like_anybody() -> None:
    async with door_and_platform() as (door, simulator):
        company = Company(door, simulator)

        async def answer(body: dict[str, Any]) -> None:
            page = await company.call("kf/sync_msg", {"token": body["Token"], "open_kfid": body["OpenKfId"]})
            line = page["msg_list"][-1]
            if line["msgtype"] == "event":
                welcome = {"code": line["event"]["welcome_code"], "msgtype": "text", "text": {"content": "您好"}}
                await company.call("kf/send_msg_on_event", welcome)
                return
            to = {"touser": line["external_userid"], "open_kfid": line["open_kfid"]}
            items = [{"type": "click", "click": {"id": "1", "content": "修好了"}}]
            menu = {"msgtype": "msgmenu", "msgmenu": {"head_content": "修好了吗", "list": items}}
            again = {"msgtype": "text", "text": {"content": f"收到 {line['text'].get('menu_id')}"}}
            await company.call("kf/send_msg", {**to, **(again if line["text"].get("menu_id") else menu)})

        door.on_body = answer
        steps: list[dict[str, Any]] = [
            {"customer": LI, "enter": "gate", "wait": "您好"},
            {"customer": LI, "say": "怎么样了", "wait": "修好了吗"},
            {"customer": LI, "choose": 1, "wait": "收到 1"},
        ]
        assert (await Player(simulator).play(Script("kf", steps))).failures == []


async def test_by_hand_cards_are_drawn_with_numbers_and_a_digit_presses() -> None:
    told: list[str] = []
    async with door_and_platform() as (door, simulator):
        Office(door, simulator)
        simulator.member(WANG)
        terminal = Terminal(simulator, LI, told.append)

        async def typed(line: str, shows: str) -> None:
            await terminal.line(line)
            await until(lambda: any(shows in one for one in told))

        await typed("灯坏了", "▣ 员工 wangqiang: 工单 100001")
        await typed("电梯坏了", "▣ 员工 wangqiang: 工单 100002")
        assert "  │ 灯坏了" in told
        assert "  │ [1] 接单  [2] 退回" in told
        await typed("/staff", f"/staff {WANG}  {WANG}")
        await terminal.line(f"/staff {WANG}")
        await typed("/cards", "▣ 1: 工单 100001")
        assert "  │ [2.1] 接单  [2.2] 退回" in told[-1].splitlines()
        await typed("1", "工单100002，王强已接单")
        await until(lambda: f"▣ 员工 {WANG}: 卡片“工单 100002”的按钮变灰，写着“已接单”" in told)
        assert f"(员工 {WANG} [按钮 接单])" in told
        await typed("1.2", "工单100001，王强已接单")
        assert [body.get("EventKey") for body in door.bodies[2:]] == ["accept", "return"]
        # With nothing left to press a digit is a word; what the door makes of it is the door's affair.
        await typed("/cards", "没有还能点的卡片")
        await terminal.line("100001")
        await terminal.line("/say 1")
        await terminal.finish()
        assert [body.get("Content") for body in door.bodies[4:]] == ["100001", "1"]


async def test_by_hand_what_nobody_sees_is_said() -> None:
    told: list[str] = []
    async with door_and_platform() as (door, simulator):
        terminal = Terminal(simulator, LI, told.append)
        simulator.options.faults.next_drops = 1
        await terminal.line(f"/staff {WANG}")
        await terminal.line("今日待办")
        await until(lambda: len(door.bodies) == 2)
        await Company(door, simulator).card(WANG, task_id="工单")
        assert f"· 应答在路上丢了：员工 {WANG} 今日待办" in told
        assert any(line.startswith("· /cgi-bin/message/send 应答 42014") for line in told)
        await terminal.finish()


async def until(seen: Callable[[], bool]) -> None:
    async with asyncio.timeout(3):
        while not seen():
            await asyncio.sleep(0.01)


def test_the_demo_city_s_staff_are_in_the_company_by_their_logins_and_its_communities_have_rooms(
    tmp_path: Path,
) -> None:
    found, communities = demo_staff(ROOT / "data" / "demo" / "staff.yml")
    assert (found["grid01"], found["grid24"], found["linxi1"]) == ("林小雨", "魏青松", "许慧芬")
    assert named_members(["wangqiang=王强", " lina ", ""]) == {"wangqiang": "王强", "lina": "lina"}
    corp = Corp.make()
    corp.with_rooms(communities)
    rooms = dict(pair.split("=") for pair in corp.settings("")["LINSHE_WECOM_ROBOTS"].split(","))
    assert list(rooms) == communities
    assert [corp.room(key) for key in rooms.values()] == communities
    with pytest.raises(ValueError, match="who the staff are"):
        demo_staff(tmp_path / "none.yml")


def test_a_step_that_waits_and_has_seen_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "script.yml"
    path.write_text("steps: [{staff: a, wait: b, seen: c}]", "utf-8")
    with pytest.raises(ScriptError, match="both wait and seen"):
        read(path)
