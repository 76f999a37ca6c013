"""Residents on WeChat, by the official account or by 微信客服: who writes, and what is kept of each kind of message.

What came becomes an `Arrival` (no I/O), which `take` keeps in a transaction of its own and `take_in` in one that keeps more.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from community.errors import Conflict, InvalidInput, NotFound
from community.model.delivery import way_of
from community.model.people import ChannelIdentity, Resident
from community.model.window import Opening
from community.ports import Community, UnitOfWork
from community.services import windows
from community.services.inbound import PHOTO_TEXT, Incoming, Received, receive_in
from community.services.notify import tell

CHANNEL = "wechat"
VOICE_TEXT = "[语音]"
NO_VOICE = "我还听不了语音，请打字告诉我，或者用输入法的语音输入。急事请直接拨打12345。"
NO_KIND = "这种消息我还看不了，请打字告诉我，或者发张照片。"

MENU: Mapping[str, tuple[str, str]] = {
    "report": ("报修、反映问题", "/report"),
    "ask_progress": ("查进度、催办", "/ask_progress"),
    "volunteer_list": ("志愿活动", "/volunteer_list"),
    "ask_legal": ("法律咨询", "/ask_legal"),
    "bind_home": ("绑定住址", "/bind_home"),
    "ask_person": ("找工作人员", "/ask_person"),
}
"""Keys an operator may give the buttons of the account's menu. Any other key is said as if it were typed."""
ATTEMPTS = 3


@dataclass(frozen=True)
class Heard:
    """What the resident it is of has now: the id of the message that goes to the assistant, or None when none does."""

    resident_id: int
    received: Received | None


@dataclass(frozen=True)
class Event:
    """Who, when by the platform's clock, and the key by which a repeated delivery is known. `openid` is their address on `channel`."""

    openid: str
    dedup_key: str
    at: datetime
    channel: str = CHANNEL


@dataclass(frozen=True)
class Arrival:
    """What is to be kept of one message. `opens` is the window it opens; None: it lets us send nothing.

    `sentence` is said to them at once, and nothing goes to the assistant. `code` lets one message be sent in answer to this event.
    """

    event: Event
    opens: Opening | None
    text: str = ""
    payload: str | None = None
    choice: tuple[str, int] | None = None
    attachments: tuple[dict[str, Any], ...] = ()
    sentence: str = ""
    greeting: bool = False
    code: str = ""


# --- kinds of messages ------------------------------------------------------------------------------------------------


def said(event: Event, text: str, menu_id: str = "") -> Arrival:
    """Words. `menu_id` is that of a choice in a menu message, as we gave it: 'out-12-0'."""
    choice = None
    if found := re.fullmatch(r"(out-[0-9]{1,18})-([0-9]{1,3})", menu_id):
        choice = (found[1], int(found[2]))
    tapped = bool(menu_id) and way_of(event.channel).tap_opens_less
    return Arrival(event, Opening.DONE if tapped else Opening.SAID, text, choice=choice)


def pressed(event: Event, key: str) -> Arrival:
    """A button of the account's menu."""
    title, payload = MENU.get(key, (key, None))
    return Arrival(event, Opening.DONE, title, payload)


def showed(event: Event, media_id: str) -> Arrival:
    """A photo; it still lies at the platform and is fetched before the turn."""
    attachment = {"kind": "image", "media_id": media_id}
    return Arrival(event, Opening.SAID, PHOTO_TEXT, "/photo", attachments=(attachment,))


def spoke(c: Community, event: Event, media_id: str, recognised: str) -> Arrival:
    """A voice message: its words where the platform gives them, or somebody of ours listens; else text is asked for."""
    if recognised.strip():
        return said(event, recognised)
    if not c.speech.available:
        return sorry(event, NO_VOICE)
    attachment = {"kind": "voice", "media_id": media_id}
    return Arrival(event, Opening.SAID, VOICE_TEXT, attachments=(attachment,))


def located(event: Event, label: str, latitude: float, longitude: float) -> Arrival:
    """A place on the map. Its name is what the assistant reads, the coordinates go along."""
    attachment = {"kind": "location", "latitude": latitude, "longitude": longitude}
    name = label.strip() or f"{latitude:.5f},{longitude:.5f}"
    return Arrival(event, Opening.SAID, f"位置：{name}", attachments=(attachment,))


def followed(event: Event) -> Arrival:
    """Follows us, or scanned our code: greeted, and asked for their home unless we know it."""
    return Arrival(event, Opening.DONE, greeting=True)


def entered(event: Event, code: str) -> Arrival:
    """Opened the chat and may be sent one message with `code`, soon: greeted as who follows."""
    return Arrival(event, Opening.ENTERED, greeting=True, code=code)


def sorry(event: Event, sentence: str = NO_KIND) -> Arrival:
    """What came cannot be read: said kindly, once."""
    return Arrival(event, Opening.SAID, sentence=sentence)


# --- keeping them -----------------------------------------------------------------------------------------------------


async def take(c: Community, arrival: Arrival) -> Heard:
    """Keep it, once. A first message delivered twice at the same moment makes one resident."""
    for attempt in range(ATTEMPTS):
        try:
            async with c.uow() as uow:
                heard = await take_in(uow, arrival, c.clock.now())
                await uow.commit()
                return heard
        except Conflict:
            if attempt == ATTEMPTS - 1:
                raise
    raise AssertionError("not reached")


async def take_in(uow: UnitOfWork, arrival: Arrival, now: datetime) -> Heard:
    """`take` in a transaction that keeps more. What is repeated writes nothing."""
    event = arrival.event
    resident = await resident_of(uow, event.openid, now, event.channel)
    received = await _received(uow, arrival, resident, now)
    if not received.duplicate and arrival.opens is not None:
        await windows.opened(
            uow, resident.id, event.channel, event.openid, arrival.opens, event.at, now, code=arrival.code
        )
    return Heard(resident.id, received if received.id else None)


async def resident_of(uow: UnitOfWork, openid: str, now: datetime, channel: str = CHANNEL) -> Resident:
    """The resident of this openid; a new one is somebody we know nothing of yet."""
    known = await uow.people.resident_by_identity(channel, openid)
    if known is not None:
        return known
    resident = Resident(0, "r" + secrets.token_hex(12), "", created_at=now)
    await uow.people.add_resident(resident)
    await uow.people.add_identity(ChannelIdentity(0, resident.id, channel, openid))
    return resident


async def unfollowed(c: Community, event: Event) -> int:
    """Follows us no more. What was on its way is put aside; returns how much. Nobody new is made of somebody who leaves."""
    async with c.uow() as uow:
        resident = await uow.people.resident_by_identity(event.channel, event.openid)
        if resident is None:
            return 0
        buried = await windows.left(uow, resident.id, event.channel, event.openid, event.at)
        await uow.commit()
        return buried


async def _received(uow: UnitOfWork, arrival: Arrival, resident: Resident, now: datetime) -> Received:
    """Id 0 when nothing of it is for the assistant."""
    if arrival.sentence:
        return await _told(uow, arrival, resident, now, arrival.sentence)
    event, more = arrival.event, arrival
    if arrival.greeting:
        home = resident.room_id is not None
        welcome: tuple[dict[str, Any], ...] = () if home else ({"kind": "welcome"},)
        more = replace(arrival, text="你好", payload="/greet" if home else "/bind_home", attachments=welcome)
    message = Incoming(
        event.channel,
        resident.id,
        event.dedup_key,
        more.text,
        choice=more.choice,
        payload=more.payload,
        attachments=more.attachments,
    )
    try:
        return await receive_in(uow, message, now)
    except NotFound:
        # The choice is of a message that is not theirs or not there: what they read on it still counts as said.
        return await _received(uow, replace(arrival, choice=None), resident, now)
    except InvalidInput as error:
        return await _told(uow, arrival, resident, now, error.message)


async def _told(uow: UnitOfWork, arrival: Arrival, resident: Resident, now: datetime, sentence: str) -> Received:
    key = f"{arrival.event.channel}:{arrival.event.dedup_key}"[:190] + ":sorry"
    return Received(0, not await tell(uow, resident.id, sentence, key=key, now=now))
