"""How a line of the conversation looks on the wire."""

from __future__ import annotations

from typing import Any

from community.model.message import HistoryLine


def message(line: HistoryLine) -> dict[str, Any]:
    """A button's payload never leaves the server; `digit` is the number to show when it is not simply the position."""
    return {
        "id": line.key,
        "direction": line.direction,
        "text": line.text,
        "at": line.at.isoformat(),
        "buttons": [{name: b[name] for name in ("title", "digit") if name in b} for b in line.buttons],
        "photos": [f"/api/photos/{media_hash}" for media_hash in line.photos],
        "author": line.author_name,
        "in_reply_to": line.in_reply_to,
    }


def inbox_id(line: HistoryLine) -> int | None:
    kind, _, number = line.key.partition("-")
    return int(number) if kind == "in" else None
