"""Small tunings of the Rasa server, each one function, each tested against stock (tests/bot), each switchable.

Rasa 3.6.21 is the last open release, so these are made from outside, when `bot.channel` is loaded (credentials.yml), never by
editing the package. `LINSHE_RASA_STOCK=compiled_validator,event_lookup` leaves the named ones as Rasa has them, `all` every one.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
from typing import Any, Callable, Dict, List, Optional, Set, Type

import aiohttp
import rasa.core.actions.action as action_module
from jsonschema import Draft202012Validator, ValidationError
from rasa.core.actions.action import ActionExecutionRejection, RemoteAction
from rasa.core.policies.rule_policy import RULES, RulePolicy
from rasa.core.processor import MessageProcessor
from rasa.core.tracker_store import FailSafeTrackerStore
from rasa.exceptions import ActionLimitReached
from rasa.shared.core.events import Event
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.utils.endpoints import ClientResponseError, EndpointConfig

from bot import sessions

logger = logging.getLogger(__name__)

ACTION_TIMEOUT = 15
"""Seconds for one call of the action server. The gateway gives a whole turn 25 s; stock Rasa would wait five minutes."""

PASSING = frozenset({"actions_unavailable", "tracker_store_unavailable"})
"""What passes by itself: the sender tries again as long as it takes. Anything else is tried a few times, then put aside."""

_TUNINGS: Dict[str, Callable[[], None]] = {}
_applied: Set[str] = set()


class TurnAborted(BaseException):
    """The turn cannot be done now: nothing of it may be kept, and the sender must try again.

    Not an Exception on purpose. `MessageProcessor._run_action` catches every Exception, logs it, and saves a turn that lacks
    the action's events; only something it does not catch gets out of there. bot.channel catches it.
    """

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code}: {detail}" if detail else code)
        self.code = code


def tuning(apply: Callable[[], None]) -> Callable[[], None]:
    """Register a tuning under its function's name."""
    _TUNINGS[apply.__name__] = apply
    return apply


def names() -> List[str]:
    return sorted(_TUNINGS)


def apply_all(stock: Optional[str] = None) -> List[str]:
    """Apply every tuning once that `stock` (default: LINSHE_RASA_STOCK) does not name. Returns what is applied now."""
    wanted_stock = {n.strip() for n in (os.environ.get("LINSHE_RASA_STOCK", "") if stock is None else stock).split(",")}
    unknown = wanted_stock - set(_TUNINGS) - {"", "all"}
    if unknown:
        raise ValueError(f"LINSHE_RASA_STOCK names unknown tunings {sorted(unknown)}; there are {names()}")
    for name, apply in _TUNINGS.items():
        if name not in _applied and name not in wanted_stock and "all" not in wanted_stock:
            apply()
            _applied.add(name)
    return sorted(_applied)


@tuning
def compiled_validator() -> None:
    """Check an action's result with a validator built once.

    Stock calls `jsonschema.validate`, which first checks the *schema itself*, on every result: two thirds of a turn.
    The check of the result, and the error for a bad one, are the same.
    """
    validator = Draft202012Validator(RemoteAction.action_response_format_spec())

    def _validate_action_result(self: RemoteAction, result: Dict[str, Any]) -> bool:
        for error in validator.iter_errors(result):
            raise ValidationError(
                f"{error.message}. Failed to validate the action server's response for '{self.name()}'."
            )
        return True

    RemoteAction._validate_action_result = _validate_action_result  # type: ignore[method-assign]


@tuning
def abort_turns() -> None:
    """A remote action that cannot be run aborts the turn, instead of being logged and left out of it.

    Stock keeps a turn in which, say, a report was confirmed and never filed. A rejection (HTTP 400) stays what it is:
    a form's way to say that the message was no answer.
    """
    stock_run = RemoteAction.run
    action_module.DEFAULT_REQUEST_TIMEOUT = ACTION_TIMEOUT

    async def run(self: RemoteAction, output_channel: Any, nlg: Any, tracker: Any, domain: Any) -> List[Event]:
        try:
            return await stock_run(self, output_channel, nlg, tracker, domain)
        except ActionExecutionRejection:
            raise
        except Exception as error:
            cause = error.__cause__ or error
            # Never the response's text: it may hold what the resident wrote.
            status = cause.status if isinstance(cause, ClientResponseError) else None
            passing = (aiohttp.ClientConnectionError, asyncio.TimeoutError)
            # Rasa's own error for a refused connection carries its cause in words only.
            away = status == 503 or isinstance(error, passing) or isinstance(cause, passing)
            away = away or (status is None and "Couldn't connect" in str(error))
            what = f"{self.name()} {type(cause).__name__} {status or ''}".strip()
            logger.warning("Turn of %s aborted: %s", tracker.sender_id, what)
            raise TurnAborted("actions_unavailable" if away else "action_failed", what) from error

    RemoteAction.run = run  # type: ignore[method-assign]


@tuning
def abort_loops() -> None:
    """A turn whose actions go round in circles is aborted.

    Stock stops after ten actions and saves the conversation without its `action_listen`: from then on it counts as being in the
    middle of that turn, and the resident never gets an answer again.
    """
    stock = MessageProcessor.predict_next_with_tracker_if_should

    def predict_next_with_tracker_if_should(self: MessageProcessor, tracker: DialogueStateTracker) -> Any:
        try:
            return stock(self, tracker)
        except ActionLimitReached as error:
            logger.error(
                "Turn of %s aborted: actions in a circle, last %s", tracker.sender_id, tracker.latest_action_name
            )
            raise TurnAborted("turn_failed", "actions in a circle") from error

    MessageProcessor.predict_next_with_tracker_if_should = predict_next_with_tracker_if_should  # type: ignore[method-assign]


@tuning
def strict_tracker_store() -> None:
    """A tracker store that fails aborts the turn.

    Stock answers a failed read with an empty conversation (a half filled form is forgotten, a repeated message is handled
    twice) and a failed write with a store in memory (gone at the next restart).
    """

    def refuse(self: FailSafeTrackerStore, error: Exception) -> None:
        logger.error("Tracker store failed: %s", type(error).__name__)
        raise TurnAborted("tracker_store_unavailable", type(error).__name__) from error

    FailSafeTrackerStore.on_tracker_store_error = refuse  # type: ignore[method-assign]
    FailSafeTrackerStore.on_tracker_store_retrieve_error = refuse  # type: ignore[method-assign]


@tuning
def event_lookup() -> None:
    """Find an event's class in a dictionary. Stock walks all subclasses of Event, for every stored event of every turn."""
    known: Dict[str, Optional[Type[Event]]] = {}
    stock = Event.resolve_by_type

    def resolve_by_type(type_name: str, default: Optional[Type[Event]] = None) -> Optional[Type[Event]]:
        found = known.get(type_name)
        if found is None:
            found = stock(type_name, default)
            if found is not None and found is not default:
                known[type_name] = found
        return found

    Event.resolve_by_type = staticmethod(resolve_by_type)  # type: ignore[method-assign,assignment]


@tuning
def session_rules() -> None:
    """When a conversation begins anew: see bot.sessions. Keeps a turn as fast in a long conversation as in a short one."""
    stock = MessageProcessor._has_session_expired

    def _has_session_expired(self: MessageProcessor, tracker: DialogueStateTracker) -> bool:
        return sessions.begins_anew(tracker, stock(self, tracker))

    MessageProcessor._has_session_expired = _has_session_expired  # type: ignore[method-assign]


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

    RulePolicy._find_action_from_rules = _find_action_from_rules  # type: ignore[method-assign]


def _has_text_rules(policy: RulePolicy) -> bool:
    known = getattr(policy, "_linshe_text_rules", None)
    if known is None:
        states = (state for key in policy.lookup.get(RULES, {}) for state in json.loads(key))
        known = policy._linshe_text_rules = any("text" in state.get("user", {}) for state in states)  # type: ignore[attr-defined]
    return bool(known)


@tuning
def kept_connections() -> None:
    """Keep the connection to the action server open. Stock opens a new one for each action.

    One HTTP session a running event loop and endpoint; aiohttp's own pool bounds the connections.
    """
    pools: Dict[int, aiohttp.ClientSession] = {}

    class Kept:
        """Looks like `async with endpoint.session()`, without closing at the end."""

        def __init__(self, session: aiohttp.ClientSession) -> None:
            self._session = session

        async def __aenter__(self) -> aiohttp.ClientSession:
            return self._session

        async def __aexit__(self, *error: Any) -> None:
            return None

    stock = EndpointConfig.session

    def session(self: EndpointConfig) -> Any:
        key = hash((id(asyncio.get_event_loop()), id(self)))
        kept = pools.get(key)
        if kept is None or kept.closed:
            kept = pools[key] = stock(self)
        return Kept(kept)

    EndpointConfig.session = session  # type: ignore[method-assign]
