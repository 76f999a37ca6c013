"""The other side of WeCom's API, as the tests of the simulator call it: over HTTP, as one app."""

from __future__ import annotations

from typing import Any

from ops.wechat.simulator import Simulator
from tests.unit.ops.wechat.reference_door import Door

WANG = "wangqiang"


def good_card() -> dict[str, Any]:
    return {
        "card_type": "button_interaction",
        "task_id": "t1",
        "main_title": {"title": "工单 100001", "desc": "楼道灯坏了"},
        "button_list": [{"text": "接单", "key": "accept"}, {"text": "退回", "key": "return"}],
    }


class Company:
    """The door's calls as one app."""

    def __init__(self, door: Door, simulator: Simulator) -> None:
        self.door, self.own = door, simulator.options.corp
        self.token = ""

    async def call(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        if not self.token:
            query = f"corpid={self.own.corpid}&corpsecret={self.own.secret}"
            async with self.door.session.get(f"{self.door.api}/cgi-bin/gettoken?{query}") as answer:
                self.token = (await answer.json())["access_token"]
        return await self.door.post(f"/cgi-bin/{path}?access_token={self.token}", body)

    async def send(self, to: str, words: str, **more: Any) -> dict[str, Any]:
        body = {"touser": to, "msgtype": "text", "agentid": self.own.agentid, "text": {"content": words}, **more}
        return await self.call("message/send", body)

    async def card(self, to: str, **more: Any) -> dict[str, Any]:
        """`more` replaces or, as None, leaves out parts of a good card."""
        card = {name: value for name, value in {**good_card(), **more}.items() if value is not None}
        body = {"touser": to, "msgtype": "template_card", "agentid": self.own.agentid, "template_card": card}
        return await self.call("message/send", body)

    async def update(self, code: str, words: str = "已接单", **more: Any) -> int:
        """Greys the button of who is WANG; `more` replaces that."""
        what: dict[str, Any] = more or {"userids": [WANG], "button": {"replace_name": words}}
        body = {"agentid": self.own.agentid, "response_code": code, **what}
        return int((await self.call("message/update_template_card", body))["errcode"])
