"""Photos, kept once by the hash of what is stored."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

MAX_UPLOAD_BYTES = 10 * 1024 * 1024
"""What a phone's photo needs; a larger one is refused with 413 (WeChat itself stops images at 10 MB)."""
MAX_SIDE = 1600
"""Stored photos are re-encoded to at most this many pixels a side, which also drops EXIF (place, device)."""


@dataclass(eq=False)
class Media:
    """`hash` is the SHA-256 (hex) of the stored JPEG."""

    hash: str
    mime: str
    size: int
    width: int
    height: int
    created_at: datetime
