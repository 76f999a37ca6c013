"""The input channel `linshe`: what the gateway speaks ("The wire to Rasa" in docs/architecture.md).

Each message has an id. A message handled before is answered from the stored conversation, without a second turn; a message whose
turn could not be finished leaves nothing behind and is answered 503, for the gateway to send again. Both hold over a restart.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import re
import unicodedata
from dataclasses import dataclass
from typing import Any, Awaitable, Callable, Dict, List, Optional, Tuple

from rasa.core.agent import Agent
from rasa.core.channels.channel import InputChannel, OutputChannel, UserMessage
from rasa.core.lock_store import LockError
from rasa.shared.core.events import BotUttered, Event, UserUttered
from sanic import Blueprint, response
from sanic.request import Request
from sanic.response import HTTPResponse

from bot import engine, models
from bot.tracker_store import LinsheTrackerStore

logger = logging.getLogger(__name__)

MAX_TEXT = 4000
"""The gateway takes 2,000 characters of a resident; payloads made by ourselves may be somewhat longer."""
TURN_TIMEOUT = 22
"""Seconds. Below the gateway's 25 s."""
_PAYLOAD = re.compile(r"^/(?P<intent>\w+)(?:\{.*\})?$", re.DOTALL)
_NOT_PAYLOADS = frozenset({"restart", "back", "session_start"})
"""Rasa's own commands: they would wipe or rewind a resident's conversation."""

engine.apply_all()


class BadRequest(ValueError):
    """The caller's mistake; the text says which."""


@dataclass(frozen=True)
class Question:
    """A request as read from the wire."""

    sender: str
    message_id: str
    text: str
    metadata: Dict[str, Any]


class Replies(OutputChannel):
    """Collects what the assistant says, in the form of the wire."""

    @classmethod
    def name(cls) -> str:
        return "linshe"

    def __init__(self) -> None:
        self.replies: List[Dict[str, Any]] = []

    async def send_response(self, recipient_id: str, message: Dict[str, Any]) -> None:
        self.replies.append(reply_of(message))


def reply_of(message: Dict[str, Any]) -> Dict[str, Any]:
    """One reply of the wire from a bot message, fresh or stored."""
    buttons = [{"title": b["title"], "payload": b.get("payload", b["title"])} for b in message.get("buttons") or []]
    return {"text": message.get("text") or "", "buttons": buttons, "custom": message.get("custom") or {}}


def reply_of_stored(event: Dict[str, Any]) -> Dict[str, Any]:
    """The same reply from a stored `bot` event."""
    return reply_of({"text": event.get("text"), **(event.get("data") or {})})


def replies_in(events: List[Event], message_id: str) -> Optional[List[Dict[str, Any]]]:
    """The replies of the turn that handled `message_id`, when it is the latest one among `events`; else None."""
    replies: List[Dict[str, Any]] = []
    for event in reversed(events):
        if isinstance(event, BotUttered):
            replies.insert(0, reply_of(event.message()))
        elif isinstance(event, UserUttered):
            return replies if event.message_id == message_id else None
    return None


def clean(text: str) -> str:
    """Without control characters, which PostgreSQL refuses and no rule expects; newlines stay."""
    return "".join(c for c in text if c in "\n\t" or unicodedata.category(c) not in ("Cc", "Cs")).strip()


def read_question(body: Any) -> Question:
    """Read the JSON body. Raises BadRequest."""
    if not isinstance(body, dict):
        raise BadRequest("the body must be a JSON object")
    sender, message_id = body.get("sender"), body.get("message_id")
    text, metadata = body.get("message"), {} if body.get("metadata") is None else body["metadata"]
    if not isinstance(sender, str) or not 0 < len(sender) <= 120:
        raise BadRequest("sender must be a string of 1 to 120 characters")
    if not isinstance(message_id, str) or not 0 < len(message_id) <= 120:
        raise BadRequest("message_id must be a string of 1 to 120 characters")
    if not isinstance(text, str) or len(text) > MAX_TEXT:
        raise BadRequest(f"message must be a string of at most {MAX_TEXT} characters")
    if not isinstance(metadata, dict):
        raise BadRequest("metadata must be an object")
    photos = metadata.get("photos") or []
    if not isinstance(photos, list) or not all(isinstance(p, str) for p in photos):
        raise BadRequest("metadata.photos must be a list of strings")
    return Question(sender, message_id, clean(text), {**metadata, "message_id": message_id, "photos": photos})


def text_for_rasa(question: Question, intents: List[str]) -> str:
    """What the pipeline reads. Only payloads of known intents keep their slash, and nothing at all is never sent."""
    if not question.text:
        return "/photo" if question.metadata["photos"] else "/nlu_fallback"
    if not question.text.startswith("/"):
        return question.text
    match = _PAYLOAD.match(question.text)
    if match and match["intent"] in intents and match["intent"] not in _NOT_PAYLOADS:
        return question.text
    return question.text.lstrip("/").strip() or "/nlu_fallback"


@dataclass(frozen=True)
class Handled:
    """The body of an answer. `understood` is what a typed message was taken for, and by which model; None for what is a payload and for
    a turn that was done before. `form`: the one that is open now, '' for none, None where that is not known."""

    replies: List[Dict[str, Any]]
    understood: Optional[Dict[str, Any]] = None
    form: Optional[str] = None

    def body(self) -> Dict[str, Any]:
        told = {"understood": self.understood or None, "form": self.form}
        return {"replies": self.replies, **{name: value for name, value in told.items() if value is not None}}


def understood(parsed: Dict[str, Any], model_id: str) -> Dict[str, Any]:
    """Of Rasa's parse what a trainer needs to see later: the three likeliest intents, the category, the model's id."""
    ranking = [r for r in parsed.get("intent_ranking") or [] if r.get("name") and r["name"] != "nlu_fallback"]
    category = next((e for e in parsed.get("entities") or [] if e.get("entity") == "category"), None)
    return {
        "intent": (parsed.get("intent") or {}).get("name"),
        "confidence": round(float((parsed.get("intent") or {}).get("confidence") or 0.0), 4),
        "ranking": [[r["name"], round(float(r["confidence"]), 4)] for r in ranking[:3]],
        "category": category and category["value"],
        "category_confidence": round(float((category or {}).get("confidence_entity") or 0.0), 4),
        "model": model_id,
    }


async def handle(agent: Agent, question: Question) -> Handled:
    """One turn, or the replies of the turn that was. Raises TurnAborted, LockError, asyncio.TimeoutError.

    The look for an earlier turn is made under the resident's lock: of two deliveries at once, the second one waits and finds it.
    The model is taken once: one that is published during a turn answers the next one.
    """
    async with agent.lock_store.lock(question.sender):
        processor = agent.processor
        known = await earlier_replies(agent, question)
        if known is not None:
            return Handled(known)
        collected = Replies()
        message = UserMessage(
            text_for_rasa(question, processor.domain.intents),
            collected,
            question.sender,
            input_channel=LinsheInput.name(),
            message_id=question.message_id,
            metadata=question.metadata,
        )

        async def turn() -> None:
            # Rasa would read it itself, and keep what it read to itself.
            message.parse_data = await processor.parse_message(message)
            await processor.handle_message(message)

        await asyncio.wait_for(turn(), TURN_TIMEOUT)
        form = getattr(primary_store(agent), "open_forms", {}).pop(question.sender, None)
        if message.text.startswith("/"):
            return Handled(collected.replies, form=form)
        return Handled(collected.replies, understood(message.parse_data, processor.model_metadata.model_id), form)


async def earlier_replies(agent: Agent, question: Question) -> Optional[List[Dict[str, Any]]]:
    store = primary_store(agent)
    if isinstance(store, LinsheTrackerStore):
        try:
            stored = store.replies_to(question.sender, question.message_id)
        except Exception as error:
            raise engine.TurnAborted("tracker_store_unavailable", type(error).__name__) from error
        return None if stored is None else [reply_of_stored(event) for event in stored]
    tracker = await agent.tracker_store.retrieve(question.sender)
    return replies_in(list(tracker.events), question.message_id) if tracker else None


def primary_store(agent: Agent) -> Any:
    """The store inside Rasa's fail-safe wrapper."""
    return getattr(agent.tracker_store, "_tracker_store", agent.tracker_store)


def check_store(agent: Agent) -> None:
    """Refuse to serve from a store in memory when one on disk was asked for. Rasa only warns."""
    if os.environ.get("LINSHE_TRACKER_URL") and not isinstance(primary_store(agent), LinsheTrackerStore):
        raise RuntimeError(
            f"LINSHE_TRACKER_URL is set, but conversations would be kept in {type(primary_store(agent)).__name__}"
        )


class LinsheInput(InputChannel):
    """Named in credentials.yml as `bot.channel.LinsheInput`."""

    @classmethod
    def name(cls) -> str:
        return "linshe"

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        linshe = Blueprint("linshe_webhook", __name__)

        @linshe.listener("after_server_start")
        async def check(app: Any, _: Any) -> None:
            if app.ctx.agent.processor is not None:
                check_store(app.ctx.agent)

        @linshe.route("/", methods=["GET"])
        async def health(request: Request) -> HTTPResponse:
            ready = request.app.ctx.agent.is_ready()
            return response.json({"status": "ok" if ready else "no_model"}, status=200 if ready else 503)

        @linshe.route("/model", methods=["GET", "POST"])
        async def model(request: Request) -> HTTPResponse:
            if request.method == "POST":
                status, body = await models.swap(request.app.ctx.agent, request.body)
                return response.json(body, status=status)
            return response.json({"model": models.serving(request.app.ctx.agent)})

        @linshe.route("/webhook", methods=["POST"])
        async def receive(request: Request) -> HTTPResponse:
            status, body = await answer(request.app.ctx.agent, request.body)
            return response.json(body, status=status, ensure_ascii=False)

        return linshe


async def answer(agent: Agent, raw: bytes) -> Tuple[int, Dict[str, Any]]:
    """HTTP status and body for a request body. Says nothing about why a turn failed: that is in the log."""
    try:
        question = read_question(json.loads(raw))
    except BadRequest as error:
        return 400, {"error": "bad_request", "message": str(error)}
    except ValueError:
        return 400, {"error": "bad_request", "message": "the body is not JSON"}
    if not agent.is_ready():
        return 503, {"error": "no_model"}
    try:
        return 200, (await handle(agent, question)).body()
    except engine.TurnAborted as aborted:
        return (503 if aborted.code in engine.PASSING else 500), {"error": aborted.code}
    except (asyncio.TimeoutError, LockError) as error:
        logger.warning("Turn of %s not done in time: %s", question.sender, type(error).__name__)
        return 503, {"error": "actions_unavailable"}
    except Exception:
        # The traceback holds code only; the resident's words are in the request, which is not logged.
        logger.exception("Turn %s of %s failed", question.message_id, question.sender)
        return 500, {"error": "turn_failed"}
