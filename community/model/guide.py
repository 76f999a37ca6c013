"""办事指南: what one needs to know before going to a counter, in our own words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from community.model.site import SiteKind


@dataclass(frozen=True)
class Guide:
    """`where` is a kind of counter in words, `site` the kind of our own sites that does it or tells more (None: none of ours).
    `papers` and `steps` are short lines; `fee`, `takes`, `online`, `others` (may somebody else go) are sentences, '' where unknown."""

    code: str
    field: str
    title: str
    questions: tuple[str, ...]
    where: str
    site: SiteKind | None
    papers: tuple[str, ...]
    steps: tuple[str, ...]
    fee: str
    takes: str
    online: str
    others: str
    note: str
    citations: tuple[tuple[str, str], ...]
    checked_on: date
    owner: str
    expires_on: date | None = None
    """From this day on it wants checking again, and says so."""


@dataclass(frozen=True)
class GuideHit:
    guide: Guide
    score: float
    """How likely it is meant, 0 to 1."""
    sure: bool
