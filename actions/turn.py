"""One message of a resident as the actions see it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher

from actions import runtime
from community.errors import NotFound
from community.ports import Community

FALLBACK = "nlu_fallback"


class Choice(NamedTuple):
    """A button: what the resident reads, and what the assistant gets when it is chosen (its number typed is the same)."""

    title: str
    payload: str


def numbered(choices: Sequence[Choice]) -> str:
    """The choices with their numbers, one a line: the gateway turns a typed number into the button of that place."""
    return "\n".join(f"{number} {choice.title}" for number, choice in enumerate(choices, 1))


@dataclass(frozen=True)
class Turn:
    """What was said, by whom, and a way to answer. `text` is empty when a button with a payload was chosen."""

    dispatcher: CollectingDispatcher
    tracker: Tracker
    community: Community
    resident_id: int
    message_id: str
    text: str
    intent: str
    confidence: float
    ranking: tuple[tuple[str, float], ...]
    photos: tuple[str, ...]
    welcome: bool = False
    """They just began to follow us: the first thing said to them greets."""

    @classmethod
    async def of(cls, dispatcher: CollectingDispatcher, tracker: Tracker) -> Turn:
        message = tracker.latest_message
        metadata = message.get("metadata") or {}
        c = runtime.community()
        text = (message.get("text") or "").strip()
        intent = message.get("intent") or {}
        return cls(
            dispatcher=dispatcher,
            tracker=tracker,
            community=c,
            resident_id=await resident_id_of(c, tracker.sender_id),
            message_id=str(metadata.get("message_id") or message.get("message_id") or ""),
            text="" if text.startswith("/") else text,
            intent=intent.get("name") or FALLBACK,
            confidence=float(intent.get("confidence") or 0.0),
            ranking=tuple(
                (str(r["name"]), float(r["confidence"]))
                for r in message.get("intent_ranking") or []
                if r.get("name") and r["name"] != FALLBACK
            ),
            photos=tuple(str(p) for p in metadata.get("photos") or ()),
            welcome=metadata.get("welcome") is True,
        )

    @property
    def is_payload(self) -> bool:
        return not self.text

    @property
    def likely(self) -> tuple[str, float]:
        """The best guess at the intent, also when it was too weak to count."""
        return self.ranking[0] if self.ranking else (self.intent, self.confidence)

    def entity(self, name: str) -> str | None:
        for entity in self.tracker.latest_message.get("entities") or []:
            if entity.get("entity") == name:
                return str(entity["value"])
        return None

    def category(self) -> tuple[str, float] | None:
        """What the text would be if it is a report, and how sure that is."""
        for entity in self.tracker.latest_message.get("entities") or []:
            if entity.get("entity") == "category":
                return str(entity["value"]), float(entity.get("confidence_entity") or 0.0)
        return None

    def problems(self) -> list[tuple[str, str]]:
        """(category, words) of each problem, when the message tells of more than one; else empty."""
        return [
            (str(entity["value"]), self.text[int(entity["start"]) : int(entity["end"])])
            for entity in self.tracker.latest_message.get("entities") or []
            if entity.get("entity") == "problem"
        ]

    def key(self, what: str) -> str:
        """An idempotency key: the same message doing the same thing again does it once."""
        return f"{self.message_id}:{what}"

    @property
    def in_form(self) -> bool:
        """Whether a form waits for an answer. Its question follows what an action says, so that numbers belong to the form."""
        return bool(self.tracker.active_loop_name)

    def say(self, text: str, choices: Iterable[Choice] = (), *, show: bool = True) -> None:
        """Answer. Choices are written under the text with their numbers unless `show` is False (the text has them)."""
        offered = list(choices)
        if offered and show:
            text = f"{text}\n{numbered(offered)}"
        buttons: list[dict[str, Any]] = [{"title": c.title, "payload": c.payload} for c in offered]
        self.dispatcher.utter_message(text=text, buttons=buttons or None)

    def join(self) -> None:
        """Make one message of all that was said: what is wrong with an answer, and the question again. The last buttons stay."""
        said = self.dispatcher.messages
        if len(said) > 1:
            last = {**said[-1], "text": "\n".join(str(m["text"]) for m in said if m.get("text"))}
            said[:] = [last]


_ids: dict[tuple[int, str], int] = {}
"""Keys to ids; neither ever changes. Bounded, because keys come from outside."""


async def resident_id_of(c: Community, key: str) -> int:
    """The resident Rasa knows by `key`. Raises NotFound."""
    known = _ids.get((id(c), key))
    if known is not None:
        return known
    async with c.reading() as uow:
        resident = await uow.people.resident_by_key(key)
    if resident is None:
        raise NotFound("没有找到您的信息，请重新进入。")
    if len(_ids) > 10_000:
        _ids.clear()
    _ids[(id(c), key)] = resident.id
    return resident.id
