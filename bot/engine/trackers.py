"""The conversation in memory: its events, copies of it, when it begins anew."""

from __future__ import annotations

import copy
import dataclasses
from typing import Any, Dict, List, Optional, Type

import rasa.core.policies.rule_policy as rule_policy_module
import rasa.core.processor as processor_module
from rasa.core.actions.action import ActionSessionStart
from rasa.core.processor import MessageProcessor
from rasa.shared.constants import DEFAULT_SENDER_ID
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, Event, FollowupAction, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from bot import sessions
from bot.engine.registry import put, tuning


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

    put(Event, "resolve_by_type", staticmethod(resolve_by_type))


@tuning
def session_rules() -> None:
    """When a conversation begins anew: see bot.sessions. Keeps a turn as fast in a long conversation as in a short one."""
    stock = MessageProcessor._has_session_expired

    def _has_session_expired(self: MessageProcessor, tracker: DialogueStateTracker) -> bool:
        return sessions.begins_anew(tracker, stock(self, tracker))

    put(MessageProcessor, "_has_session_expired", _has_session_expired)


@tuning
def carried_once() -> None:
    """Carry a slot into a new session once, with its latest value, and only when that is not what it begins with anyway.

    Stock repeats every setting of every slot there ever was: with each session there are more, without end, and each is stored
    again, read in every turn and sent with every action.
    """

    def _slot_set_events_from_tracker(tracker: DialogueStateTracker) -> List[SlotSet]:
        latest = {event.key: event for event in tracker.applied_events() if isinstance(event, SlotSet)}
        begins = {name: slot.initial_value for name, slot in tracker.slots.items()}
        return [
            SlotSet(key=name, value=event.value, metadata=event.metadata)
            for name, event in latest.items()
            if name not in begins or event.value != begins[name]
        ]

    put(ActionSessionStart, "_slot_set_events_from_tracker", staticmethod(_slot_set_events_from_tracker))


@tuning
def applied_once() -> None:
    """Work out which events count (`applied_events`) once for as long as no event is added, by looking at each one's class.

    Stock does it eight times and more in a turn, each time asking every event whether it is an instance of six classes.
    """

    def applied_events(self: DialogueStateTracker) -> List[Event]:
        key = (id(self.events), len(self.events), id(self.events[-1]) if self.events else 0)
        known = self.__dict__.get("_linshe_applied")
        if known is None or known[0] != key:
            known = self.__dict__["_linshe_applied"] = (key, _applied_events(self))
        return list(known[1])

    put(DialogueStateTracker, "applied_events", applied_events)


def _applied_events(tracker: DialogueStateTracker) -> List[Event]:
    loops = {event.name for event in tracker.events if event.type_name in ("active_loop", "form") and event.name}
    applied: List[Event] = []
    for event in tracker.events:
        kind = event.type_name
        if kind == "action":
            again = event.action_name in loops and not tracker._first_loop_execution_or_unhappy_path(
                event.action_name, applied
            )
            if again:
                tracker._undo_till_previous_loop_execution(event.action_name, applied)
            else:
                applied.append(event)
        elif kind in ("session_started", "restart"):
            applied = []
        elif kind == "undo":
            tracker._undo_till_previous(ActionExecuted, applied)
        elif kind == "rewind":
            # The listening before a message goes with it.
            tracker._undo_till_previous(UserUttered, applied)
            tracker._undo_till_previous(ActionExecuted, applied)
        else:
            applied.append(event)
    return applied


@tuning
def known_domain() -> None:
    """Find out once whether the domain is empty. Stock writes it out as a dictionary to see, for every message."""
    stock = Domain.is_empty

    def is_empty(self: Domain) -> bool:
        if "_linshe_empty" not in self.__dict__:
            self.__dict__["_linshe_empty"] = stock(self)
        return bool(self.__dict__["_linshe_empty"])

    put(Domain, "is_empty", is_empty)


@tuning
def state_copies() -> None:
    """Copy a conversation's state. Stock replays all of its events into a new one, before every action."""
    stock = DialogueStateTracker.copy

    def copy_state(self: DialogueStateTracker) -> DialogueStateTracker:
        for event in reversed(self.events):
            # A followup action is cleared without an event when it is predicted: a replay brings it back, so it is looked up.
            if isinstance(event, (ActionExecuted, UserUttered)):
                followup = None
                break
            if isinstance(event, FollowupAction):
                followup = event.action_name
                break
            if event.type_name not in _HARMLESS:
                return stock(self)
        else:
            return stock(self)
        # Made without slots, which would only be replaced.
        twin = DialogueStateTracker(
            self.sender_id or DEFAULT_SENDER_ID, (), self._max_event_history, is_rule_tracker=self.is_rule_tracker
        )
        twin.slots = {name: copy.copy(slot) for name, slot in self.slots.items()}
        twin.events.extend(self.events)
        twin.followup_action = followup
        twin.latest_action = self.latest_action
        twin.latest_message = self.latest_message
        twin.latest_bot_utterance = self.latest_bot_utterance
        twin.active_loop = dataclasses.replace(self.active_loop) if self.active_loop else None
        twin._paused = self._paused
        return twin

    put(DialogueStateTracker, "copy", copy_state)


_HARMLESS = frozenset({"slot", "bot", "active_loop", "loop_interrupted", "action_execution_rejected", "entities"})
"""Kinds of event that do not touch the followup action."""


@tuning
def no_copies_for_the_log() -> None:
    """Do not copy what is only copied for a debug message that nobody asked for.

    Stock makes deep copies of events and slots for every `structlogger.debug`, also when debug messages are off.
    """
    for module in (processor_module, rule_policy_module):
        # Every use of `copy` in these two modules is such an argument; a test holds that.
        module.copy = _CopyWhenLogged(module.logger)  # type: ignore[attr-defined]


class _CopyWhenLogged:
    """Stands in for the module `copy`."""

    def __init__(self, logger: Any) -> None:
        self._logger = logger

    def deepcopy(self, value: Any) -> Any:
        return copy.deepcopy(value) if self._logger.isEnabledFor(10) else value
