"""Session tokens: random, kept only as hashes."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime, timedelta

from community.ports import UnitOfWork


def token_hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


async def open_session(uow: UnitOfWork, kind: str, subject_id: int, now: datetime, life: timedelta) -> str:
    """A new token (43 URL-safe characters) for this subject; the database keeps its hash."""
    token = secrets.token_urlsafe(32)
    await uow.sessions.add(token_hash(token), kind, subject_id, now, now + life)
    return token
