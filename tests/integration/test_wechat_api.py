"""The account's API as the gateway uses it: one token for everybody, no loops, every code an outcome."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import aiohttp
import pytest

from community.bootstrap import SystemClock
from community.ports import TokenCache
from community.services.outbound import Trouble
from community.store.cache import LocalCache, ValkeyCache
from gateway.attachments import MediaAway, MediaGone
from gateway.delivery import SendFailed
from gateway.wechat.api import WechatApi
from ops.wechat.accounts import Account
from ops.wechat.faults import ApiFault
from ops.wechat.quota import Touch
from ops.wechat.simulator import Options, Simulator
from tests.unit.gateway.door import photo_bytes


@dataclass
class Phone:
    platform: Simulator
    clock: SystemClock
    alarms: list[str] = field(default_factory=list)
    apis: list[WechatApi] = field(default_factory=list)

    async def api(self, cache: TokenCache, **more: Any) -> WechatApi:
        account = self.platform.options.account
        secret = more.pop("secret", account.secret)
        api = WechatApi(
            self.platform.api, account.appid, secret, cache, self.clock, self.alarms.append, **{"timeout": 1.0, **more}
        )
        await api.open()
        self.apis.append(api)
        return api

    def openid(self, name: str = "李秀英", writes: bool = True) -> str:
        user = self.platform.resident(name).user
        if writes:
            self.platform.platform.quota.touched(user.openid, Touch.MESSAGE, self.platform.options.clock.now())
        return user.openid

    @property
    def calls(self) -> dict[str, int]:
        found: dict[str, int] = self.platform.report()["api_calls"]
        return found


@pytest.fixture
async def phone() -> AsyncIterator[Phone]:
    async with Simulator(Options(account=Account.make(), hang=3)) as platform:
        made = Phone(platform, SystemClock())
        yield made
        for api in made.apis:
            await api.close()


@pytest.fixture
def cache(phone: Phone) -> LocalCache:
    return LocalCache(phone.clock)


async def trouble(sending: Any) -> tuple[Trouble, bool]:
    with pytest.raises(SendFailed) as caught:
        await sending
    return caught.value.failure.trouble, caught.value.failure.unknown


async def test_ten_senders_in_three_processes_fetch_one_token(phone: Phone, valkey: str) -> None:
    caches = [ValkeyCache(valkey) for _ in range(3)]
    apis = [await phone.api(each) for each in caches]
    await asyncio.gather(
        *(api.send_text(phone.openid(f"r{n}"), "好") for n in range(10) for api in apis[n % 3 : n % 3 + 1])
    )
    assert phone.platform.report()["tokens_issued"] == 1
    assert phone.calls["/cgi-bin/stable_token"] == 1
    for each in caches:
        await each.close()


async def test_a_stale_token_is_renewed_once_for_all_processes_and_the_message_goes(phone: Phone, valkey: str) -> None:
    caches = [ValkeyCache(valkey) for _ in range(3)]
    apis = [await phone.api(each) for each in caches]
    openids = [phone.openid(f"r{n}") for n in range(6)]
    await asyncio.gather(*(api.send_text(openid, "一") for api, openid in zip(apis * 2, openids, strict=True)))
    phone.platform.platform.tokens.invalidate()
    await asyncio.gather(*(api.send_text(openid, "二") for api, openid in zip(apis * 2, openids, strict=True)))
    assert len(phone.platform.platform.tokens.forced) == 1
    assert sum(shown.text == "二" for shown in phone.platform.ledger.shown) == 6
    for each in caches:
        await each.close()


async def test_tokens_that_stay_stale_raise_an_alarm_and_no_loop(phone: Phone, cache: LocalCache) -> None:
    api = await phone.api(cache)
    openid = phone.openid()
    await api.send_text(openid, "一")
    for _ in range(5):
        phone.platform.platform.tokens.invalidate()
        with contextlib.suppress(SendFailed):
            await api.send_text(openid, "二")
    assert len(phone.platform.platform.tokens.forced) == 1
    assert "token" in phone.alarms
    # Five messages, each tried twice at the most, and two tokens.
    assert phone.calls["/cgi-bin/message/custom/send"] <= 11
    assert phone.calls["/cgi-bin/stable_token"] == 2


async def test_a_wrong_secret_is_an_alarm_and_the_message_is_kept(phone: Phone, cache: LocalCache) -> None:
    api = await phone.api(cache, secret="wrong")
    assert await trouble(api.send_text(phone.openid(), "一")) == (Trouble.AGAIN, False)
    assert phone.alarms == ["40125"]


async def test_without_the_cache_each_process_gets_the_same_token(phone: Phone) -> None:
    away = [ValkeyCache("redis://127.0.0.1:1/0") for _ in range(2)]
    for each in away:
        await (await phone.api(each)).send_text(phone.openid(), "一")
    assert phone.platform.report()["tokens_issued"] == 1
    for each in away:
        await each.close()


@pytest.mark.parametrize(
    ("fault", "expected"),
    [
        (ApiFault.BUSY, (Trouble.AGAIN, False)),
        (ApiFault.TIMEOUT, (Trouble.AGAIN, True)),
        (ApiFault.RESET, (Trouble.AGAIN, True)),
        (ApiFault.LOST_RESPONSE, (Trouble.AGAIN, True)),
        (ApiFault.SERVER_ERROR, (Trouble.AGAIN, True)),
    ],
)
async def test_what_goes_wrong_on_the_way_is_tried_again_later(
    phone: Phone, cache: LocalCache, fault: ApiFault, expected: tuple[Trouble, bool]
) -> None:
    api = await phone.api(cache)
    openid = phone.openid()
    await api.send_text(openid, "一")
    phone.platform.options.faults.next_api.append(fault)
    assert await trouble(api.send_text(openid, "二")) == expected


async def test_each_refusal_of_the_platform_is_what_it_means(phone: Phone, cache: LocalCache) -> None:
    api = await phone.api(cache)
    assert await trouble(api.send_text(phone.openid("谁也没写", writes=False), "一")) == (Trouble.CLOSED, False)
    assert await trouble(api.send_text("nobody", "一")) == (Trouble.GONE, False)
    assert await trouble(api.send_text(phone.openid(), "长" * 700)) == (Trouble.REFUSED, False)
    assert await trouble(api.send_text(phone.openid(), "")) == (Trouble.REFUSED, False)
    for _ in range(5):
        await api.send_text(openid := phone.openid("六句", writes=not _), "一")
    assert await trouble(api.send_text(openid, "六")) == (Trouble.CLOSED, False)


async def test_a_photo_is_uploaded_once_and_sent_many_times(phone: Phone, cache: LocalCache) -> None:
    api = await phone.api(cache)
    openid = phone.openid()
    for _ in range(2):
        await api.send_image(openid, await api.media_id("a" * 64, photo_bytes))
    assert phone.calls["/cgi-bin/media/upload"] == 1


async def test_a_photo_of_a_resident_is_checked_and_its_absence_understood(phone: Phone, cache: LocalCache) -> None:
    api = await phone.api(cache)
    kept = phone.platform.platform.media.add("image", photo_bytes())
    assert await api.get_media(kept.media_id, "image") == (photo_bytes(), "image/jpeg")
    with pytest.raises(MediaGone):
        await api.get_media(kept.media_id, "voice")
    huge = phone.platform.platform.media.add("image", b"x" * (10 * 1024 * 1024 + 1))
    with pytest.raises(MediaGone):
        await api.get_media(huge.media_id, "image")
    with pytest.raises(MediaGone):
        await api.get_media("no-such-media", "image")
    phone.platform.options.faults.next_api.append(ApiFault.TIMEOUT)
    with pytest.raises(MediaAway):
        await api.get_media("no-such-media", "image")


async def test_what_a_resident_reads_is_utf8_and_not_escapes(phone: Phone, cache: LocalCache) -> None:
    api = await phone.api(cache)
    sent: list[bytes] = []

    async def keep(_: Any, __: Any, params: Any) -> None:
        sent.append(params.chunk)

    trace = aiohttp.TraceConfig()
    trace.on_request_chunk_sent.append(keep)
    await api.close()
    api._session = aiohttp.ClientSession(trace_configs=[trace])
    await api.send_text(phone.openid(), "您好😀\ud800")
    assert "您好😀?".encode() in sent[-1]
