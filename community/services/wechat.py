"""Residents on WeChat: who writes, and what becomes of each kind of message. One transaction a message."""

from __future__ import annotations

import re
import secrets
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from community.errors import Conflict, InvalidInput, NotFound
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


@dataclass(frozen=True)
class Heard:
    """What the resident it is of has now: the id of the message that goes to the assistant, or None when none does."""

    resident_id: int
    received: Received | None


@dataclass(frozen=True)
class Event:
    """Who, when by the platform's clock, and the key by which a repeated delivery is known."""

    openid: str
    dedup_key: str
    at: datetime


async def resident_of(uow: UnitOfWork, openid: str, now: datetime) -> Resident:
    """The resident of this openid; a new one is somebody we know nothing of yet."""
    known = await uow.people.resident_by_identity(CHANNEL, openid)
    if known is not None:
        return known
    resident = Resident(0, "r" + secrets.token_hex(12), "", created_at=now)
    await uow.people.add_resident(resident)
    await uow.people.add_identity(ChannelIdentity(0, resident.id, CHANNEL, openid))
    return resident


async def said(c: Community, event: Event, text: str, menu_id: str = "") -> Heard:
    """Words. `menu_id` is that of a choice in a menu message, as we gave it: 'out-12-0'."""
    choice = None
    if found := re.fullmatch(r"(out-[0-9]{1,18})-([0-9]{1,3})", menu_id):
        choice = (found[1], int(found[2]))
    # The platform gives a click on a menu message only the small window.
    kind = Opening.DONE if menu_id else Opening.SAID
    return await _take(c, event, kind, {"text": text}, choice=choice)


async def pressed(c: Community, event: Event, key: str) -> Heard:
    """A button of the account's menu."""
    title, payload = MENU.get(key, (key, None))
    return await _take(c, event, Opening.DONE, {"text": title, "payload": payload})


async def showed(c: Community, event: Event, media_id: str) -> Heard:
    """A photo; it still lies at the platform and is fetched before the turn."""
    attachment = {"kind": "image", "media_id": media_id}
    return await _take(c, event, Opening.SAID, {"text": PHOTO_TEXT, "payload": "/photo", "attachments": (attachment,)})


async def spoke(c: Community, event: Event, media_id: str, recognised: str) -> Heard:
    """A voice message: its words where the platform gives them, or somebody of ours listens; else text is asked for."""
    if recognised.strip():
        return await said(c, event, recognised)
    if not c.speech.available:
        return await sorry(c, event, NO_VOICE)
    attachment = {"kind": "voice", "media_id": media_id}
    return await _take(c, event, Opening.SAID, {"text": VOICE_TEXT, "attachments": (attachment,)})


async def located(c: Community, event: Event, label: str, latitude: float, longitude: float) -> Heard:
    """A place on the map. Its name is what the assistant reads, the coordinates go along."""
    attachment = {"kind": "location", "latitude": latitude, "longitude": longitude}
    name = label.strip() or f"{latitude:.5f},{longitude:.5f}"
    return await _take(c, event, Opening.SAID, {"text": f"位置：{name}", "attachments": (attachment,)})


async def followed(c: Community, event: Event) -> Heard:
    """Follows us, or scanned our code: greeted, and asked for their home unless we know it."""

    async def take(uow: UnitOfWork, resident: Resident, now: datetime) -> Received:
        more: dict[str, Any] = {"text": "你好", "payload": "/greet"}
        if resident.room_id is None:
            more = {"text": "你好", "payload": "/bind_home", "attachments": ({"kind": "welcome"},)}
        return await receive_in(uow, Incoming(CHANNEL, resident.id, event.dedup_key, **more), now)

    return await _once(c, event, Opening.DONE, take)


async def unfollowed(c: Community, event: Event) -> int:
    """Follows us no more. What was on its way is put aside; returns how much. Nobody new is made of somebody who leaves."""
    async with c.uow() as uow:
        resident = await uow.people.resident_by_identity(CHANNEL, event.openid)
        if resident is None:
            return 0
        buried = await windows.left(uow, resident.id, CHANNEL, event.openid, event.at)
        await uow.commit()
        return buried


async def sorry(c: Community, event: Event, sentence: str = NO_KIND) -> Heard:
    """What came cannot be read: said kindly, once."""
    return await _tell(c, event, Opening.SAID, sentence)


async def _take(
    c: Community,
    event: Event,
    kind: Opening,
    more: Mapping[str, Any],
    choice: tuple[str, int] | None = None,
) -> Heard:
    async def take(uow: UnitOfWork, resident: Resident, now: datetime) -> Received:
        message = Incoming(CHANNEL, resident.id, event.dedup_key, choice=choice, **more)
        return await receive_in(uow, message, now)

    try:
        return await _once(c, event, kind, take)
    except NotFound:
        # The choice is of a message that is not theirs or not there: what they read on it still counts as said.
        return await _take(c, event, kind, more)
    except InvalidInput as error:
        return await _tell(c, event, kind, error.message)


async def _tell(c: Community, event: Event, kind: Opening, sentence: str) -> Heard:
    async def take(uow: UnitOfWork, resident: Resident, now: datetime) -> Received:
        key = f"{CHANNEL}:{event.dedup_key}"[:190] + ":sorry"
        return Received(0, not await tell(uow, resident.id, sentence, key=key, now=now))

    heard = await _once(c, event, kind, take)
    return Heard(heard.resident_id, None)


Take = Callable[[UnitOfWork, Resident, datetime], Awaitable[Received]]


async def _once(c: Community, event: Event, kind: Opening, take: Take) -> Heard:
    """`take` and the window it opens, in one transaction. A first message delivered twice at the same moment makes one resident."""
    attempts: Sequence[int] = (1, 2, 3)
    for attempt in attempts:
        try:
            async with c.uow() as uow:
                now = c.clock.now()
                resident = await resident_of(uow, event.openid, now)
                received = await take(uow, resident, now)
                if not received.duplicate:
                    await windows.opened(uow, resident.id, CHANNEL, event.openid, kind, event.at, now)
                    await uow.commit()
                return Heard(resident.id, received)
        except Conflict:
            if attempt == attempts[-1]:
                raise
    raise AssertionError("not reached")
