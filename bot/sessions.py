"""When a conversation begins anew. Rasa keeps what was said before, but no longer reads it in every turn."""

from __future__ import annotations

import time
from typing import Optional

from rasa.shared.core.events import UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

FORM_PATIENCE_MINUTES = 24 * 60
"""A question of a form waits this long: what is asked in the morning may be answered in the evening."""
LONGEST = 60
"""Events (about ten turns) after which a conversation without an open form begins anew, keeping its slots: a turn's cost has a
ceiling. Nothing is forgotten by it: no rule looks back further than a few actions, and no action reads events."""


def begins_anew(tracker: DialogueStateTracker, expired: bool, now: Optional[float] = None) -> bool:
    """Whether the next message opens a new session. `expired` is what session_expiration_time in domain.yml says."""
    last = tracker.get_last_event_for(UserUttered)
    if last is None:
        return False
    if tracker.active_loop_name:
        silent_minutes = ((time.time() if now is None else now) - last.timestamp) / 60
        return silent_minutes > FORM_PATIENCE_MINUTES
    return expired or len(tracker.events) > LONGEST
