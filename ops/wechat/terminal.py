"""Being a resident, a member of staff or a customer by hand: a prompt, a few commands, and what the platform would show."""

from __future__ import annotations

import asyncio
import json
import re
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ops.wechat import screen
from ops.wechat.cards import words
from ops.wechat.clock import seconds
from ops.wechat.customers import Customer
from ops.wechat.ledger import Shown
from ops.wechat.members import Member
from ops.wechat.simulator import Simulator

HELP = """文字          说这句话                       /as 名字      换一位居民
/photo 文件   发照片                         /voice [文字] 发语音（文字：识别结果）
/location [纬度,经度,地名]                   /choose N     点菜单消息的第 N 项
/menu [KEY]   看自定义菜单，或点其中一项     /scan 场景    扫二维码
/subscribe [场景]  关注                      /unsubscribe  取消关注
/staff [ID]   换成企业微信成员；不写 ID 列出  /kf 名字      换成微信客服的客户
数字          （成员）点最新卡片的按钮        /cards        还能点的卡片；2.1 点第二张的第一个
/press 按钮   （成员）按文字或 KEY 点         /say 文字     说这句话，哪怕是数字
/enter [场景] （成员、客户）打开会话          /sleep 48h    只拨快额度和窗口的时钟
/take 客户    （成员）接入排队的客服会话      /tell 客户 话 （成员）亲手回复客户
/finish 客户  （成员）结束客服会话            /recall       （客户）撤回上一条
/drop N       丢掉网关接下来的 N 次应答      /tokens       让所有 access_token 失效
/report       到现在为止的数字               /quit         结束"""
PLACE = (29.5878, 120.8202, "剡溪花园3幢")
PROMPT = "> …"
PRESS = re.compile(r"([1-9]\d?\.)?[1-6]")
"""No card has more than six buttons; a longer number is a ticket's."""


class Unknown(Exception):
    """No such command, or not for this kind of person; a sentence."""


class Terminal:
    """`tell` prints a line above the prompt. Messages are not waited for: one may go on typing."""

    def __init__(self, simulator: Simulator, who: str, tell: Callable[[str], None]) -> None:
        self.simulator, self._tell = simulator, tell
        self.person: Any = simulator.resident(who)
        self._doing: set[asyncio.Task[Any]] = set()
        simulator.listeners.append(self.saw)
        simulator.troubles.append(self.heard)

    @property
    def prompt(self) -> str:
        return f"{self.person.name}{PROMPT} "

    def saw(self, shown: Shown) -> None:
        """Everything that anybody sees, with whose screen it is on."""
        for line in screen.drawn(shown):
            self._tell(line)

    def heard(self, line: str) -> None:
        """What nobody sees: dropped, refused, late."""
        self._tell(f"· {line}")

    async def line(self, text: str) -> bool:
        """One line that was typed. False ends the conversation."""
        text = text.strip()
        if not text:
            return True
        if isinstance(self.person, Member) and PRESS.fullmatch(text) and self.person.cards():
            text = f"/press {text}"
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
            self._be_staff(rest)
        elif name == "kf":
            self.person = simulator.customer(rest or person.name)
        elif name == "cards":
            self._tell(self._cards())
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

    def _be_staff(self, userid: str) -> None:
        members = self.simulator.options.corp.members
        if userid:
            self.person = self.simulator.member(userid)
        else:
            self._tell("\n".join(f"    /staff {one}  {name}" for one, name in members.items()) or "(公司里还没有人)")

    def _cards(self) -> str:
        """Of the one who is at the prompt."""
        if not isinstance(self.person, Member):
            raise Unknown(f"{self.person.name} 没有卡片")
        found = []
        for number, sent in enumerate(self.person.cards(), 1):
            view = sent.views[self.person.userid]
            found += screen.card(f"{number}", words(view.body), view.buttons, number)
        return "\n".join(found) or "(没有还能点的卡片)"

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
            "take": lambda: person.take(rest),
            "finish": lambda: person.finish(rest),
            "tell": lambda: person.tell(*_two(rest)),
            "recall": lambda: person.recall(),
            "say": lambda: person.say(rest),
            "enter": lambda: person.enter(rest) if isinstance(person, Customer) else person.enter(),
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
        if task.cancelled():
            return
        if error := task.exception():
            self._tell(f"! {error}")
        elif task.result().kind == "template_card_event":
            self._tell(f"({task.result().user} {task.result().text})")

    async def finish(self) -> None:
        """Let what is under way arrive, for a while."""
        if self._doing:
            await asyncio.wait(self._doing, timeout=2)
        for task in tuple(self._doing):
            task.cancel()


def _two(text: str) -> tuple[str, str]:
    name, _, words = text.partition(" ")
    if not words:
        raise ValueError("/tell 客户 话")
    return name, words


def _place(text: str) -> tuple[float, float, str]:
    if not text:
        return PLACE
    latitude, longitude, *label = text.split(",", 2)
    return float(latitude), float(longitude), label[0] if label else ""
