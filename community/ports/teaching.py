"""What was understood, labels, jobs of the trainer process, models."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from community.model.teaching import JobState, Label, LabelEvent, LabelState, ModelJob, ModelState, TrainedModel
from community.model.understanding import Looked, Understanding


@dataclass(frozen=True)
class Wanted:
    """Messages of a time: with a doubt (`doubted` any, `doubt` this one) or without (`plain`), taken for one of `intents` (None: any),
    voted on.

    `talk`: those of sessions that began in that time with words of `intents`: 'any', 'alone' (no person), 'handed' (one was asked for).
    """

    since: datetime
    until: datetime
    doubted: bool = False
    plain: bool = False
    doubt: str = ""
    intents: frozenset[str] | None = None
    unclear: bool = False
    vote: str = ""
    talk: Literal["", "any", "alone", "handed"] = ""


class Understandings(Protocol):
    async def add_all(self, rows: Sequence[Understanding]) -> None:
        """Keep them; one whose key is there already changes nothing."""
        ...

    async def by_key(self, key: str) -> Understanding | None: ...
    async def get_all(self, ids: Collection[int]) -> list[Understanding]: ...
    async def assign(self, ids: Collection[int], to: int | None, was: int | None) -> int:
        """Only open ones that are nobody's, `was`'s or `to`'s already; how many."""
        ...

    async def latest_of(self, resident_id: int, since: datetime, but: str) -> Understanding | None:
        """The resident's latest one, other than that of the key `but`."""
        ...

    async def said_by(
        self, resident_id: int, since: datetime, until: datetime, *, doubted: bool = False
    ) -> list[Understanding]:
        """What one resident said then (of it what is doubted), the newest first, 100 at most."""
        ...

    async def doubted(self, since: datetime, looked: Looked, limit: int) -> list[Understanding]:
        """With doubts, the newest first."""
        ...

    async def by_intent(self, since: datetime, until: datetime) -> dict[str, tuple[int, int]]:
        """(messages, those of them that were doubted, whatever became of them), by what they were taken for."""
        ...

    async def by_doubt(self, since: datetime, until: datetime, doubts: Sequence[str]) -> dict[str, int]:
        """Messages with each of these doubts."""
        ...

    async def votes(self, since: datetime, until: datetime) -> dict[tuple[str, str], int]:
        """(intent, 'useful' or 'useless'): how many residents said so of the answer."""
        ...

    async def wanted(self, wanted: Wanted, limit: int) -> list[Understanding]:
        """The messages behind a number, the newest first."""
        ...

    async def share(self, since: datetime, until: datetime) -> dict[str, int]:
        """How many messages there were ('all'), and how many of them were doubted at once or later ('doubted')."""
        ...


class Labels(Protocol):
    async def add(self, label: Label) -> None: ...
    async def get(self, label_id: int) -> Label | None: ...
    async def by_text(self, text_key: str) -> Label | None: ...
    async def by_intent(self, states: Collection[LabelState]) -> dict[str, int]: ...
    async def in_state(self, states: Collection[LabelState], limit: int = 500) -> list[Label]:
        """The newest first."""
        ...

    async def add_event(self, event: LabelEvent) -> None: ...
    async def events(self, label_id: int | None, limit: int = 100) -> list[LabelEvent]:
        """Of one label, or of all; the newest first."""
        ...


class ModelJobs(Protocol):
    async def add(self, job: ModelJob) -> None: ...
    async def get(self, job_id: int, *, for_update: bool = False) -> ModelJob | None: ...
    async def in_state(self, states: Collection[JobState]) -> list[ModelJob]: ...
    async def latest(self, limit: int) -> list[ModelJob]: ...


class Models(Protocol):
    async def add(self, model: TrainedModel) -> None: ...
    async def by_name(self, name: str) -> TrainedModel | None: ...
    async def in_state(self, states: Collection[ModelState]) -> list[TrainedModel]:
        """The newest first."""
        ...
