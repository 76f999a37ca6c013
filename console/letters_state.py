"""What the list of dead letters is filtered by, and how that is written in a link."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from community.services.deadletters import DeadLetter
from console.letter_words import CHANNELS

PAGE_SIZE = 25
DIRECTIONS = {"": "全部", "in": "发来的", "out": "发出的"}


@dataclass(frozen=True)
class LettersState:
    """The defaults are what the bare address shows, so they are left out of links."""

    direction: str = ""
    channel: str = ""
    page: int = 1

    @classmethod
    def from_query(cls, query: Mapping[str, str]) -> LettersState:
        """What is not understood is left at its default: an old or mistyped link still opens the list."""
        direction, channel, page = query.get("direction", ""), query.get("channel", ""), query.get("page", "1")
        return cls(
            direction=direction if direction in DIRECTIONS else "",
            channel=channel if channel in CHANNELS else "",
            page=min(max(int(page), 1), 1000) if page.isascii() and page.isdigit() and len(page) < 9 else 1,
        )

    def changed(self, **changes: Any) -> LettersState:
        """The same list with another filter; it starts again at the first page unless a page is given."""
        return replace(self, **{"page": 1, **changes})

    def url(self) -> str:
        given = {"direction": self.direction, "channel": self.channel, "page": "" if self.page == 1 else str(self.page)}
        query = {name: value for name, value in given.items() if value}
        return "/letters" + (f"?{urlencode(query)}" if query else "")

    def takes(self, letter: DeadLetter) -> bool:
        way = letter.key.partition("-")[0]
        return self.direction in ("", way) and self.channel in ("", letter.channel)
