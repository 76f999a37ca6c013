# ruff: noqa: F811 - fixtures are named as what they give
"""Staff in WeCom while the gateway's process is killed again and again: nothing lost, nothing twice."""

from __future__ import annotations

import asyncio
import random
from pathlib import Path

import pytest

from community.bootstrap import SystemClock
from community.model.message import OutboxStatus
from community.model.ticket import Move
from community.services import staff_accounts
from ops.wechat.simulator import Options, Simulator
from ops.wechat.wecom_api import screen
from tests.conftest import community_on, free_port
from tests.integration.test_gateway_process import Process
from tests.integration.test_kf_door import settings_of
from tests.integration.test_staff_door import WORKER, StaffDoor
from tests.small_city import build_small_city
from tests.unit.gateway.door import SECRET, rasa, rasa_server  # noqa: F401
from tests.unit.gateway.fake_rasa import FakeRasa


async def test_killed_again_and_again_every_card_comes_once_and_every_press_moves_once(
    sqlite_url: str, tmp_path: Path, rasa: FakeRasa, monkeypatch: pytest.MonkeyPatch
) -> None:
    port = free_port()
    drawn = random.Random(3)  # noqa: S311 - no secret
    async with (
        community_on(sqlite_url, tmp_path, SystemClock()) as heart,
        rasa_server(rasa) as rasa_url,
        Simulator(Options(gateway=f"http://127.0.0.1:{port}")) as platform,
    ):
        city = await build_small_city(heart)
        await staff_accounts.set_wecom(heart, "grid1", WORKER)
        for name, value in settings_of(platform).items():
            monkeypatch.setenv(name, value)
        monkeypatch.setenv("LINSHE_SECRET_KEY", SECRET)
        worker = platform.member(WORKER)
        door = StaffDoor(None, heart, platform, rasa)
        door.city = city
        process = await Process(sqlite_url, rasa_url, tmp_path, port).ready()
        numbers = [await door.file(f"k{n}", words=f"第{n}处灯坏了") for n in range(4)]

        async def killed_and_started() -> Process:
            process.child.kill()
            process.child.wait()
            return await Process(sqlite_url, rasa_url, tmp_path, port).ready()

        try:
            for number in numbers:
                await asyncio.sleep(drawn.uniform(0, 0.3))
                process = await killed_and_started()
                await door.until(screen(WORKER), number, 90)
                pushing = asyncio.create_task(worker.press("接单", on=number))
                await asyncio.sleep(drawn.uniform(0, 0.3))
                process = await killed_and_started()
                await pushing
            for number in numbers:
                await door.until(screen(WORKER), f"已接单：工单{number}", 90)
            await door.quiet()
        finally:
            process.child.kill()
            process.child.wait()
        for number in numbers:
            assert (await door.moves(number)).count(Move.ACCEPT) == 1
            shown = door.read_by(WORKER)
            assert len([text for text in shown if text.startswith(f"工单 {number} · 待接单")]) == 1
            assert len([text for text in shown if text.startswith(f"已接单：工单{number}")]) == 1
        assert {letter.status for letter in await door.letters()} == {OutboxStatus.SENT}
