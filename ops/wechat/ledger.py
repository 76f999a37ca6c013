"""What every resident sent and got, and when; and what that says about the door.

Only what a resident can see counts as an answer. How an answer is matched to a question:
- a passive reply belongs to the message it answers;
- else, when a message carries a mark (the load run writes one into each), the answer that repeats the mark belongs to it;
- else answers belong to the resident's oldest unanswered message, and further ones to the last answered.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

UNAVAILABLE = "该公众号暂时无法提供服务，请稍后再试"
"""What the resident sees when a message was not taken [D/I]."""
MARK = re.compile(r"#\d+-\d+#")
"""'#17-3#': resident 17, their third message."""

CARDS = frozenset({"template_card", "card_update"})
"""Come to staff unasked: an answer only while one is owed. Two tickets' buttons saying the same is nothing doubled."""

Via = Literal["passive", "custom", "template", "kf", "app", "person", "platform"]
"""`person`: staff wrote it by hand, without the door."""


@dataclass
class Sent:
    """A resident's message or event. Times are of a monotonic clock, in seconds."""

    id: int
    user: str
    kind: str
    text: str
    at: float
    expects: bool = True
    """Whether an answer must come. Events like unsubscribe need none."""
    mark: str = ""
    acknowledged_at: float | None = None
    gave_up: bool = False
    replies: list[Shown] = field(default_factory=list)


@dataclass
class Shown:
    """Something a resident saw."""

    user: str
    text: str
    at: float
    via: Via
    kind: str = "text"
    detail: dict[str, Any] = field(default_factory=dict)
    answers: int | None = None
    """The id of the message it belongs to; None: nobody asked."""


def percentile(values: Sequence[float], share: float) -> float:
    """The value below or at which that share lies (nearest rank); 0 without values."""
    ordered = sorted(values)
    return ordered[max(0, math.ceil(len(ordered) * share) - 1)] if ordered else 0.0


class Ledger:
    """`findings` counts what the other side did wrong, by a short name; `worst` keeps the first few with a sentence."""

    def __init__(self) -> None:
        self.sent: dict[int, Sent] = {}
        self.shown: list[Shown] = []
        self.ack_seconds: list[float] = []
        """Of every delivery that was answered as it should be; of one that ran into the deadline, the deadline."""
        self.deliveries = 0
        self.findings: Counter[str] = Counter()
        self.notes: list[str] = []
        self.dropped_silently = 0
        """Messages that WeCom accepted and threw away."""
        self.on_found: Callable[[str], None] = lambda line: None
        self._by_mark: dict[str, Sent] = {}
        self._open: dict[str, list[Sent]] = {}
        self._last: dict[str, Sent] = {}

    # --- what happens ------------------------------------------------------------------------------------------------

    def say(self, sent: Sent) -> None:
        if found := MARK.search(sent.text):
            sent.mark = found[0]
            self._by_mark[sent.mark] = sent
        self.sent[sent.id] = sent
        if sent.expects:
            self._open.setdefault(sent.user, []).append(sent)

    def acknowledged(self, sent: Sent, seconds: float, at: float) -> None:
        """A delivery was answered as it should be. Only the first counts as when the message was taken."""
        self.ack_seconds.append(seconds)
        if sent.acknowledged_at is None:
            sent.acknowledged_at = at

    def show(self, shown: Shown, answers: Sent | None = None) -> None:
        """The resident sees it. `answers` when that is known for certain."""
        self.shown.append(shown)
        if shown.via in ("platform", "template", "person"):
            return
        marks = [] if answers else list(dict.fromkeys(MARK.findall(shown.text)))
        owners = [answers] if answers else [self._by_mark[mark] for mark in marks if mark in self._by_mark]
        owners = owners or self._guess(shown.user, shown.kind)
        for owner in owners:
            if owner.user != shown.user:
                self.find("wrong_resident", f"what answers {owner.user}'s message was sent to {shown.user}")
                continue
            owner.replies.append(shown)
            shown.answers = owner.id
            waiting = self._open.get(owner.user, [])
            if owner in waiting:
                waiting.remove(owner)
            self._last[owner.user] = owner

    def _guess(self, user: str, kind: str) -> list[Sent]:
        waiting = self._open.get(user)
        if waiting and not waiting[0].mark:
            return [waiting[0]]
        if kind in CARDS:
            return []
        last = self._last.get(user)
        return [last] if last is not None and not last.mark else []

    def find(self, name: str, note: str = "") -> None:
        self.findings[name] += 1
        line = f"{name}: {note}" if note else name
        if note and len(self.notes) < 50:
            self.notes.append(line)
        self.on_found(line)

    # --- what it says ------------------------------------------------------------------------------------------------

    @property
    def waiting(self) -> int:
        """How many messages still want an answer."""
        return sum(len(waiting) for waiting in self._open.values())

    def lost(self) -> list[Sent]:
        """Messages that wanted an answer and got none."""
        return [sent for sent in self.sent.values() if sent.expects and not sent.replies]

    def unacknowledged(self) -> list[Sent]:
        """Messages that were never taken, in none of their deliveries."""
        return [sent for sent in self.sent.values() if sent.gave_up]

    def doubled(self) -> list[Shown]:
        """Answers that the same message had already got: the same words, or with a mark any second answer."""
        found = []
        for sent in self.sent.values():
            seen: set[str] = set()
            for reply in sent.replies:
                words = "" if sent.mark else f"{reply.kind}\0{reply.text}"
                if words in seen:
                    found.append(reply)
                seen.add(words)
        return found

    def out_of_order(self) -> int:
        """Messages whose answer came after the answer to a later message of the same resident. Second answers are not asked."""
        position = {id(shown): number for number, shown in enumerate(self.shown)}
        answered: dict[str, list[int]] = {}
        for sent in sorted(self.sent.values(), key=lambda sent: sent.id):
            if sent.replies:
                answered.setdefault(sent.user, []).append(position[id(sent.replies[0])])
        late = 0
        for places in answered.values():
            earliest = len(position)
            for place in reversed(places):
                late += place > earliest
                earliest = min(earliest, place)
        return late

    def of(self, user: str) -> list[Sent | Shown]:
        """One resident's whole chat, in time."""
        mine: list[Sent | Shown] = [sent for sent in self.sent.values() if sent.user == user]
        mine += [shown for shown in self.shown if shown.user == user]
        return sorted(mine, key=lambda entry: entry.at)

    def report(self) -> dict[str, Any]:
        """The figures. Milliseconds; everything else is a count."""
        answer_seconds = [sent.replies[0].at - sent.at for sent in self.sent.values() if sent.replies]
        return {
            "ack_p50_ms": _ms(self.ack_seconds, 0.5),
            "ack_p99_ms": _ms(self.ack_seconds, 0.99),
            "ack_max_ms": _ms(self.ack_seconds, 1.0),
            "answer_p50_ms": _ms(answer_seconds, 0.5),
            "answer_p99_ms": _ms(answer_seconds, 0.99),
            "sent": len(self.sent),
            "deliveries": self.deliveries,
            "acknowledged": sum(sent.acknowledged_at is not None for sent in self.sent.values()),
            "unacknowledged": len(self.unacknowledged()),
            "answered": sum(bool(sent.replies) for sent in self.sent.values()),
            "lost": len(self.lost()),
            "doubled": len(self.doubled()),
            "out_of_order": self.out_of_order(),
            "by_way": dict(_ways(self.shown)),
            "unasked": sum(shown.answers is None and shown.via in ("passive", "custom", "kf") for shown in self.shown),
            "unavailable_shown": sum(shown.via == "platform" for shown in self.shown),
            "dropped_silently": self.dropped_silently,
            "findings": dict(self.findings),
        }


def _ms(values: Sequence[float], share: float) -> float:
    return round(percentile(values, share) * 1000, 2)


def _ways(shown: Iterable[Shown]) -> Counter[str]:
    return Counter(entry.via for entry in shown if entry.via != "platform")
