"""What stock Rasa keeps of a turn that went wrong is not kept here: the turn is aborted, and can be done again."""

from __future__ import annotations

import asyncio
import logging
from typing import Any, List

import aiohttp
import rasa.core.actions.action as action_module
from rasa.core.actions.action import ActionExecutionRejection, RemoteAction
from rasa.core.processor import MessageProcessor
from rasa.core.tracker_store import FailSafeTrackerStore
from rasa.exceptions import ActionLimitReached
from rasa.shared.core.events import Event
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.utils.endpoints import ClientResponseError

from bot.engine.registry import TurnAborted, put, tuning

logger = logging.getLogger(__name__)

ACTION_TIMEOUT = 15
"""Seconds for one call of the action server. The gateway gives a whole turn 25 s; stock Rasa would wait five minutes."""


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

    put(RemoteAction, "run", run)


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

    put(MessageProcessor, "predict_next_with_tracker_if_should", predict_next_with_tracker_if_should)


@tuning
def strict_tracker_store() -> None:
    """A tracker store that fails aborts the turn.

    Stock answers a failed read with an empty conversation (a half filled form is forgotten, a repeated message is handled
    twice) and a failed write with a store in memory (gone at the next restart).
    """

    def refuse(self: FailSafeTrackerStore, error: Exception) -> None:
        logger.error("Tracker store failed: %s", type(error).__name__)
        raise TurnAborted("tracker_store_unavailable", type(error).__name__) from error

    put(FailSafeTrackerStore, "on_tracker_store_error", refuse)
    put(FailSafeTrackerStore, "on_tracker_store_retrieve_error", refuse)
