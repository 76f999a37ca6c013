"""Which tunings there are, and which are applied."""

from __future__ import annotations

import os
from typing import Any, Callable, Dict, List, Optional, Set, Tuple

_TUNINGS: Dict[str, Callable[[], None]] = {}
_applied: Set[str] = set()
_originals: Dict[Tuple[Any, str], Any] = {}


class TurnAborted(BaseException):
    """The turn cannot be done now: nothing of it may be kept, and the sender must try again.

    Not an Exception on purpose. `MessageProcessor._run_action` catches every Exception, logs it, and saves a turn that lacks
    the action's events; only something it does not catch gets out of there. bot.channel catches it.
    """

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code}: {detail}" if detail else code)
        self.code = code


def tuning(apply: Callable[[], None]) -> Callable[[], None]:
    """Register a tuning under its function's name."""
    _TUNINGS[apply.__name__] = apply
    return apply


def names() -> List[str]:
    return sorted(_TUNINGS)


def apply_all(stock: Optional[str] = None) -> List[str]:
    """Apply every tuning once that `stock` (default: LINSHE_RASA_STOCK) does not name. Returns what is applied now."""
    wanted_stock = {n.strip() for n in (os.environ.get("LINSHE_RASA_STOCK", "") if stock is None else stock).split(",")}
    unknown = wanted_stock - set(_TUNINGS) - {"", "all"}
    if unknown:
        raise ValueError(f"LINSHE_RASA_STOCK names unknown tunings {sorted(unknown)}; there are {names()}")
    for name, apply in _TUNINGS.items():
        if name not in _applied and name not in wanted_stock and "all" not in wanted_stock:
            apply()
            _applied.add(name)
    return sorted(_applied)


def put(owner: Any, name: str, tuned: Any) -> None:
    """Put `tuned` in the place of what `owner` has under this name; what was there is kept for `original`."""
    _originals.setdefault((owner, name), getattr(owner, name))
    setattr(owner, name, tuned)


def original(owner: Any, name: str) -> Any:
    """What Rasa itself has there."""
    return _originals.get((owner, name)) or getattr(owner, name)
