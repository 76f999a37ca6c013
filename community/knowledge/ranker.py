"""What was learnt for the search of articles, kept in `models/legal`: the map of questions, the weights of the features, the chance.

Made by `./linshe laws tune` from questions with known articles; holds numbers only, none of the questions. It belongs to one encoder:
with another one the words alone are searched, until it is tuned again.
"""

from __future__ import annotations

import json
import zipfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from community.knowledge.adapter import Adapter

FOLDER = Path(__file__).resolve().parents[2] / "models" / "legal"
NUMBERS, DESCRIBED = "ranker.npz", "ranker.json"

FEATURES = (
    "pairs", "words", "legal", "meaning", "adapted", "phrasing_words", "phrasing_meaning", "has_phrasing",
    "first", "second", "length", "law_share", "chapter_share", "neighbours",
    "rank_adapted", "rank_words", "rank_phrasing_words", "rank_phrasing_meaning",
)  # fmt: skip
"""In this order (`fusion.py` says what each is)."""
EVIDENCE = ("logit", "adapted", "phrasing_meaning", "fit", "one")
"""What the chance that an article answers at all is told from: a logistic."""


@dataclass(frozen=True)
class Ranker:
    """`weights` (FEATURES) add up to a logit; `chance` (EVIDENCE) are those of a logistic; `encoder` is the fingerprint of the encoder."""

    adapter: Adapter
    weights: NDArray[np.float32]
    chance: NDArray[np.float32]
    encoder: str
    described: dict[str, Any] = field(default_factory=dict)

    def save(self, folder: Path = FOLDER) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        down, up = self.adapter.down.astype(np.float16), self.adapter.up.astype(np.float16)
        with (folder / NUMBERS).open("wb") as file:
            np.savez(file, down=down, up=up, weights=self.weights, chance=self.chance)
        said = {**self.described, "encoder": self.encoder, "features": list(FEATURES)}
        (folder / DESCRIBED).write_text(json.dumps(said, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def load(encoder: str, folder: Path = FOLDER) -> Ranker | None:
    """None where there is none, or one of another encoder or other features."""
    try:
        described = json.loads((folder / DESCRIBED).read_text(encoding="utf-8"))
        if described.get("encoder") != encoder or tuple(described.get("features", ())) != FEATURES:
            return None
        with np.load(folder / NUMBERS) as kept:
            down, up = kept["down"].astype(np.float32), kept["up"].astype(np.float32)
            weights, chance = kept["weights"].astype(np.float32), kept["chance"].astype(np.float32)
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile):
        return None
    return Ranker(Adapter(down, up), weights, chance, encoder, described)
