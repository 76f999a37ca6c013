"""A worker dies between the platform's taking and our receipt: what was taken is not shown again, what was not is not lost. With the
simulated platform and its record; the first on both databases."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from community.bootstrap import SystemClock
from community.model.message import Button, OutboxStatus
from community.model.window import Opening
from community.ports import Community
from community.services import outbound, wechat, windows
from community.services.notify import tell
from community.services.parcels import Parcel
from gateway.delivery import Delivery, Took
from gateway.metrics import Metrics
from gateway.wechat.api import WechatApi
from gateway.wechat.sender import WechatSender
from ops.wechat.accounts import Account, Kind
from ops.wechat.faults import ApiFault
from ops.wechat.simulator import Options, Simulator
from tests.conftest import community_on
from tests.unit.gateway.door import photo_bytes
from tests.unsent import unsent

WECHAT = "wechat"
LI = "李秀英"


class Dying:
    """A sender whose process ends once the platform has taken so many messages: their receipts are never written."""

    def __init__(self, sender: WechatSender, after: int = 1, *, before_sending: bool = False) -> None:
        self._sender, self._left, self._before = sender, after, before_sending
        self.died = asyncio.Event()

    async def _die(self) -> None:
        self.died.set()
        await asyncio.Event().wait()

    async def send(self, parcel: Parcel, took: Took) -> None:
        async def taken(envelope: Any) -> None:
            self._left -= 1
            if self._left <= 0:
                await self._die()
            await took(envelope)

        if self._before:
            await self._die()
        await self._sender.send(parcel, taken)


class Scene:
    """One resident who has just written, and workers that die."""

    def __init__(self, c: Community, platform: Simulator, account: Account) -> None:
        self.c, self.platform, self.alarms = c, platform, list[str]()
        self.api = WechatApi(platform.api, account.appid, account.secret, c.cache, c.clock, self.alarms.append)
        self.metrics = Metrics()
        self.sender = WechatSender(c, self.api, account.appid)
        self.resident_id = 0

    async def hears(self, name: str = LI) -> int:
        person = self.platform.resident(name)
        await person.say("你好", expects=False)
        async with self.c.uow() as uow:
            now = self.c.clock.now()
            resident = await wechat.resident_of(uow, person.user.openid, now)
            await windows.opened(uow, resident.id, WECHAT, person.user.openid, Opening.SAID, now, now)
            await uow.commit()
            self.resident_id = resident.id
            return resident.id

    async def tells(self, *texts: str, key: str = "", buttons: tuple[Button, ...] = (), photos: tuple[str, ...] = ()) -> None:
        async with self.c.uow() as uow:
            for text in texts:
                now = self.c.clock.now()
                await tell(
                    uow, self.resident_id, text, key=f"t:{key}:{text}:{self.resident_id}", now=now, buttons=buttons, photos=photos
                )
            await uow.commit()

    def worker(self, sender: Any = None, *, asks: bool = True) -> Delivery:
        record = self.api if asks else None
        delivery = Delivery(
            self.c, {WECHAT: sender or self.sender}, self.metrics, only={WECHAT}, record=record, alarm=self.alarms.append
        )
        if delivery.asker is not None:
            delivery.asker.landed, delivery.asker.apart = 0.3, 0.0
        return delivery

    async def killed(self, after: int = 1, *, before_sending: bool = False) -> None:
        """A worker sends and is killed; whoever starts next takes its leases away."""
        dying = Dying(self.sender, after, before_sending=before_sending)
        worker = self.worker(dying)
        started = asyncio.create_task(worker.once())
        await dying.died.wait()
        started.cancel()
        for task in tuple(worker._sending):
            task.cancel()
        await asyncio.gather(started, *worker._sending, return_exceptions=True)
        assert await outbound.release_gone(self.c, lambda name: name == worker.name) > 0

    async def goes_on(self, *, asks: bool = True) -> None:
        """Another worker does all there is to do."""
        worker = self.worker(asks=asks)
        for _ in range(4):
            await worker.once()
            if worker.asker is not None:
                await worker.asker.settled()
        assert await unsent(self.c) == []

    def seen(self, name: str = LI) -> list[str]:
        return [shown.text for shown in self.platform.ledger.shown if shown.user == name and shown.via == "custom"]

    def fates(self) -> dict[str, int]:
        found = {}
        for metric in self.metrics.fates.collect():
            found |= {s.labels["outcome"]: int(s.value) for s in metric.samples if s.name.endswith("_total")}
        return found

    async def room(self) -> int:
        async with self.c.reading() as uow:
            window = await uow.windows.get(WECHAT, self.platform.resident(LI).user.openid)
            assert window is not None
            assert window.in_flight == 0
            return window.left(self.c.clock.now())


@contextlib.asynccontextmanager
async def scene_on(url: str, tmp_path: Path, kind: Kind = Kind.SERVICE) -> AsyncIterator[Scene]:
    account = Account.make()
    account.kind = kind
    async with (
        community_on(url, tmp_path, SystemClock()) as community,
        Simulator(Options(gateway="http://127.0.0.1:9", account=account, deadline=0.1, hang=0.2)) as platform,
    ):
        scene = Scene(community, platform, account)
        await scene.api.open()
        try:
            await scene.hears()
            yield scene
        finally:
            await scene.api.close()


async def test_what_was_taken_before_the_kill_is_shown_once_and_what_follows_comes(database_url: str, tmp_path: Path) -> None:
    async with scene_on(database_url, tmp_path) as scene:
        await scene.tells("一", "二", "三")
        await scene.killed(after=2)
        assert scene.seen() == ["一", "二"]
        await scene.goes_on()
        assert scene.seen() == ["一", "二", "三"]
        assert scene.fates() == {"taken": 1}
        assert await scene.room() == 2


async def test_what_was_not_taken_before_the_kill_is_sent_and_costs_one_send(database_url: str, tmp_path: Path) -> None:
    async with scene_on(database_url, tmp_path) as scene:
        await scene.tells("一", "二")
        await scene.killed(before_sending=True)
        await scene.goes_on()
        assert scene.seen() == ["一", "二"]
        assert scene.fates() == {"not_taken": 1}
        assert await scene.room() == 3


async def test_the_same_words_said_twice_in_a_row_are_not_swallowed(database_url: str, tmp_path: Path) -> None:
    """The first is in the record, and receipted; the second is on its way, and is not there."""
    async with scene_on(database_url, tmp_path) as scene:
        await scene.tells("请说地址", key="first")
        await scene.worker().once()
        await scene.tells("请说地址", key="second")
        await scene.killed(before_sending=True)
        await scene.goes_on()
        assert scene.seen() == ["请说地址", "请说地址"]
        assert scene.fates() == {"not_taken": 1}


async def test_the_same_words_taken_twice_are_not_sent_a_third_time(sqlite_url: str, tmp_path: Path) -> None:
    async with scene_on(sqlite_url, tmp_path) as scene:
        await scene.tells("请说地址", key="first")
        await scene.worker().once()
        await scene.tells("请说地址", key="second")
        await scene.killed()
        await scene.goes_on()
        assert scene.seen() == ["请说地址", "请说地址"]
        assert scene.fates() == {"taken": 1}


@pytest.mark.parametrize("code", [65400, 48001, 45009, -1])
async def test_a_record_that_refuses_means_shown_twice_and_never_lost(sqlite_url: str, tmp_path: Path, code: int) -> None:
    async with scene_on(sqlite_url, tmp_path) as scene:
        scene.platform.platform.record.refuses = code
        await scene.tells("一", "二")
        await scene.killed()
        await scene.goes_on()
        assert scene.seen() == ["一", "一", "二"]
        assert scene.fates() == {"unknown": 1}
        assert ("record_refused" if code in (65400, 48001) else "record") in scene.alarms


async def test_a_record_that_lags_means_shown_twice_and_never_lost(sqlite_url: str, tmp_path: Path) -> None:
    async with scene_on(sqlite_url, tmp_path) as scene:
        scene.platform.platform.record.lag = 3600
        await scene.tells("一")
        await scene.killed()
        await scene.goes_on()
        assert scene.seen() == ["一", "一"]


async def test_an_account_without_the_right_is_asked_once_and_nobody_waits_for_it_again(sqlite_url: str, tmp_path: Path) -> None:
    async with scene_on(sqlite_url, tmp_path, Kind.TEST) as scene:
        await scene.tells("一")
        await scene.killed()
        worker = scene.worker()
        await worker.once()
        assert worker.asker is not None
        await worker.asker.settled()
        await worker.once()
        assert scene.seen() == ["一", "一"]
        assert scene.alarms == ["record_refused"]
        assert not worker.asker.open


async def test_switched_off_it_is_sent_again_at_once(sqlite_url: str, tmp_path: Path) -> None:
    async with scene_on(sqlite_url, tmp_path) as scene:
        await scene.tells("一")
        await scene.killed()
        await scene.goes_on(asks=False)
        assert scene.seen() == ["一", "一"]
        assert "/customservice/msgrecord/getmsglist" not in scene.platform.platform.calls


async def test_menus_photos_and_parts_of_a_long_text_are_known_again(sqlite_url: str, tmp_path: Path) -> None:
    async with scene_on(sqlite_url, tmp_path) as scene:
        long = "第一段。" * 200 + "\n" + "第二段。" * 100
        await scene.tells(long)
        await scene.killed(after=2)
        await scene.goes_on()
        assert len(scene.seen()) == 2
        await scene.tells("修好了吗？\n1 还没好\n2 修好了", buttons=(Button("还没好", "/n"), Button("修好了", "/y")))
        await scene.killed()
        await scene.goes_on()
        photo = await scene.c.media_files.put(photo_bytes(), scene.c.clock.now())
        await scene.tells("", photos=(photo.hash,), key="photo")
        await scene.killed()
        await scene.goes_on()
        assert scene.seen()[2:] == ["修好了吗？\n还没好\n修好了", "[image]"]
        assert scene.fates() == {"taken": 3}


async def test_an_answer_that_got_lost_is_asked_about_like_a_kill(sqlite_url: str, tmp_path: Path) -> None:
    async with scene_on(sqlite_url, tmp_path) as scene:
        await scene.api.tokens.token()
        scene.platform.platform.faults.next_api.append(ApiFault.LOST_RESPONSE)
        await scene.tells("一")
        worker = scene.worker()
        await worker.once()
        (row,) = await unsent(scene.c)
        assert (row.status, row.begun is not None) == (OutboxStatus.PENDING, True)
        await asyncio.sleep(2.1)
        await scene.goes_on()
        assert scene.seen() == ["一"]
        assert await scene.room() == 4


async def test_an_asker_that_is_killed_too_leaves_the_doubt_to_the_next(sqlite_url: str, tmp_path: Path) -> None:
    async with scene_on(sqlite_url, tmp_path) as scene:
        await scene.tells("一", "二")
        await scene.killed()
        second = scene.worker()
        await second.once()
        assert second.asker is not None
        await second.asker.stop()
        assert await scene.worker().once() == 0
        await outbound.release_gone(scene.c, lambda name: name == second.name)
        await scene.goes_on()
        assert scene.seen() == ["一", "二"]


async def test_many_in_doubt_are_asked_about_in_one_question(sqlite_url: str, tmp_path: Path) -> None:
    async with scene_on(sqlite_url, tmp_path) as scene:
        names = [f"居民{n}" for n in range(6)]
        for name in names:
            await scene.hears(name)
            await scene.tells(f"{name}，您好")
        stuck = Dying(scene.sender, 0)
        worker = scene.worker(stuck)
        started = asyncio.create_task(worker.once())
        while sum(bool(scene.seen(name)) for name in names) < len(names):
            await asyncio.sleep(0.01)
        started.cancel()
        for task in tuple(worker._sending):
            task.cancel()
        await asyncio.gather(started, *worker._sending, return_exceptions=True)
        await outbound.release_gone(scene.c, lambda name: name == worker.name)
        await scene.goes_on()
        assert [scene.seen(name) for name in names] == [[f"{name}，您好"] for name in names]
        assert scene.platform.platform.calls["/customservice/msgrecord/getmsglist"] == 1
