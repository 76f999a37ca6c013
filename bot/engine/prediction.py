"""Understanding and deciding: the graph of components, and the rules."""

from __future__ import annotations

import json
from typing import Any, Dict, Iterator, List, Optional, Set, Tuple

from rasa.core.policies.rule_policy import RULES, RULES_FOR_LOOP_UNHAPPY_PATH, RulePolicy
from rasa.engine.exceptions import GraphRunError
from rasa.engine.graph import GraphSchema
from rasa.engine.runner.dask import DaskGraphRunner
from rasa.shared.core.constants import PREVIOUS_ACTION, SHOULD_NOT_BE_SET, USER
from rasa.shared.core.domain import Domain, State
from rasa.shared.core.events import ActionExecuted
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.nlu.constants import ACTION_NAME, INTENT

from bot.engine.registry import put, tuning


@tuning
def rules_by_intent() -> None:
    """Do not look for rules by the message's text when no rule has one.

    Stock asks the rules twice in every prediction, first with the text in place of the intent (end-to-end rules), and builds the
    states of the whole conversation each time.
    """
    stock = RulePolicy._find_action_from_rules

    def _find_action_from_rules(self: RulePolicy, tracker: Any, domain: Any, use_text_for_last_user_input: bool) -> Any:
        if use_text_for_last_user_input and not _has_text_rules(self):
            return None, None, False
        return stock(self, tracker, domain, use_text_for_last_user_input)

    put(RulePolicy, "_find_action_from_rules", _find_action_from_rules)


def _has_text_rules(policy: RulePolicy) -> bool:
    known = getattr(policy, "_linshe_text_rules", None)
    if known is None:
        states = (state for key in policy.lookup.get(RULES, {}) for state in json.loads(key))
        known = policy._linshe_text_rules = any("text" in state.get("user", {}) for state in states)  # type: ignore[attr-defined]
    return bool(known)


@tuning
def straight_graph() -> None:
    """Run a model's components one after the other, in an order worked out once. Stock builds a dask graph for every run."""
    stock = DaskGraphRunner.run

    def run(
        self: DaskGraphRunner, inputs: Optional[Dict[str, Any]] = None, targets: Optional[List[str]] = None
    ) -> Dict[str, Any]:
        given = inputs or {}
        if any(isinstance(value, str) for value in given.values()):
            return stock(self, inputs, targets)  # A text may name a component; stock knows what to say to that.
        wanted = tuple(targets or self._graph_schema.target_names)
        plans = self.__dict__.setdefault("_linshe_plans", {})
        if wanted not in plans:
            plans[wanted] = _in_order(self._graph_schema.minimal_graph_schema(list(wanted)))
        done: Dict[str, Any] = {name: (name, value) for name, value in given.items()}
        try:
            for name, needs in plans[wanted]:
                # As with dask, what nobody provides is handed on as its name, and the component says so.
                done[name] = self._instantiated_nodes[name](*(done.get(need, need) for need in needs))
        except RuntimeError as error:
            raise GraphRunError("Error running runner.") from error
        return {name: done[name][1] for name in wanted}

    put(DaskGraphRunner, "run", run)


def _in_order(schema: GraphSchema) -> List[Tuple[str, Tuple[str, ...]]]:
    """Every component after those it needs."""
    order: Dict[str, Tuple[str, ...]] = {}

    def add(name: str) -> None:
        if name in order or name not in schema.nodes:
            return
        needs = tuple(schema.nodes[name].needs.values())
        for need in needs:
            add(need)
        order[name] = needs

    for name in schema.nodes:
        add(name)
    return list(order.items())


@tuning
def recent_states() -> None:
    """Show the rules only as much of the conversation as the longest of them looks back on.

    Stock makes a state of every action of the conversation, in every prediction, and compares each with the rules: a turn grows
    with the conversation. Beyond a rule's length stock takes any state for a match.
    """

    def _prediction_states(
        self: RulePolicy,
        tracker: DialogueStateTracker,
        domain: Domain,
        use_text_for_last_user_input: bool = False,
        rule_only_data: Optional[Dict[str, Any]] = None,
    ) -> List[State]:
        if self.__dict__.get("_linshe_whole"):
            return whole(self, tracker, domain, use_text_for_last_user_input, rule_only_data)
        states = _last_states(tracker, domain, _rules_of(self).longest)
        self.featurizer._choose_last_user_input([states], use_text_for_last_user_input)
        return states

    def _get_possible_keys(self: RulePolicy, lookup: Dict[str, str], states: List[State]) -> Set[str]:
        rules = _rules_of(self)
        return {
            key
            for key in rules.candidates(states[-1])
            if key in lookup and _matches(self, rules.backwards[key], states)
        }

    def _find_action_from_rules(self: RulePolicy, tracker: Any, domain: Any, use_text_for_last_user_input: bool) -> Any:
        found = find(self, tracker, domain, use_text_for_last_user_input)
        if found[0] is not None or found[1] is None:
            return found
        # No rule fits. Stock then names the whole conversation as the reason, so that is what it is asked with.
        self.__dict__["_linshe_whole"] = True
        try:
            return find(self, tracker, domain, use_text_for_last_user_input)
        finally:
            self.__dict__["_linshe_whole"] = False

    find, whole = RulePolicy._find_action_from_rules, RulePolicy._prediction_states
    put(RulePolicy, "_find_action_from_rules", _find_action_from_rules)
    put(RulePolicy, "_prediction_states", _prediction_states)
    put(RulePolicy, "_get_possible_keys", _get_possible_keys)


class _Rules:
    """A policy's rules, each as its states, the latest first; and by what the latest state must be, where a rule says it."""

    def __init__(self, lookup: Dict[str, Any]) -> None:
        keys = [*lookup.get(RULES, {}), *lookup.get(RULES_FOR_LOOP_UNHAPPY_PATH, {})]
        self.backwards: Dict[str, List[State]] = {key: list(reversed(json.loads(key))) for key in keys}
        self.longest = max((len(states) for states in self.backwards.values()), default=1)
        self.size = len(keys)
        self._by_state: Dict[Tuple[Optional[str], Optional[str]], List[str]] = {}
        for key, states in self.backwards.items():
            self._by_state.setdefault(_action_and_intent(states[0]), []).append(key)

    def candidates(self, latest: State) -> Iterator[str]:
        """Every rule that can match a conversation in this state, and some that do not."""
        action, intent = _action_and_intent(latest)
        for found in {(action, intent), (action, None), (None, intent), (None, None)}:
            yield from self._by_state.get(found, ())


def _action_and_intent(state: State) -> Tuple[Optional[str], Optional[str]]:
    """None where a rule does not say, or says that there is none."""
    action = state.get(PREVIOUS_ACTION, {}).get(ACTION_NAME)
    intent = state.get(USER, {}).get(INTENT)
    return (
        action if isinstance(action, str) and action != SHOULD_NOT_BE_SET else None,
        intent if isinstance(intent, str) and intent != SHOULD_NOT_BE_SET else None,
    )


def _rules_of(policy: RulePolicy) -> _Rules:
    size = len(policy.lookup.get(RULES, {})) + len(policy.lookup.get(RULES_FOR_LOOP_UNHAPPY_PATH, {}))
    known = policy.__dict__.get("_linshe_rules")
    if known is None or known[0] is not policy.lookup or known[1].size != size:
        known = policy.__dict__["_linshe_rules"] = (policy.lookup, _Rules(policy.lookup))
    return known[1]


def _last_states(tracker: DialogueStateTracker, domain: Domain, count: int) -> List[State]:
    """The last `count` of `domain.states_for_tracker_history(tracker)`."""
    events = tracker.applied_events()
    # One state before each action, and the present one.
    skipped = sum(isinstance(event, ActionExecuted) for event in events) + 1 - count
    states: List[State] = []
    replayed = tracker.init_copy()
    for event in events:
        if isinstance(event, ActionExecuted):
            if skipped > 0:
                skipped -= 1
            else:
                states.append(domain._clean_state(domain.get_active_state(replayed)))
        event.apply_to(replayed)
    states.append(domain._clean_state(domain.get_active_state(replayed)))
    return states


def _matches(policy: RulePolicy, rule: List[State], states: List[State]) -> bool:
    """Stock's `_is_rule_applicable` for every state of a conversation, from the latest back to the rule's length."""
    for wanted, state in zip(rule, reversed(states), strict=False):
        before, wanted_before = state.get(PREVIOUS_ACTION), wanted.get(PREVIOUS_ACTION)
        if not before and not wanted_before:
            continue  # Both are the beginning of a conversation.
        if not before or not wanted_before or not policy._does_rule_match_state(wanted, state):
            return False
    return True
