"""The calls of the action server: the connection, what is sent, the check of what comes back."""

from __future__ import annotations

import asyncio
import itertools
from collections import deque
from typing import Any, Dict, FrozenSet

import aiohttp
import ujson
from jsonschema import Draft202012Validator, ValidationError
from rasa.core.actions.action import RemoteAction
from rasa.shared.core.domain import Domain
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.utils.schemas.events import EVENT_SCHEMA
from rasa.utils.endpoints import EndpointConfig

from bot.engine.registry import put, tuning


@tuning
def compiled_validator() -> None:
    """Check an action's result by looking at it, and what is out of the ordinary with a validator built once.

    Stock calls `jsonschema.validate`, which first checks the *schema itself*, on every result: two thirds of a turn. Then it
    compares each event with the schemas of all 23 kinds. The verdict, and the error for a bad result, are the same.
    """
    validator = Draft202012Validator(RemoteAction.action_response_format_spec())

    def _validate_action_result(self: RemoteAction, result: Dict[str, Any]) -> bool:
        if plainly_valid(result):
            return True
        for error in validator.iter_errors(result):
            raise ValidationError(
                f"{error.message}. Failed to validate the action server's response for '{self.name()}'."
            )
        return True

    put(RemoteAction, "_validate_action_result", _validate_action_result)


def _unconditional() -> FrozenSet[str]:
    """Kinds of event whose schema asks for nothing but the kind; the schema is read, so that it stays the one authority."""
    found = set()
    for branch in EVENT_SCHEMA["oneOf"]:
        if set(branch) == {"properties"} and set(branch["properties"]) == {"event"}:
            found.add(branch["properties"]["event"]["const"])
    return frozenset(found)


UNCONDITIONAL = _unconditional()


def plainly_valid(result: Any) -> bool:
    """True only for what the schema surely accepts; False says nothing."""
    if type(result) is not dict:
        return False
    events, responses = result.get("events", ()), result.get("responses", ())
    if type(events) not in (list, tuple) or type(responses) not in (list, tuple):
        return False
    return all(type(response) is dict for response in responses) and all(map(_plain_event, events))


def _plain_event(event: Any) -> bool:
    if type(event) is not dict:
        return False
    if type(event.get("timestamp")) not in (type(None), int, float) or type(event.get("metadata")) not in (
        type(None),
        dict,
    ):
        return False
    kind = event.get("event")
    if kind == "slot":
        return type(event.get("name")) is str and "value" in event
    return type(kind) is str and kind in UNCONDITIONAL


@tuning
def kept_connections() -> None:
    """Keep the connection to the action server open, and write JSON with ujson. Stock opens a new one for each action.

    One HTTP session a running event loop and endpoint; aiohttp's own pool bounds the connections. ujson comes with Rasa's web
    server; what it writes means the same.
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
            kept._json_serialize = ujson.dumps
        return Kept(kept)

    put(EndpointConfig, "session", session)


@tuning
def events_of_the_turn() -> None:
    """Send the action server the events since the resident's message. Stock sends the whole conversation with every call.

    What an action reads is sent as it was: slots, the latest message, the form; none of ours reads an earlier event
    (tests/unit/actions holds that), and rasa-sdk's own form helper looks at the latest slots only.
    """
    stock = RemoteAction._action_call_format

    def _action_call_format(self: RemoteAction, tracker: DialogueStateTracker, domain: Domain) -> Dict[str, Any]:
        events = tracker.events
        for back, event in enumerate(reversed(events), 1):
            if event.type_name == "user":
                tracker.events = deque(itertools.islice(events, len(events) - back, None), maxlen=events.maxlen)
                break
        try:
            return stock(self, tracker, domain)
        finally:
            tracker.events = events

    put(RemoteAction, "_action_call_format", _action_call_format)
