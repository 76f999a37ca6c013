"""What both halves of the platform share: who there is, what they may, and what happened."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any

from ops.wechat.accounts import Account, Corp
from ops.wechat.clock import PlatformClock
from ops.wechat.faults import Faults
from ops.wechat.ledger import Ledger, Shown, Via
from ops.wechat.media import Media
from ops.wechat.push import Push, Pusher
from ops.wechat.quota import Policy, QuotaLedger
from ops.wechat.record import Record
from ops.wechat.tokens import TokenDesk
from ops.wechat.users import Users


@dataclass
class Platform:
    """State without any connection. `official_pusher` and `corp_pusher` are there once the simulator runs."""

    account: Account
    corp: Corp
    clock: PlatformClock
    faults: Faults
    policy: Policy = "latest"
    hang: float = 30.0
    """Seconds that an API call without an answer hangs before its connection ends."""
    ledger: Ledger = field(default_factory=Ledger)
    official_pusher: Pusher | None = None
    corp_pusher: Pusher | None = None
    menu: dict[str, Any] | None = None
    """As `menu/create` set it."""

    def __post_init__(self) -> None:
        self.users = Users(self.account.appid)
        self.quota = QuotaLedger(self.policy)
        self.kf_quota = QuotaLedger(self.policy)
        self.media = Media(self.clock)
        self.tokens = TokenDesk(self.clock)
        self.corp_tokens = TokenDesk(self.clock, prefix="")
        self.record = Record(self.clock)
        self.calls: Counter[str] = Counter()
        """API path -> how often it was called."""
        self.refusals: Counter[int] = Counter()
        """Error code -> how often it was answered."""
        self.on_shown: Callable[[Shown], None] = lambda shown: None
        self.on_trouble: Callable[[str], None] = lambda line: None
        """Gets a sentence for what nobody sees on a screen: dropped, refused, late."""
        self.ledger.on_found = self.tell
        # Above every earlier run's: the gateway remembers ids for good.
        self._last_id = time.time_ns() // 1000 * 1000
        self._tasks: set[asyncio.Task[Any]] = set()

    def next_id(self) -> int:
        self._last_id += 1
        return self._last_id

    def show(self, user: str, text: str, via: Via, kind: str = "text", detail: dict[str, Any] | None = None) -> Shown:
        """Something arrives on a resident's screen."""
        shown = Shown(user, text, time.monotonic(), via, kind, detail or {})
        self.ledger.show(shown)
        self.on_shown(shown)
        return shown

    def tell(self, line: str) -> None:
        self.on_trouble(line)

    def refused(self, path: str, code: int, why: str) -> None:
        """An API call was answered with an error code."""
        self.refusals[code] += 1
        self.tell(f"{path} 应答 {code}{f'（{why}）' if why else ''}")

    def later(self, work: Coroutine[Any, Any, Any]) -> None:
        """Done beside what is going on, and ended with the simulator."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def push_official(self, push: Push) -> None:
        if self.official_pusher is not None:
            self.later(self.official_pusher.push(push))

    def push_corp(self, fields: dict[str, Any]) -> None:
        if self.corp_pusher is not None:
            self.later(self.corp_pusher.push(Push(fields, quiet=True)))

    async def end(self) -> None:
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
