"""The load run, its figures, the command and the bench around it."""

from __future__ import annotations

import asyncio
import json
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from aiohttp.test_utils import TestServer
from typer.testing import CliRunner

from gateway.rasa_client import RasaClient
from ops.bench import door as bench
from ops.bench import echo_rasa, servers
from ops.cli import app
from ops.cli import wechat as command
from ops.context import OperationFailed
from ops.wechat.accounts import Account, Corp
from ops.wechat.faults import Faults, PushRates
from ops.wechat.ledger import MARK, Ledger, Sent, Shown, percentile
from ops.wechat.load import LoadPlan, arrivals, run_load
from ops.wechat.script import Script
from ops.wechat.simulator import LOCAL, Options
from tests.unit.ops.wechat.company import Company
from tests.unit.ops.wechat.kf_echo import KfEcho
from tests.unit.ops.wechat.reference_door import Ways, door_and_platform, reference_door

QUICK = LoadPlan(users=20, rate=150, seconds=1, patience=1, quiet=0.3)


def test_as_many_messages_arrive_as_the_plan_says_and_the_seed_decides_when() -> None:
    plan = LoadPlan(users=7, rate=50, seconds=4, seed=3)
    first, again = arrivals(plan), arrivals(plan)
    assert first == again != arrivals(replace(plan, seed=4))
    assert len(first) == 200
    assert sorted(first) == first
    assert {number for _, number in first} == set(range(7))
    assert all(0 <= at < 4 for at, _ in first)
    steady = arrivals(replace(plan, steady=True))
    assert [at for at, _ in steady[:3]] == [0.0, 0.02, 0.04]


@pytest.mark.parametrize("passive", [False, True])
async def test_a_good_door_under_load_is_found_good_with_copies_of_a_tenth(passive: bool) -> None:
    faults = Faults(push=PushRates(duplicate=0.05, late=0.05, late_seconds=0.2))
    async with door_and_platform(Ways(passive=passive), faults=faults, deadline=5.0) as (_, simulator):
        report = await run_load(simulator, QUICK)
        figures = ("sent", "answered", "lost", "doubled", "out_of_order", "quota_violations", "unacknowledged")
        assert [report[name] for name in figures] == [150, 150, 0, 0, 0, 0, 0]
        assert report["deliveries"] == 150 + report["faults"]["duplicate"] + report["faults"]["late"] > 155
        assert report["drained"]
        assert 0 < report["ack_p50_ms"] <= report["ack_p99_ms"] <= report["ack_max_ms"]


async def test_a_door_that_forgets_what_it_had_is_found_out_under_load() -> None:
    faults = Faults(push=PushRates(duplicate=0.1, late=0.1, late_seconds=0.2))
    async with door_and_platform(Ways(forgets=True), faults=faults, deadline=5.0) as (_, simulator):
        report = await run_load(simulator, QUICK)
        assert report["doubled"] == report["faults"]["duplicate"] + report["faults"]["late"] > 10


@pytest.mark.parametrize("forgets", [False, True])
async def test_residents_of_kf_are_counted_like_the_others_and_answers_given_twice_are_found(forgets: bool) -> None:
    faults = Faults(push=PushRates(duplicate=0.05, late=0.05, late_seconds=0.2))
    async with door_and_platform(faults=faults, deadline=5.0) as (door, simulator):
        KfEcho(Company(door, simulator), forgets)
        report = await run_load(simulator, replace(QUICK, rate=60, kf=0.5, patience=10))
        assert report["by_way"]["kf"] > 0
        assert (report["lost"], report["drained"]) == (0, True)
        assert (report["doubled"] > 0) is forgets
        if not forgets:
            assert (report["answered"], report["out_of_order"], report["findings"]) == (60, 0, {})
            assert 0 < report["by_way"]["custom"] == 60 - report["by_way"]["kf"]


async def test_what_is_still_owed_when_patience_ends_is_lost() -> None:
    async with door_and_platform(Ways(lose=frozenset({"楼道的灯不亮了 #0-1#"})), deadline=5.0) as (_, simulator):
        report = await run_load(simulator, replace(QUICK, patience=0.2))
        assert (report["lost"], report["drained"], report["answered"]) == (1, False, 149)


def test_percentiles_are_values_that_occurred() -> None:
    values = [float(n) for n in range(1, 101)]
    assert [percentile(values, share) for share in (0.5, 0.99, 1.0)] == [50, 99, 100]
    assert percentile([7.0], 0.99) == 7
    assert percentile([], 0.5) == 0


def ledger_of(order: list[str]) -> Ledger:
    """Three marked messages of one resident, answered in this order; 'ab' is one answer to two of them."""
    ledger = Ledger()
    for number, name in enumerate("abc", 1):
        ledger.say(Sent(number, "li", "text", f"{name} #1-{number}#", number))
    for at, names in enumerate(order):
        marks = " ".join(f"#1-{'abc'.index(name) + 1}#" for name in names)
        ledger.show(Shown("li", f"收到 {marks}", at, "custom"))
    return ledger


@pytest.mark.parametrize(
    ("order", "lost", "doubled", "late"),
    [
        (["a", "b", "c"], 0, 0, 0),
        (["abc"], 0, 0, 0),
        (["ab", "c"], 0, 0, 0),
        (["b", "a", "c"], 0, 0, 1),
        (["c", "a", "b"], 0, 0, 2),
        (["a", "a", "c"], 1, 1, 0),
        (["a", "b", "c", "a"], 0, 1, 0),
        ([], 3, 0, 0),
    ],
)
def test_marks_tell_what_was_lost_doubled_and_late(order: list[str], lost: int, doubled: int, late: int) -> None:
    ledger = ledger_of(order)
    assert (len(ledger.lost()), len(ledger.doubled()), ledger.out_of_order()) == (lost, doubled, late)
    assert ledger.waiting == lost


def test_marks_are_told_apart() -> None:
    assert MARK.findall("收到：#1-1# #1-11# #11-1#") == ["#1-1#", "#1-11#", "#11-1#"]


# --- the command ----------------------------------------------------------------------------------------------------


async def test_the_command_plays_a_script_writes_the_settings_and_judges(tmp_path: Path) -> None:
    (port,) = servers.free_ports(1)
    account, corp = Account.make(), Corp.make()
    async with reference_door() as (door, gateway):
        door.account, door.corp, door.api = account, corp, f"http://{LOCAL}:{port}"
        options = Options(gateway=gateway, port=port, account=account, corp=corp)
        env = tmp_path / "gateway.env"
        for wanted, code in (("收到", 0), ("再见", 1)):
            script = Script("test", [{"who": "李秀英", "say": "你好", "wait": wanted, "within": "0.3s"}])
            assert await command._run(options, env, 5, True, command._play, script) == code
    assert f"export LINSHE_WECHAT_API=http://127.0.0.1:{port}\n" in env.read_text()
    assert env.stat().st_mode & 0o777 == 0o600


async def test_a_script_with_staff_needs_a_gateway_with_wecom_and_says_which_address_failed() -> None:
    async with reference_door() as (door, gateway):
        door.account, door.corp, door.api = Account.make(), Corp.make(), ""
        options = Options(gateway=gateway, account=door.account, corp=door.corp, corp_path="/none")
        script = Script("test", [{"staff": "grid01", "say": "今日待办"}])
        with pytest.raises(OperationFailed, match=f"{gateway}/none was not verified: status 404"):
            await command._run(options, None, 0, True, command._play, script)


async def test_a_gateway_that_is_not_there_or_a_taken_port_is_a_sentence() -> None:
    async with reference_door() as (_, gateway):
        taken = int(gateway.rpartition(":")[2])
        with pytest.raises(OperationFailed, match=f"Cannot listen on 127.0.0.1:{taken}.*--port"):
            await command._run(Options(port=taken), None, 0, True, command._load, QUICK)
    with pytest.raises(OperationFailed, match="not verified"):
        await command._run(Options(gateway="http://127.0.0.1:9"), None, 0, True, command._load, QUICK)


def test_what_cannot_be_asked_of_the_command_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LINSHE_VAR", str(tmp_path))
    (tmp_path / "bad.yml").write_text("steps: [{who: a, says: b}]")
    for arguments, words in (
        (["--kind", "magic"], "magic"),
        (["--format", "csv"], "xml or json"),
        (["--script", str(tmp_path / "bad.yml")], "'says' is not known"),
        (["--script", str(tmp_path / "bad.yml"), "--load"], "Choose one"),
        (["--load", "--staff", "grid01"], "who you are by hand"),
    ):
        result = CliRunner().invoke(app, ["wechat", "simulate", *arguments])
        assert result.exit_code == 1
        assert words in result.output
        assert "Traceback" not in result.output


# --- the bench ------------------------------------------------------------------------------------------------------


async def test_the_echo_speaks_the_wire_that_the_gateway_speaks_to_rasa() -> None:
    server = TestServer(echo_rasa.make_app())
    await server.start_server()
    client = RasaClient(str(server.make_url("")))
    await client.open()
    replies = (await client.ask("r1", "灯坏了 #1-1#", {"message_id": "in-1"})).replies
    await client.close()
    await server.close()
    assert [reply.text for reply in replies] == ["收到：灯坏了 #1-1#"]


async def test_the_bench_measures_a_door_and_its_result_is_one_json_object() -> None:
    (port,) = servers.free_ports(1)
    account, corp = Account.make(), Corp.make()
    async with reference_door() as (door, gateway):
        door.account, door.corp, door.api = account, corp, f"http://{LOCAL}:{port}"
        options = Options(gateway=gateway, port=port, account=account, corp=corp)
        found = json.loads(json.dumps(await bench.measure(options, QUICK, bench.Door([gateway]))))
    wanted = {
        "ack_p50_ms",
        "ack_p99_ms",
        "sent",
        "lost",
        "doubled",
        "out_of_order",
        "quota_violations",
        "drained_seconds",
    }
    assert wanted <= set(found)
    assert (found["sent"], found["lost"]) == (150, 0)


@pytest.mark.parametrize("asked", ["1.5", "-0.1", "many"])
def test_a_share_of_residents_that_is_none_is_refused(asked: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        bench.parser().parse_args(["--kf", asked])
    assert f"argument --kf: invalid share value: '{asked}'" in capsys.readouterr().err


async def test_a_door_that_is_not_there_for_kf_is_only_noticed_when_somebody_writes_there(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert bench.parser().parse_args(["--kf", "0.4"]).kf == 0.4
    monkeypatch.setattr(bench, "VERIFY_SECONDS", 0.1)
    async with door_and_platform(deadline=5.0) as (door, simulator):
        await bench.verified(simulator, 0.4)
        door.corp = Corp.make()
        await bench.verified(simulator, 0.0)
        with pytest.raises(RuntimeError, match="/wecom"):
            await bench.verified(simulator, 0.4)


class Victim:
    """A process that only notes what is done to it."""

    def __init__(self, name: str, takes: float = 0.0) -> None:
        self.name, self.done = name, []  # type: ignore[var-annotated]
        self.running = None
        self.takes = takes

    def kill(self) -> None:
        self.done.append("kill")

    def start(self) -> None:
        self.done.append("start")

    def wait(self) -> None:
        self.done.append("wait")
        time.sleep(self.takes)


async def test_only_what_may_be_killed_is_killed_and_always_started_again() -> None:
    gateway, valkey = Victim("gateway-1", takes=0.1), Victim("valkey")
    kills = bench.Kills(["gateway"], 0.02, 1)
    killing = asyncio.create_task(kills.go_on(bench.Door([], [gateway, valkey])))  # type: ignore[list-item]
    await asyncio.sleep(0.6)
    killing.cancel()
    assert gateway.done[:3] == ["kill", "start", "wait"]
    assert gateway.done.count("kill") == gateway.done.count("start") == kills.done["gateway-1"] >= 3
    assert valkey.done == []
    assert kills.away["gateway-1"] >= 0.1, "how long whoever waits for it could not be spared"


async def test_who_is_still_away_when_the_killing_ends_is_waited_for_and_counts() -> None:
    rasa = Victim("rasa", takes=0.5)
    kills = bench.Kills(["rasa"], 0.01, 1)
    killing = asyncio.create_task(kills.go_on(bench.Door([], [rasa])))  # type: ignore[list-item]
    while not kills.done:
        await asyncio.sleep(0.01)
    killing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await killing
    assert kills.away["rasa"] >= 0.5


def test_each_gateway_of_the_bench_gets_the_platforms_settings_and_a_port_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LINSHE_RASA_URL", "http://operators-own:5005")
    context = bench.context_on("", tmp_path / "var")
    door = bench.prepared(context, 2, {"LINSHE_WECHAT_APPID": "wx1"})
    assert [process.name for process in door.processes] == ["valkey", "rasa", "gateway-1", "gateway-2", "worker-1"]
    gateways: list[Any] = door.processes[2:4]
    assert len({process.env["LINSHE_GATEWAY_PORT"] for process in gateways}) == 2
    for process in door.processes[2:]:
        assert process.env["LINSHE_WECHAT_APPID"] == "wx1"
        assert process.env["DATABASE_URL"] == f"sqlite+aiosqlite:///{tmp_path}/var/linshe.db"
        assert "LINSHE_RASA_URL" not in process.env
    assert bench.context_on("postgresql://a@b/c", tmp_path / "var").database_url == "postgresql+asyncpg://a@b/c"


async def test_deliveries_to_several_gateways_take_turns() -> None:
    async with reference_door() as (one, first), reference_door() as (two, second):
        async with door_and_platform(gateway=f"{first}, {second}/") as (_, simulator):
            for door in (one, two):
                door.account, door.api = simulator.options.account, simulator.api
            for number in range(4):
                await simulator.resident("李秀英").say(f"{number}")
            await asyncio.sleep(0.1)
            assert [len(door.bodies) for door in (one, two)] == [2, 2]
