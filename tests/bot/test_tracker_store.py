"""The tracker store on SQLite, and on PostgreSQL where it is installed."""

from __future__ import annotations

import json
import os
import shutil
import socket
import sqlite3
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from rasa.core.tracker_store import SQLTrackerStore, TrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, BotUttered, SessionStarted, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.utils.endpoints import EndpointConfig

from bot.tracker_store import LinsheTrackerStore

Run = Callable[[Any], Any]
DOMAIN = Domain.from_dict({"intents": ["greet"]})


@pytest.fixture(scope="module")
def postgres() -> Iterator[str]:
    binaries = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not binaries:
        pytest.skip("PostgreSQL is not installed (apt-get install postgresql)")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    folder = Path(tempfile.mkdtemp(prefix="linshe-tracker-"))
    user: list[str] = []
    if os.geteuid() == 0:
        shutil.chown(folder, "postgres")
        user = ["runuser", "-u", "postgres", "--"]

    def command(*arguments: Any) -> None:
        subprocess.run([*user, *map(str, arguments)], check=True, capture_output=True, cwd="/")

    data, tools = folder / "data", binaries[-1].parent
    command(tools / "initdb", "-D", data, "-U", "linshe", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8")
    options = f"-p {port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={folder} -c fsync=off"
    command(tools / "pg_ctl", "-D", data, "-w", "-l", folder / "log", "-o", options, "start")
    try:
        yield f"postgresql://linshe@127.0.0.1:{port}/postgres"
    finally:
        command(tools / "pg_ctl", "-D", data, "-w", "-m", "immediate", "stop")
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path / 'rasa.db'}" if request.param == "sqlite" else request.getfixturevalue("postgres")


def turn(number: int) -> list[Any]:
    return [
        UserUttered(f"第{number}句", message_id=f"in-{number}"),
        BotUttered(f"答{number}"),
        BotUttered("再答", {"buttons": [{"title": "好", "payload": "/greet"}]}),
        ActionExecuted("action_listen"),
    ]


def test_it_is_made_from_endpoints_yml(url: str) -> None:
    config = EndpointConfig(url, type="bot.tracker_store.LinsheTrackerStore")
    assert isinstance(TrackerStore.create(config, DOMAIN), LinsheTrackerStore)


def test_a_conversation_is_kept_and_read_again(run: Run, url: str) -> None:
    store = LinsheTrackerStore(domain=DOMAIN, host=url)
    tracker = DialogueStateTracker.from_events("kept", [SessionStarted(), *turn(1)], DOMAIN.slots)
    run(store.save(tracker))
    for event in turn(2):
        tracker.update(event, DOMAIN)
    run(store.save(tracker))
    again = run(LinsheTrackerStore(domain=DOMAIN, host=url).retrieve("kept"))
    assert [e.as_dict()["event"] for e in again.events] == [e.as_dict()["event"] for e in tracker.events]


def test_the_replies_of_the_latest_turn_are_found_by_its_message(run: Run, url: str) -> None:
    store = LinsheTrackerStore(domain=DOMAIN, host=url)
    assert store.replies_to("asked", "in-1") is None
    run(store.save(DialogueStateTracker.from_events("asked", [SessionStarted(), *turn(1), *turn(2)], DOMAIN.slots)))
    found = store.replies_to("asked", "in-2")
    assert [event["text"] for event in found] == ["答2", "再答"]
    assert found[1]["data"]["buttons"][0]["payload"] == "/greet"
    assert store.replies_to("asked", "in-1") is None
    assert store.replies_to("somebody-else", "in-2") is None


def test_a_turn_without_replies_is_an_empty_list_and_not_unknown(run: Run, url: str) -> None:
    store = LinsheTrackerStore(domain=DOMAIN, host=url)
    run(store.save(DialogueStateTracker.from_events("silent", [SessionStarted(), turn(7)[0]], DOMAIN.slots)))
    assert store.replies_to("silent", "in-7") == []


def test_the_old_name_of_postgresql_is_understood(postgres: str) -> None:
    LinsheTrackerStore(domain=DOMAIN, host=postgres.replace("postgresql://", "postgres://"))


def test_sqlite_is_in_wal_with_patience(tmp_path: Path) -> None:
    path = tmp_path / "rasa.db"
    store = LinsheTrackerStore(domain=DOMAIN, host=f"sqlite:///{path}")
    with store.engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
        assert connection.exec_driver_sql("PRAGMA busy_timeout").scalar() == 10_000


def test_a_locked_sqlite_is_waited_for(run: Run, tmp_path: Path) -> None:
    import threading
    import time

    path = tmp_path / "rasa.db"
    store = LinsheTrackerStore(domain=DOMAIN, host=f"sqlite:///{path}")
    blocker = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
    blocker.execute("BEGIN IMMEDIATE")
    threading.Thread(target=lambda: (time.sleep(0.4), blocker.execute("COMMIT"))).start()
    run(store.save(DialogueStateTracker.from_events("patient", [SessionStarted(), *turn(1)], DOMAIN.slots)))
    assert store.replies_to("patient", "in-1") is not None


@pytest.mark.parametrize("host", [None, "", "rasa.db", "localhost"])
def test_what_is_no_url_is_refused(host: Any) -> None:
    with pytest.raises(ValueError, match="LINSHE_TRACKER_URL"):
        LinsheTrackerStore(domain=DOMAIN, host=host)


def long_talk(sender: str) -> DialogueStateTracker:
    """Two sessions, and what stock makes of an event's parse data, names and timestamps."""
    from rasa.shared.core.events import ActiveLoop, SlotSet

    parsed = {"intent": {"name": "greet", "confidence": 0.123456789012345}, "entities": [], "text": "你好"}
    events = [
        SessionStarted(),
        *turn(1),
        SessionStarted(),
        SlotSet("a", [1, None]),
        UserUttered("你好", parse_data=parsed),
    ]
    events += [ActiveLoop("some_form"), *turn(2)]
    for number, event in enumerate(events):
        event.timestamp = 1_700_000_000.25 + number
    return DialogueStateTracker.from_events(sender, events, DOMAIN.slots)


def rows_of(store: LinsheTrackerStore, sender: str) -> Any:
    with store.session_scope() as session:
        found = session.query(store.SQLEvent).filter_by(sender_id=sender).order_by(store.SQLEvent.id).all()
        return [(r.type_name, r.timestamp, r.intent_name, r.action_name, json.loads(r.data)) for r in found]


def test_what_is_written_is_what_stock_writes(run: Run, url: str) -> None:
    store = LinsheTrackerStore(domain=DOMAIN, host=url)
    stock, ours = long_talk("stock"), long_talk("ours")
    run(SQLTrackerStore.save(store, stock))
    # In two parts, as turns are: the second knows how much there is.
    first = DialogueStateTracker.from_events("ours", list(ours.events)[:6], DOMAIN.slots)
    run(store.save(first))
    for event in list(ours.events)[6:]:
        first.events.append(event)
    run(store.save(first))
    assert rows_of(store, "ours") == rows_of(store, "stock")


def test_what_is_read_is_the_session_that_stock_reads(run: Run, url: str) -> None:
    store = LinsheTrackerStore(domain=DOMAIN, host=url)
    run(store.save(long_talk("reader")))
    for everything in (False, True):
        ours = run(store._retrieve("reader", everything))
        stock = run(SQLTrackerStore._retrieve(store, "reader", everything))
        assert [e.as_dict() for e in ours.events] == [e.as_dict() for e in stock.events]
    assert run(store.retrieve("nobody")) is None


def test_a_conversation_read_and_saved_again_is_not_stored_twice(run: Run, url: str) -> None:
    store = LinsheTrackerStore(domain=DOMAIN, host=url)
    run(store.save(long_talk("again")))
    before = len(rows_of(store, "again"))
    tracker = run(store.retrieve("again"))
    run(store.save(tracker))
    assert len(rows_of(store, "again")) == before
    for event in turn(3):
        tracker.update(event, DOMAIN)
    run(store.save(tracker))
    run(store.save(tracker))
    assert len(rows_of(store, "again")) == before + 4
