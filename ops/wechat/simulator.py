"""The platform as a whole, running: its API on a port of 127.0.0.1, its pushes to a gateway, and the people on it."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Self

import aiohttp
from aiohttp import web

from ops.wechat import http
from ops.wechat.accounts import Account, Corp
from ops.wechat.clock import PlatformClock
from ops.wechat.customers import Customer
from ops.wechat.faults import Faults
from ops.wechat.kf_api import KfApi
from ops.wechat.ledger import Ledger, Shown
from ops.wechat.members import Member
from ops.wechat.official_api import OfficialApi
from ops.wechat.platform import Platform
from ops.wechat.push import DEADLINE, Pusher
from ops.wechat.quota import Policy
from ops.wechat.residents import Resident
from ops.wechat.seal import AccountSeal, CorpSeal
from ops.wechat.wecom_api import WecomApi

LOCAL = "127.0.0.1"
MAX_UPLOAD = 12 * 1024 * 1024


@dataclass(frozen=True)
class Options:
    """`gateway` is its base address, or several with commas: then each delivery goes to the next, as behind a load balancer.
    The paths are where it takes callbacks. `deadline` and `hang` in seconds. Port 0: any."""

    gateway: str = f"http://{LOCAL}:8080"
    official_path: str = "/wechat"
    corp_path: str = "/wecom"
    port: int = 0
    deadline: float = DEADLINE
    hang: float = 30.0
    policy: Policy = "latest"
    account: Account = field(default_factory=Account.make)
    corp: Corp = field(default_factory=Corp.make)
    clock: PlatformClock = field(default_factory=PlatformClock)
    faults: Faults = field(default_factory=Faults)


class Simulator:
    """`async with Simulator(options) as platform:` ends everything it started."""

    def __init__(self, options: Options) -> None:
        self.options = options
        self.platform = Platform(
            options.account, options.corp, options.clock, options.faults, options.policy, options.hang
        )
        self.platform.on_shown = self._seen
        self.platform.on_trouble = self._troubled
        self.official = OfficialApi(self.platform)
        self.wecom = WecomApi(self.platform)
        self.kf = KfApi(self.platform, self.wecom)
        self.listeners: list[Callable[[Shown], None]] = []
        """Called with everything that anybody gets to see."""
        self.troubles: list[Callable[[str], None]] = []
        """Called with a sentence for everything that went wrong unseen: dropped, refused, late, answered wrongly."""
        self._residents: dict[str, Resident] = {}
        self._members: dict[str, Member] = {}
        self._customers: dict[str, Customer] = {}
        self._news = asyncio.Event()
        self._stack = AsyncExitStack()

    @property
    def ledger(self) -> Ledger:
        return self.platform.ledger

    async def __aenter__(self) -> Self:
        options = self.options
        app = web.Application(middlewares=[http.faulty(self.platform)], client_max_size=MAX_UPLOAD)
        app.add_routes([*self.official.routes(), *self.wecom.routes(), *self.kf.routes()])
        app.add_routes([web.get("/cgi-bin/media/get", self._media), web.post("/cgi-bin/media/upload", self._upload)])
        app.add_routes([web.get("/pic/{media_id}", self._picture)])
        runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)
        await runner.setup()
        self._stack.push_async_callback(runner.cleanup)
        await web.TCPSite(runner, LOCAL, options.port).start()
        self.port = int(runner.addresses[0][1])
        connector = aiohttp.TCPConnector(limit=0)
        session = await self._stack.enter_async_context(aiohttp.ClientSession(connector=connector, trust_env=False))
        bases = [base.strip().rstrip("/") for base in options.gateway.split(",")]
        common = (options.clock, options.faults, self.platform.ledger)
        self.official_pusher = Pusher(
            session,
            [base + options.official_path for base in bases],
            AccountSeal(options.account),
            *common,
            deadline=options.deadline,
            on_shown=self._seen,
        )
        self.corp_pusher = Pusher(
            session,
            [base + options.corp_path for base in bases],
            CorpSeal(options.corp),
            *common,
            deadline=options.deadline,
            on_shown=self._seen,
        )
        self.platform.official_pusher, self.platform.corp_pusher = self.official_pusher, self.corp_pusher
        self._stack.push_async_callback(self.official_pusher.close)
        self._stack.push_async_callback(self.corp_pusher.close)
        self._stack.push_async_callback(self.platform.end)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stack.aclose()

    @property
    def api(self) -> str:
        return f"http://{LOCAL}:{self.port}"

    def settings(self) -> dict[str, str]:
        """The environment that the gateway must be started with. Meaningful once it runs."""
        return {**self.options.account.settings(self.api), **self.options.corp.settings(self.api)}

    # --- the routes that both halves have ----------------------------------------------------------------------------

    def _of_corp(self, request: web.Request) -> bool:
        return self.platform.corp_tokens.gave(request.query.get("access_token", ""))

    async def _media(self, request: web.Request) -> web.Response:
        half = self.wecom if self._of_corp(request) else self.official
        return await half.media(request)

    async def _upload(self, request: web.Request) -> web.Response:
        half = self.wecom if self._of_corp(request) else self.official
        return await half.upload(request)

    async def _picture(self, request: web.Request) -> web.Response:
        """PicUrl needs no token [G]."""
        found = self.platform.media.get(request.match_info["media_id"])
        if found is None:
            raise web.HTTPNotFound
        return web.Response(body=found.content, content_type=found.content_type)

    # --- people ------------------------------------------------------------------------------------------------------

    def resident(self, name: str) -> Resident:
        found = self._residents.get(name)
        if found is None:
            found = self._residents[name] = Resident(self.platform, self.official_pusher, name, self.api)
        return found

    def member(self, userid: str) -> Member:
        """A staff member, who joins the company at the first mention."""
        self.options.corp.members.setdefault(userid, userid)
        found = self._members.get(userid)
        if found is None:
            found = self._members[userid] = Member(
                self.platform, self.corp_pusher, self.wecom, self.kf, userid, self.api
            )
        return found

    def customer(self, name: str) -> Customer:
        found = self._customers.get(name)
        if found is None:
            found = self._customers[name] = Customer(self.platform, self.corp_pusher, self.kf, name)
        return found

    def _seen(self, shown: Shown) -> None:
        self._news.set()
        for listener in self.listeners:
            listener(shown)

    def _troubled(self, line: str) -> None:
        for listener in self.troubles:
            listener(line)

    async def until(self, name: str, pattern: str, seconds: float, since: int = 0) -> Shown | None:
        """The first thing this person sees from position `since` of the ledger on that matches; None when it does not come."""
        wanted = re.compile(pattern)
        deadline = asyncio.get_running_loop().time() + seconds
        seen = since
        while True:
            self._news.clear()
            shown = self.platform.ledger.shown
            while seen < len(shown):
                if shown[seen].user == name and wanted.search(shown[seen].text):
                    return shown[seen]
                seen += 1
            left = deadline - asyncio.get_running_loop().time()
            if left <= 0:
                return None
            try:
                async with asyncio.timeout(left):
                    await self._news.wait()
            except TimeoutError:
                pass

    def report(self) -> dict[str, Any]:
        """The ledger's figures, the quotas, and what the two sides did to each other."""
        p = self.platform
        violations = p.quota.violations + p.kf_quota.violations
        return {
            **p.ledger.report(),
            "quota_violations": sum(violations.values()),
            "quota_codes": {str(code): count for code, count in violations.items()},
            "refused": {str(code): count for code, count in sorted(p.refusals.items())},
            "tokens_issued": p.tokens.issued + p.corp_tokens.issued,
            "api_calls": dict(sorted(p.calls.items())),
            "faults": dict(p.faults.seen),
        }
