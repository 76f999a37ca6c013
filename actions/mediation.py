"""Asking for a mediator 老娘舅: what it is about, where the other side lives, and the word that it is to be so."""

from __future__ import annotations

import re
from typing import ClassVar

from rasa_sdk.events import EventType

from actions import slots, unclear
from actions.base import LinsheAction
from actions.forms import SURE, Done, Form, Values, is_aside, wants_out
from actions.reading import has_words, says_no, says_skip, says_yes, without
from actions.ticket_text import holder
from actions.turn import Choice, Turn
from community.errors import LinsheError
from community.services import mediation
from community.services.mediation import AskMediation

FIELDS = (slots.MEDIATION_WORDS, slots.MEDIATION_OTHER, slots.MEDIATION_SURE)
OWN = frozenset({"ask_mediation", "ask_legal", "report", "ask_lawyer"})
"""What a quarrel sounds like: here it is the answer, and no other topic."""
_CALL = (
    r"(我|想|要|请|麻烦|帮我?|能不能|可以|申请|找|叫|约|安排|来|个|一个|一下|位|老娘舅|和事佬|中间人|(人民)?调解(员|委员会|室|主任)?|调停|说和|"
    r"评评理|评理|讲讲公道|吗|吧|好伐|的|怎么|收钱|在哪里?|有没有|社区|电话|服务|预约|求)+"
)
MATTER = 4
"""Characters left when the call for a mediator is taken out of the words: fewer do not say what it is about."""


class MediationForm(Form):
    form = "mediation_form"
    fields: ClassVar = FIELDS

    async def opened(self, turn: Turn, values: Values) -> Values:
        text = turn.text or unclear.said(turn)
        says_what = len(without(re.sub(_CALL, "", text), r"[\s，,。！!？?]")) >= MATTER
        return {"mediation_words": text if says_what else None, "mediation_other": None, "mediation_sure": None}

    def next_step(self, values: Values) -> str | None:
        return next((slot.name for slot in FIELDS if values[slot.name] is None), None)

    async def ask_mediation_words(self, turn: Turn, values: Values) -> None:
        turn.say(
            "邻里的疙瘩，可以请社区的调解员（老娘舅）来说和，不收钱。是什么事？用一两句话说说，对方看不到。", [Choice("不请了", "取消")]
        )

    async def read_mediation_words(self, turn: Turn, values: Values) -> Values | None:
        if (stepped := self._common(turn)) is not None:
            return stepped or None
        return {"mediation_words": turn.text} if has_words(turn.text) and len(turn.text) >= MATTER else {}

    async def ask_mediation_other(self, turn: Turn, values: Values) -> None:
        turn.say("对方住哪里？说门牌（如3幢2单元602），或者怎么找（如楼上那家）。", [Choice("不知道", "跳过")])

    async def read_mediation_other(self, turn: Turn, values: Values) -> Values | None:
        if says_skip(turn.text):
            return {"mediation_other": ""}
        if (stepped := self._common(turn)) is not None:
            return stepped or None
        return {"mediation_other": turn.text[:200]} if has_words(turn.text) else {}

    async def ask_mediation_sure(self, turn: Turn, values: Values) -> None:
        turn.say(
            f"我这样请调解员，对不对？\n事情：{values['mediation_words']}\n对方：{values['mediation_other'] or '由调解员去找'}\n"
            "您的话、姓名和电话都不会给对方看；来不来谈，由对方自己定。",
            [Choice("就这样请", "确认"), Choice("不请了", "取消")],
        )

    async def read_mediation_sure(self, turn: Turn, values: Values) -> Values | None:
        if says_yes(turn.text) or "就这样" in turn.text:
            return {"mediation_sure": "yes"}
        if says_no(turn.text):
            turn.say("好的，没有请。需要时再说“请调解员”。")
            raise Done(mediation_words=None)
        if (stepped := self._common(turn)) is not None:
            return stepped or None
        turn.say("没看懂，回1就这样请，回2不请。")
        return {}

    @staticmethod
    def _common(turn: Turn) -> Values | None:
        """Leaving ends the form; another topic: empty. None: read on."""
        if wants_out(turn):
            turn.say("好的，没有请。需要时再说“请调解员”。")
            raise Done(mediation_words=None)
        return {} if turn.intent not in OWN and is_aside(turn, SURE) else None


class ActionAskMediation(LinsheAction):
    def name(self) -> str:
        return "action_ask_mediation"

    async def act(self, turn: Turn) -> list[EventType]:
        words, sure = slots.MEDIATION_WORDS.of(turn.tracker), slots.MEDIATION_SURE.of(turn.tracker)
        tidy = [slot.to(None) for slot in (*FIELDS, slots.UNCLEAR_TEXT)]
        if not words or sure is None:
            return tidy
        other = slots.MEDIATION_OTHER.of(turn.tracker) or ""
        asked = await mediation.ask(turn.community, AskMediation(turn.resident_id, words, other, turn.key("mediation")))
        number = asked.ticket.number
        turn.say(
            f"请好了，工单号 {number}，由{holder(asked.ticket)}先听您说，再去请对方。对方愿意来才约时间，有消息我马上告诉您。"
            f"要补充就说“补充工单{number}”。"
        )
        return [*tidy, slots.LAST_TICKET.to(number)]

    async def refused(self, turn: Turn, refusal: LinsheError) -> list[EventType]:
        turn.say(refusal.message)
        return [slot.to(None) for slot in FIELDS]
