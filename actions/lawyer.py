"""The way to the community's lawyer."""

from __future__ import annotations

from rasa_sdk.events import EventType

from actions import slots
from actions.base import LinsheAction
from actions.turn import Turn
from community.model.calendar import day_text
from community.model.conversation import Topic
from community.services import conversations


class ActionAskLawyer(LinsheAction):
    def name(self) -> str:
        return "action_ask_lawyer"

    async def act(self, turn: Turn) -> list[EventType]:
        reason = slots.LEGAL_SHOWN.of(turn.tracker) or turn.text or "想找法律顾问"
        asked = await conversations.ask_person(
            turn.community, turn.resident_id, Topic.LEGAL, reason, turn.key("lawyer")
        )
        turn.say(waiting(turn, asked, "社区法律顾问"))
        return []


def waiting(turn: Turn, asked: conversations.AskResult, who: str) -> str:
    """Who comes, and when; said again when it was asked before."""
    if not asked.first:
        return f"已经在帮您找{who}了，来了会直接在这里跟您说话。"
    if asked.in_office:
        return f"好的，正在请{who}过来，来了会直接在这里跟您说话。等的时候您可以先把情况写在这里。"
    opens = day_text(asked.opens_at, turn.community.clock.now())
    return (
        f"好的，已经帮您记下要找{who}。现在不在上班时间（{asked.hours_text}），最早{opens}有人接待。\n"
        "您可以先把情况写在这里，来人就能看到；急事请打110、119、120。"
    )
