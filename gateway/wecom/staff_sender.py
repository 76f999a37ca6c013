"""WeCom's way out for staff: each letter one call."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta

import structlog

from community.model.staffing import CardFace, Told
from community.ports import Community
from community.services import staff_out
from community.services.staff_out import Errand
from gateway.names import is_gone, worker_name
from gateway.wecom.cards import Card, card_body, update_body
from gateway.wecom.staff_api import NotTold, StaffApi

log = structlog.get_logger("gateway.wecom.staff")

PARALLEL = 8
POLL = 1.0
GRACE = 5.0
STYLES = {"accept": 1, "start": 1, "resolve": 1, "return": 2}


class StaffSender:
    def __init__(self, community: Community, api: StaffApi, alarm: Callable[[str], None] = lambda reason: None) -> None:
        self.name = worker_name()
        self._community, self._api, self._alarm = community, api, alarm
        self._woken = asyncio.Event()
        self._sending: set[asyncio.Task[None]] = set()

    def wake(self) -> None:
        self._woken.set()

    async def run(self) -> None:
        await staff_out.release_gone(self._community, is_gone)
        while True:
            self._woken.clear()
            try:
                await self._start()
            except Exception as error:
                log.error("cannot tell staff", exc_info=error)
            try:
                await asyncio.wait_for(self._woken.wait(), POLL)
            except TimeoutError:
                pass

    async def stop(self) -> None:
        if self._sending:
            await asyncio.wait(self._sending, timeout=GRACE)
        for task in tuple(self._sending):
            task.cancel()
        await asyncio.gather(*self._sending, return_exceptions=True)

    async def once(self) -> int:
        """Send what may be sent now, and wait until it is."""
        started = await self._start()
        if started:
            await asyncio.wait(started)
        return len(started)

    async def _start(self) -> set[asyncio.Task[None]]:
        room = PARALLEL - len(self._sending)
        errands = await staff_out.claim(self._community, self.name, room) if room > 0 else []
        started = {asyncio.create_task(self._tell(errand)) for errand in errands}
        for task in started:
            self._sending.add(task)
            task.add_done_callback(self._ended)
        return started

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._sending.discard(task)
        self.wake()

    async def _tell(self, errand: Errand) -> None:
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
