"""WeCom's own sample calls (vector B) at our door, byte for byte: what no codec of ours made is answered and kept."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp.test_utils import TestClient, TestServer
from sqlalchemy import select

from community.config import Settings
from community.model.staffing import StaffLetter, StaffMessage
from community.ports import Community
from community.services import staff_accounts
from gateway.app import make_app
from tests.conftest import FakeClock, community_on
from tests.small_city import build_small_city
from tests.unit.gateway.door import SECRET
from tests.unit.gateway.wechat import vectors as v

PUSH = f"<xml><ToUserName>{v.B_CORPID}</ToUserName><Encrypt>{v.B_ENCRYPT}</Encrypt><AgentID>218</AgentID></xml>"


@pytest.fixture
async def heart(sqlite_url: str, tmp_path: Path, clock: FakeClock) -> AsyncIterator[Community]:
    clock.time = v.at(v.B_PUSH["timestamp"])
    async with community_on(sqlite_url, tmp_path, clock) as community:
        await build_small_city(community)
        await staff_accounts.set_wecom(community, "grid1", "mycreate")
        yield community


@pytest.fixture
async def door(heart: Community, tmp_path: Path) -> AsyncIterator[TestClient]:  # type: ignore[type-arg]
    settings = Settings(
        _env_file=None,  # type: ignore[call-arg]
        LINSHE_MODE="demo",
        LINSHE_VAR=tmp_path,
        LINSHE_SECRET_KEY=SECRET,
        LINSHE_WECOM_CORPID=v.B_CORPID,
        LINSHE_WECOM_AGENTID="218",
        LINSHE_WECOM_SECRET="secret",
        LINSHE_WECOM_TOKEN=v.B_TOKEN,
        LINSHE_WECOM_AES_KEY=v.B_KEY,
        LINSHE_WECOM_API="http://127.0.0.1:9",
    )
    async with TestClient(TestServer(make_app(heart, settings))) as client:
        yield client


async def kept(c: Community) -> list[StaffMessage]:
    async with c.reading() as uow:
        return list(await uow.session.scalars(select(StaffMessage)))  # type: ignore[attr-defined]


async def test_the_address_is_verified_with_what_was_inside(
    door: TestClient,  # type: ignore[type-arg]
    clock: FakeClock,
) -> None:
    clock.time = v.at(v.B_VERIFY["timestamp"])
    answer = await door.get("/wecom", params=v.B_VERIFY)
    assert (answer.status, await answer.text()) == (200, "1616140317555161061")
    answer = await door.get("/wecom", params=v.B_VERIFY | {"nonce": "263014781"})
    assert answer.status == 403


async def test_the_platforms_own_push_is_kept_once_as_what_the_member_said(
    door: TestClient,  # type: ignore[type-arg]
    heart: Community,
) -> None:
    for _ in range(3):
        answer = await door.post("/wecom", params=v.B_PUSH, data=PUSH)
        assert answer.status == 200
    (message,) = await kept(heart)
    assert message.text == "hello"


async def test_the_same_push_with_a_character_changed_or_an_hour_later_is_refused(
    door: TestClient,  # type: ignore[type-arg]
    heart: Community,
    clock: FakeClock,
) -> None:
    answer = await door.post("/wecom", params=v.B_PUSH, data=PUSH.replace("RypEv", "RypEw"))
    assert answer.status == 403
    clock.forward(hours=1)
    answer = await door.post("/wecom", params=v.B_PUSH, data=PUSH)
    assert answer.status == 403
    assert await kept(heart) == []


async def test_a_push_of_somebody_who_is_not_ours_is_told_whom_to_ask_and_not_kept(
    door: TestClient,  # type: ignore[type-arg]
    heart: Community,
) -> None:
    await staff_accounts.set_wecom(heart, "grid1", "somebodyelse")
    await door.post("/wecom", params=v.B_PUSH, data=PUSH)
    assert await kept(heart) == []
    async with heart.reading() as uow:
        (letter,) = list(await uow.session.scalars(select(StaffLetter)))  # type: ignore[attr-defined]
    assert letter.member == "mycreate"
    assert "管理员" in letter.text


async def test_a_plain_push_is_refused_though_its_address_is_well_signed(
    door: TestClient,  # type: ignore[type-arg]
    heart: Community,
) -> None:
    stamp, nonce = v.B_PUSH["timestamp"], v.B_PUSH["nonce"]
    signature = hashlib.sha1("".join(sorted((v.B_TOKEN, stamp, nonce))).encode(), usedforsecurity=False).hexdigest()
    plain = (
        f"<xml><ToUserName>{v.B_CORPID}</ToUserName><FromUserName>mycreate</FromUserName><CreateTime>{stamp}</CreateTime>"
        "<MsgType>text</MsgType><Content>接单 100231</Content><MsgId>1</MsgId><AgentID>218</AgentID></xml>"
    )
    answer = await door.post("/wecom", params={"signature": signature, "timestamp": stamp, "nonce": nonce}, data=plain)
    assert answer.status == 403
    assert await kept(heart) == []
