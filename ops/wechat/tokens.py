"""Access tokens: two kinds that do not know each other, their validity and their limits."""

from __future__ import annotations

import secrets
from collections import deque
from dataclasses import dataclass, field

from ops.wechat.clock import Clock

LIFETIME = 7200.0
"""At most, in seconds [D]."""
OVERLAP = 300.0
"""The stable one is renewed this long before its end; the plain one stays valid this long after it was replaced [D]."""
FORCED_A_DAY = 20
FORCED_APART = 30.0
"""Forced renewals: so many a day, so many seconds apart [D]. That both are answered 45009 is [G]."""

LENGTH = 136
"""Characters after the prefix. Keep 512 for one [D]; real ones have been seen at 136 to 157 [G]."""

STALE, MALFORMED, EXPIRED, MISSING, REFUSED = 40001, 40014, 42001, 41001, 45009


@dataclass
class _Issued:
    value: str
    until: float


@dataclass
class TokenDesk:
    """Of one account (or one WeCom app). Times are by the stamp clock: sleeping moves windows, not tokens."""

    clock: Clock
    prefix: str = "90_"
    issued: int = 0
    forced: deque[float] = field(default_factory=deque)
    _valid: dict[str, float] = field(default_factory=dict)
    _ever: set[str] = field(default_factory=set)
    _stable: _Issued | None = None
    _plain: _Issued | None = None

    def _new(self) -> _Issued:
        self.issued += 1
        found = _Issued(self.prefix + secrets.token_hex(LENGTH // 2), self.clock.stamp() + LIFETIME)
        self._valid[found.value] = found.until
        self._ever.add(found.value)
        return found

    def stable(self, force: bool = False) -> tuple[str, int] | int:
        """(token, seconds it is valid), or an error code. Not forced: the same one until shortly before its end."""
        now = self.clock.stamp()
        if force:
            while self.forced and self.forced[0] <= now - 86400:
                self.forced.popleft()
            if len(self.forced) >= FORCED_A_DAY or (self.forced and now - self.forced[-1] < FORCED_APART):
                return REFUSED
            self.forced.append(now)
            if self._stable is not None:
                # Forcing ends the old one at once [D].
                self._valid.pop(self._stable.value, None)
            self._stable = self._new()
        elif self._stable is None or now >= self._stable.until - OVERLAP:
            self._stable = self._new()
        return self._stable.value, int(self._stable.until - now)

    def plain(self) -> tuple[str, int]:
        """Each call ends the one before, after an overlap: what processes that do not talk to each other stumble over."""
        now = self.clock.stamp()
        if self._plain is not None:
            self._valid[self._plain.value] = min(self._plain.until, now + OVERLAP)
        self._plain = self._new()
        return self._plain.value, int(LIFETIME)

    def shared(self) -> tuple[str, int]:
        """WeCom's: the same one for everybody until its end [D]."""
        now = self.clock.stamp()
        if self._stable is None or now >= self._stable.until or self._stable.value not in self._valid:
            self._stable = self._new()
        return self._stable.value, int(self._stable.until - now)

    def _looks_right(self, token: str) -> bool:
        return token.startswith(self.prefix) and len(token) == len(self.prefix) + LENGTH

    def gave(self, token: str) -> bool:
        """Whether it is one of this desk's, valid or not."""
        return token in self._ever

    def check(self, token: str) -> int:
        """0, or the error code. One of the right look that is not valid is stale: also one of before the simulator was started anew."""
        if not token:
            return MISSING
        until = self._valid.get(token)
        if until is None:
            return STALE if token in self._ever or self._looks_right(token) else MALFORMED
        return 0 if self.clock.stamp() < until else EXPIRED

    def invalidate(self) -> None:
        """All tokens end now, as when an operator resets the secret or somebody forces a renewal elsewhere."""
        self._valid.clear()
        self._stable = self._plain = None
