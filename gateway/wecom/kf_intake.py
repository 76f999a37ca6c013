"""What becomes of each entry of a page of 微信客服. No I/O: the page is kept as a whole."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import structlog

from community.ports import Community
from community.services import wechat
from community.services.kf import CHANNEL, Bounce, address_of
from community.services.wechat import Arrival, Event
from gateway.wechat.intake import arrival_of
from gateway.wechat.kinds import Message, Unknown
from gateway.wechat.messages import dedup_key
from gateway.wecom.kf_messages import Entered, FromStaff, NotDelivered

log = structlog.get_logger("gateway.wecom.kf")

GREETED_WITHIN = timedelta(seconds=15)
"""Of the 20 that the code of an entered chat is good for [D]. Who came earlier is greeted no more."""

_MARK = re.compile(r"o([0-9]{1,18})-([0-9]{1,18})-([0-9]{1,4})-([0-9]{1,6})")
_WAITS = {4: "window closed", 5: "session closed", 6: "window used up"}
"""fail_type: four and six [I], five [G]. A word of the person opens it again."""
_REFUSES = 10
"""The person takes nothing from us [G]."""


def mark_of(first: int, last: int, index: int, attempt: int) -> str:
    """The msgid of a message to the platform, by which its rows are found again; '' when it would be too long (32 bytes [D])."""
    mark = f"o{first}-{last}-{index}-{attempt}"
    return mark if len(mark) <= 32 else ""


def item_of(c: Community, message: Message, now: datetime) -> Arrival | Bounce | None:
    """What is to be kept of it; None for what changes nothing."""
    address = address_of(message.account, message.user)
    event = Event(address, dedup_key(message), message.at, CHANNEL)
    match message:
        case Entered(code=code):
            return wechat.entered(event, code) if code and now - message.at < GREETED_WITHIN else None
        case NotDelivered(failed=mark, reason=reason):
            return _bounce(address, mark, reason)
        case FromStaff():
            return None
        case Unknown(kind=kind):
            log.info("nothing to do with this", kind=kind)
            return None
    return arrival_of(c, message, event)


def _bounce(address: str, mark: str, reason: int) -> Bounce | None:
    found = _MARK.fullmatch(mark)
    log.warning("the platform did not deliver a message", reason=reason, ours=found is not None)
    if found is None:
        return None
    first, last, index, attempt = map(int, found.groups())
    words = "refused by the person" if reason == _REFUSES else _WAITS.get(reason, "not delivered")
    return Bounce(address, first, last, index, attempt, reason in _WAITS, f"fail_type {reason} {words}")
