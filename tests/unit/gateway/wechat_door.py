"""A gateway and the simulated platform, each on a port of its own, tied together as an operator would."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

from aiohttp.test_utils import TestServer

from community.bootstrap import SystemClock
from community.config import Settings
from community.ports import Community
from community.services.notify import tell
from gateway.app import make_app
from gateway.keys import BACKGROUND, METRICS
from ops.wechat.accounts import Account
from ops.wechat.ledger import Shown
from ops.wechat.simulator import Options, Simulator
from tests.conftest import community_on, free_port
from tests.unit.gateway.door import SECRET, rasa_server
from tests.unit.gateway.fake_rasa import FakeRasa


class WechatDoor:
    def __init__(self, app: Any, community: Community, platform: Simulator, rasa: FakeRasa) -> None:
        self.app, self.community, self.platform, self.rasa = app, community, platform, rasa

    @property
    def background(self) -> Any:
        return self.app[BACKGROUND]

    def metrics(self) -> str:
        return str(self.app[METRICS].text().decode())

    async def until(self, name: str, pattern: str, seconds: float = 20, since: int = 0) -> Shown:
        shown = await self.platform.until(name, pattern, seconds, since)
        assert shown is not None, [s.text for s in self.platform.ledger.shown if s.user == name]
        return shown

    async def resident_id(self, name: str) -> int:
        openid = self.platform.resident(name).user.openid
        async with self.community.reading() as uow:
            resident = await uow.people.resident_by_identity("wechat", openid)
            assert resident is not None
            return resident.id

    async def age_window(self, name: str = "李秀英", **ago: float) -> None:
        """Let this much time pass for the ledger of this resident only: pushes are judged by the clock of the machine."""
        openid = self.platform.resident(name).user.openid
        async with self.community.uow() as uow:
            window = await uow.windows.lock("wechat", openid)
            assert window.opened_at is not None
            window.opened_at -= timedelta(**ago)
            await uow.commit()

    async def news(self, name: str, *texts: str, topic: str = "") -> None:
        """Something that is told without having been asked for."""
        resident_id = await self.resident_id(name)
        async with self.community.uow() as uow:
            for text in texts:
                key = f"news:{resident_id}:{text}"
                now = self.community.clock.now()
                await tell(uow, resident_id, text, key=key, now=now, author="system", topic=topic)
            await uow.commit()

    def seen(self, name: str) -> list[Shown]:
        return [shown for shown in self.platform.ledger.shown if shown.user == name]

    def texts(self, name: str) -> list[str]:
        return [shown.text for shown in self.seen(name)]


@contextlib.asynccontextmanager
async def gateway_on(
    community: Community, platform: Simulator, rasa_url: str, var: Path, port: int, **more: Any
) -> AsyncIterator[Any]:
    settings = Settings(
        _env_file=None,  # type: ignore[call-arg]
        LINSHE_MODE="demo",
        LINSHE_VAR=var,
        LINSHE_RASA_URL=rasa_url,
        LINSHE_SECRET_KEY=SECRET,
        LINSHE_WORKERS=0,
        **{**platform.options.account.settings(platform.api), **more},
    )
    server = TestServer(make_app(community, settings), port=port)
    await server.start_server()
    try:
        yield server.app
    finally:
        await server.close()


@contextlib.asynccontextmanager
async def wechat_door(
    url: str, tmp_path: Path, rasa: FakeRasa, account: Account | None = None, **more: Any
) -> AsyncIterator[WechatDoor]:
    port = free_port()
    options = Options(gateway=f"http://127.0.0.1:{port}", account=account or Account.make())
    if "deadline" in more:
        options = Options(gateway=options.gateway, account=options.account, deadline=more.pop("deadline"))
    async with (
        community_on(url, tmp_path, SystemClock()) as community,
        rasa_server(rasa) as rasa_url,
        Simulator(options) as platform,
        gateway_on(community, platform, rasa_url, tmp_path, port, **more) as app,
    ):
        yield WechatDoor(app, community, platform, rasa)
        await asyncio.sleep(0)
