"""Everything staff need in WeCom beside its routes and API."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import structlog

from community.model.staffing import Heard
from community.ports import Community
from community.services import staff_in
from community.services.staff_in import Incoming
from gateway.wechat.kinds import CardClick, Image, Message, Said, Text
from gateway.wechat.messages import dedup_key
from gateway.wecom.api import WecomApi
from gateway.wecom.staff_api import StaffApi
from gateway.wecom.staff_sender import StaffSender
from gateway.wecom.staff_worker import StaffWorker

log = structlog.get_logger("gateway.wecom.staff")


class StaffParts:
    def __init__(self, community: Community, wecom: WecomApi, agentid: str, alarm: Callable[[str], None]) -> None:
        self._community, self._agentid = community, agentid
        self.sender = StaffSender(community, StaffApi(wecom, agentid), alarm)
        self.worker = StaffWorker(community, wecom, self.sender.wake)

    def runs(self) -> dict[str, Callable[[], Awaitable[None]]]:
        return {"staff-worker": self.worker.run, "staff-sender": self.sender.run}

    async def heard(self, message: Message) -> None:
        """Kept durably; then it may be acknowledged."""
        if message.agent and message.agent != self._agentid:
            log.info("not our app")
            return
        said = incoming_of(message)
        if said is None:
            log.info("nothing to do with this", kind=type(message).__name__)
            return
        await staff_in.receive(self._community, said)
        self.wake()

    def wake(self) -> None:
        self.worker.wake()
        self.sender.wake()

    async def stop(self) -> None:
        await self.worker.stop()
        await self.sender.stop()


def incoming_of(message: Message) -> Incoming | None:
    """None for what means nothing: the app was opened."""
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
