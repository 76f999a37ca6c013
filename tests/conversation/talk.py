"""A resident in a conversation test: says things as the gateway would pass them on, and reads the answers."""

from __future__ import annotations

import itertools
import json
from dataclasses import dataclass, field
from typing import Any

from community.model.message import OutboxMessage
from community.model.people import Resident
from tests.conversation.servers import Assistant

_numbers = itertools.count(1000)


@dataclass
class Talk:
    """One resident's side. A typed number or title is turned into the latest message's button, as `inbound.receive` does."""

    assistant: Assistant
    resident: Resident
    buttons: list[dict[str, str]] = field(default_factory=list)
    last_id: str = ""
    lines: list[str] = field(default_factory=list)

    def say(self, text: str, photos: tuple[str, ...] = ()) -> str:
        """Say it and read everything that is answered, as one text."""
        chosen = None if photos else self._choice(text)
        payload = chosen["payload"] if chosen else text if text else "/photo"
        return self.send(payload, photos=photos, shown=text or "[图片]")

    def tap(self, title: str) -> str:
        """Press the button with this title (or a title that begins so)."""
        for button in self.buttons:
            if button["title"].startswith(title):
                return self.send(button["payload"], shown=f"[{button['title']}]")
        raise AssertionError(f"no button “{title}” among {[b['title'] for b in self.buttons]}")

    def send(self, message: str, *, photos: tuple[str, ...] = (), message_id: str = "", shown: str = "") -> str:
        self.last_id = message_id or f"in-{next(_numbers)}"
        status, answer = self.post(message, photos)
        assert status == 200, (status, answer)
        replies = answer["replies"]
        # The gateway looks at the latest message only: its buttons are the ones a number means.
        self.buttons = replies[-1]["buttons"] if replies else []
        said = "\n".join(r["text"] for r in replies)
        self.lines += [f"居民：{shown or message}", *(f"小邻：{r['text']}" for r in replies)]
        return said

    def post(self, message: str, photos: tuple[str, ...] = ()) -> tuple[int, dict[str, Any]]:
        metadata = {"message_id": self.last_id, "photos": list(photos)}
        body = {"sender": self.resident.key, "message": message, "message_id": self.last_id, "metadata": metadata}
        return self.assistant.post(body)

    def titles(self) -> list[str]:
        return [b["title"] for b in self.buttons]

    def _choice(self, text: str) -> dict[str, Any] | None:
        from datetime import datetime, timezone

        shown = OutboxMessage(0, "", 0, "", "", "", datetime.now(timezone.utc), buttons=self.buttons)
        return shown.choice(text)


def payload(intent: str, **entities: str) -> str:
    """A payload as a notification's button carries it."""
    return f"/{intent}{json.dumps(entities, ensure_ascii=False)}"
