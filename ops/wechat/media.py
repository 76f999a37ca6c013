"""Pictures and sounds, kept for three days as the platform keeps them."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from ops.wechat.clock import Clock

KEPT = 3 * 86400.0
"""Seconds [D]."""
MB = 1024 * 1024
LIMITS = {"image": 10 * MB, "voice": 2 * MB, "video": 10 * MB, "thumb": 64 * 1024}
"""Bytes: voice and video [D], image and thumb [G]."""
CORP_LIMITS = {"image": 10 * MB, "voice": 2 * MB, "video": 10 * MB, "file": 20 * MB}
"""Of WeCom, bytes [D]."""
SMALLEST = 6
"""Bytes; WeCom takes nothing smaller [D]."""
TYPES = {
    "image": "image/jpeg",
    "voice": "audio/amr",
    "video": "video/mp4",
    "thumb": "image/jpeg",
    "file": "application/octet-stream",
}


@dataclass(frozen=True)
class Medium:
    media_id: str
    kind: str
    content: bytes
    content_type: str
    created_at: float


class Media:
    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._kept: dict[str, Medium] = {}

    def add(self, kind: str, content: bytes, content_type: str = "") -> Medium:
        media_id = secrets.token_urlsafe(48)
        made = Medium(media_id, kind, content, content_type or TYPES[kind], self._clock.now())
        self._kept[media_id] = made
        return made

    def get(self, media_id: str) -> Medium | None:
        """None when it never was, or is too old."""
        found = self._kept.get(media_id)
        return found if found and self._clock.now() < found.created_at + KEPT else None
