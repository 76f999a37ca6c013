"""What a list of tickets is filtered by, and how that is written in a link."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from urllib.parse import urlencode

from community.model.category import Category
from community.model.figures import Mark
from community.model.ticket import Status
from community.services.desk import DeskFilter

PAGE_SIZE = 50
MAX_WORDS = 60
GROUPS = {"mine": "我的", "grid": "本网格", "all": "全部"}
_NUMBER = re.compile(r"[0-9]{1,12}")
STATUSES = {"open": "未办结", "overdue": "已超时", "resolved": "待居民确认", "ended": "已结束", "any": "不限"}

@dataclass(frozen=True)
class Days:
    """From one local day to another, both included."""

    first: date
    last: date

    @classmethod
    def read(cls, text: str) -> Days | None:
        """2026-11-20 or 2026-11-11..2026-11-24; None for anything else."""
        begin, _, end = text.partition("..")
        try:
            days = cls(date.fromisoformat(begin), date.fromisoformat(end or begin))
        except ValueError:
            return None
        return days if days.first <= days.last else None

    def __str__(self) -> str:
        return f"{self.first}" if self.first == self.last else f"{self.first}..{self.last}"

    @property
    def shown(self) -> str:
        first, last = f"{self.first.month}月{self.first.day}日", f"{self.last.month}月{self.last.day}日"
        return first if first == last else f"{first}至{last}"


@dataclass(frozen=True)
class ListState:
    """The defaults are what the bare address shows, so they are left out of links."""

    group: str = "mine"
    status: str = "open"
    category: str = ""
    words: str = ""
    filed: Days | None = None
    ended: Days | None = None
    mark: str = ""
    grid: str = ""
    worker: str = ""
    page: int = 1
    open: str = ""
    """The number of the ticket that stands beside the list."""

    @classmethod
    def of(cls, asked: DeskFilter) -> ListState:
        """The list behind a figure."""
        return cls(
            group=asked.group,
            status=asked.status,
            category=asked.category or "",
            words=asked.words,
            filed=Days(*asked.filed) if asked.filed else None,
            ended=Days(*asked.ended) if asked.ended else None,
            mark=asked.mark or "",
            grid="" if asked.grid_id is None else str(asked.grid_id),
            worker="" if asked.worker_id is None else str(asked.worker_id),
        )

    @classmethod
    def from_query(cls, query: Mapping[str, str]) -> ListState:
        """Read a link. What is not understood is left at its default: an old or mistyped link still opens a list."""
        group, status = query.get("group", ""), query.get("status", "")
        category, page = query.get("category", ""), query.get("page", "1")
        return cls(
            group=group if group in GROUPS else cls.group,
            status=status if status in STATUSES or status in set(Status) else cls.status,
            category=category if category in set(Category) else "",
            words=query.get("q", "").strip()[:MAX_WORDS],
            filed=Days.read(query.get("filed", "")),
            ended=Days.read(query.get("ended", "")),
            mark=query["mark"] if query.get("mark") in set(Mark) else "",
            grid=_key(query.get("grid", "")),
            worker=_key(query.get("worker", "")),
            page=min(max(int(page), 1), 100_000) if page.isascii() and page.isdigit() else 1,
            open=query.get("open", "") if _NUMBER.fullmatch(query.get("open", "")) else "",
        )

    def changed(self, **changes: Any) -> ListState:
        """The same list with another filter; it starts again at the first page unless a page is given."""
        return replace(self, **{"page": 1, **changes})

    def url(self) -> str:
        plain, query = ListState(), {}
        names = ("group", "status", "category", "words", "filed", "ended", "mark", "grid", "worker", "page", "open")
        for name in names:
            value = getattr(self, name)
            if value != getattr(plain, name):
                query["q" if name == "words" else name] = str(value)
        return "/tickets" + (f"?{urlencode(query)}" if query else "")

    @property
    def narrowed(self) -> bool:
        """Whether it is the list behind a figure, by what the filters on the page do not offer."""
        return bool(self.mark or self.grid or self.worker)

    @property
    def query(self) -> str:
        """What the list is filtered by and nothing else: the same for every page of it and every ticket beside it."""
        return self.changed(open="").url().partition("?")[2]

    def to_filter(self, limit: int = PAGE_SIZE) -> DeskFilter:
        asked: dict[str, Any] = {
            "group": self.group,
            "status": self.status,
            "category": Category(self.category) if self.category else None,
            "words": self.words,
            "limit": limit,
            "offset": (self.page - 1) * PAGE_SIZE,
        }
        if self.mark:
            asked["mark"] = Mark(self.mark)
        if self.grid:
            asked["grid_id"] = int(self.grid)
        if self.worker:
            asked["worker_id"] = int(self.worker)
        if self.filed:
            asked["filed"] = (self.filed.first, self.filed.last)
        if self.ended:
            asked["ended"] = (self.ended.first, self.ended.last)
        return DeskFilter(**asked)


def _key(text: str) -> str:
    """The id of a grid or colleague as it stands in a link; empty when it is none."""
    return str(int(text)) if text.isascii() and text.isdigit() and len(text) < 16 else ""
