"""协商议事: what neighbours propose, the meetings that talk about it, and what is done with what was decided. Times are aware UTC.

What is voted on and how is counted is in `community.model.ballot`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from community.errors import IllegalMove, InvalidInput
from community.model.alike import NOISE, pairs
from community.model.calendar import day_text, local
from community.model.category import Category

MAX_TITLE, MAX_WORDS = 40, 500
THRESHOLD = 5
"""Households that make a proposal ripe for a meeting where the community has not set its own number."""
FARTHEST = timedelta(days=120)
"""How far ahead a meeting may be: a quarter and a month."""


class Status(StrEnum):
    RAISED = "raised"
    CO_SIGNED = "co_signed"
    AGENDA = "agenda"
    DISCUSSED = "discussed"
    VOTING = "voting"
    DECIDED = "decided"
    DONE = "done"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


STATUS_NAMES = {
    Status.RAISED: "征集附议", Status.CO_SIGNED: "附议够了", Status.AGENDA: "已排上会", Status.DISCUSSED: "会上议过",
    Status.VOTING: "正在表决", Status.DECIDED: "已定", Status.DONE: "已落实", Status.REFUSED: "未受理", Status.WITHDRAWN: "已撤回",
}  # fmt: skip


class Move(StrEnum):
    RAISE = "raise"
    SIGN = "sign"
    RIPEN = "ripen"
    SCHEDULE = "schedule"
    UNSCHEDULE = "unschedule"
    DISCUSS = "discuss"
    VOTE = "vote"
    DECIDE = "decide"
    AGAIN = "again"
    PROGRESS = "progress"
    FINISH = "finish"
    REFUSE = "refuse"
    WITHDRAW = "withdraw"


MOVE_NAMES = {
    Move.RAISE: "提出议题", Move.SIGN: "附议", Move.RIPEN: "附议够了", Move.SCHEDULE: "排上会", Move.UNSCHEDULE: "移出议程",
    Move.DISCUSS: "会上议过", Move.VOTE: "开始表决", Move.DECIDE: "有了结论", Move.AGAIN: "重新上会", Move.PROGRESS: "落实进展",
    Move.FINISH: "落实完成", Move.REFUSE: "未受理", Move.WITHDRAW: "撤回",
}  # fmt: skip

S, M = Status, Move
MOVES: dict[tuple[Status, Move], Status] = {
    (S.RAISED, M.SIGN): S.RAISED,
    (S.RAISED, M.RIPEN): S.CO_SIGNED,
    (S.CO_SIGNED, M.SIGN): S.CO_SIGNED,
    # Staff may put on the agenda what has not found enough co-signers: the community sets its agenda.
    (S.RAISED, M.SCHEDULE): S.AGENDA,
    (S.CO_SIGNED, M.SCHEDULE): S.AGENDA,
    (S.AGENDA, M.SIGN): S.AGENDA,
    (S.AGENDA, M.UNSCHEDULE): S.CO_SIGNED,
    (S.AGENDA, M.DISCUSS): S.DISCUSSED,
    (S.DISCUSSED, M.VOTE): S.VOTING,
    # What everybody at the meeting agrees on needs no ballot.
    (S.DISCUSSED, M.DECIDE): S.DECIDED,
    (S.DISCUSSED, M.AGAIN): S.CO_SIGNED,
    (S.VOTING, M.DECIDE): S.DECIDED,
    # A ballot that was called off.
    (S.VOTING, M.AGAIN): S.DISCUSSED,
    # No quorum, or refused and talked about once more.
    (S.DECIDED, M.AGAIN): S.CO_SIGNED,
    (S.DECIDED, M.PROGRESS): S.DECIDED,
    (S.DECIDED, M.FINISH): S.DONE,
    (S.RAISED, M.REFUSE): S.REFUSED,
    (S.CO_SIGNED, M.REFUSE): S.REFUSED,
    (S.AGENDA, M.REFUSE): S.REFUSED,
    (S.RAISED, M.WITHDRAW): S.WITHDRAWN,
    (S.CO_SIGNED, M.WITHDRAW): S.WITHDRAWN,
}
SIGNABLE = frozenset({S.RAISED, S.CO_SIGNED, S.AGENDA})
OPEN = frozenset({S.RAISED, S.CO_SIGNED, S.AGENDA, S.DISCUSSED, S.VOTING})


class Outcome(StrEnum):
    PASSED = "passed"
    REFUSED = "refused"
    NO_QUORUM = "no_quorum"


OUTCOME_NAMES = {Outcome.PASSED: "通过", Outcome.REFUSED: "没有通过", Outcome.NO_QUORUM: "参加的户数不够"}


@dataclass(eq=False)
class Proposal:
    """What somebody wants talked about. `proposer_id` is a resident, or None where staff raised it (`staff_id`). `threshold`: households
    that must co-sign, as it was set when it was raised. `reason` says why it was refused, `outcome_words` what was decided."""

    id: int
    community_id: int
    title: str
    words: str
    category: Category
    created_at: datetime
    changed_at: datetime
    threshold: int
    place_id: int | None = None
    place_text: str = ""
    proposer_id: int | None = None
    staff_id: int | None = None
    incident_id: int | None = None
    status: Status = Status.RAISED
    meeting_id: int | None = None
    agenda_order: int = 0
    outcome: Outcome | None = None
    outcome_words: str = ""
    reason: str = ""

    def allowed(self) -> frozenset[Move]:
        moves = frozenset(move for status, move in MOVES if status is self.status)
        if self.status is not Status.DECIDED:
            return moves
        # What was passed is carried out; what was not may be talked about again.
        return moves & ({Move.PROGRESS, Move.FINISH} if self.outcome is Outcome.PASSED else {Move.AGAIN})

    def apply(self, move: Move, now: datetime) -> None:
        """Raises IllegalMove where this cannot come next."""
        if move not in self.allowed():
            raise IllegalMove(f"这个议题现在是“{STATUS_NAMES[self.status]}”，不能{MOVE_NAMES[move]}。")
        self.status, self.changed_at = MOVES[self.status, move], now
        if move is Move.AGAIN and self.status is Status.CO_SIGNED:
            self.outcome, self.outcome_words, self.meeting_id, self.agenda_order = None, "", None, 0
        if move is Move.UNSCHEDULE:
            self.meeting_id, self.agenda_order = None, 0


@dataclass(eq=False)
class ProposalEvent:
    """Append-only. `actor_kind` 'resident', 'staff' or 'system'."""

    id: int
    proposal_id: int
    at: datetime
    move: Move
    actor_kind: str
    actor_id: int
    actor_name: str
    note: str = ""


@dataclass(eq=False)
class FollowUp:
    """Something to be done of what was decided: who, by which local day, how far it is."""

    id: int
    proposal_id: int
    what: str
    owner: str
    due: date
    progress: str = ""
    done_at: datetime | None = None

    def late(self, today: date) -> bool:
        return self.done_at is None and self.due < today


class MeetingKind(StrEnum):
    QUARTERLY = "quarterly"
    HEARING = "hearing"
    REVIEW = "review"


MEETING_NAMES = {MeetingKind.QUARTERLY: "居民议事会", MeetingKind.HEARING: "听证会", MeetingKind.REVIEW: "民主评议会"}


class MeetingStatus(StrEnum):
    PLANNED = "planned"
    NOTICED = "noticed"
    HELD = "held"
    CANCELLED = "cancelled"


MEETING_STATUS_NAMES = {
    MeetingStatus.PLANNED: "筹备中", MeetingStatus.NOTICED: "已通知", MeetingStatus.HELD: "已开", MeetingStatus.CANCELLED: "已取消",
}  # fmt: skip
MEETING_MOVES: dict[MeetingStatus, frozenset[MeetingStatus]] = {
    MeetingStatus.PLANNED: frozenset({MeetingStatus.NOTICED, MeetingStatus.CANCELLED}),
    # Told again after the time or the agenda changed: every notice has a number of its own.
    MeetingStatus.NOTICED: frozenset({MeetingStatus.NOTICED, MeetingStatus.HELD, MeetingStatus.CANCELLED}),
    MeetingStatus.HELD: frozenset(),
    MeetingStatus.CANCELLED: frozenset(),
}


@dataclass(eq=False)
class Meeting:
    """A meeting of a community (`place_id`: whose households are asked: the community, a grid, an estate, a building)."""

    id: int
    community_id: int
    place_id: int
    place_name: str
    kind: MeetingKind
    title: str
    starts_at: datetime
    where_text: str
    created_at: datetime
    status: MeetingStatus = MeetingStatus.PLANNED
    notices: int = 0
    told: int = 0
    minutes: str = ""
    minutes_at: datetime | None = None

    def become(self, status: MeetingStatus) -> None:
        if status not in MEETING_MOVES[self.status]:
            raise IllegalMove(f"这个会{MEETING_STATUS_NAMES[self.status]}，不能再改成“{MEETING_STATUS_NAMES[status]}”。")
        self.status = status


def notice_text(meeting: Meeting, agenda: Sequence[str], now: datetime) -> str:
    """What the households read: time, place, agenda. `now` says what is 明天."""
    again = "（有变动，以这条为准）" if meeting.notices else ""
    rows = [f"【{MEETING_NAMES[meeting.kind]}通知】{meeting.title}{again}"]
    rows += [f"时间：{day_text(meeting.starts_at, now)}", f"地点：{meeting.where_text}"]
    if agenda:
        rows.append("要议的事：")
        rows += [f"{number}. {title}" for number, title in enumerate(agenda, 1)]
    rows.append("欢迎您来说一说；来不了，会后我把结果告诉您。")
    return "\n".join(rows)


def check_meeting(title: str, where: str, starts_at: datetime, now: datetime) -> None:
    """Raises InvalidInput with what is missing."""
    if not title.strip() or not where.strip():
        raise InvalidInput("请写会议名称和地点。")
    if len(title) > 60 or len(where) > 100:
        raise InvalidInput("会议名称最多60字，地点最多100字。")
    if starts_at <= now:
        raise InvalidInput("开会的时间已经过去了，请选以后的时间。")
    if starts_at - now > FARTHEST:
        raise InvalidInput("开会的时间太远了，请定在四个月以内。")


def quarter_text(moment: datetime) -> str:
    """2026年第四季度, of the local day."""
    here = local(moment)
    return f"{here.year}年第{'一二三四'[(here.month - 1) // 3]}季度"


# --- reading what residents say -------------------------------------------------------------------------------------------

_LEAD = re.compile(
    r"^(我|你好|您好|阿拉|咱们?|俺|就是|那个|社区|小邻|麻烦|请问|提议|倡议|提案|提个|提一[个条下]|想|要|发起|能不能|可不可以|可以|是不是|能否|有?个|一个|一条|一下|"
    r"建议|议题|意见|想法|主意|点子|金点子|合理化|关于|觉得|觉着|希望|不如|把|跟你们|说|反映|帮我|[：:，,。！!、\s])+"
)
_CALL = re.compile(
    r"我|想|要|提|发起|个|一|条|下|建议|提议|倡议|议题|议案|提案|意见|想法|主意|点子|大家|开会|商量|讨论|协商|议事会|会上|怎么|哪里|可以|能不能|吗|呢|吧|"
    r"[了的啊呀]|社区|给|跟|在|请|帮|有"
)
SIGNS = re.compile(r"附议|附和|联名|联署|签个?名支持|算我(家|们家|一户)?一?(个|户|份)|我家也?(支持|赞成)这个议题")


def title_of(words: str) -> str:
    """A short heading out of a resident's sentence: what stands before the first full stop, without 我想提个建议."""
    first = re.split(r"[。！!？?；;\n]", words.strip())[0]
    short = _LEAD.sub("", first).strip(" ，,、：:")
    short = short if len(short) >= 4 else first.strip()
    clause = re.split(r"[，,]", short)[0].strip()
    if len(short) > 16 and 6 <= len(clause) <= MAX_TITLE:
        return clause
    if len(short) > MAX_TITLE:
        cut = re.split(r"[，,]", short)[0]
        short = cut if 6 <= len(cut) <= MAX_TITLE else short[: MAX_TITLE - 1] + "…"
    return short


def says_what(text: str) -> bool:
    """Whether there is a matter in the words, not only the wish to propose something."""
    return len(re.sub(r"[\W\d_]", "", _CALL.sub("", text))) >= 3


_ASKED = re.compile(
    r"议题|议事会|协商|最后|怎么定|定下来|定了|结果|通过|投票|表决|讨论|商量|提案|我们?提|附议|联名|多少|[几哪]|大家|社区|现在|事情|建议|开会|会上|同意|反对|弃权|"
    r"赞成|我们?家?|投|想|要|在|把|给|换成?"
)
"""What says nothing of which matter is meant."""


def likeness(text: str, title: str) -> float:
    """How much of a title's character pairs `text` has, 0 to 1."""
    wanted = pairs(title)
    return len(wanted & pairs(text)) / len(wanted) if wanted else 0.0


def mention(text: str, title: str) -> float:
    """How surely `text` speaks of the matter with this title, 0 to 1: 沙坑 is enough for 给孩子们装个沙坑."""
    said: set[str] = set()
    for part in re.split(r"[\W]+", _ASKED.sub(" ", NOISE.sub(" ", text))):
        said |= pairs(part) if len(part) > 1 else set()
    named = len(said & pairs(title)) / len(said) if said else 0.0
    return max(named, likeness(text, title))
