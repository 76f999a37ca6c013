"""What becomes of each kind of message of an official account. One call of the services each."""

from __future__ import annotations

import structlog

from community.ports import Community
from community.services import wechat
from community.services.wechat import Event, Heard
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


async def take(c: Community, message: Message) -> Heard | None:
    """Keep it durably. None when nobody is to be answered."""
    event = Event(message.user, dedup_key(message), message.at)
    match message:
        case Text(content=content) if content.startswith(UNSUPPORTED):
            return await wechat.sorry(c, event)
        case MenuChoice(content=content, choice=choice):
            return await wechat.said(c, event, content, choice)
        case Text(content=content):
            return await wechat.said(c, event, content)
        case Image(media=media):
            return await wechat.showed(c, event, media)
        case Voice(media=media, recognition=recognition):
            return await wechat.spoke(c, event, media, recognition)
        case Location(label=label, latitude=latitude, longitude=longitude):
            return await wechat.located(c, event, label, latitude, longitude)
        case Video() | Link() | Said():
            return await wechat.sorry(c, event)
        case Click(event_key=key):
            return await wechat.pressed(c, event, key)
        case Subscribe() | Scan():
            return await wechat.followed(c, event)
        case Unsubscribe():
            buried = await wechat.unfollowed(c, event)
            log.info("unfollowed", buried=buried)
        case TemplateSent(outcome=outcome) if outcome is not Outcome.SENT:
            log.warning("template message did not arrive", outcome=str(outcome))
        case Unknown(kind=kind):
            log.info("nothing to do with this", kind=kind)
    return None
