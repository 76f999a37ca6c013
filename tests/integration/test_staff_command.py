"""`./linshe staff wecom`: the operator says who is who."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from community.model.staffing import Heard
from community.ports import Community
from community.services import staff_in
from community.services.staff_in import Incoming
from tests.conftest import FakeClock, community_on
from tests.small_city import build_small_city

ROOT = Path(__file__).resolve().parents[2]


def run(url: str, var: Path, *words: str) -> subprocess.CompletedProcess[str]:
    env = {**os.environ, "DATABASE_URL": url, "LINSHE_VAR": str(var), "LINSHE_MODE": "demo", "LINSHE_VALKEY_PORT": "1"}
    command = [sys.executable, "-m", "ops.cli", "staff", "wecom", *words]
    return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=60)


async def known(c: Community, member: str) -> bool:
    return await staff_in.receive(c, Incoming(member, f"key-{member}", Heard.TEXT, "帮助"))


async def test_a_member_works_in_wecom_from_when_the_operator_says_who_it_is(
    sqlite_url: str, tmp_path: Path, clock: FakeClock
) -> None:
    async with community_on(sqlite_url, tmp_path, clock) as c:
        await build_small_city(c)
        assert not await known(c, "ZhangSan")
        linked = run(sqlite_url, tmp_path, "grid1", "ZhangSan")
        assert (linked.returncode, "grid1 (王强, 网格员) is ZhangSan in WeCom" in linked.stdout) == (0, True), linked
        assert await known(c, "ZhangSan")
        taken = run(sqlite_url, tmp_path, "grid2", "ZhangSan")
        assert (taken.returncode, "已登记给grid1" in taken.stderr) == (1, True)
        assert run(sqlite_url, tmp_path, "nobody", "LiSi").returncode == 1
        assert run(sqlite_url, tmp_path, "grid1", "张 三").returncode == 1
        assert run(sqlite_url, tmp_path, "grid1", "-").returncode == 0
        assert not await known(c, "ZhangSan")
