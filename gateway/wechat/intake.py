"""What becomes of each kind of message of an official account. One call of the services each."""

from __future__ import annotations

import structlog

from community.ports import Community
from community.services import wechat
from community.services.wechat import Arrival, Event, Heard
from gateway.wechat.gathering import Arrivals
from gateway.wechat.messages import (
    Click,
    Image,
    Link,
    Location,
    MenuChoice,
    Message,
    Outcome,
    Said,
    Scan,
    Subscribe,
    TemplateSent,
    Text,
    Unknown,
    Unsubscribe,
    Video,
    Voice,
    dedup_key,
)

log = structlog.get_logger("gateway.wechat.intake")

UNSUPPORTED = "【收到不支持的消息类型"
"""How the platform's text begins that stands for a message it does not pass on [D]."""


async def take(c: Community, message: Message, arrivals: Arrivals) -> Heard | None:
    """Keep it durably. None when nobody is to be answered."""
    event = Event(message.user, dedup_key(message), message.at)
    arrival = arrival_of(c, message, event)
    if arrival is not None:
        return await arrivals.take(arrival)
    match message:
        case Unsubscribe():
            buried = await wechat.unfollowed(c, event)
            log.info("unfollowed", buried=buried)
        case TemplateSent(outcome=outcome) if outcome is not Outcome.SENT:
            log.warning("template message did not arrive", outcome=str(outcome))
        case Unknown(kind=kind):
            log.info("nothing to do with this", kind=kind)
    return None


def arrival_of(c: Community, message: Message, event: Event) -> Arrival | None:
    """What is to be kept of a message that somebody is answered for; None for any other."""
    match message:
        case Text(content=content) if content.startswith(UNSUPPORTED):
            return wechat.sorry(event)
        case MenuChoice(content=content, choice=choice):
            return wechat.said(event, content, choice)
        case Text(content=content):
            return wechat.said(event, content)
        case Image(media=media):
            return wechat.showed(event, media)
        case Voice(media=media, recognition=recognition):
            return wechat.spoke(c, event, media, recognition)
        case Location(label=label, latitude=latitude, longitude=longitude):
            return wechat.located(event, label, latitude, longitude)
        case Video() | Link() | Said():
            return wechat.sorry(event)
        case Click(event_key=key):
            return wechat.pressed(event, key)
        case Subscribe() | Scan():
            return wechat.followed(event)
    return None
