"""The card a report is shown on before it is filed, and the choices under it."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from actions.ticket_text import end_text
from actions.turn import Choice
from community.model.calendar import day_text
from community.model.category import Category, category_name
from community.services.views import TicketView

CATEGORY_FLOOR = 0.2
"""Below this the guess is right less than half the time. 其他 goes to the same grid worker, who sees the words, and the card
lets the resident say better. On tests/nlu/holdout.jsonl: 77 % right, 14 % 其他, 9 % wrong."""

MARKS = "①②③④⑤"

IN_HOME = frozenset({
    Category.LEAK, Category.DRAINAGE, Category.WATER_SUPPLY, Category.POWER, Category.GAS, Category.NOISE, Category.FUMES,
    Category.RENOVATION,
})  # fmt: skip
"""What usually happens in or around the writer's own home: the bound home is taken as the place, and shown on the card."""

SUBMIT, WORDS, PLACE, DETAIL, PHOTOS, CONTACT, CANCEL = (
    "提交", "改内容", "改地点", "改情况", "改照片", "改电话", "取消",
)  # fmt: skip
ME_TOO = "我也遇到"
CHOICES = tuple(Choice(title, title) for title in (SUBMIT, WORDS, PLACE, DETAIL, PHOTOS, CONTACT, CANCEL))
EDITS = {
    WORDS: "report_words", PLACE: "report_place", DETAIL: "report_detail", PHOTOS: "report_photos", CONTACT: "report_contact",
}  # fmt: skip


def category_of(guess: tuple[str, float] | None) -> Category:
    """The category to file under: the classifier's when it is sure enough and known, else 其他."""
    if guess is None or guess[1] < CATEGORY_FLOOR:
        return Category.OTHER
    try:
        return Category(guess[0])
    except ValueError:
        return Category.OTHER


def category_named(text: str) -> Category | None:
    """The category a resident names in words like 类别改成电梯."""
    match = re.search(
        r"(?:类别|类型|分类|属于|应该是|归到).{0,4}?(?:改成|改为|是|选|：|:)?\s*(?P<name>[一-龥]{2,6})", text
    )
    if not match:
        return None
    for category in Category:
        name = category_name(category)
        if match["name"].startswith(name) or name.startswith(match["name"][:2]):
            return category
    return None


def known_text(ticket: TicketView, now: datetime) -> str:
    """That a neighbour has reported it, or that it is a known incident. Not in their words: those may be nobody else's business."""
    holder = f"由{ticket.holder_role}{ticket.holder_name}负责" if ticket.holder_name else "社区在安排"
    since, by = day_text(ticket.created_at, now), end_text(ticket, now)
    if ticket.incident is not None and ticket.incident.waiting > 1:
        return (
            f"已知：这里的{ticket.category_name}问题，{since}起已有{ticket.incident.waiting}户反映，{holder}，{by}。"
            "要是同一件，回8就行，把您家算上，不用另报；办好了一起告诉您。"
        )
    return f"这里{since}已有邻居报过{ticket.category_name}的问题，{holder}，{by}。要是同一件，回8就行，办好了一起告诉您。"


def card(values: dict[str, Any], known: str = "", late: str = "") -> str:
    """All fields as a resident reads them, with the numbered choices; `known`: what is said of a neighbour's report of it, `late`: of a
    notice that should be over."""
    photos = len(values["report_photos"] or [])
    more = values["report_more"] or []
    lines = (
        _several(values, more)
        if more
        else [
            "请您看一遍，没错我就交上去：",
            f"内容：{values['report_words']}",
            f"类别：{category_name(values['report_category'] or Category.OTHER)}",
        ]
    )
    lines += [
        f"地点：{values['report_place']}",
        f"情况：{values['report_detail'] or '没有说'}",
        f"照片：{f'{photos}张' if photos else '没有'}　电话：{values['report_contact'] or '没留'}",
        "1 提交　2 改内容　3 改地点　4 改情况",
        "5 改照片　6 改电话　7 取消" + (f"\n8 {ME_TOO}" if known else ""),
    ]
    return "\n".join([*(one for one in (late, known) if one), *lines])


def _several(values: dict[str, Any], more: list[dict[str, Any]]) -> list[str]:
    """The head of a card that holds several drafts: each with its category, and its place where it has one of its own."""
    first = {"words": values["report_words"], "category": values["report_category"], "place": ""}
    lines = [f"您说了{1 + len(more)}件事，我分开报、分开办，请看一遍："]
    for mark, draft in zip(MARKS, [first, *more], strict=False):
        where = f"（{draft['place']}）" if draft["place"] else ""
        lines.append(f"{mark}{category_name(draft['category'] or Category.OTHER)}：{draft['words']}{where}")
    return [*lines, "（要删一件就说“第2件不要”，其实是一件事就说“合成一件”）"]
