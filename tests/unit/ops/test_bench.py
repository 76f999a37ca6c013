"""The bench measures what it says it measures."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from pathlib import Path

from aiohttp import web
from aiohttp.test_utils import TestServer

from ops.bench import load, stock, turn
from ops.bench.load import Measured, Plan

ROOT = Path(__file__).resolve().parents[3]


class Rest:
    """A REST channel that remembers who said what, and how many it heard at once."""

    def __init__(self) -> None:
        self.heard: dict[str, list[str]] = defaultdict(list)
        self.at_once = self.most_at_once = 0

    async def webhook(self, request: web.Request) -> web.Response:
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        body = await request.json()
        await asyncio.sleep(0.01)
        self.heard[body["sender"]].append(body["message"])
        self.at_once -= 1
        if body["message"] == "fails":
            return web.json_response({}, status=500)
        return web.json_response([] if body["message"] == "silent" else [{"text": body["message"]}])

    async def hear(self, **plan: object) -> Measured:
        app = web.Application()
        app.router.add_post("/webhook", self.webhook)
        async with TestServer(app) as server:
            return await load.carry_out(Plan(url=str(server.make_url("/webhook")), **plan))  # type: ignore[arg-type]


async def test_every_client_is_one_resident_at_a_time_saying_the_script_in_order() -> None:
    rest, script = Rest(), ["a", "b", "c"]
    found = await rest.hear(senders=["r1", "r2", "r3", "r4", "r5"], script=script, clients=2)
    assert set(rest.heard) == {"r1", "r2", "r3", "r4", "r5"}
    assert all(said == script for said in rest.heard.values())
    assert rest.most_at_once == 2
    assert sorted(number for number, _ in found.turns) == sorted([1, 2, 3] * 5)
    assert found.failed == found.empty == 0


async def test_what_failed_and_what_was_not_answered_is_counted_and_no_failure_counts_as_a_turn() -> None:
    found = await Rest().hear(senders=["r1"], script=["a", "fails", "silent"])
    assert (found.failed, found.empty, len(found.turns)) == (1, 1, 2)


async def test_an_old_and_a_new_conversation_are_heard_in_turn() -> None:
    rest = Rest()
    found = await rest.hear(senders=["old", "new"], script=["1", "2", "3", "4", "5"], side_by_side=3)
    assert rest.heard["old"] == ["1", "2", "3", "4", "5"]
    assert rest.heard["new"] == ["1", "2"]
    assert [number for number, _ in found.turns] == [4, 1, 5, 2]


def test_the_long_conversation_is_compared_at_the_same_messages() -> None:
    turns = [(number, 0.1) for number in range(1, 12)] + [(number + 190, 0.13) for number in range(1, 12)]
    found = turn.long_summary(Measured(turns=turns, used=1), 190)
    assert found["ratio"] == 1.3
    assert found["late_turns"] == "192-201"


def test_percentiles_are_of_all_rounds_together() -> None:
    rounds = [Measured(elapsed=1.0, turns=[(1, n / 1000) for n in range(1, 51)], cpu_s={"rasa": 0.5}) for _ in range(2)]
    found = turn.summary(rounds)
    assert (found["turns"], found["turns_per_s"], found["p50_ms"], found["p99_ms"]) == (100, 50.0, 26.0, 50.0)
    assert found["cpu_ms_per_turn"] == {"rasa": 10.0}


def test_stock_learns_from_our_data_and_has_nothing_else_of_ours(tmp_path: Path) -> None:
    first = stock.write_project(ROOT, tmp_path, epochs=1, with_stories=False)
    assert first == stock.write_project(ROOT, tmp_path, epochs=1, with_stories=False)
    assert first != stock.write_project(ROOT, tmp_path, epochs=2, with_stories=False)
    config = (tmp_path / "config.yml").read_text("utf-8")
    assert "bot." not in config
    assert all(name in config for name in ("JiebaTokenizer", "DIETClassifier", "TEDPolicy", "RulePolicy"))
    ours, theirs = (sorted(p.name for p in (root / "data/nlu").glob("*.yml")) for root in (ROOT, tmp_path))
    assert ours == theirs
    assert not [name for name in stock.environment() if name.startswith("LINSHE_") or name == "PYTHONPATH"]
