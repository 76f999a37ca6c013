"""What stands on somebody's screen, as lines of text for a terminal."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ops.wechat.cards import Button, Card
from ops.wechat.ledger import Shown

MARKS = {"platform": "⚠", "template": "▤", "passive": "‹", "person": "☻"}
CARD = "▣"


def drawn(shown: Shown) -> list[str]:
    """A message, a menu with its numbers, a card with its buttons, or what became of a card."""
    if shown.kind == "template_card":
        return card(shown.user, shown.text, shown.detail["buttons"])
    if shown.kind == "card_update":
        sent: Card = shown.detail["sent"]
        if grey := shown.detail["grey"]:
            return [f"{CARD} {shown.user}: 卡片“{title(sent)}”的按钮变灰，写着“{grey}”"]
        return card(f"{shown.user}（卡片换成了）", shown.text, shown.detail["buttons"])
    lines = [f"{MARKS.get(shown.via, '«')} {shown.user}: {shown.text}"]
    lines += [f"    /choose {n}  {content}" for n, (_, content) in enumerate(shown.detail.get("menu") or (), 1)]
    return lines


def title(sent: Card) -> str:
    return str((sent.body.get("main_title") or {}).get("title") or sent.task_id)


def card(head: str, words: str, buttons: Sequence[Button], number: int = 0) -> list[str]:
    """`number`: of one among several; 0 for the newest, whose buttons need none."""
    first, *rest = words.splitlines() or [""]
    lines = [f"{CARD} {head}: {first}", *(f"  │ {line}" for line in rest)]
    if buttons:
        lines.append("  │ " + "  ".join(labels(buttons, number)))
    return lines


def labels(buttons: Iterable[Button], number: int = 0) -> list[str]:
    """'[1] 接单', or '[2.1] 接单' on the second card."""
    return [f"[{f'{number}.' if number else ''}{n}] {text}" for n, (_, text) in enumerate(buttons, 1)]
