"""What becomes of every column that points at a resident, when the resident has their data deleted. One table of rules.

A new table that refers to a resident needs a line here: `tests/unit/model/test_retention.py` walks the database's tables and fails,
naming the column, until there is one. The line is all that is needed: `community/store/repos/erasure.py` does what it says.

What a person said is masked (`chinese/masking.py`) or emptied, never kept as it was; what happened (a ticket was filed, it took two days)
stays, because it is counted, and points at a resident who has no name, no phone and no home any more (the shell).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class Fate(StrEnum):
    DELETE = "delete"
    """The row goes."""
    CUT = "cut"
    """The row stays, the column becomes NULL."""
    SHELL = "shell"
    """The row stays and points at the resident's empty shell."""


class Text(StrEnum):
    MASK = "mask"
    """Names, numbers and rooms are masked, the rest can still be read."""
    EMPTY = "empty"
    """'' (or NULL where the column may be)."""
    ROOM = "room"
    """A place: the room and unit are cut off, the building stays."""


@dataclass(frozen=True)
class Rule:
    """`name`: what residents call it (counted under it in 我的资料), '' when not worth a line. `why`: why it is kept, '' when it goes.
    `texts`: what becomes of other columns of the row. `who`: (column, value) that must hold for the reference to be a resident's."""

    fate: Fate
    name: str = ""
    why: str = ""
    texts: dict[str, Text] = field(default_factory=dict)
    who: tuple[str, str] | None = None


COUNTED = "办了什么、办了多久要算进统计，不再连着您"
PROOF = "谁看过、同意过什么，是日后说得清的凭据"

RULES: dict[str, Rule] = {
    "tickets.resident_id": Rule(
        Fate.SHELL,
        "工单",
        COUNTED,
        {"words": Text.MASK, "detail": Text.MASK, "contact": Text.EMPTY, "contact_hash": Text.EMPTY, "place_text": Text.ROOM},
    ),
    "ticket_events.actor_id": Rule(
        Fate.SHELL, "", COUNTED, {"actor_name": Text.EMPTY, "note": Text.MASK}, ("actor_kind", "resident")
    ),
    "ticket_followers.resident_id": Rule(Fate.DELETE, "跟着的工单"),
    "signups.resident_id": Rule(Fate.SHELL, "志愿报名", COUNTED, {"party": Text.EMPTY}),
    "care_tasks.volunteer_id": Rule(Fate.SHELL, "", COUNTED),
    "mediations.second_id": Rule(Fate.SHELL, "调解", COUNTED, {"second_text": Text.EMPTY}),
    "mediation_lines.actor_id": Rule(
        Fate.SHELL, "", COUNTED, {"actor_name": Text.EMPTY, "text": Text.MASK}, ("actor_kind", "resident")
    ),
    "inbox.resident_id": Rule(Fate.DELETE, "您说的话"),
    "notice_receipts.resident_id": Rule(Fate.DELETE),
    "understandings.resident_id": Rule(Fate.DELETE),
    "chat_sessions.resident_id": Rule(Fate.DELETE),
    "open_forms.resident_id": Rule(Fate.DELETE),
    "outbox.resident_id": Rule(Fate.DELETE, "给您的回复"),
    "conversations.resident_id": Rule(Fate.DELETE),
    "handovers.resident_id": Rule(Fate.DELETE, "工作人员交接的话"),
    "media_grants.resident_id": Rule(Fate.DELETE, "照片"),
    "channel_identities.resident_id": Rule(Fate.DELETE, "微信或网页账号"),
    "view_log.resident_id": Rule(Fate.SHELL, "谁看过您的信息", PROOF),
    "resident_homes.resident_id": Rule(Fate.DELETE),
    "home_requests.resident_id": Rule(Fate.SHELL, "核对住址的申请", PROOF),
    "home_letters.used_by": Rule(Fate.CUT),
    "carers.carer_id": Rule(Fate.SHELL, "您帮着照看的人", PROOF),
    "carers.elder_id": Rule(Fate.SHELL, "帮您照看的人", PROOF),
    "resident_settings.resident_id": Rule(Fate.DELETE),
    "consents.resident_id": Rule(Fate.SHELL, "同意记录", PROOF),
    "deletions.resident_id": Rule(Fate.SHELL, "", PROOF),
    "data_links.resident_id": Rule(Fate.DELETE),
    "legal_advice.resident_id": Rule(Fate.SHELL, "问过的法律问题", "什么问题没答好，要拿来改进，不再连着您", {"question": Text.MASK}),
    "consultations.resident_id": Rule(Fate.SHELL, "约过的律师", COUNTED, {"question": Text.EMPTY, "note": Text.EMPTY}),
    "group_drafts.resident_id": Rule(Fate.CUT, "群里转来的话", "", {"who": Text.EMPTY, "words": Text.EMPTY}),
    "points_accounts.resident_id": Rule(Fate.SHELL, "积分", "积分账要能对上，不再连着您"),
    "points_ledger.resident_id": Rule(Fate.SHELL, "", "积分账要能对上，不再连着您"),
    "gift_orders.resident_id": Rule(Fate.SHELL, "换过的礼品", "礼品的数目要能对上，不再连着您"),
    "proposals.proposer_id": Rule(Fate.SHELL, "提过的议题", COUNTED, {"words": Text.MASK}),
    "proposal_events.actor_id": Rule(
        Fate.SHELL, "", COUNTED, {"actor_name": Text.EMPTY, "note": Text.MASK}, ("actor_kind", "resident")
    ),
    "proposal_signatures.resident_id": Rule(Fate.SHELL, "附议过的议题", "附议的户数要算进去，不再连着您"),
    "sessions.subject_id": Rule(Fate.DELETE, who=("kind", "resident")),
}
"""Key: 'table.column'."""

LOOSE = frozenset({"actor_id", "subject_id", "author_id", "resident_id", "voter_id", "member_resident_id"})
"""Names of columns that hold a resident's id without a foreign key saying so: these need a rule (or a word in NOT_RESIDENTS) too."""

NOT_RESIDENTS: dict[str, str] = {"guide_events.subject_id": "a site or a contact day"}
"""'table.column' -> why a column of such a name never holds a resident's id."""
