"""What WeCom's callback needs beside its route: what is pushed is kept, and somebody is told that there is work."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import structlog

from community.config import Settings
from community.model.staffing import Heard
from community.ports import Community
from community.services import kf, staff_in
from community.services.kf import Notice
from community.services.staff_in import Incoming
from gateway.gathering import Gathering
from gateway.wechat.crypto import Codec
from gateway.wechat.kinds import CardClick, Image, KfNotice, Message, Said, Text
from gateway.wechat.messages import dedup_key

log = structlog.get_logger("gateway.wecom")


class Notices(Gathering[Notice, None]):
    """All that wait are written together: they change one row."""

    def __init__(self, community: Community) -> None:
        super().__init__(lambda notices: kf.noted(community, notices))

    def many(self, waiting: Sequence[Notice]) -> int:
        return len(waiting)


class WecomDoor:
    """`woken` is told 'kf' or 'staff' when something was kept."""

    def __init__(self, community: Community, settings: Settings, woken: Callable[[str], None]) -> None:
        keys = [key for key in (settings.wecom_aes_key, settings.wecom_aes_key_previous) if key]
        self.codec = Codec(settings.wecom_token, settings.wecom_corpid, keys)
        self._community, self._woken = community, woken
        self._accounts, self._agentid = frozenset(settings.kf_accounts), settings.wecom_agentid
        self._notices = Notices(community)

    async def take(self, message: Message) -> None:
        """Keep it durably; then it may be acknowledged."""
        match message:
            case KfNotice() if self._accounts:
                await self._noticed(message)
            case Said() | CardClick() if self._agentid:
                await self._heard(message)
            case _:
                log.info("nothing to do with this", kind=type(message).__name__)

    async def _noticed(self, notice: KfNotice) -> None:
        """There is something, says a push. What is fetched is not awaited."""
        if notice.open_kf_id not in self._accounts:
            log.info("not one of our accounts")
            return
        await self._notices.take(Notice(notice.open_kf_id, notice.token, notice.at))
        self._woken("kf")

    async def _heard(self, message: Message) -> None:
        if message.agent and message.agent != self._agentid:
            log.info("not our app")
            return
        said = incoming_of(message)
        if said is None:
            log.info("nothing to do with this", kind=type(message).__name__)
            return
        await staff_in.receive(self._community, said)
        self._woken("staff")


def incoming_of(message: Message) -> Incoming | None:
    """What a member of staff sent. None for what means nothing: the app was opened."""
    key = dedup_key(message)
    match message:
        case CardClick(event_key=button, task=task, response_code=code):
            return Incoming(message.user, key, Heard.CLICK, button, task=task, code=code)
        case Text(content=content):
            return Incoming(message.user, key, Heard.TEXT, content)
        case Image(media=media):
            return Incoming(message.user, key, Heard.PHOTO, media_id=media)
        case Said():
            return Incoming(message.user, key, Heard.OTHER, type(message).__name__)
    return None
