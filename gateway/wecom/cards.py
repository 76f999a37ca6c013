"""A card for a member of staff: as WeCom's template card, and as an update of one. No I/O. As plain text it is in
`community.services.staff_cards`.

What is too long is shortened rather than refused or cut by a phone. Limits are [D] unless marked; that they count characters, too.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

Body = dict[str, Any]

TASK_ID = re.compile(r"[0-9A-Za-z_@-]{1,128}")
MAX_LINES, MAX_BUTTONS = 6, 6
TITLE, DESC, LONG_DESC, KEYNAME, VALUE, BUTTON = 36, 44, 160, 5, 26, 10
"""Of main_title.title, main_title.desc, sub_title_text, a line's name and value, a button."""
MAX_KEY = 1024
"""Bytes of a button's key."""
GREY = 20
"""Of the words on a button that cannot be pressed any more [G]."""
STYLES = range(1, 5)
"""Of buttons; 1 is the blue one."""


@dataclass(frozen=True)
class Card:
    """`lines`: (name, value). `task_id`: never the same twice in one app. `buttons`: (key, title, style 1 to 4), pressed is told with
    the key. `desc`: a line under the title; `words`: what somebody said, below it. `url`: where the whole card leads."""

    title: str
    lines: tuple[tuple[str, str], ...]
    task_id: str
    buttons: tuple[tuple[str, str, int], ...] = ()
    desc: str = ""
    url: str = ""
    words: str = ""


def card_body(card: Card) -> Body:
    """The `template_card` of a message. Raises ValueError for what shortening does not mend: a task_id or a key that is none, and a card
    without buttons and without the address that such a one must have."""
    if not TASK_ID.fullmatch(card.task_id):
        raise ValueError("a task_id has 1 to 128 of 0-9 A-Z a-z _ @ -")
    desc, words = _flat(card.desc), _flat(card.words)
    if len(desc) > DESC:
        desc, words = "", f"{desc} {words}"
    body: Body = {
        "card_type": "button_interaction" if card.buttons else "text_notice",
        "task_id": card.task_id,
        "main_title": {"title": _short(card.title, TITLE) or "通知"},
    }
    if desc:
        body["main_title"]["desc"] = desc
    if words:
        body["sub_title_text"] = _short(words, LONG_DESC)
    if rows := _rows(card.lines):
        body["horizontal_content_list"] = rows
    if card.url.startswith(("https://", "http://")):
        body["card_action"] = {"type": 1, "url": card.url}
    elif not card.buttons:
        raise ValueError("a card without buttons leads to an address")
    if card.buttons:
        body["button_list"] = _buttons(card.buttons)
    return body


def update_body(
    card: Card, response_code: str, agentid: int | str, replaced_by: str = "", userids: Sequence[str] = ()
) -> Body:
    """For /cgi-bin/message/update_template_card, which takes a `response_code` once: on the screens of `userids`, or of all who got the
    card, its buttons become the one grey `replaced_by`, or without that `card` takes the place of what was there. Raises ValueError as
    `card_body` does."""
    body: Body = {"agentid": agentid, "response_code": response_code}
    body |= {"userids": list(userids)} if userids else {"atall": 1}
    if replaced_by and card.buttons:
        return body | {"button": {"replace_name": _short(replaced_by, GREY)}}
    if replaced_by:
        # Only buttons can be greyed: without them it is said in a line.
        card = replace(card, lines=(("状态", replaced_by), *card.lines))
    return body | {"template_card": card_body(card)}


def _rows(lines: tuple[tuple[str, str], ...]) -> list[Body]:
    """At most six: what is more is drawn together in the last."""
    told = [(_flat(name) or "备注", _flat(value)) for name, value in lines if name.strip() or value.strip()]
    if len(told) > MAX_LINES:
        rest = "；".join(f"{name} {value}" for name, value in told[MAX_LINES - 1 :])
        told = [*told[: MAX_LINES - 1], ("其余", rest)]
    return [{"keyname": _short(name, KEYNAME), "value": _short(value, VALUE)} for name, value in told]


def _buttons(buttons: tuple[tuple[str, str, int], ...]) -> list[Body]:
    """The first six. Raises ValueError: a key that was shortened would be another key."""
    keys = [key for key, _, _ in buttons]
    if len(set(keys)) < len(keys) or not all(1 <= len(key.encode()) <= MAX_KEY for key in keys):
        raise ValueError("each button has a key of its own, of 1 to 1024 bytes")
    return [
        {"key": key, "text": _short(title, BUTTON) or "确定", "style": style if style in STYLES else 1}
        for key, title, style in buttons[:MAX_BUTTONS]
    ]


def _flat(text: str) -> str:
    """On one line, without what cannot be shown or sent; joined emoji stay joined."""
    kept = "".join(" " if char.isspace() else char for char in text if char.isspace() or _shown(char))
    return " ".join(kept.split())


def _shown(char: str) -> bool:
    return unicodedata.category(char) not in ("Cc", "Cs")


def _short(text: str, most: int) -> str:
    flat = _flat(text)
    return flat if len(flat) <= most else flat[: most - 1].rstrip() + "…"
