"""Forms: which question is asked next is decided here, in one call a turn, for every form the same way.

Rasa's part: activating, saving slots, letting other rules answer when a form rejects a message, coming back afterwards.
Our part (`validate_<form>`): read the message as an answer or not, choose the next question, ask it. Asking here instead of in an
`action_ask_…` saves a call of the action server in every turn.
"""

from __future__ import annotations

from abc import abstractmethod
from typing import Any, ClassVar

from rasa_sdk.events import EventType

from actions import slots
from actions.base import LinsheAction
from actions.slots import Slot
from actions.turn import Turn
from community.errors import LinsheError
from community.model import chat

Values = dict[str, Any]
AGAIN = "again"
"""Set among the values, not a slot: the same question is asked once more, and need not say again what it said before."""

ASIDE = frozenset({
    "ask_legal", "ask_lawyer", "ask_person", "ask_hours", "ask_progress", "urge", "volunteer_list", "volunteer_signup",
    "volunteer_cancel", "volunteer_mine", "help", "greet", "thanks", "bye", "bot_challenge", "abuse", "bind_home",
    "ask_mediation", "check_in", "ask_points", "need_help", "vote", "ask_deliberation", "ask_guide", "ask_notice", "my_data",
    "link_person", "elder_mode",
})  # fmt: skip
"""What is answered in the middle of a form, which then goes on with its question."""
ANSWERS = frozenset({
    "confirm_resolved", "partly_resolved", "not_resolved", "rate", "add_note", "withdraw_ticket", "answer_invitation",
})  # fmt: skip
"""Buttons under news, which come whenever they come: the digit that was typed means them, whatever form is open."""
SHORT_ASIDE = frozenset({"greet", "thanks", "bye"})
SURE, FAIRLY_SURE = chat.SURE, 0.5
"""How sure a message must be about something else: where any words may be the answer, and where few can be."""


def wants_out(turn: Turn) -> bool:
    """Whether the resident wants to leave the form."""
    if turn.is_payload:
        return turn.intent == "cancel"
    return chat.says_out(turn.text, turn.intent, turn.confidence)


def is_aside(turn: Turn, floor: float) -> bool:
    """Whether the message is about something else. Buttons of other topics always are; words only when sure enough."""
    if turn.is_payload and turn.intent in ANSWERS:
        return True
    if turn.intent not in ASIDE:
        return False
    if turn.is_payload:
        return True
    if turn.intent in SHORT_ASIDE and len(turn.text) > 8:
        return False
    return turn.confidence >= floor


class Done(Exception):  # noqa: N818 - a signal, not an error
    """Raised by a form's own steps to end it; `values` are kept in the slots."""

    def __init__(self, **values: Any) -> None:
        self.values = values


class Form(LinsheAction):
    """Override `form`, `fields`, `opened`, `next_step`, and for every step `read_<slot>` and `ask_<slot>`.

    `read_<slot>(turn, values)` returns what the answer sets, `{}` for an answer that could not be used (after saying so), or None
    when the message is about something else: the form then steps aside and comes back with its question.
    `ask_<slot>(turn, values)` asks.
    """

    form: ClassVar[str] = ""
    fields: ClassVar[tuple[Slot[Any], ...]] = ()

    def name(self) -> str:
        return f"validate_{self.form}"

    @abstractmethod
    async def opened(self, turn: Turn, values: Values) -> Values:
        """What the words that opened the form already say. May raise Done when there is nothing to ask."""

    @abstractmethod
    def next_step(self, values: Values) -> str | None:
        """The slot to ask for now, or None when the form is complete."""

    async def resumed(self, turn: Turn, values: Values) -> Values:
        """Called when something else was answered in between. May raise Done to end quietly."""
        return {}

    async def act(self, turn: Turn) -> list[EventType]:
        values = {slot.name: slot.of(turn.tracker) for slot in self.fields}
        step = slots.REQUESTED.of(turn.tracker)
        changes: Values | None
        try:
            # When one form takes the place of another, Rasa still names the other one's question.
            if step not in values:
                changes = await self.opened(turn, values)
            elif answered_already(turn, self.form):
                changes = await self.resumed(turn, values)
                values[AGAIN] = True
            else:
                changes = await getattr(self, f"read_{step}")(turn, values)
                if changes is None:
                    return []  # No slot set: FormAction rejects, and the rule for the intent answers.
        except Done as done:
            return self._events({**values, **done.values}, None)
        values[AGAIN] = values.get(AGAIN) or not changes
        values.update(changes)
        step = self.next_step(values)
        if step is not None:
            await getattr(self, f"ask_{step}")(turn, values)
        turn.join()
        return self._events(values, step)

    async def refused(self, turn: Turn, refusal: LinsheError) -> list[EventType]:
        """A refusal while reading an answer: told, and the same question stands; while opening: told, and the form closes."""
        turn.say(refusal.message)
        return self._events(
            {slot.name: slot.of(turn.tracker) for slot in self.fields}, slots.REQUESTED.of(turn.tracker)
        )

    def _events(self, values: Values, step: str | None) -> list[EventType]:
        # Every field is set again, changed or not: FormAction takes a validation without any SlotSet for a rejection.
        return [*(slot.to(values[slot.name]) for slot in self.fields), slots.REQUESTED.to(step)]


def answered_already(turn: Turn, form: str) -> bool:
    """Whether the message was handled by something else before: the form only comes back to ask its question again.

    Rasa calls the validator in both cases. After the resident's message there is then an action, or the form's own rejection,
    before the entry of the form itself that Rasa puts at the end.
    """
    seen_form = False
    for event in reversed(turn.tracker.events):
        kind = event.get("event")
        if kind == "user":
            return False
        if kind == "action_execution_rejected":
            return True
        if kind == "action":
            if event.get("name") == form and not seen_form:
                seen_form = True
                continue
            return event.get("name") not in ("action_listen", "action_extract_slots")
    return False
