"""What was said and not understood, kept for the button that is pressed next.

For half an hour, as long as a legal answer may be leaned on (`legal_followup.FRESH`): buttons under 没听明白 are pressed within minutes,
and whoever opens a menu later means something new. “The same day” would still file this morning's words in the evening.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from rasa_sdk.events import EventType

from actions import slots
from actions.turn import Turn

FRESH = timedelta(minutes=30)
MOST = 500


def keep(turn: Turn, category: str) -> list[EventType]:
    return [
        slots.UNCLEAR_TEXT.to(turn.text[:MOST]),
        slots.UNCLEAR_CATEGORY.to(category),
        slots.UNCLEAR_AT.to(turn.community.clock.now().isoformat()),
    ]


def said(turn: Turn) -> str:
    """The words, '' when there are none or they are of earlier than half an hour ago."""
    return (slots.UNCLEAR_TEXT.of(turn.tracker) or "") if _fresh(turn) else ""


def category(turn: Turn) -> str:
    return (slots.UNCLEAR_CATEGORY.of(turn.tracker) or "") if _fresh(turn) else ""


def _fresh(turn: Turn) -> bool:
    at = slots.UNCLEAR_AT.of(turn.tracker)
    return bool(at) and timedelta(0) <= turn.community.clock.now() - datetime.fromisoformat(str(at)) <= FRESH
