"""How well guides are found, on questions written apart from theirs: `./linshe guides measure`."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from community.errors import InvalidInput
from community.knowledge.corrections import KNOWLEDGE
from community.knowledge.guides import GuideFinder

QUESTIONS = "guide_questions.yml"


@dataclass(frozen=True)
class Question:
    """`guide` is '' where none of ours answers."""

    text: str
    guide: str
    voice: str


@dataclass
class Tally:
    """Of questions a guide answers: `right` shown alone, `listed` (the right one among up to three titles), `wrong` shown alone, `lost`
    (titles without the right one, or none). Of those none answers: `refused`, `offered` titles, `wrong_none` shown alone."""

    right: int = 0
    listed: int = 0
    wrong: int = 0
    lost: int = 0
    refused: int = 0
    offered: int = 0
    wrong_none: int = 0
    first: int = 0
    """The right one is ranked first, shown or not."""
    misses: list[str] = field(default_factory=list)

    @property
    def known(self) -> int:
        return self.right + self.listed + self.wrong + self.lost

    @property
    def beyond(self) -> int:
        return self.refused + self.offered + self.wrong_none


def read_questions(path: Path | None = None) -> list[Question]:
    """Raises InvalidInput for what has not the agreed shape."""
    rows: Any = yaml.safe_load((path or KNOWLEDGE / QUESTIONS).read_text(encoding="utf-8"))
    try:
        return [Question(row["q"], row.get("guide", ""), row.get("voice", "plain")) for row in rows]
    except (KeyError, TypeError, AttributeError) as error:
        raise InvalidInput(f"{QUESTIONS}: 每一项是 q、voice，有指南的加 guide：{error}") from error


def measure(finder: GuideFinder, questions: list[Question]) -> dict[str, Tally]:
    """A tally for everything ('all'), each half ('even' chose the floors, 'odd' did not), and each voice."""
    codes = [guide.code for guide in finder.all()]
    tallies: dict[str, Tally] = defaultdict(Tally)
    for place, one in enumerate(questions):
        hits = asyncio.run(finder.find(one.text))
        shown = [hit.guide.code for hit in hits]
        sure = bool(hits) and hits[0].sure
        for name in ("all", "odd" if place % 2 else "even", one.voice):
            tally = tallies[name]
            if not one.guide:
                tally.wrong_none += sure
                tally.offered += bool(hits) and not sure
                tally.refused += not hits
            else:
                tally.first += codes[int(finder.judge(one.text).scores.argmax())] == one.guide
                tally.right += sure and shown[0] == one.guide
                tally.wrong += sure and shown[0] != one.guide
                tally.listed += not sure and one.guide in shown
                tally.lost += not sure and one.guide not in shown
            if (sure and shown[0] != one.guide) or (one.guide and one.guide not in shown):
                tally.misses.append(f"{one.text} → {shown[0] if shown else '—'}{' (shown)' if sure else ''}, meant {one.guide or 'none'}")
    return dict(tallies)
