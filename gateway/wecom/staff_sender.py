"""WeCom's way out for staff: each letter one call."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta

import structlog

from community.model.staffing import CardFace, Told
from community.ports import Community
from community.services import staff_out
from community.services.staff_out import Errand
from gateway.names import is_gone
from gateway.wecom.cards import Card, card_body, update_body
from gateway.wecom.pool import Pool
from gateway.wecom.staff_api import NotTold, StaffApi

log = structlog.get_logger("gateway.wecom.staff")

PARALLEL = 8
STYLES = {"accept": 1, "start": 1, "resolve": 1, "return": 2}


class StaffSender(Pool[Errand]):
    def __init__(self, community: Community, api: StaffApi, alarm: Callable[[str], None] = lambda reason: None) -> None:
        super().__init__(PARALLEL)
        self._community, self._api, self._alarm = community, api, alarm

    async def release(self) -> None:
        await staff_out.release_gone(self._community, is_gone)

    async def claim(self, room: int) -> Sequence[Errand]:
        return await staff_out.claim(self._community, self.name, room)

    async def work(self, errand: Errand) -> None:
        try:
            try:
                code = await self._out(errand)
            except NotTold as failure:
                await self._failed(errand, failure)
                return
            except Exception as error:
                # Ours, then: tried again, but not for ever.
                log.error("sender broke", letter=errand.id, exc_info=error)
                await self._failed(errand, NotTold(type(error).__name__, ours=True, not_taken=False))
                return
            await staff_out.sent(self._community, self.name, errand, code)
        except Exception as error:
            # The database is away: the lease runs out by itself.
            log.error("cannot note what was sent", letter=errand.id, exc_info=error)

    async def _out(self, errand: Errand) -> str:
        if errand.kind is Told.UPDATE:
            if errand.face is not None:
                await self._api.update(_update(errand, errand.face, self._api.agentid))
            return ""
        if errand.kind is Told.CARD and errand.face is not None and errand.face.buttons:
            return await self._api.card(errand.member, card_body(_card(errand.task, errand.face)))
        await self._api.text(errand.member, errand.text, check=errand.check)
        return ""

    async def _failed(self, errand: Errand, failure: NotTold) -> None:
        log.warning("staff not told", letter=errand.id, kind=str(errand.kind), error=failure.error)
        if failure.alarm:
            self._alarm(failure.alarm)
        await staff_out.failed(
            self._community,
            self.name,
            errand.id,
            failure.error,
            ours=failure.ours,
            for_good=failure.for_good,
            not_taken=failure.not_taken,
            pause=failure.pause or (timedelta(seconds=2) if errand.kind is Told.UPDATE else None),
        )


def _card(task: str, face: CardFace) -> Card:
    buttons = tuple((key, words, STYLES.get(key, 1)) for key, words in face.buttons)
    return Card(title=face.title, lines=face.rows, task_id=task, buttons=buttons, desc=face.desc)


def _update(errand: Errand, face: CardFace, agentid: str) -> dict[str, object]:
    if face.buttons:
        return update_body(_card(errand.task, face), errand.code, int(agentid), userids=(errand.member,))
    grey = Card(face.title, face.rows, errand.task, buttons=(("done", face.done, 1),))
    return update_body(grey, errand.code, int(agentid), replaced_by=face.done, userids=(errand.member,))
