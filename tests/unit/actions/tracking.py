"""Trackers as Rasa sends them, for tests without Rasa."""

from __future__ import annotations

from typing import Any

from rasa_sdk import Tracker

from actions import slots


def tracker(
    text: str = "",
    *,
    intent: str = "inform",
    confidence: float = 0.9,
    sender: str = "rkeyR0001",
    values: dict[str, Any] | None = None,
    entities: list[dict[str, Any]] | None = None,
    events: list[dict[str, Any]] | None = None,
    photos: tuple[str, ...] = (),
    loop: str | None = None,
    message_id: str = "in-1",
) -> Tracker:
    ranking = [{"name": intent, "confidence": confidence}]
    message = {
        "text": text,
        "intent": {"name": intent, "confidence": confidence},
        "intent_ranking": ranking,
        "entities": entities or [],
        "metadata": {"message_id": message_id, "photos": list(photos)},
        "message_id": message_id,
    }
    every = dict.fromkeys(slots.EVERY)
    said = [{"event": "action", "name": "action_listen"}, {"event": "user", "text": text}]
    return Tracker(
        sender,
        {**every, **(values or {})},
        message,
        said if events is None else events,
        False,
        None,
        {"name": loop} if loop else {},
        "action_listen",
    )
