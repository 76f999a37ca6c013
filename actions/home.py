"""Binding a home in chat: asked piece by piece until the room is known."""

from __future__ import annotations

import re
from typing import ClassVar

from actions import slots
from actions.forms import FAIRLY_SURE, Done, Form, Values, is_aside, wants_out
from actions.reading import has_words
from actions.turn import Choice, Turn
from community.errors import InvalidInput
from community.model.household import code_in
from community.services import home_binding, homes

CHECKS = (
    Choice("我有信上的码", '/bind_home{"do":"code"}'),
    Choice("请社区核实", '/bind_home{"do":"check"}'),
    Choice("先不核实", "/thanks"),
)
_CODE = re.compile(r"(?<![0-9])[0-9]{4}[ -－—]?[0-9]{4}(?![0-9])")
_PHONE_LIKE = re.compile(r"电话|座机")
MOST_TRIES = 4
WELCOME = "您好，我是邻舍的小邻，社区的智能助手。报修、查进度、志愿活动、法律咨询，直接说就行。先认识一下您住哪儿："
_NUMBERED = re.compile(r"\d|[一二三四五六七八九十]+[幢栋号单]")
_ESTATE_FIRST = re.compile(r"小区|花园|新村|苑|公寓|家园|名苑|嘉园|广场|府|城")


_OF_AN_ADDRESS = re.compile(
    r"[一-龥]{1,6}?(小区|花园|新村|公寓|家园|名苑|嘉园|广场|苑|府|城)|我家?|住在?|就是|[\d一二三四五六七八九十零〇]+"
    r"|[幢栋号楼单元室层座门\-—、，,。 ]"
)
SAYS_MORE = 3
"""Characters that are left of words when all that belongs to an address is taken out: fewer are an answer to where, not a report."""


def reports(turn: Turn) -> bool:
    """Whether this tells of a problem instead of saying where somebody lives. A photo does."""
    if turn.intent == "photo" or (turn.intent == "report" and turn.is_payload):
        return True
    if turn.intent != "report" or turn.confidence < FAIRLY_SURE:
        return False
    return len(_OF_AN_ADDRESS.sub("", turn.text)) >= SAYS_MORE


class HomeForm(Form):
    """Binds as soon as the words name a room; `homes.bind_home` itself says what is still missing."""

    form = "home_form"
    fields: ClassVar = (slots.HOME_TEXT, slots.HOME_TRIES)

    async def opened(self, turn: Turn, values: Values) -> Values:
        empty: Values = {"home_text": None, "home_tries": 0}
        match turn.entity("do"):
            case "check":
                home = await home_binding.ask_check(turn.community, turn.resident_id)
                said = f"已请社区核实{home.text}，有结果马上告诉您，不影响报事。"
                turn.say(f"{home.text}已经核实过了。" if home.verified else said)
                raise Done(**empty)
            case "code":
                turn.say("请说信上的8位数字。", [Choice("以后再说", "取消")])
                return {"home_text": None, "home_tries": 1}
        if code_in(turn.text):
            return await self._code(turn, empty)
        return await self._try(turn, turn.text, empty) if _NUMBERED.search(turn.text) else empty

    def next_step(self, values: Values) -> str | None:
        return "home_text"

    async def ask_home_text(self, turn: Turn, values: Values) -> None:
        if values["home_tries"]:
            return  # What is missing was just said.
        home = await homes.home_of(turn.community, turn.resident_id)
        known = f"您现在绑定的是{home.text}。要改的话，" if home else ""
        if turn.welcome:
            known = f"{WELCOME}\n"
        turn.say(f"{known}请说小区和门牌，比如：剡溪花园3幢2单元502。", [Choice("不绑了", "取消")])

    async def read_home_text(self, turn: Turn, values: Values) -> Values | None:
        if wants_out(turn) or turn.text == "0":
            turn.say("好的，需要时再说“绑定住址”。")
            raise Done(home_text=None, home_tries=0)
        if code_in(turn.text) and not _PHONE_LIKE.search(turn.text):
            return await self._code(turn, values)
        if turn.intent != "bind_home" and is_aside(turn, FAIRLY_SURE) and not re.search(r"\d", turn.text):
            return None
        if reports(turn):
            return None  # The report form takes this one's place: whoever has just come for that need not say first where they live.
        if not has_words(turn.text):
            return {}
        return await self._try(turn, turn.text, values)

    async def _code(self, turn: Turn, values: Values) -> Values:
        """The code of a letter, perhaps with the address before it."""
        rest = _CODE.sub("", turn.text)
        if _NUMBERED.search(rest):
            try:
                await homes.bind_home(turn.community, turn.resident_id, rest, turn.key("bind"))
            except InvalidInput as missing:
                turn.say(missing.message, [Choice("不绑了", "取消")])
                return {"home_text": rest[:100], "home_tries": int(values["home_tries"] or 0) + 1}
        try:
            home = await home_binding.use_code(turn.community, turn.resident_id, turn.text, turn.key("code"))
        except InvalidInput as wrong:
            turn.say(wrong.message, [Choice("请社区核实", '/bind_home{"do":"check"}'), Choice("以后再说", "/thanks")])
            raise Done(home_text=None, home_tries=0) from None
        turn.say(f"核实好了：{home.text}是您的家。")
        raise Done(home_text=None, home_tries=0)

    async def _try(self, turn: Turn, text: str, values: Values) -> Values:
        """Bind `text`, or it together with what was said before (剡溪花园3幢, then 2单元502)."""
        before = values["home_text"]
        whole = text if not before or _ESTATE_FIRST.search(text) else f"{before}{text}"
        try:
            home = await homes.bind_home(turn.community, turn.resident_id, whole, turn.key("bind"))
        except InvalidInput as missing:
            tries = int(values["home_tries"] or 0) + 1
            if tries >= MOST_TRIES:
                turn.say(
                    "对不上门牌，我请工作人员帮您绑，好吗？",
                    [Choice("请工作人员帮忙", "/ask_person"), Choice("以后再说", "/thanks")],
                )
                raise Done(home_text=None, home_tries=0) from None
            turn.say(missing.message, [Choice("不绑了", "取消")])
            return {"home_text": whole[:100], "home_tries": tries}
        if home.verified:
            turn.say(f"绑好了：{home.text}。以后说“我家”我就知道是哪里。")
        else:
            turn.say(f"绑好了：{home.text}（还没核实，不影响报事）。以后说“我家”我就知道是哪里。要核实的话，选一个：", CHECKS)
        raise Done(home_text=None, home_tries=0)
