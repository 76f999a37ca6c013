"""What is going on: 今天停水吗, 什么时候来电, 最近有什么通知."""

from __future__ import annotations

from datetime import datetime

from rasa_sdk.events import EventType

from actions import unclear
from actions.base import LinsheAction
from actions.legal import follow_up
from actions.report_card import category_of
from actions.turn import Choice, Turn
from community.model.notice import Kind
from community.services import noticing
from community.services.notice_views import NoticeView

REPORT = Choice("家里有问题，报上去", "/report")
PERSON = Choice("请工作人员查一下", "/ask_person")
ASKED = {
    "水": Kind.WATER, "电梯": Kind.LIFT, "电": Kind.POWER, "气": Kind.GAS, "暖": Kind.HEAT, "消杀": Kind.PESTS, "路": Kind.ROAD,
}  # fmt: skip
"""A word in a question and the kind it asks for; the first that is found counts."""


def line(notice: NoticeView, now: datetime) -> str:
    state = "" if now < notice.begins_at else "，正在进行" if now < notice.ends_at else "，应该已经恢复了"
    return f"{notice.title}（{notice.area}）：{notice.when}{state}。{notice.text}"


class ActionNotices(LinsheAction):
    def name(self) -> str:
        return "action_notices"

    async def act(self, turn: Turn) -> list[EventType]:
        if (leant := await follow_up(turn)) is not None:
            return leant
        found = await noticing.going_on(turn.community, turn.resident_id, turn.text)
        now = turn.community.clock.now()
        kind = next((kind for word, kind in ASKED.items() if word in turn.text), None)
        asked = [one for one in found.notices if kind is None or one.kind == str(kind)]
        others = [one for one in found.notices if one not in asked]
        text = "\n".join(line(one, now) for one in asked[:3])
        if not asked:
            what = f"{found.where}这几天没有" if found.where else "您还没说是哪个小区，我这里没有查到"
            named = {Kind.WATER: "停水", Kind.POWER: "停电", Kind.GAS: "停气", Kind.LIFT: "电梯检修"}.get(kind) if kind else None
            text = f"{what}{named or '这样'}的通知。" + (f"另外有一条：{line(others[0], now)}" if others else "")
        if turn.in_form:
            turn.say(text)
            return []
        if asked:
            turn.say(f"{text}\n家里的情况不一样，就报上来：", [REPORT])
        else:
            turn.say(text, [REPORT, PERSON])
        if not turn.text:
            return []
        return unclear.keep(turn, str(category_of(turn.category())))
