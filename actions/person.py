"""A person: asked for at any time; office hours are stated."""

from __future__ import annotations

from rasa_sdk.events import EventType

from actions import slots, unclear
from actions.base import LinsheAction
from actions.guide_card import lean_on_guide
from actions.lawyer import waiting
from actions.turn import Choice, Turn
from community.model.calendar import HOURS_TEXT, day_text, is_office_time, next_opening
from community.model.conversation import Topic
from community.services import conversations


class ActionAskPerson(LinsheAction):
    def name(self) -> str:
        return "action_ask_person"

    async def act(self, turn: Turn) -> list[EventType]:
        if (asked_for := await lean_on_guide(turn)) is not None:
            return asked_for
        reason = turn.text or unclear.said(turn) or "想找工作人员"
        asked = await conversations.ask_person(
            turn.community, turn.resident_id, Topic.GENERAL, reason, turn.key("person")
        )
        turn.say(waiting(turn, asked, "社区工作人员"))
        return [slots.UNCLEAR_TEXT.to(None)]


class ActionHours(LinsheAction):
    """The hours of a site of one's own community, where it is known; else office hours, which are a rule of the model."""

    def name(self) -> str:
        return "action_hours"

    async def act(self, turn: Turn) -> list[EventType]:
        c = turn.community
        if (asked := await lean_on_guide(turn, hours=True)) is not None:
            return asked
        now = c.clock.now()
        if is_office_time(now, c.is_workday):
            state = "现在有人在"
        else:
            state = f"现在休息，{day_text(next_opening(now, c.is_workday), now)}上班"
        turn.say(
            f"社区工作人员{HOURS_TEXT}在，{state}。报事、查进度、报名活动我随时都能办。",
            [] if turn.in_form else [Choice("找工作人员", "/ask_person"), Choice("我要报事", "/report")],
        )
        return []
