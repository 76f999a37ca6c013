"""What a good door does about 微信客服: fetches from where it left off, once at a time, and repeats what was said."""

from __future__ import annotations

import asyncio
from typing import Any

from tests.unit.ops.wechat.company import Company


class KfEcho:
    """`forgets`: fetches everything anew at every push, and answers it again."""

    def __init__(self, company: Company, forgets: bool = False) -> None:
        self.company, self.forgets = company, forgets
        self._cursor, self._turn = "", asyncio.Lock()
        company.door.on_body = self.handle

    async def handle(self, body: dict[str, Any]) -> None:
        if body.get("Event") != "kf_msg_or_event":
            return
        async with self._turn:
            asked = {"token": body["Token"], "open_kfid": body["OpenKfId"]}
            cursor = "" if self.forgets else self._cursor
            page = await self.company.call("kf/sync_msg", {**asked, "cursor": cursor})
            self._cursor = page["next_cursor"]
            for line in page["msg_list"]:
                to = {"touser": line["external_userid"], "open_kfid": line["open_kfid"], "msgtype": "text"}
                await self.company.call("kf/send_msg", {**to, "text": {"content": f"收到：{line['text']['content']}"}})
