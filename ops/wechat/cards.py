"""Template cards: what WeCom refuses of one, what a member reads of it, and who still has buttons to press."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from ops.wechat.http import Refused

Body = dict[str, Any]
Button = tuple[str, str]
"""(key, text)."""

WITH_CODE = frozenset({"button_interaction", "vote_interaction", "multiple_interaction"})
"""Others get a response_code only with an action_menu [D]."""
NOTICES = frozenset({"text_notice", "news_notice"})
TASK_ID = re.compile(r"[0-9A-Za-z_\-@]{1,128}")
"""Required where something can be pressed; never the same twice in one app [D]."""
MAX_BUTTONS, MAX_MENU, MAX_ROWS, MAX_JUMPS = 6, 3, 6, 3
MAX_KEY = 1024
"""Bytes of a button's key; no key twice in a card [D]."""
ADVISED = {"title": 36, "desc": 44, "sub_title_text": 160, "keyname": 5, "value": 26, "button": 10}
"""Characters beyond which a phone does not show a text whole [D]: advice, so that is found and not refused."""

BAD_TASK_ID, NO_TITLE, NO_URL, BAD_SCHEME = 42014, 41016, 41010, 45034
BUTTON_COUNT, BAD_KEY, NO_KEY, NO_BUTTON_NAME = 40016, 42018, 42019, 42020
OTHERWISE = 40058
"""Invalid parameter: for what no code of its own is documented [G]."""


def check(card: Body) -> None:
    """Raises Refused for what the documents call required or impossible. The codes' names are [D]; that they are given here, [G], but for
    42014 and 41016, which others were given [I]."""
    kind = card.get("card_type")
    if kind not in WITH_CODE | NOTICES:
        raise Refused(OTHERWISE, "card_type")
    title = _mapping(card, "main_title").get("title")
    if not title and not (kind == "text_notice" and card.get("sub_title_text")):
        raise Refused(NO_TITLE, "main_title.title")
    menu = _mapping(card, "action_menu")
    task_id = str(card.get("task_id") or "")
    if (kind in WITH_CODE or menu or task_id) and not TASK_ID.fullmatch(task_id):
        raise Refused(BAD_TASK_ID, "taskid empty, too long, or with other characters than 0-9 a-z A-Z _ - @")
    if menu:
        _buttons(_list(menu, "action_list", MAX_MENU))
    _link(_mapping(card, "card_action"), "card_action", required=kind in NOTICES)
    _link(_mapping(card, "quote_area"), "quote_area")
    for row in _list(card, "horizontal_content_list", MAX_ROWS):
        if not row.get("keyname"):
            raise Refused(OTHERWISE, "horizontal_content_list.keyname")
        if row.get("type") == 1:
            _link(row, "horizontal_content_list")
    for jump in _list(card, "jump_list", MAX_JUMPS):
        if not jump.get("title"):
            raise Refused(NO_TITLE, "jump_list.title")
        _link(jump, "jump_list")
    if kind == "button_interaction":
        _buttons(_list(card, "button_list", MAX_BUTTONS))
    elif kind in WITH_CODE and not _mapping(card, "submit_button").get("key"):
        raise Refused(NO_KEY, "submit_button.key")
    elif kind == "news_notice" and not (card.get("card_image") or card.get("image_text_area")):
        raise Refused(OTHERWISE, "card_image or image_text_area")


def _mapping(body: Body, name: str) -> Body:
    found = body.get(name)
    if found is not None and not isinstance(found, dict):
        raise Refused(OTHERWISE, name)
    return found or {}


def _list(body: Body, name: str, most: int) -> list[Body]:
    found = body.get(name) or []
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise Refused(OTHERWISE, name)
    if len(found) > most:
        raise Refused(BUTTON_COUNT if name.startswith(("button", "action")) else OTHERWISE, f"{name}: at most {most}")
    return found


def _link(part: Body, name: str, *, required: bool = False) -> None:
    kind = part.get("type", 0)
    if required and kind not in (1, 2):
        raise Refused(OTHERWISE, f"{name}.type is 1 or 2 here")
    if kind == 1:
        url = str(part.get("url") or "")
        if not url:
            raise Refused(NO_URL, f"{name}.url")
        if not url.startswith(("http://", "https://")):
            raise Refused(BAD_SCHEME, f"{name}.url")
    elif kind == 2 and not part.get("appid"):
        raise Refused(OTHERWISE, f"{name}.appid")


def _buttons(found: Sequence[Body]) -> None:
    if not found:
        raise Refused(BUTTON_COUNT, "no buttons")
    keys = []
    for button in found:
        if not button.get("text"):
            raise Refused(NO_BUTTON_NAME)
        if button.get("type", 0) == 1:
            _link(button, "button_list")
            continue
        key = str(button.get("key") or "")
        if not key:
            raise Refused(NO_KEY)
        if len(key.encode()) > MAX_KEY or key in keys:
            raise Refused(BAD_KEY, "too long, or twice in one card")
        keys.append(key)


def buttons(card: Body) -> list[Button]:
    """What a member can press, in the order they see it; the menu behind the three dots comes last."""
    submit = card.get("submit_button")
    found = [*(card.get("button_list") or []), *([submit] if submit else [])]
    found += (card.get("action_menu") or {}).get("action_list") or []
    return [(str(one["key"]), str(one.get("text") or "提交")) for one in found if one.get("key")]


def words(card: Body) -> str:
    """What a member reads, a line each."""
    title, emphasis, quote = (card.get(name) or {} for name in ("main_title", "emphasis_content", "quote_area"))
    lines = [title.get("title"), title.get("desc"), emphasis.get("title"), emphasis.get("desc")]
    lines += [card.get("sub_title_text"), quote.get("title"), quote.get("quote_text")]
    for row in card.get("horizontal_content_list") or []:
        lines.append(f"{row.get('keyname')}：{row.get('value') or ''}")
    for row in card.get("vertical_content_list") or []:
        lines += [row.get("title"), row.get("desc")]
    lines += [f"› {jump.get('title')}" for jump in card.get("jump_list") or []]
    return "\n".join(str(line) for line in lines if line)


def too_long(card: Body) -> Iterator[str]:
    """The parts that a phone cuts."""
    title = card.get("main_title") or {}
    texts = [("title", title.get("title")), ("desc", title.get("desc"))]
    texts += [("sub_title_text", card.get("sub_title_text"))]
    for row in card.get("horizontal_content_list") or []:
        texts += [("keyname", row.get("keyname")), ("value", row.get("value"))]
    texts += [("button", text) for _, text in buttons(card)]
    for name, text in texts:
        if len(str(text or "")) > ADVISED[name]:
            yield f"{name} has {len(str(text))} characters, advised are {ADVISED[name]}"


def from_reply(found: Any, name: str = "") -> Any:
    """The card of a passive answer, whose names are CardType and MainTitle, with the API's names. Raises ValueError for a type that is no
    number."""
    if isinstance(found, dict):
        return {snake: from_reply(value, snake) for key, value in found.items() if (snake := _snake(key))}
    if isinstance(found, list):
        return [from_reply(one) for one in found]
    return int(found) if name == "type" else found


def _snake(name: str) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()


@dataclass
class View:
    """One member's copy: each may be changed without the others'. `grey`: the words on a button that cannot be pressed any more."""

    body: Body
    grey: str = ""

    @property
    def buttons(self) -> list[Button]:
        return [] if self.grey else buttons(self.body)


@dataclass
class Card:
    """One that was sent to `userids`. `views`: of those who were shown it."""

    task_id: str
    body: Body
    userids: list[str]
    views: dict[str, View] = field(default_factory=dict)
    updates: int = 0

    @property
    def card_type(self) -> str:
        return str(self.body["card_type"])

    @property
    def has_code(self) -> bool:
        """Whether sending it gives a response_code."""
        return self.card_type in WITH_CODE or bool(self.body.get("action_menu"))

    def grey(self, userids: Sequence[str], name: str) -> None:
        """Nothing to press any more. Raises Refused for a card without buttons of its own [D]."""
        if self.card_type not in WITH_CODE:
            raise Refused(OTHERWISE, "only cards with buttons of their own can have them replaced")
        for userid in userids:
            self.views[userid].grey = name
        self.updates += 1

    def replace(self, userids: Sequence[str], body: Body) -> None:
        """Another card in its place; any type may follow any [D]. Raises Refused."""
        # The task's id may stay away: the card keeps the one it has [G].
        check({"task_id": self.task_id, **body})
        for userid in userids:
            self.views[userid] = View(body)
        self.updates += 1
