"""Small tunings of the Rasa server, each one function, each tested against stock (tests/bot), each switchable.

Rasa 3.6.21 is the last open release, so these are made from outside, when `bot.channel` is loaded (credentials.yml), never by
editing the package. `LINSHE_RASA_STOCK=compiled_validator,event_lookup` leaves the named ones as Rasa has them, `all` every one.
What each one saves is in docs/engine.md.
"""

from __future__ import annotations

from bot.engine import calls, prediction, safety, trackers  # noqa: F401 - each registers its tunings
from bot.engine.registry import TurnAborted, apply_all, names

PASSING = frozenset({"actions_unavailable", "tracker_store_unavailable"})
"""What passes by itself: the sender tries again as long as it takes. Anything else is tried a few times, then put aside."""

__all__ = ["PASSING", "TurnAborted", "apply_all", "names"]
