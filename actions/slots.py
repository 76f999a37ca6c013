"""Every slot an action reads or writes, once, with its type. A test holds this list and the domain together.

`tracker.get_slot("typo")` returns None and says nothing; a name used here that the domain lacks raises KeyError.
"""

from __future__ import annotations

from typing import Any, Generic, TypeVar

from rasa_sdk import Tracker
from rasa_sdk.events import EventType, SlotSet

T = TypeVar("T")

EVERY: dict[str, Slot[Any]] = {}


class Slot(Generic[T]):
    """A slot's name and type. Reading gives None for an unset slot; a value of another type raises TypeError."""

    def __init__(self, name: str, kind: type[T]) -> None:
        self.name, self.kind = name, kind
        EVERY[name] = self

    def of(self, tracker: Tracker) -> T | None:
        value = tracker.slots[self.name]
        if value is None:
            return None
        if self.kind is int and isinstance(value, float) and value.is_integer():
            value = int(value)  # JSON and Rasa's slots do not keep the difference
        if not isinstance(value, self.kind):
            raise TypeError(f"slot {self.name} holds {type(value).__name__}, not {self.kind.__name__}")
        return value

    def to(self, value: T | None) -> EventType:
        return SlotSet(self.name, value)


REQUESTED = Slot("requested_slot", str)

REPORT_WORDS = Slot("report_words", str)
REPORT_CATEGORY = Slot("report_category", str)
REPORT_PLACE = Slot("report_place", str)
REPORT_PLACE_ID = Slot("report_place_id", int)
REPORT_DETAIL = Slot("report_detail", str)
REPORT_PHOTOS = Slot("report_photos", list)
REPORT_CONTACT = Slot("report_contact", str)
REPORT_CONFIRM = Slot("report_confirm", str)
REPORT_EDIT = Slot("report_edit", str)
REPORT_MORE = Slot("report_more", list)
REPORT_NOTICE = Slot("report_notice", str)

TICKET_TASK = Slot("ticket_task", str)
TICKET_NUMBER = Slot("ticket_number", str)
TICKET_TEXT = Slot("ticket_text", str)
TICKET_OPTIONS = Slot("ticket_options", list)
TICKET_PHOTOS = Slot("ticket_photos", list)
LAST_TICKET = Slot("last_ticket", str)

HOME_TEXT = Slot("home_text", str)
HOME_TRIES = Slot("home_tries", int)

HOUSEHOLD_TASK = Slot("household_task", str)
HOUSEHOLD_VALUE = Slot("household_value", str)

LEGAL_QUESTION = Slot("legal_question", str)
LEGAL_SHOWN = Slot("legal_shown", str)
LEGAL_CODE = Slot("legal_code", str)
LEGAL_AT = Slot("legal_at", str)
LEGAL_ADVICE = Slot("legal_advice", int)
LEGAL_CAUTION = Slot("legal_caution", str)
LEGAL_LAW = Slot("legal_law", str)

MEDIATION_WORDS = Slot("mediation_words", str)
MEDIATION_OTHER = Slot("mediation_other", str)
MEDIATION_SURE = Slot("mediation_sure", str)

PROPOSAL_WORDS = Slot("proposal_words", str)
PROPOSAL_SURE = Slot("proposal_sure", str)

GUIDE_SHOWN = Slot("guide_shown", str)
GUIDE_AT = Slot("guide_at", str)

SHIFTS_SHOWN = Slot("shifts_shown", str)
NOT_UNDERSTOOD = Slot("not_understood", int)
UNCLEAR_TEXT = Slot("unclear_text", str)
UNCLEAR_CATEGORY = Slot("unclear_category", str)
UNCLEAR_AT = Slot("unclear_at", str)
