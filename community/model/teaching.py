"""What trainers say a message meant, what is learnt from it, and the models that come of it."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from community.errors import Conflict

HELD_OUT_OF = 5
"""One label in this many is measured on and never learnt: the measure stays one of messages the model has not seen."""
KEPT_MODELS = 10
REPORT = "report"
_MARKS = re.compile(r"[^\w]+")


class LabelState(StrEnum):
    READY = "ready"
    DISPUTED = "disputed"
    TAUGHT = "taught"
    UNDONE = "undone"
    REMOVED = "removed"


LABEL_STATE_NAMES = {
    LabelState.READY: "等下次训练",
    LabelState.DISPUTED: "意见不一，等负责人定",
    LabelState.TAUGHT: "已教",
    LabelState.UNDONE: "撤回，下次训练时拿掉",
    LabelState.REMOVED: "已拿掉",
}


def same_text(text: str) -> str:
    """What two texts share that teach the same: letters and digits alone, as `./linshe nlu lint` compares them."""
    return _MARKS.sub("", text).lower()


def held_out(text: str) -> bool:
    """Whether a message goes to the measuring set. By its words alone: the same sentence always falls on the same side."""
    digest = hashlib.sha256(same_text(text).encode()).digest()
    return int.from_bytes(digest[:4], "big") % HELD_OUT_OF == 0


@dataclass(eq=False)
class Label:
    """What one text means, by whom, and why. Aware UTC.

    `held_out`: goes to the measuring set. `sources`: ids of the understandings it came
    from. `change`: the commit (or the change set's number) that carries it, `file` where it was written. `spans` are rows of
    `model.taught.Span`: what words of the text name. `parts` are [category, words] of a text that tells of several problems; intent and
    category are then the first one's.
    """

    id: int
    text: str
    text_key: str
    intent: str
    category: str
    by_id: int
    at: datetime
    why: str = ""
    held_out: bool = False
    state: LabelState = LabelState.READY
    second_id: int | None = None
    second_intent: str = ""
    second_category: str = ""
    sources: list[int] = field(default_factory=list)
    change: str = ""
    file: str = ""
    spans: list[list[Any]] = field(default_factory=list)
    parts: list[list[str]] = field(default_factory=list)

    def second(self, staff_id: int, intent: str, category: str) -> None:
        """Somebody else's opinion. Agreement leaves it ready; another one waits for a lead. Raises Conflict for one's own label and for
        one that is taught or gone."""
        if staff_id == self.by_id:
            raise Conflict("这是您自己标的，要请另一位来看。")
        if self.state not in (LabelState.READY, LabelState.DISPUTED):
            raise Conflict("这一条已经教过或撤回了。")
        self.second_id, self.second_intent, self.second_category = staff_id, intent, category
        same = (intent, category) == (self.intent, self.category)
        self.state = LabelState.READY if same else LabelState.DISPUTED

    def settle(self, intent: str, category: str) -> None:
        """A lead's word. Raises Conflict when nothing is in dispute."""
        if self.state is not LabelState.DISPUTED:
            raise Conflict("这一条没有不同意见。")
        self.intent, self.category, self.state = intent, category, LabelState.READY

    def undo(self) -> None:
        """Taken back: before it was learnt it is gone at once, after that the next training takes it out. Raises Conflict twice."""
        if self.state in (LabelState.UNDONE, LabelState.REMOVED):
            raise Conflict("这一条已经撤回了。")
        self.state = LabelState.UNDONE if self.state is LabelState.TAUGHT else LabelState.REMOVED


@dataclass(eq=False)
class LabelEvent:
    """Who did what to a label, and why. Never changed, never deleted."""

    id: int
    label_id: int
    at: datetime
    staff_id: int
    staff_name: str
    did: str
    note: str = ""


class JobKind(StrEnum):
    TRAIN = "train"
    PUBLISH = "publish"
    ROLLBACK = "rollback"
    TRY = "try"
    """Kept conversations that wait, with the model that serves."""


class JobState(StrEnum):
    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


JOB_NAMES = {JobKind.TRAIN: "训练", JobKind.PUBLISH: "发布", JobKind.ROLLBACK: "退回", JobKind.TRY: "试跑"}
JOB_STATE_NAMES = {
    JobState.WAITING: "排队",
    JobState.RUNNING: "进行中",
    JobState.DONE: "完成",
    JobState.FAILED: "没成功",
    JobState.CANCELLED: "取消了",
}
OPEN_JOBS = (JobState.WAITING, JobState.RUNNING)


@dataclass(eq=False)
class ModelJob:
    """One thing the trainer process does. `stage` and `log` are for people; `share` 0 to 1; `model` is the candidate's name, `beat_at`
    when the process last said it lives. Aware UTC."""

    id: int
    kind: JobKind
    state: JobState
    asked_by: int
    asked_at: datetime
    model: str = ""
    why: str = ""
    began_at: datetime | None = None
    beat_at: datetime | None = None
    ended_at: datetime | None = None
    worker: str = ""
    stage: str = ""
    share: float = 0.0
    log: str = ""
    error: str = ""
    cancel: bool = False


class ModelState(StrEnum):
    CANDIDATE = "candidate"
    SERVING = "serving"
    KEPT = "kept"
    GONE = "gone"


MODEL_STATE_NAMES = {
    ModelState.CANDIDATE: "候选",
    ModelState.SERVING: "正在用",
    ModelState.KEPT: "留着，可退回",
    ModelState.GONE: "文件已清理",
}


@dataclass(eq=False)
class TrainedModel:
    """A model that was trained here. `name` is its file's (without ending), `model_id` what it calls itself in every answer. `figures`
    is what `ops/teaching/compare.py` measured against the model that served then; `blocked` are the reasons that forbid it."""

    id: int
    name: str
    model_id: str
    made_at: datetime
    state: ModelState
    figures: dict[str, Any] = field(default_factory=dict)
    blocked: list[str] = field(default_factory=list)
    losses: list[str] = field(default_factory=list)
    published_at: datetime | None = None
    published_by: int | None = None
    why: str = ""
    fingerprint: str = ""
