"""What the diary is filtered by, and how that is written in a link."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, cast
from urllib.parse import urlencode

from community.services.diary_list import DiaryFilter

PAGE_SIZE = 30
WHATS = {"": "全部", "due": "到期回访", "waiting": "待回访"}


@dataclass(frozen=True)
class DiaryState:
    """The defaults are what the bare address shows, so they are left out of links."""

    group: str = "mine"
    what: str = ""
    writer: str = ""
    find: str = ""
    page: int = 1

    @classmethod
    def from_query(cls, query: Mapping[str, str]) -> DiaryState:
        """What is not understood is left at its default: an old or mistyped link still opens the list."""
        writer, page = query.get("writer", ""), query.get("page", "1")
        return cls(
            group="all" if query.get("group") == "all" else "mine",
            what=query["what"] if query.get("what") in WHATS else "",
            writer=writer if writer.isascii() and writer.isdigit() and len(writer) < 16 else "",
            find=query.get("find", "").strip()[:60],
            page=min(max(int(page), 1), 100_000) if page.isascii() and page.isdigit() and len(page) < 9 else 1,
        )

    def changed(self, **changes: Any) -> DiaryState:
        """The same list with another filter; it starts again at the first page unless a page is given."""
        return replace(self, **{"page": 1, **changes})

    def url(self) -> str:
        plain = DiaryState()
        named = ("group", "what", "writer", "find", "page")
        query = {name: str(getattr(self, name)) for name in named if getattr(self, name) != getattr(plain, name)}
        return "/diary" + (f"?{urlencode(query)}" if query else "")

    def to_filter(self) -> DiaryFilter:
        return DiaryFilter(
            group=cast(Any, self.group),
            what=cast(Any, self.what),
            writer=int(self.writer) if self.writer and self.group == "all" else None,
            find=self.find,
            limit=PAGE_SIZE,
            offset=(self.page - 1) * PAGE_SIZE,
        )
