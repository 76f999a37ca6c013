"""The same city on PostgreSQL and a Redis-compatible server of its own: two settings, no code."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

import asyncpg
import pytest

from tests.conftest import create_database
from tests.e2e.test_whole_city import report
from tests.running_city import Chat, RunningCity

pytestmark = pytest.mark.timeout(600)


async def test_a_city_moves_to_postgresql_and_redis_by_two_settings(postgres: str, valkey: str) -> None:
    url = (await create_database(postgres, "city")).replace("+asyncpg", "")
    folder = Path(tempfile.mkdtemp(prefix="linshe-e2e-pg-"))
    city = RunningCity(folder, url, valkey)
    try:
        city.start()
        assert "valkey" not in city.states()
        async with Chat(city, "R0001") as chat:
            number = await report(chat, "剡溪花园3幢2单元楼道灯坏了，昨天晚上开始的")
            city.kill("rasa")
            assert number in await chat.say(f"{number}到哪一步了")
        connection = await asyncpg.connect(url)
        try:
            assert await connection.fetchval("SELECT status FROM tickets WHERE number = $1", number) == "dispatched"
            # What was said before Rasa was killed is in PostgreSQL too, not in a file of this machine.
            assert await connection.fetchval("SELECT count(*) FROM rasa.events") > 0
        finally:
            await connection.close()
        assert not list(folder.glob("*.db"))
    finally:
        assert city.stop() == 0
        shutil.rmtree(folder, ignore_errors=True)
