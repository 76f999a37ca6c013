"""What every action shares: a turn, expected refusals told to the resident, unexpected ones left to fail the turn."""

from __future__ import annotations

import logging
from abc import ABC, abstractmethod
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType
from rasa_sdk.executor import CollectingDispatcher

from actions import slots
from actions.turn import Turn
from community.errors import LinsheError, Unavailable
from community.model.household import CONSENT_TEXT
from community.model.manner import for_elder
from community.services import privacy

logger = logging.getLogger(__name__)


async def in_manner(turn: Turn) -> None:
    """Say it as this resident wants it said, and once, under the first answer they ever get, what is kept of them and why.

    Nothing of it may stand in the way of an answer: danger and reports are answered first, and the line is at the end.
    """
    # Responses of the domain are worded by Rasa after this: they are short as they are.
    said = [message for message in turn.dispatcher.messages if message.get("text")]
    if not said:
        return
    known = await privacy.profile(turn.community, turn.resident_id, turn.message_id)
    if known.elder:
        for message in said:
            message["text"], message["buttons"] = for_elder(str(message["text"]), message.get("buttons") or [])
    if known.notice:
        try:
            if await privacy.noticed(turn.community, turn.resident_id, "首次对话时告知", turn.message_id):
                said[-1]["text"] = f"{said[-1]['text']}\n（{CONSENT_TEXT}）"
        except LinsheError:
            logger.info("the consent text waits for the next answer")


class LinsheAction(Action, ABC):
    """Override `name` and `act`. An empty list of events means that nothing is to be remembered."""

    understood = True
    """Whether reaching this action means that the resident was understood (ends a row of misunderstandings)."""
    keeps_list = False
    """Whether a list of activities shown before is still what a few vague words may point at."""

    @abstractmethod
    def name(self) -> str:
        """The action's name in the domain. Abstract here, so that rasa-sdk never registers a shared base."""

    @abstractmethod
    async def act(self, turn: Turn) -> list[EventType]:
        """Do it: one service, one message."""

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: Any) -> list[EventType]:
        try:
            turn = await Turn.of(dispatcher, tracker)
            try:
                events = await self.act(turn)
            except Unavailable:
                # Not the resident's concern: the turn fails as a whole, the message is kept and tried again.
                raise
            except LinsheError as refusal:
                logger.info("%s refused: %s", self.name(), refusal.code)
                events = await self.refused(turn, refusal)
            await in_manner(turn)
        except Unavailable:
            raise
        except LinsheError as refusal:
            dispatcher.utter_message(text=refusal.message)
            return []
        if self.understood and slots.NOT_UNDERSTOOD.of(tracker):
            events = [*events, slots.NOT_UNDERSTOOD.to(0)]
        if not self.keeps_list and slots.SHIFTS_SHOWN.of(tracker):
            events = [*events, slots.SHIFTS_SHOWN.to(None)]
        return events

    async def refused(self, turn: Turn, refusal: LinsheError) -> list[EventType]:
        """A service said no. By default its sentence is passed on; override when there is more to offer."""
        turn.say(refusal.message)
        return []
