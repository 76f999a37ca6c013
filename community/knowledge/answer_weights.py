"""What was learnt for the ranking of curated answers, kept in `models/legal/answers.json`: numbers only, for one encoder.

Made by `./linshe laws tune-answers`; with another encoder answers are found by words alone (`matcher.py`) until it is made again.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from community.knowledge.ranker import FOLDER

NAME = "answers.json"
FEATURES = (
    "score", "share", "alike", "held", "meaning", "adapted", "second", "second_adapted", "body", "articles", "votes",
    "beyond", "beyond_adapted", "beyond_few", "tokens", "characters",
    "standard_score", "standard_share", "standard_meaning", "standard_adapted", "standard_body", "standard_articles",
    "against", "against_adapted", "against_few", "framed", "framed_others", "asks", "one",
)  # fmt: skip
"""In this order (`answer_ranking.py` says what each is)."""
JUDGED = (*FEATURES, "sum", "gap", "chance_among", "first_few", "framed_alone", "framed_first", "unframed_gap")
"""What the chance of an answer is told from: its features, scaled, and how it stands among the others."""


UNSEEN = 0.8
"""The record of an answer that was never seen to come first by its frame: so many of a hundred are right where nobody looked."""


@dataclass(frozen=True)
class AnswerWeights:
    """`mean`, `spread` and `order` go with FEATURES, `chance` (of a logistic) with JUDGED; `record` tells of an answer (its code)
    how often it was right when its frame brought it first."""

    mean: NDArray[np.float32]
    spread: NDArray[np.float32]
    order: NDArray[np.float32]
    chance: NDArray[np.float32]
    encoder: str
    record: dict[str, float] = field(default_factory=dict)
    described: dict[str, Any] = field(default_factory=dict)

    def save(self, folder: Path = FOLDER) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        numbers = {name: [round(float(n), 6) for n in getattr(self, name)] for name in ("mean", "spread", "order", "chance")}
        said = {**self.described, "encoder": self.encoder, "features": list(FEATURES), **numbers, "record": self.record}
        (folder / NAME).write_text(json.dumps(said, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def load(encoder: str, folder: Path = FOLDER) -> AnswerWeights | None:
    """None where there are none, or those of another encoder or other features."""
    try:
        kept = json.loads((folder / NAME).read_text(encoding="utf-8"))
        if kept.pop("encoder") != encoder or tuple(kept.pop("features")) != FEATURES:
            return None
        numbers = {name: np.array(kept.pop(name), np.float32) for name in ("mean", "spread", "order", "chance")}
        record = {str(code): float(right) for code, right in kept.pop("record", {}).items()}
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
    if any(len(numbers[name]) != len(FEATURES) for name in ("mean", "spread", "order")) or len(numbers["chance"]) != len(JUDGED):
        return None
    return AnswerWeights(**numbers, encoder=encoder, record=record, described=kept)
