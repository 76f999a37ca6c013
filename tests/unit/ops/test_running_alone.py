"""Ports, the lock of a running supervisor, and what the children are given."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from community.config import Settings
from ops import children, context, lock, ports
from ops.context import Context, OperationFailed
from ops.ports import Port

ROOT = Path(__file__).resolve().parents[3]


def settings(tmp_path: Path, **given: object) -> Settings:
    return Settings(_env_file=None, **{"LINSHE_VAR": tmp_path, **given})  # type: ignore[arg-type]


def loaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, **environ: str) -> Context:
    for name in list(os.environ):
        if name.startswith("LINSHE_") or name in ("DATABASE_URL", "REDIS_URL"):
            monkeypatch.delenv(name)
    for name, value in {"LINSHE_VAR": str(tmp_path / "var"), **environ}.items():
        monkeypatch.setenv(name, value)
    return context.load(tmp_path)


def test_an_occupied_port_is_told_with_its_setting() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        number = taken.getsockname()[1]
        [problem] = ports.problems([Port("console", "LINSHE_CONSOLE_PORT", "127.0.0.1", number)])
    assert f"Port {number} for console is in use" in problem
    assert "LINSHE_CONSOLE_PORT=NUMBER" in problem


def test_one_number_for_two_is_told_too() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        number = free.getsockname()[1]
    twins = [Port(name, f"LINSHE_{name.upper()}_PORT", "127.0.0.1", number) for name in ("rasa", "actions")]
    [problem] = ports.problems(twins)
    assert problem.startswith(f"LINSHE_RASA_PORT and LINSHE_ACTIONS_PORT are both {number}")


def test_a_second_start_says_who_is_running(tmp_path: Path) -> None:
    code = f"import sys; sys.path.insert(0, {str(ROOT)!r})\nfrom pathlib import Path\nfrom ops import lock\n"
    code += f"with lock.only_one(Path({str(tmp_path)!r})):\n    print('held', flush=True); sys.stdin.read()"
    with subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as first:
        assert first.stdout is not None
        assert first.stdout.readline() == "held\n"
        assert lock.holder(tmp_path) == first.pid
        with pytest.raises(OperationFailed, match=rf"already running here \(pid {first.pid}\)"):
            with lock.only_one(tmp_path):
                pass
        first.kill()
    assert lock.holder(tmp_path) is None
    with lock.only_one(tmp_path):
        assert lock.holder(tmp_path) == os.getpid()


def test_a_demo_makes_its_own_secret_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = loaded(tmp_path, monkeypatch)
    assert first.demo
    assert len(first.secret) >= 32
    assert (tmp_path / "var" / "demo-secret").stat().st_mode & 0o777 == 0o600
    assert loaded(tmp_path, monkeypatch).secret == first.secret


@pytest.mark.parametrize("secret", ["", "short"])
def test_production_refuses_a_missing_or_short_secret(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, secret: str
) -> None:
    with pytest.raises(OperationFailed, match="LINSHE_SECRET_KEY"):
        loaded(tmp_path, monkeypatch, LINSHE_MODE="production", LINSHE_SECRET_KEY=secret)


def test_a_setting_that_cannot_be_read_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(OperationFailed, match="LINSHE_GATEWAY_PORT"):
        loaded(tmp_path, monkeypatch, LINSHE_GATEWAY_PORT="many")


def test_children_get_absolute_places_and_rasa_neither_secret_nor_database(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = loaded(tmp_path, monkeypatch, DATABASE_URL="sqlite:///mine/city.db")
    by_name = {child.name: child for child in children.all_children(found)}
    assert list(by_name) == ["valkey", "rasa", "actions", "gateway", "worker", "console", "trainer"]
    gateway, rasa = by_name["gateway"].env, by_name["rasa"].env
    assert gateway["DATABASE_URL"] == f"sqlite+aiosqlite:///{tmp_path}/mine/city.db"
    assert gateway["REDIS_URL"] == "redis://127.0.0.1:6390/0"
    assert gateway["LINSHE_SECRET_KEY"] == found.secret
    assert "LINSHE_SECRET_KEY" not in rasa
    assert "DATABASE_URL" not in rasa
    assert rasa["LINSHE_TRACKER_URL"] == f"sqlite:///{tmp_path}/var/rasa-tracker.db"
    assert rasa["LINSHE_ACTIONS_URL"] == "http://127.0.0.1:5055/webhook"
    assert found.secret not in repr(by_name["gateway"])


def test_several_rasa_workers_stand_on_ports_in_a_row_and_share_their_locks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = loaded(tmp_path, monkeypatch, LINSHE_RASA_WORKERS="3", LINSHE_RASA_PORT="7100")
    workers = [child for child in children.all_children(found) if child.name.startswith("rasa")]
    assert [(child.name, child.port.number) for child in workers] == [
        ("rasa", 7100),
        ("rasa-2", 7101),
        ("rasa-3", 7102),
    ]
    assert all(str(child.port.number) in child.argv for child in workers)
    assert {child.env["LINSHE_LOCK_URL"] for child in workers} == {found.redis_url}
    assert found.settings.rasa_bases == tuple(f"http://127.0.0.1:{port}" for port in (7100, 7101, 7102))
    alone = loaded(tmp_path, monkeypatch, LINSHE_RASA_WORKERS="1")
    assert "LINSHE_LOCK_URL" not in children.all_children(alone)[1].env


def test_rasa_elsewhere_may_be_several(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = loaded(tmp_path, monkeypatch, LINSHE_RASA_URL="http://one:5005/, http://two:5005")
    assert found.settings.rasa_bases == ("http://one:5005", "http://two:5005")


def test_servers_of_the_city_replace_the_embedded_ones(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = loaded(
        tmp_path,
        monkeypatch,
        DATABASE_URL="postgresql://user:p%40ss@db/city?ssl=require",
        REDIS_URL="redis://cache:6379/3",
        LINSHE_RASA_URL="http://rasa:5005",
    )
    names = [child.name for child in children.all_children(found)]
    assert names == ["actions", "gateway", "worker", "console", "trainer"]
    env = children.rasa_env(found)
    assert env["LINSHE_TRACKER_URL"] == "postgresql://user:p%40ss@db/city?sslmode=require"
    assert env["POSTGRESQL_SCHEMA"] == "rasa"


def test_the_embedded_valkey_keeps_what_it_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = loaded(tmp_path, monkeypatch, LINSHE_VALKEY_PORT="7001")
    valkey = children.all_children(found)[0]
    assert Path(valkey.argv[0]).exists()
    line = " ".join(valkey.argv[1:])
    assert line.startswith("--appendonly yes --appendfsync everysec --bind 127.0.0.1 --port 7001 --dir ")
    assert "LINSHE_SECRET_KEY" not in valkey.env
