"""Greeting, thanks, and the other things people say that need no service. The sentences are in domain/smalltalk.yml."""

from __future__ import annotations

from rasa_sdk.events import EventType

from actions.base import LinsheAction
from actions.fallback import meant_by_what_was_shown
from actions.turn import Choice, Turn

ABILITIES = (
    Choice("报修、反映问题", "/report"),
    Choice("查进度、催办", "/ask_progress"),
    Choice("志愿活动", "/volunteer_list"),
    Choice("法律咨询", "/ask_legal"),
    Choice("绑定住址", "/bind_home"),
    Choice("找工作人员", "/ask_person"),
)
WITH_ABILITIES = frozenset({"greet", "out_of_scope"})
LATER = ("bind_home",)
"""What has a form of its own and therefore waits while another one is open."""
SPOKEN = ("greet", "thanks", "bye", "bot_challenge", "abuse", "out_of_scope")


class ActionSmalltalk(LinsheAction):
    """Says `utter_<intent>`. In the middle of a form it is kept short: the form's question comes right after."""

    keeps_list = True

    def name(self) -> str:
        return "action_smalltalk"

    async def act(self, turn: Turn) -> list[EventType]:
        if turn.intent == "out_of_scope" and (meant := await meant_by_what_was_shown(turn)) is not None:
            return meant
        intent = turn.intent if turn.intent in SPOKEN + LATER else "thanks"
        if turn.in_form:
            turn.dispatcher.utter_message(response=f"utter_{intent}_aside")
            return []
        buttons = [choice._asdict() for choice in ABILITIES] if intent in WITH_ABILITIES else None
        turn.dispatcher.utter_message(response=f"utter_{intent}", buttons=buttons)
        return []


class ActionHelp(LinsheAction):
    def name(self) -> str:
        return "action_help"

    async def act(self, turn: Turn) -> list[EventType]:
        if turn.in_form:
            turn.say("报修、查进度、志愿活动、法律咨询、找工作人员，我都能办，直接说就行。先接着刚才的：")
        else:
            turn.say("我是小邻，能帮您：", ABILITIES)
        return []
