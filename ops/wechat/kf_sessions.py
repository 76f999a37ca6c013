"""The sessions of 微信客服: who speaks with a customer, and the codes that allow one message at an event."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from enum import IntEnum

from ops.wechat.clock import Clock
from ops.wechat.http import Refused

LASTS = 48 * 3600.0
"""Seconds after the customer's last message until the session is over [D]."""
WELCOME_LASTS, ENDED_LASTS, HANDED_LASTS = 20.0, 20.0, 48 * 3600.0
"""Seconds in which a code may be used, once [D]."""
QUIET_BEFORE_WELCOME = 48 * 3600.0
"""A welcome_code comes only to who was not welcomed and did not write for so long [D]."""

BAD_CHANGE, NO_SERVICER, WRONG_STATE, BAD_CODE = 95016, 95014, 95018, 41050
"""95014 [D]; 95018 [D]; that 95016 stands for a change that is not allowed and 41050 for a code here too is [G]."""


class State(IntEnum):
    """As the API numbers them [D]."""

    NEW = 0
    BOT = 1
    POOL = 2
    PERSON = 3
    ENDED = 4
    """Or never begun: entering alone begins none."""


SENDS = frozenset({State.NEW, State.BOT})
"""In others the API may send nothing [D]."""
CHANGES = {
    State.NEW: frozenset({State.BOT, State.POOL, State.PERSON}),
    State.BOT: frozenset({State.POOL, State.PERSON}),
    State.POOL: frozenset({State.PERSON}),
    State.PERSON: frozenset({State.PERSON, State.ENDED}),
    State.ENDED: frozenset(),
}
"""From the table of the documents [D], which leaves open whether NEW, BOT and POOL can be ended by the API: not here [G]."""


@dataclass
class Session:
    state: State = State.ENDED
    servicer: str = ""
    wrote_at: float = float("-inf")
    welcomed_at: float = float("-inf")
    """When a welcome was sent."""


@dataclass(frozen=True)
class _Code:
    customer: str
    until: float
    state: State | None
    """In which the session must still be; None: any."""
    kinds: frozenset[str]


class Sessions:
    """By the customer's id."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._all: dict[str, Session] = {}
        self._codes: dict[str, _Code] = {}

    def of(self, customer: str) -> Session:
        found = self._all.setdefault(customer, Session())
        if self._clock.now() >= found.wrote_at + LASTS:
            found.state, found.servicer = State.ENDED, ""
        return found

    def wrote(self, customer: str) -> None:
        """A message begins a session, or goes on with one."""
        session = self.of(customer)
        if session.state is State.ENDED:
            session.state = State.NEW
        session.wrote_at = self._clock.now()

    def entered(self, customer: str) -> str:
        """The welcome_code, or '' for who was here lately."""
        session, since = self.of(customer), self._clock.now() - QUIET_BEFORE_WELCOME
        if session.wrote_at > since or session.welcomed_at > since:
            return ""
        return self._code(customer, WELCOME_LASTS, None, "text", "msgmenu")

    def change(self, customer: str, to: int, servicer: str, members: dict[str, str]) -> str:
        """What `service_state/trans` does; the msg_code, '' where there is none. Raises Refused."""
        session = self.of(customer)
        if to not in CHANGES[session.state]:
            raise Refused(BAD_CHANGE, f"{int(session.state)} to {to}")
        if to == State.PERSON and servicer not in members:
            raise Refused(NO_SERVICER)
        session.state, session.servicer = State(to), servicer if to == State.PERSON else ""
        if to == State.ENDED:
            return self._code(customer, ENDED_LASTS, State.ENDED, "text", "msgmenu")
        return self._code(customer, HANDED_LASTS, State(to), "text") if to in (State.POOL, State.PERSON) else ""

    def taken(self, customer: str, servicer: str) -> str:
        """A person of staff takes a session from the pool; the msg_code. Raises LookupError."""
        session = self.of(customer)
        if session.state is not State.POOL:
            raise LookupError("only who waits in the pool can be taken")
        session.state, session.servicer = State.PERSON, servicer
        return self._code(customer, HANDED_LASTS, State.PERSON, "text")

    def spoke(self, customer: str, servicer: str) -> bool:
        """A person of staff writes; whether that took up again what was ended [D]. Raises LookupError."""
        session = self.of(customer)
        if session.state is State.ENDED:
            session.state, session.servicer, session.wrote_at = State.PERSON, servicer, self._clock.now()
            return True
        if session.servicer != servicer:
            raise LookupError(f"{servicer} does not hold this session")
        return False

    def ended(self, customer: str, servicer: str) -> str:
        """A person of staff ends it; the msg_code. Raises LookupError."""
        session = self.of(customer)
        if session.servicer != servicer:
            raise LookupError(f"{servicer} does not hold this session")
        session.state, session.servicer = State.ENDED, ""
        return self._code(customer, ENDED_LASTS, State.ENDED, "text", "msgmenu")

    def _code(self, customer: str, lasts: float, state: State | None, *kinds: str) -> str:
        code = secrets.token_urlsafe(24)
        self._codes[code] = _Code(customer, self._clock.now() + lasts, state, frozenset(kinds))
        return code

    def use(self, code: str, kind: str) -> str:
        """The customer whom one message may now be sent. Raises Refused."""
        found = self._codes.get(code)
        if found is None or self._clock.now() >= found.until:
            raise Refused(BAD_CODE, "unknown, used or too old")
        session = self.of(found.customer)
        if found.state is not None and session.state is not found.state:
            raise Refused(WRONG_STATE, f"state {int(session.state)}")
        if kind not in found.kinds:
            raise Refused(40008)
        if found.state is None:
            session.welcomed_at = self._clock.now()
        del self._codes[code]
        return found.customer
