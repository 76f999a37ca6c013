"""Tunings of trackers and predictions beside stock Rasa, on the same conversations: 300 of them, of any events in any order."""

from __future__ import annotations

import ast
import inspect
import json
import random
from collections.abc import Callable
from typing import Any, Dict, List, Tuple

import pytest
import rasa.core.policies.rule_policy as rule_policy_module
import rasa.core.processor as processor_module
import ujson
from rasa.core.actions.action import ActionSessionStart, RemoteAction
from rasa.core.policies.rule_policy import RULES, RULES_FOR_LOOP_UNHAPPY_PATH, RulePolicy
from rasa.engine.exceptions import GraphRunError
from rasa.engine.graph import GraphSchema, SchemaNode
from rasa.engine.runner.dask import DaskGraphRunner
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import (
    ActionExecuted,
    ActionExecutionRejected,
    ActionReverted,
    ActiveLoop,
    AllSlotsReset,
    BotUttered,
    ConversationPaused,
    DefinePrevUserUtteredFeaturization,
    FollowupAction,
    LoopInterrupted,
    Restarted,
    SessionStarted,
    SlotSet,
    UserUtteranceReverted,
    UserUttered,
)
from rasa.shared.core.trackers import DialogueStateTracker, EventVerbosity
from rasa.utils.endpoints import EndpointConfig

import bot.channel  # noqa: F401 - importing it applies the tunings, as credentials.yml does
from bot.engine.registry import original

TALK_DOMAIN = Domain.from_dict(
    {
        "intents": ["greet", "report", "deny"],
        "slots": {
            "place": {"type": "text", "mappings": [{"type": "custom"}]},
            "many": {"type": "any", "mappings": [{"type": "custom"}]},
            "mood": {"type": "text", "initial_value": "fine", "mappings": [{"type": "custom"}]},
        },
        "actions": ["action_x"],
        "forms": {"report_form": {"required_slots": ["place"]}},
        "responses": {"utter_greet": [{"text": "你好"}]},
    }
)


def said(intent: str) -> UserUttered:
    return UserUttered(intent, {"name": intent, "confidence": 0.9}, [], {"intent": {"name": intent, "confidence": 0.9}})


def random_talk(seed: int) -> DialogueStateTracker:
    """A conversation of any events in any order: a tuning must not count on the usual one."""
    dice = random.Random(seed)
    makers: Any = [
        lambda: ActionExecuted("action_listen"),
        lambda: ActionExecuted("action_x"),
        lambda: ActionExecuted("report_form"),
        lambda: said(dice.choice(["greet", "report", "deny"])),
        lambda: BotUttered("好", {"buttons": []}),
        lambda: SlotSet("place", dice.choice(["3幢", None])),
        lambda: SlotSet("many", [1, {"a": None}]),
        lambda: SlotSet("mood", dice.choice(["fine", "sad"])),
        lambda: ActiveLoop(dice.choice(["report_form", None])),
        lambda: LoopInterrupted(dice.choice([True, False])),
        lambda: ActionExecutionRejected("report_form"),
        lambda: FollowupAction("action_x"),
        lambda: DefinePrevUserUtteredFeaturization(False),
    ]
    rare: Any = [SessionStarted, Restarted, UserUtteranceReverted, ActionReverted, AllSlotsReset, ConversationPaused]
    events = [
        dice.choice(rare)() if dice.random() < 0.06 else dice.choice(makers)() for _ in range(dice.randrange(1, 60))
    ]
    tracker = DialogueStateTracker.from_events(f"talk{seed}", events, TALK_DOMAIN.slots, domain=TALK_DOMAIN)
    if dice.random() < 0.3:
        tracker.clear_followup_action()  # As when it has been predicted.
    return tracker


def whole_state(tracker: DialogueStateTracker) -> Dict[str, Any]:
    state = tracker.current_state(EventVerbosity.ALL)
    own = {name: (slot.value, slot.has_been_set, type(slot)) for name, slot in tracker.slots.items()}
    kept = (tracker.active_loop, tracker.latest_bot_utterance.text, tracker.followup_action, tracker.model_id)
    for event in state["events"]:
        event.pop("timestamp")
    return {**state, "own": own, "kept": kept}


TALKS = range(300)


@pytest.mark.parametrize("module", [processor_module, rule_policy_module])
def test_copies_left_out_were_for_debug_messages_only(module: Any) -> None:
    for node in ast.walk(ast.parse(inspect.getsource(module))):
        for call_ in (n for n in ast.walk(node) if isinstance(n, ast.Call)) if isinstance(node, ast.Expr) else ():
            if ast.unparse(call_.func) == "copy.deepcopy":
                assert ast.unparse(node.value).startswith("structlogger.debug("), ast.unparse(node)
    uses = [line for line in inspect.getsource(module).splitlines() if "copy." in line and "tracker.copy" not in line]
    assert uses
    assert all("copy.deepcopy(" in line for line in uses)


def test_with_debug_messages_on_the_copies_are_made(monkeypatch: pytest.MonkeyPatch) -> None:
    value = [{"a": 1}]
    assert processor_module.copy.deepcopy(value) is value
    monkeypatch.setattr(processor_module.logger, "isEnabledFor", lambda level: level >= 10)
    assert processor_module.copy.deepcopy(value) is not value


def test_the_events_that_count_are_those_of_stock() -> None:
    stock = original(DialogueStateTracker, "applied_events")
    for seed in TALKS:
        tracker = random_talk(seed)
        assert tracker.applied_events() == stock(tracker), seed
        tracker.applied_events().clear()  # Whoever gets the list may change it.
        tracker.update(ActionExecuted("report_form"), TALK_DOMAIN)
        assert tracker.applied_events() == stock(tracker), seed


def test_a_copied_conversation_is_the_one_that_stock_replays() -> None:
    for seed in TALKS:
        tracker = random_talk(seed)
        ours, stock = tracker.copy(), tracker.travel_back_in_time(float("inf"))
        assert whole_state(ours) == whole_state(stock), seed
        ours.update_with_events([SlotSet("place", "别处"), ActiveLoop(None), said("deny")], TALK_DOMAIN)
        assert whole_state(tracker.travel_back_in_time(float("inf"))) == whole_state(stock), "the original has changed"


def test_slots_carried_into_a_new_session_have_the_values_of_stock() -> None:
    stock = original(ActionSessionStart, "_slot_set_events_from_tracker")
    for seed in TALKS:
        tracker = random_talk(seed)
        values = []
        for carried in (ActionSessionStart._slot_set_events_from_tracker(tracker), stock(tracker)):
            new = DialogueStateTracker.from_events("new", [SessionStarted(), *carried], TALK_DOMAIN.slots)
            values.append(new.current_slot_values())
        assert values[0] == values[1], seed


def test_carried_slots_do_not_multiply_with_the_sessions() -> None:
    tracker = DialogueStateTracker("often", TALK_DOMAIN.slots)
    for _ in range(10):
        carried = ActionSessionStart._slot_set_events_from_tracker(tracker)
        tracker.update_with_events(
            [SessionStarted(), *carried, SlotSet("place", "3幢"), SlotSet("mood", "fine")], TALK_DOMAIN
        )
    assert [event.key for event in carried] == ["place"]


def test_whether_the_domain_is_empty_is_still_known() -> None:
    for domain in (Domain.empty(), TALK_DOMAIN):
        assert domain.is_empty() is domain.is_empty() is (domain is not TALK_DOMAIN)


def rule(*states: Dict[str, Any]) -> str:
    return json.dumps(states, sort_keys=True)


LISTENS = {"prev_action": {"action_name": "action_listen"}}
LOOKUP = {
    RULES: {
        rule({**LISTENS, "user": {"intent": "greet"}}): "utter_greet",
        rule({**LISTENS, "user": {"intent": "report"}}): "report_form",
        rule({**LISTENS, "user": {"intent": "report"}, "active_loop": {"name": "should_not_be_set"}}): "action_x",
        rule({**LISTENS, "user": {"intent": "greet"}}, {"prev_action": {"action_name": "action_x"}}): "action_listen",
        rule({"prev_action": {"action_name": "report_form"}, "active_loop": {"name": "report_form"}}): "action_listen",
        rule({"slots": {"mood": [1.0]}, "prev_action": {"action_name": "action_x"}}): "utter_greet",
        rule({}, {**LISTENS, "user": {"intent": "deny"}}): "action_x",
        rule({"user": {"intent": "deny"}, "prev_action": {"action_name": "should_not_be_set"}}): "utter_greet",
    },
    RULES_FOR_LOOP_UNHAPPY_PATH: {
        rule({**LISTENS, "user": {"intent": "deny"}, "active_loop": {"name": "report_form"}}): "loop_was_interrupted",
    },
}


def test_rules_find_what_they_find_with_the_whole_conversation(monkeypatch: pytest.MonkeyPatch) -> None:
    policy = RulePolicy.__new__(RulePolicy)
    policy.lookup = LOOKUP
    policy.config = {**RulePolicy.get_default_config(), "max_history": None}
    featurizer = policy._standard_featurizer()
    monkeypatch.setattr(RulePolicy, "featurizer", property(lambda self: featurizer), raising=False)
    find = original(RulePolicy, "_find_action_from_rules")
    keys = original(RulePolicy, "_get_possible_keys")
    states = original(RulePolicy, "_prediction_states")
    found = set()
    for seed in TALKS:
        tracker = random_talk(seed)
        for use_text in (False, True):
            whole = states(policy, tracker, TALK_DOMAIN, use_text)
            last = policy._prediction_states(tracker, TALK_DOMAIN, use_text)
            assert last == whole[-len(last) :], seed
            for kind in (RULES, RULES_FOR_LOOP_UNHAPPY_PATH):
                assert policy._get_possible_keys(LOOKUP[kind], last) == keys(policy, LOOKUP[kind], whole), seed
        ours = policy._find_action_from_rules(tracker, TALK_DOMAIN, False)
        with monkeypatch.context() as as_stock:
            as_stock.setattr(RulePolicy, "_prediction_states", states)
            as_stock.setattr(RulePolicy, "_get_possible_keys", keys)
            assert ours == find(policy, tracker, TALK_DOMAIN, False), seed
        found.add(ours[0])
    assert len(found) >= 4, "the conversations should meet several rules"


def graph_of(order: List[str], log: List[str]) -> DaskGraphRunner:
    """A diamond: d needs b and c, which need a, which needs what is given."""
    needs = {
        "a": {"x": "given"},
        "b": {"x": "a"},
        "c": {"x": "a"},
        "d": {"left": "b", "right": "c"},
        "unasked": {"x": "a"},
    }

    def node(name: str) -> Callable[..., Tuple[str, Any]]:
        def call_it(*inputs: Any) -> Tuple[str, Any]:
            log.append(name)
            return name, (name, *inputs)

        return call_it

    nodes = {name: SchemaNode(needs[name], object, "create", "run", {}) for name in order}  # type: ignore[arg-type]
    runner = DaskGraphRunner.__new__(DaskGraphRunner)
    runner._graph_schema = GraphSchema(nodes)
    runner._instantiated_nodes = {name: node(name) for name in order}  # type: ignore[misc]
    runner._execution_context = None  # type: ignore[assignment]
    return runner


@pytest.mark.parametrize("order", ["abcd", "dcba", "bdac"])
def test_a_graph_gives_what_it_gives_with_dask(order: str) -> None:
    stock_run = original(DaskGraphRunner, "run")
    log: List[str] = []
    runner = graph_of([*order, "unasked"], log)
    for targets in (["d"], ["b", "d"], ["a"]):
        log.clear()
        ours = runner.run({"given": [1]}, targets)
        assert len(set(log)) == len(log)
        assert "unasked" not in log
        assert ours == stock_run(runner, {"given": [1]}, targets)


def test_an_error_in_a_graph_is_told_as_stock_tells_it() -> None:
    def fails(*_: Any) -> None:
        raise RuntimeError("x")

    runner = graph_of(list("abcd"), [])
    runner._instantiated_nodes["b"] = fails  # type: ignore[assignment]
    with pytest.raises(GraphRunError):
        runner.run({"given": [1]}, ["d"])


def test_an_action_is_sent_the_events_since_the_message_and_all_else_as_stock_sends_it() -> None:
    stock = original(RemoteAction, "_action_call_format")
    action = RemoteAction("action_x", EndpointConfig("http://127.0.0.1:9", enable_selective_domain=True))
    for seed in TALKS:
        tracker = random_talk(seed)
        before = list(tracker.events)
        ours, whole = action._action_call_format(tracker, TALK_DOMAIN), stock(action, tracker, TALK_DOMAIN)
        sent, all_events = ours["tracker"].pop("events"), whole["tracker"].pop("events")
        assert ours == whole, seed
        users = [n for n, event in enumerate(all_events) if event["event"] == "user"]
        assert sent == (all_events[users[-1] :] if users else all_events)
        assert list(tracker.events) == before
        # What is sent is written with ujson, and means the same.
        assert json.loads(ujson.dumps(whole)) == json.loads(json.dumps(whole))
