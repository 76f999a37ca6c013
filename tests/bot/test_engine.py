"""Each tuning beside what stock Rasa does."""

from __future__ import annotations

import asyncio
import copy
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import rasa.core.actions.action as action_module
from aiohttp import web
from jsonschema import ValidationError
from rasa.core.actions.action import ActionExecutionRejection, RemoteAction
from rasa.core.channels.channel import CollectingOutputChannel
from rasa.core.nlg import TemplatedNaturalLanguageGenerator
from rasa.core.policies.rule_policy import RULES, RulePolicy
from rasa.core.tracker_store import FailSafeTrackerStore, InMemoryTrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, ActiveLoop, Event, SessionStarted, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.utils.endpoints import EndpointConfig

import bot.channel  # noqa: F401 - importing it applies the tunings, as credentials.yml does
from bot import engine, sessions
from bot.engine import TurnAborted

ROOT = Path(__file__).resolve().parents[2]
Run = Callable[[Any], Any]


def test_loading_the_channel_applies_every_tuning() -> None:
    assert engine.apply_all("") == engine.names()


def test_tunings_can_be_left_as_stock() -> None:
    code = (
        "import os; os.environ['LINSHE_RASA_STOCK']='compiled_validator,kept_connections'\n"
        "import bot.channel; from bot import engine\n"
        "print(sorted(set(engine.names()) - set(engine.apply_all('all'))))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.stdout.strip().splitlines()[-1] == "['compiled_validator', 'kept_connections']", done.stderr[-500:]


def test_an_unknown_name_is_an_error() -> None:
    with pytest.raises(ValueError, match="no_such"):
        engine.apply_all("no_such")


def stock_check(result: Any) -> bool:
    """What Rasa 3.6.21 does."""
    from jsonschema import validate

    try:
        validate(result, RemoteAction.action_response_format_spec())
    except ValidationError:
        return False
    return True


@pytest.mark.parametrize(
    "result",
    [
        {},
        {"events": [], "responses": []},
        {"events": [{"event": "slot", "name": "a", "value": 1, "timestamp": None}]},
        {"events": [{"event": "slot", "timestamp": None}]},
        {"events": [{"event": "no_such"}]},
        {"events": "x"},
        {"responses": "x"},
        {"responses": [{"text": "x"}], "more": 1},
        {"responses": ["x"]},
        [],
        None,
        {"events": [{"event": "active_loop", "name": None, "timestamp": None}, {"event": "followup", "name": "a"}]},
    ],
)
def test_the_compiled_validator_accepts_and_refuses_what_stock_does(result: Any) -> None:
    action = RemoteAction("a", None)
    try:
        ours = action._validate_action_result(copy.deepcopy(result))
    except ValidationError:
        ours = False
    assert ours == stock_check(result)


def test_an_events_class_is_found_as_stock_finds_it() -> None:
    for kind in ("user", "bot", "action", "slot", "session_started", "active_loop", "rewind"):
        assert Event.resolve_by_type(kind).type_name == kind
    with pytest.raises(ValueError, match="no_such"):
        Event.resolve_by_type("no_such")
    assert Event.resolve_by_type("no_such", SlotSet) is SlotSet
    with pytest.raises(ValueError, match="no_such"):
        Event.resolve_by_type("no_such")


def test_rules_are_looked_for_by_text_only_where_a_rule_has_text(monkeypatch: pytest.MonkeyPatch) -> None:
    class Policy:
        def __init__(self, key: str) -> None:
            self.lookup = {RULES: {key: "action_x"}}

    by_intent = Policy('[{"prev_action": {"action_name": "action_listen"}, "user": {"intent": "greet"}}]')
    by_text = Policy('[{"user": {"text": "你好"}}]')
    find = RulePolicy._find_action_from_rules
    assert find(by_intent, None, None, True) == (None, None, False)
    # Anything else goes on to stock, which needs a tracker.
    for policy, use_text in ((by_text, True), (by_intent, False)):
        with pytest.raises(AttributeError):
            find(policy, None, None, use_text)


async def serving(handler: Any) -> Any:
    app = web.Application()
    app.router.add_post("/webhook", handler)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    return runner, f"http://127.0.0.1:{site._server.sockets[0].getsockname()[1]}/webhook"


def call(run: Run, handler: Any = None, url: str = "http://127.0.0.1:9/webhook", times: int = 1) -> Any:
    """Run one remote action against a server of ours, or against nobody."""
    domain = Domain.from_dict({"intents": ["greet"], "actions": ["action_x"]})

    async def work() -> Any:
        runner, address = (None, url) if handler is None else await serving(handler)
        action = RemoteAction("action_x", EndpointConfig(address))
        tracker = DialogueStateTracker.from_events("somebody", [ActionExecuted("action_listen")], domain.slots)
        try:
            for _ in range(times):
                last = await action.run(
                    CollectingOutputChannel(), TemplatedNaturalLanguageGenerator({}), tracker, domain
                )
            return last
        finally:
            if runner:
                await runner.cleanup()

    return run(work())


async def says_hello(_: web.Request) -> web.Response:
    return web.json_response({"events": [], "responses": [{"text": "hello"}]})


def test_an_action_that_works_is_left_alone(run: Run) -> None:
    assert [e.text for e in call(run, says_hello)] == ["hello"]


def test_nobody_listening_aborts_the_turn_as_passing(run: Run) -> None:
    with pytest.raises(TurnAborted) as aborted:
        call(run)
    assert aborted.value.code in engine.PASSING


@pytest.mark.parametrize(("status", "passing"), [(500, False), (404, False), (503, True)])
def test_a_failed_action_aborts_the_turn(run: Run, status: int, passing: bool) -> None:
    async def fails(_: web.Request) -> web.Response:
        return web.json_response({"error": "秘密的话"}, status=status)

    with pytest.raises(TurnAborted) as aborted:
        call(run, fails)
    assert (aborted.value.code in engine.PASSING) is passing
    assert "秘密的话" not in str(aborted.value)


def test_a_result_of_the_wrong_shape_aborts_the_turn(run: Run) -> None:
    async def odd(_: web.Request) -> web.Response:
        return web.json_response({"events": "none"})

    with pytest.raises(TurnAborted):
        call(run, odd)


def test_a_rejection_is_still_a_rejection(run: Run) -> None:
    async def rejects(_: web.Request) -> web.Response:
        return web.json_response({"action_name": "action_x", "error": "not mine"}, status=400)

    with pytest.raises(ActionExecutionRejection):
        call(run, rejects)


def test_a_hanging_action_aborts_the_turn(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    async def hangs(_: web.Request) -> web.Response:
        await asyncio.sleep(2)
        return web.json_response({})

    monkeypatch.setattr(action_module, "DEFAULT_REQUEST_TIMEOUT", aiohttp.ClientTimeout(total=0.2))
    with pytest.raises(TurnAborted) as aborted:
        call(run, hangs)
    assert aborted.value.code in engine.PASSING


def test_what_aborts_a_turn_is_no_exception_that_rasa_swallows() -> None:
    assert not issubclass(TurnAborted, Exception)


def test_the_connection_to_the_action_server_is_kept(run: Run) -> None:
    peers = set()

    async def remembers(request: web.Request) -> web.Response:
        peers.add(request.transport.get_extra_info("peername"))
        return web.json_response({"events": [], "responses": []})

    call(run, remembers, times=5)
    assert len(peers) == 1


class Broken(InMemoryTrackerStore):
    async def retrieve(self, sender_id: str) -> None:
        raise OSError("disk")

    async def save(self, tracker: Any) -> None:
        raise OSError("disk")


def test_a_failing_tracker_store_aborts_the_turn(run: Run) -> None:
    store = FailSafeTrackerStore(Broken(Domain.empty()))
    with pytest.raises(TurnAborted):
        run(store.retrieve("somebody"))
    with pytest.raises(TurnAborted):
        run(store.save(DialogueStateTracker("somebody", [])))


def talk_of(events: int, *, form: bool, minutes_ago: float) -> DialogueStateTracker:
    said = UserUttered("好", timestamp=time.time() - minutes_ago * 60)
    filler = [ActionExecuted("action_listen") for _ in range(events)]
    loop = [ActiveLoop("report_form")] if form else []
    return DialogueStateTracker.from_events("somebody", [SessionStarted(), *filler, *loop, said], [])


@pytest.mark.parametrize(
    ("events", "form", "minutes_ago", "anew"),
    [
        (5, False, 1, False),
        (5, False, 61, True),
        (5, True, 61, False),
        (5, True, 24 * 60 + 1, True),
        (sessions.LONGEST + 10, False, 1, True),
        (sessions.LONGEST + 10, True, 1, False),
    ],
)
def test_when_a_conversation_begins_anew(events: int, form: bool, minutes_ago: float, anew: bool) -> None:
    tracker = talk_of(events, form=form, minutes_ago=minutes_ago)
    assert sessions.begins_anew(tracker, expired=minutes_ago > 60) is anew


def test_a_conversation_that_has_not_begun_does_not_begin_anew() -> None:
    assert not sessions.begins_anew(DialogueStateTracker("somebody", []), expired=True)
