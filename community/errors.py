"""Typed errors of the heart. Each entrance translates them once, for people.

`message` is a plain Chinese sentence that may be shown to a resident or a clerk;
it never holds personal data, identifiers of others, or technical detail.
"""

from __future__ import annotations


class LinsheError(Exception):
    """Base of all expected refusals."""

    code = "error"

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class NotFound(LinsheError):
    """The thing does not exist, or the asker may not know that it does."""

    code = "not_found"


class Forbidden(LinsheError):
    """The actor is known but has no right to do this."""

    code = "forbidden"


class InvalidInput(LinsheError):
    """What was sent cannot be taken as it is."""

    code = "invalid"


class IllegalMove(LinsheError):
    """The state machine does not allow this change now."""

    code = "illegal_move"


class Conflict(LinsheError):
    """Somebody else changed the same thing at the same moment, or it collides with another (full, clash)."""

    code = "conflict"


class NotSignedIn(LinsheError):
    """No session, or one that expired."""

    code = "not_signed_in"


class Unavailable(LinsheError):
    """An outside service is down; the work is kept and tried again."""

    code = "unavailable"


class ConfigError(LinsheError):
    """A setting is missing or unsafe; the message names it."""

    code = "config"
