"""What a resident's words were taken for, and why a person should look at it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

UNSURE = "nlu_fallback"
CLOSE = 0.6
"""From this share of the first guess's chance on, the second one is as good (`actions/fallback.py` asks which from there)."""
WEAK = 0.5
"""A first guess below this chance was acted on, and was hardly likelier than not."""
SHORTEST = 2
"""Characters. 好, 1 and a sign alone teach nothing."""
LONGEST = 300
"""Characters kept of what was said: an example of a sentence, not an archive."""


class Doubt(StrEnum):
    """Why somebody should look. The first three are seen at once, the others come to light later."""

    UNCLEAR = "unclear"
    CLOSE = "close"
    WEAK = "weak"
    HANDOFF = "handoff"
    USELESS = "useless"
    RECATEGORISED = "recategorised"
    ABANDONED = "abandoned"
    DROPPED = "dropped"


DOUBT_NAMES = {
    Doubt.UNCLEAR: "没听懂",
    Doubt.CLOSE: "两可",
    Doubt.WEAK: "没把握",
    Doubt.HANDOFF: "答后转人工",
    Doubt.USELESS: "说没用",
    Doubt.RECATEGORISED: "类别改过",
    Doubt.ABANDONED: "说到一半",
    Doubt.DROPPED: "一问就算了",
}
WEIGHTS = {
    Doubt.UNCLEAR: 1.0,
    Doubt.CLOSE: 0.7,
    Doubt.WEAK: 0.5,
    Doubt.HANDOFF: 1.0,
    Doubt.USELESS: 0.8,
    Doubt.RECATEGORISED: 1.2,
    Doubt.ABANDONED: 0.5,
    Doubt.DROPPED: 0.9,
}
"""How much one such message wants teaching: chosen, not measured. A weak guess is often right, and so is a form that was left; what staff
put right was wrong for sure, however sure the assistant was."""


class Looked(StrEnum):
    """What became of a message in the trainers' hands."""

    OPEN = "open"
    TAUGHT = "taught"
    PASSED = "passed"


@dataclass(frozen=True)
class Heard:
    """What the assistant took words for: the likeliest intents with their chances (0 to 1), what category a report of it would get, and
    the id of the model that said so."""

    intent: str
    confidence: float
    ranking: tuple[tuple[str, float], ...]
    category: str
    category_confidence: float
    model: str


@dataclass(eq=False)
class Understanding:
    """One message as it was understood. `key` is unique ('in-7': inbox message 7). `text` is masked
    (`chinese/masking.py`), at most LONGEST characters. `doubts` may be empty: those are counted, not looked at. Aware UTC."""

    id: int
    key: str
    resident_id: int
    at: datetime
    text: str
    intent: str
    confidence: float
    ranking: list[list[object]] = field(default_factory=list)
    category: str = ""
    category_confidence: float = 0.0
    model: str = ""
    doubts: list[str] = field(default_factory=list)
    doubted: bool = False
    """Whether there is any doubt: what the queue is found by."""
    looked: Looked = Looked.OPEN
    session_id: int | None = None
    """The session (model/chat.py) it was said in."""
    staff_category: str = ""
    """What staff made of its ticket's category, where that was another one."""
    vote: str = ""
    """'useful' or 'useless': what the resident said of the answer, where they were asked."""
    assigned_to: int | None = None
    """The member of staff who is asked to look at it."""

    def doubt(self, why: Doubt) -> bool:
        """Note one more reason; False when it was known, or when somebody has looked already."""
        if self.looked is not Looked.OPEN or why in self.doubts:
            return False
        self.doubts, self.doubted = [*self.doubts, str(why)], True
        return True

    def settle(self, *reasons: Doubt) -> None:
        """These reasons are none any more; what somebody has looked at stays as they saw it."""
        if self.looked is Looked.OPEN:
            self.doubts = [why for why in self.doubts if why not in reasons]
            self.doubted = bool(self.doubts)

    @property
    def guess(self) -> str:
        """The likeliest intent, also when it was too weak to count."""
        return str(self.ranking[0][0]) if self.ranking else self.intent

    @property
    def want(self) -> float:
        """How much it wants teaching: the heaviest reason, more for the unsure."""
        return max((WEIGHTS[Doubt(why)] for why in self.doubts), default=0.0) * (1.5 - self.confidence)


def doubts_of(heard: Heard) -> list[Doubt]:
    """What speaks against a reading at once."""
    if heard.intent == UNSURE:
        return [Doubt.UNCLEAR]
    found = []
    if len(heard.ranking) > 1 and heard.ranking[1][1] >= CLOSE * heard.ranking[0][1]:
        found.append(Doubt.CLOSE)
    if heard.confidence < WEAK:
        found.append(Doubt.WEAK)
    return found
