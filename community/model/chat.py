"""A resident's talk with the assistant as a trainer counts it: one session after another, and the form that is open meanwhile."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta

GAP = timedelta(minutes=30)
"""Messages with less than this between them are one session."""
PATIENCE = timedelta(hours=24)
"""So long an open form waits for its answer (bot/sessions.py, FORM_PATIENCE_MINUTES); then its session is over."""


@dataclass(eq=False)
class ChatSession:
    """`intent` is that of the first words in it, '' while only buttons were pressed; `messages` counts typed words, `unclear` those of
    them that were not understood. `handed`: a person was asked for (danger asks by itself); `staff`: one wrote. Aware UTC."""

    id: int
    resident_id: int
    began_at: datetime
    last_at: datetime
    intent: str = ""
    messages: int = 0
    unclear: int = 0
    handed: bool = False
    staff: bool = False


@dataclass(eq=False)
class OpenForm:
    """The form a resident is in the middle of. `key`: the message that opened it ('in-7'); `answers`: messages since. Aware UTC."""

    id: int
    resident_id: int
    form: str
    key: str
    opened_at: datetime
    last_at: datetime
    answers: int = 0


SURE = 0.62
"""How sure a message must be about something else where any words may be the answer. Measured on tests/nlu/holdout.jsonl: half of all
right guesses are above 0.86, nine in ten above 0.58."""
_STOP = re.compile(
    r"^(请|那|那就|还是|我要|我想)?(取消|算了|退出|停|停止|放弃|不报了|不填了|不弄了|不办了|不用了|不查了|不绑了|作废)"
    r"(吧|了|吧不报了|不报了|不用了|不弄了|上报|填写|操作)*[。.!！~～]*$"
)
CHATTER = frozenset({"", "nlu_fallback", "greet", "thanks", "bye", "help", "bot_challenge", "affirm", "deny", "cancel", "skip", "inform"})
"""Words that do not say yet what a session is about."""


def says_out(text: str, intent: str, confidence: float) -> bool:
    """Whether words leave the form that is open: 算了, 不用了."""
    return bool(_STOP.match(text)) or (intent == "cancel" and confidence >= SURE and len(text) <= 20)
