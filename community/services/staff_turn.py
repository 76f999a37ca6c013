"""One message of a member in WeCom, from where the talk with them stands; and what is to be answered and remembered."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from community.model.staffing import StaffMessage, StaffTalk
from community.model.ticket import TRANSITIONS, Move, Status
from community.ports import Community
from community.services import desk
from community.services.desk import DeskFilter
from community.services.staff_words import urgent_first
from community.services.views import TicketView

MOVES = {
    "accept": Move.ACCEPT,
    "start": Move.START,
    "resolve": Move.RESOLVE,
    "explain": Move.RESOLVE,
    "return": Move.RETURN,
    "pause": Move.PAUSE,
    "resume": Move.RESUME,
    "transfer": Move.TRANSFER,
    "recategorise": Move.RECATEGORISE,
}


class Order(Protocol):
    """A text, read: `kind` is today, one of MOVES, diary, change, remind, no_visit, visited, file, group, drafts, confirm, drop,
    merge, amend, undo, help, number or unknown."""

    @property
    def kind(self) -> str: ...
    @property
    def number(self) -> str | None: ...
    @property
    def words(self) -> str: ...
    @property
    def to(self) -> str: ...


@dataclass(frozen=True)
class Reply:
    """What is to be said and remembered. `number`: the ticket spoken of. `ask`: what the next word answers, '' for nothing;
    `options` what a digit chooses from. `show`: a card of that ticket is sent. `photos`: of the ticket, None as they are.
    """

    text: str = ""
    number: str = ""
    ask: str = ""
    options: list[dict[str, Any]] = field(default_factory=list)
    words: str = ""
    show: str = ""
    photos: list[str] | None = None


class Turn:
    """`number`: the ticket it turned out to be about."""

    def __init__(self, c: Community, message: StaffMessage, talk: StaffTalk, now: datetime) -> None:
        self.c, self.message, self.talk, self.now = c, message, talk, now
        self.me = message.staff_id
        self.number = ""

    def key(self, what: str) -> str:
        return f"staff-in-{self.message.id}:{what}"

    @property
    def asking(self) -> str:
        return self.talk.question(self.now)

    def option(self, digit: str | None) -> dict[str, Any] | None:
        """What a digit chooses from the list just shown."""
        place = int(digit) if digit and len(digit) <= 2 and digit.isdecimal() else 0
        return self.talk.options[place - 1] if 1 <= place <= len(self.talk.options) else None

    async def mine(self) -> list[TicketView]:
        page = await desk.list_tickets(self.c, self.me, DeskFilter("mine", limit=200))
        return urgent_first(page.items)


def may(view: TicketView, move: Move) -> bool:
    return (Status(view.status), move) in TRANSITIONS
