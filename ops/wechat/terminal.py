"""Being a resident by hand: a prompt, a few commands, and what the platform would show."""

from __future__ import annotations

import asyncio
import json
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ops.wechat.clock import seconds
from ops.wechat.ledger import Shown
from ops.wechat.simulator import Simulator

HELP = """文字          说这句话                       /as 名字      换一位居民
/photo 文件   发照片                         /voice [文字] 发语音（文字：识别结果）
/location [纬度,经度,地名]                   /choose N     点菜单消息的第 N 项
/menu [KEY]   看自定义菜单，或点其中一项     /scan 场景    扫二维码
/subscribe [场景]  关注                      /unsubscribe  取消关注
/staff ID     换成企业微信成员               /kf 名字      换成微信客服的客户
/press KEY    （成员）点卡片上的按钮         /sleep 48h    只拨快额度和窗口的时钟
/drop N       丢掉网关接下来的 N 次应答      /tokens       让所有 access_token 失效
/report       到现在为止的数字               /quit         结束"""
PLACE = (29.5878, 120.8202, "剡溪花园3幢")
PROMPT = "> …"


class Unknown(Exception):
    """No such command, or not for this kind of person; a sentence."""


class Terminal:
    """`tell` prints a line above the prompt. Messages are not waited for: one may go on typing."""

    def __init__(self, simulator: Simulator, who: str, tell: Callable[[str], None]) -> None:
        self.simulator, self._tell = simulator, tell
        self.person: Any = simulator.resident(who)
        self._doing: set[asyncio.Task[Any]] = set()
        simulator.listeners.append(self.saw)

    @property
    def prompt(self) -> str:
        return f"{self.person.name}{PROMPT} "

    def saw(self, shown: Shown) -> None:
        """Everything that anybody sees, with whose screen it is on."""
        mark = {"platform": "⚠", "template": "▤", "passive": "‹", "custom": "«"}.get(shown.via, "«")
        self._tell(f"{mark} {shown.user}: {shown.text}")
        for number, (_, content) in enumerate(shown.detail.get("menu") or (), 1):
            self._tell(f"    /choose {number}  {content}")
        for key, text in shown.detail.get("buttons") or ():
            self._tell(f"    /press {key}  {text}")

    async def line(self, text: str) -> bool:
        """One line that was typed. False ends the conversation."""
        text = text.strip()
        if not text:
            return True
        if not text.startswith("/"):
            self._start(self.person.say(text))
            return True
        try:
            name, *rest = shlex.split(text[1:])
            if name in ("quit", "exit"):
                return False
            await self._command(name, " ".join(rest))
        except (Unknown, LookupError, ValueError, OSError) as error:
            self._tell(f"! {error}")
        return True

    async def _command(self, name: str, rest: str) -> None:
        simulator, person = self.simulator, self.person
        if name == "help":
            self._tell(HELP)
        elif name == "as":
            self.person = simulator.resident(rest or person.name)
        elif name == "staff":
            self.person = simulator.member(rest)
        elif name == "kf":
            self.person = simulator.customer(rest)
        elif name == "sleep":
            simulator.options.clock.forward(seconds(rest))
            self._tell(f"(窗口和额度的时钟拨快 {rest}；其余时间不变)")
        elif name == "drop":
            simulator.options.faults.next_drops += int(rest or 1)
        elif name == "tokens":
            simulator.platform.tokens.invalidate()
            simulator.platform.corp_tokens.invalidate()
        elif name == "report":
            self._tell(json.dumps(simulator.report(), ensure_ascii=False, indent=1))
        elif name == "menu" and not rest:
            self._tell(self._menu())
        else:
            self._act(name, rest)

    def _act(self, name: str, rest: str) -> None:
        """What only some people can do."""
        person = self.person
        doings: dict[str, Callable[[], Any]] = {
            "photo": lambda: person.photo(Path(rest).read_bytes()),
            "voice": lambda: person.voice(b"#!AMR\n", rest),
            "location": lambda: person.location(*_place(rest)),
            "choose": lambda: person.choose(int(rest)),
            "menu": lambda: person.click(rest),
            "scan": lambda: person.scan(rest),
            "subscribe": lambda: person.follow(rest),
            "unsubscribe": lambda: person.unfollow(),
            "press": lambda: person.press(rest),
        }
        needs = {"subscribe": "follow", "unsubscribe": "unfollow", "menu": "click"}
        if name not in doings or not hasattr(person, needs.get(name, name)):
            raise Unknown(f"{person.name} 不能 /{name}；/help 列出全部命令")
        self._start(doings[name]())

    def _menu(self) -> str:
        menu = self.simulator.platform.menu
        if menu is None:
            return "(网关还没有设置自定义菜单)"
        buttons = [one for button in menu["button"] for one in (button.get("sub_button") or [button])]
        return "\n".join(f"    /menu {one.get('key') or one.get('url')}  {one.get('name')}" for one in buttons)

    def _start(self, doing: Any) -> None:
        task = asyncio.ensure_future(doing)
        self._doing.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[Any]) -> None:
        self._doing.discard(task)
        if not task.cancelled() and (error := task.exception()):
            self._tell(f"! {error}")

    async def finish(self) -> None:
        """Let what is under way arrive, for a while."""
        if self._doing:
            await asyncio.wait(self._doing, timeout=2)
        for task in tuple(self._doing):
            task.cancel()


def _place(text: str) -> tuple[float, float, str]:
    if not text:
        return PLACE
    latitude, longitude, *label = text.split(",", 2)
    return float(latitude), float(longitude), label[0] if label else ""
