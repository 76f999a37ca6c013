"""What a text is weighed by beside its vector: characters, runs of them, and words, counted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np

Signs = tuple[str, list[str]]
"""A text as it is weighed: its normalised characters, and its words."""
_WORD = "\t"
"""Words carry a mark of their own: 电 as a word is another sign than 电 as a character."""


def grams(signs: Signs, longest: int) -> tuple[Counter[str], Counter[str]]:
    """Counted character n-grams (1..`longest`) and words."""
    flat, words = signs
    characters = Counter(flat[i : i + n] for n in range(1, longest + 1) for i in range(len(flat) - n + 1))
    return characters, Counter(_WORD + word for word in words)


class Counted:
    """Texts with their signs counted once for every model that learns from them or from some of them. Needs scipy.

    `names` are all signs of all texts, in the order they were met: the frequent ones lie together in memory, which a fit is quicker for.
    `times` is a sparse matrix (texts, signs).
    """

    def __init__(self, names: list[str], times: Any, longest: int) -> None:
        self.names, self.times, self.longest = names, times, longest

    @classmethod
    def of(cls, texts: Sequence[Signs], longest: int) -> Counted:
        from scipy.sparse import csr_matrix

        known: dict[str, int] = {}
        places: list[int] = []
        times: list[int] = []
        ends = [0]
        for signs in texts:
            for kind in grams(signs, longest):
                places += [known.setdefault(sign, len(known)) for sign in kind]
                times += kind.values()
            ends.append(len(places))
        return cls(list(known), csr_matrix((np.array(times, np.float32), places, ends), (len(texts), len(known))), longest)

    def __len__(self) -> int:
        return int(self.times.shape[0])

    def take(self, rows: np.ndarray) -> Counted:
        """Some of the texts."""
        return Counted(self.names, self.times[rows], self.longest)

    def texts_with(self) -> np.ndarray:
        """In how many texts each sign stands."""
        return np.bincount(self.times.indices, minlength=len(self.names))

    def weighed(self, places: np.ndarray, idf: np.ndarray) -> Any:
        """A sparse float32 matrix (texts, signs of a model): as TextModel weighs one text. `places` says where the model has each of
        `names`, -1 for nowhere; `idf` is what it weighs."""
        from scipy.sparse import csr_matrix

        texts = np.repeat(np.arange(len(self)), np.diff(self.times.indptr))
        column = places[self.times.indices]
        kept = column >= 0
        is_word = np.array([name.startswith(_WORD) for name in self.names], dtype=bool)
        half = (2 * texts + is_word[self.times.indices])[kept]
        values = (1 + np.log(self.times.data[kept])) * idf[column[kept]]
        lengths = np.sqrt(np.bincount(half, weights=np.square(values, dtype=np.float64), minlength=2 * len(self)))
        ends = np.concatenate(([0], np.cumsum(np.bincount(texts[kept], minlength=len(self)))))
        values = (values / lengths[half]).astype(np.float32)
        return csr_matrix((values, column[kept], ends), (len(self), len(idf)))
