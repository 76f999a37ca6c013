"""The kinds of what people send and do at an official account or in WeCom. Read from a push by `messages.from_wechat`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NewType

OpenId = NewType("OpenId", str)
"""A follower of one official account, or a member of one WeCom corporation (UserId)."""
AccountId = NewType("AccountId", str)
"""Who was written to: an official account's original id (gh_…), or a corpid."""
AgentId = NewType("AgentId", str)
"""An app of a WeCom corporation; '' at an official account."""
MsgId = NewType("MsgId", str)
MediaId = NewType("MediaId", str)
OpenKfId = NewType("OpenKfId", str)


@dataclass(frozen=True, kw_only=True)
class Message:
    """Anything pushed. `at` is the platform's CreateTime, in whole seconds, UTC.

    `user` is '' where the platform names nobody: KfNotice, and some of the Unknown.
    """

    account: AccountId
    user: OpenId
    at: datetime
    agent: AgentId = AgentId("")


@dataclass(frozen=True, kw_only=True)
class Said(Message):
    """What somebody wrote or sent."""

    msg_id: MsgId


@dataclass(frozen=True, kw_only=True)
class Text(Said):
    content: str


@dataclass(frozen=True, kw_only=True)
class MenuChoice(Text):
    """A click in a menu message (msgmenu), which arrives as the text of the choice. It opens only the small quota [D]."""

    choice: str


@dataclass(frozen=True, kw_only=True)
class Image(Said):
    media: MediaId
    url: str


@dataclass(frozen=True, kw_only=True)
class Voice(Said):
    """`recognition` is mostly '': the platform is retiring it [D]. `media_16k` is the same in better quality, or ''."""

    media: MediaId
    format: str
    media_16k: MediaId
    recognition: str


@dataclass(frozen=True, kw_only=True)
class Video(Said):
    """`short` when it was taken in the chat itself (shortvideo)."""

    media: MediaId
    thumb: MediaId
    short: bool


@dataclass(frozen=True, kw_only=True)
class Location(Said):
    """A place picked on the map. Degrees, GCJ-02 as everything of Tencent's maps [G]; `label` is the address in words."""

    latitude: float
    longitude: float
    scale: str
    label: str


@dataclass(frozen=True, kw_only=True)
class Link(Said):
    title: str
    description: str
    url: str


@dataclass(frozen=True, kw_only=True)
class Happened(Message):
    """What somebody did. `event` in lower case: official accounts write CLICK, WeCom click. `event_key` as sent, or ''."""

    event: str
    event_key: str


@dataclass(frozen=True, kw_only=True)
class Subscribe(Happened):
    """`scene` is the number or word of the QR code that was scanned, if one was."""

    scene: str | None
    ticket: str | None


@dataclass(frozen=True, kw_only=True)
class Unsubscribe(Happened):
    """From now on nothing may be sent to `user`."""


@dataclass(frozen=True, kw_only=True)
class Scan(Happened):
    """A follower scanned a QR code: `event_key` is its scene."""

    ticket: str | None


@dataclass(frozen=True, kw_only=True)
class Click(Happened):
    """A button of the account's own menu; `event_key` is the button's key."""


@dataclass(frozen=True, kw_only=True)
class View(Happened):
    """A link of the menu was opened; `event_key` is the address. Nothing to answer."""


@dataclass(frozen=True, kw_only=True)
class LocationReport(Happened):
    """Where the phone is, reported by itself when the chat is entered. Degrees; `precision` as sent, or ''."""

    latitude: float
    longitude: float
    precision: str


class Outcome(StrEnum):
    SENT = "sent"
    BLOCKED = "blocked"
    """The user refuses messages of this account."""
    FAILED = "failed"


@dataclass(frozen=True, kw_only=True)
class TemplateSent(Happened):
    """What became of a template message; `template_msg` is the msgid its sending returned."""

    template_msg: MsgId
    outcome: Outcome


@dataclass(frozen=True, kw_only=True)
class CardClick(Happened):
    """A button (`event_key`) of a template card. `response_code` updates the card, once, within 72 h [D].

    `selected` holds (question, chosen options) of cards with questions.
    """

    task: str
    response_code: str
    card: str
    selected: tuple[tuple[str, tuple[str, ...]], ...]


@dataclass(frozen=True, kw_only=True)
class EnterAgent(Happened):
    """A member opened the app's chat."""


@dataclass(frozen=True, kw_only=True)
class KfNotice(Happened):
    """微信客服 has something to fetch with kf/sync_msg; `token` is good for 10 minutes [D]. Says nothing of whom or what."""

    token: str
    open_kf_id: OpenKfId


@dataclass(frozen=True, kw_only=True)
class Unknown(Message):
    """Not ours to handle, and no failure: answered with success. `kind` is short ASCII for logs, `mark` tells two apart."""

    kind: str
    mark: str
