"""Several problems in one breath: where each begins and ends. Knows nothing of Rasa or of models.

The figures are measured on tests/nlu/several.jsonl (40 messages with two or three problems, 20 long ones with one) and on the
single reports of tests/nlu/holdout.jsonl: see docs/nlu.md ("Measured").
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Callable, List, Optional, Tuple

Judge = Callable[[str], Tuple[float, str, float]]
"""(how likely the words are a report, its best category, how sure that is)."""

LEAST = 4
"""Characters of a clause that can be a problem by itself: 灯不亮了."""
SURE, SURE_AFTER_A_WORD = 0.7, 0.35
"""How sure a clause's category must be to begin a new problem: alone, and after words like 还有 that announce one."""
EFFECTS = frozenset({"elderly_care", "dispute", "property_service", "public_health", "public_security"})
"""What people tell as the effect of something else (老人下不了楼, 物业不管): a problem of its own only when a word announces it."""
_BREAK = re.compile(r"[。！？!?；;\n，,、 ]+")
_NEXT = re.compile(
    r"(?:还有(?!人|没有|没|半|几)|另外|再就是|再有|再一个|还有一个|另一个|另有|顺便|对了|其次|第[二三四]|[二三四]是|二来|三来|同时|此外|"
    r"还要(?:说|反映|报)|再说(?!了)|加上|以及|接着|然后就是)"
)
_OPENS = re.compile(rf"^{_NEXT.pattern}")


@dataclass(frozen=True)
class Problem:
    """`text[start:end]` tells of it."""

    category: str
    start: int
    end: int
    sure: float


def clauses(text: str) -> List[Tuple[int, int]]:
    """(start, end) of each clause: cut at punctuation, and before words that announce another thing (dictation has no commas)."""
    cuts = {0, len(text)}
    for match in _BREAK.finditer(text):
        cuts |= {match.start(), match.end()}
    cuts |= {match.start() for match in _NEXT.finditer(text)}
    edges = sorted(cuts)
    return [
        (start, end)
        for start, end in zip(edges, edges[1:], strict=False)
        if not _BREAK.fullmatch(text, start, end) and end > start
    ]


def find_problems(text: str, judge: Judge, ease: float = 1.0) -> List[Problem]:
    """The problems in the order they are told, each a stretch of the text; one entry or none when it is about one thing.

    A clause begins a new problem when it reads as a report of another category by itself; what does not is the story around the
    problem before it. `ease` below 1 lowers what counts as sure.
    """
    found: List[List[object]] = []  # start, end, category, sure
    pending: Optional[int] = None  # where words before the first problem begin
    for start, end in clauses(text):
        words = text[start:end]
        opener = _OPENS.match(words)
        announced = opener is not None
        bare = words[opener.end() :].strip() if opener else words
        report, category, sure = judge(bare) if len(bare) >= LEAST else (0.0, "", 0.0)
        least = ease * (SURE_AFTER_A_WORD if announced else SURE)
        strong = (
            report >= 0.5 * ease and category != "other" and sure >= least and (announced or category not in EFFECTS)
        )
        known = {str(problem[2]) for problem in found}
        if strong and category not in known:
            begins = start + opener.end() if opener else start
            found.append([pending if pending is not None and not found else begins, end, category, sure])
            pending = None
        elif found:
            found[-1][1] = end
        elif pending is None:
            pending = start
    return [Problem(str(c), int(str(s)), int(str(e)), float(str(p))) for s, e, c, p in found]
