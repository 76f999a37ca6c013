"""What was said to a legal question, and whether it was of use to who asked."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime


@dataclass(eq=False)
class AdviceGiven:
    """One question and what it got. Aware UTC. `question` is masked (`chinese/masking.py`); `kind` and `chance` as in
    `services.legal.Advice`; `codes` are those of the answers shown or offered, `labels` the articles shown. `useful` is None until
    somebody said."""

    id: int
    resident_id: int
    asked_at: datetime
    question: str
    kind: str
    chance: float
    key: str
    codes: list[str] = field(default_factory=list)
    labels: list[str] = field(default_factory=list)
    useful: bool | None = None
    said_at: datetime | None = None
