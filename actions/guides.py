"""办事指南: what to bring, where, whether it is open now; the hours of a counter; when a deputy receives; what is asked after it."""

from __future__ import annotations

from rasa_sdk.events import EventType

from actions import slots
from actions.base import LinsheAction
from actions.guide_card import last_shown, one, say
from actions.legal import follow_up
from actions.turn import Turn
from community.services import guides


class ActionAskGuide(LinsheAction):
    def name(self) -> str:
        return "action_ask_guide"

    async def act(self, turn: Turn) -> list[EventType]:
        if turn.is_payload and (chosen := turn.entity("answer")):
            return await _chosen(turn, chosen)
        text = turn.text or (slots.UNCLEAR_TEXT.of(turn.tracker) if turn.is_payload else "") or ""
        if not text:
            turn.say("您要办什么事？说一句就行，比如：高龄津贴怎么领、身份证丢了怎么补。")
            return []
        shown = last_shown(turn)
        legal_at, guide_at = slots.LEGAL_AT.of(turn.tracker) or "", slots.GUIDE_AT.of(turn.tracker) or ""
        if legal_at > guide_at and not guides.about(text) and (leant := await follow_up(turn)) is not None:
            return leant
        found = await guides.answer(turn.community, turn.resident_id, text, turn.key("guide"), shown)
        return say(turn, text, found, shown)


async def _chosen(turn: Turn, chosen: str) -> list[EventType]:
    what, _, code = chosen.partition(":")
    if what == "none":
        text = slots.UNCLEAR_TEXT.of(turn.tracker) or ""
        return say(turn, text, await guides.none_of(turn.community, turn.resident_id, text, turn.key("guide")), None)
    if what == "sites":
        turn.say(await guides.sites_text(turn.community, turn.resident_id))
        return []
    found = await guides.show(turn.community, turn.resident_id, code)
    if found.guide is None:
        turn.say("这条指南刚刚撤下了，换个说法再问我一声。")
        return []
    return one(turn, found.guide, found, what if what in ("papers", "steps") else None)
