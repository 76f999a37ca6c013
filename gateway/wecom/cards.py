"""A card for a member of staff: as WeCom's template card, as an update of one, and as plain text where cards are not shown. No I/O.

What is too long is shortened rather than refused or cut by a phone. Limits are [D] unless marked; that they count characters, too.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from chinese.ticket_numbers import find_number_mentions
from gateway.wecom.commands import Kind, parse

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
MAX_TEXT = 2048
"""Bytes of a text message."""

_BEHIND = {Kind.RESOLVE: " 做了什么", Kind.RETURN_: " 理由", Kind.TRANSFER: " 姓名"}


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
    without buttons and without the address that such a one must have (send `text_of` instead)."""
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


def text_of(card: Card) -> str:
    """All of it as a text message, with what to type instead of pressing. No `<`: WeCom makes links of <a href>, and what a resident
    wrote must not become one."""
    lines = [f"{_flat(name)}：{_flat(value)}" if name.strip() else _flat(value) for name, value in card.lines]
    told = "\n".join(line for line in (_flat(card.title), _flat(card.desc), _flat(card.words), *lines) if line)
    number = _number_of(card)
    typed = [command for _, title, _ in card.buttons if (command := _typed(title.replace("<", "＜"), number))]
    end = ["可回复：" + "；".join(typed)] if typed else []
    end += [card.url] if card.url else []
    behind = "".join("\n" + line for line in end)
    return _fitting(told.replace("<", "＜"), MAX_TEXT - len(behind.encode())) + behind


def _typed(title: str, number: str | None) -> str:
    """What to type for a button; '' when typing its words does nothing."""
    kind = parse(title).kind
    if kind in (Kind.UNKNOWN, Kind.NUMBER):
        return ""
    if kind in (Kind.TODAY, Kind.HELP, Kind.DIARY):
        return _flat(title)
    return " ".join(part for part in (_flat(title), number) if part) + _BEHIND.get(kind, "")


def _number_of(card: Card) -> str | None:
    """The ticket it is about: the title's number, else the first in its lines."""
    for text in (card.title, *(value for _, value in card.lines)):
        for mention in find_number_mentions(text):
            if mention.right:
                return mention.number
    return None


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


def _fitting(text: str, most: int) -> str:
    """Of a text its beginning, of at most so many bytes."""
    if len(text.encode()) <= most:
        return text
    return text.encode()[: max(most - len("…".encode()), 0)].decode(errors="ignore").rstrip() + "…"
