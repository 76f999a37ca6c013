"""Fans new lines out to the open sockets of each resident.

A hint never carries content: the hub reads the resident's history again and pushes what a socket has not had yet, so
a lost, doubled or late hint cannot lose, double or misdirect a line.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any

import structlog

from community.model.message import HistoryLine
from community.ports import Community
from community.services import inbound, outbound, webchat
from gateway.metrics import Metrics
from gateway.webchat import wire

log = structlog.get_logger("gateway.hub")

WINDOW = 20
WIDE_WINDOW = 200
GATHER = 0.02
"""Hints come in bunches (a reply is several rows and a receipt): looked after once."""
POLL_DEAF = 3.0
POLL_HEARING = 15.0
SESSION_CHECK = 60.0
QUEUE = 500


class Link:
    """One open socket: what it has had, and what is on its way to it. None in the queue ends it."""

    def __init__(self, resident_id: int, token: str, seen: set[str]) -> None:
        self.resident_id, self.token, self.seen = resident_id, token, seen
        self.queue: asyncio.Queue[dict[str, Any] | None] = asyncio.Queue(QUEUE)
        self.checked_at = time.monotonic()

    def push(self, event: dict[str, Any] | None) -> None:
        try:
            self.queue.put_nowait(event)
        except asyncio.QueueFull:
            # It reads too slowly: closed, and what it missed is in the history it loads when it comes back.
            while not self.queue.empty():
                self.queue.get_nowait()
            self.queue.put_nowait(None)


class _Group:
    """The sockets of one resident. `pending` are their messages that were not handled when last looked at."""

    def __init__(self) -> None:
        self.links: set[Link] = set()
        self.pending: set[int] = set()
        self.newest_in = 0
        self.due = asyncio.Event()
        self.task: asyncio.Task[None] | None = None


class Hub:
    def __init__(self, community: Community, metrics: Metrics) -> None:
        self._community, self._metrics = community, metrics
        self._groups: dict[int, _Group] = {}

    async def join(self, resident_id: int, token: str) -> Link:
        """A new socket. To be called before it is opened: its page loads the history once it is open, so a row that
        comes between this look and that one is had twice rather than never (the page knows rows by their id).
        """
        link = Link(resident_id, token, set())
        group = self._groups.get(resident_id)
        if group is None:
            group = self._groups[resident_id] = _Group()
            group.task = asyncio.create_task(self._serve(resident_id, group))
        group.links.add(link)
        self._metrics.sockets.inc()
        try:
            lines = await outbound.history(self._community, resident_id, WINDOW)
            link.seen |= {line.key for line in lines}
            group.newest_in = max([group.newest_in, *(i for line in lines if (i := wire.inbox_id(line)))])
            left = await inbound.unfinished(self._community, resident_id)
        except BaseException:
            self.leave(link)
            raise
        group.pending |= set(left)
        group.due.set()
        return link

    def leave(self, link: Link) -> None:
        group = self._groups.get(link.resident_id)
        if group is None or link not in group.links:
            return
        group.links.discard(link)
        self._metrics.sockets.dec()
        if not group.links:
            del self._groups[link.resident_id]
            if group.task is not None:
                group.task.cancel()

    def count(self, resident_id: int) -> int:
        group = self._groups.get(resident_id)
        return len(group.links) if group else 0

    def expect(self, resident_id: int, message_id: int) -> None:
        """A message of this resident was taken in; its end is to be told."""
        if group := self._groups.get(resident_id):
            group.pending.add(message_id)
            group.newest_in = max(group.newest_in, message_id)

    def poke(self, resident_id: int) -> None:
        if group := self._groups.get(resident_id):
            group.due.set()

    def poke_all(self) -> None:
        for group in self._groups.values():
            group.due.set()

    def typing(self, resident_id: int) -> None:
        if group := self._groups.get(resident_id):
            for link in group.links:
                link.push({"type": "typing"})

    def expire(self, token: str) -> None:
        """The session of this token ended: its pages are told now."""
        for group in self._groups.values():
            for link in group.links:
                if link.token == token:
                    self._end(link)

    async def close(self) -> None:
        for group in self._groups.values():
            for link in group.links:
                link.push(None)
        # One turn of the loop for the writers to say goodbye.
        await asyncio.sleep(0.05)

    async def run(self, hearing: Callable[[], bool]) -> None:
        """Look after everybody now and then: often while no hints come, seldom while they do."""
        looked = time.monotonic()
        while True:
            await asyncio.sleep(1)
            now = time.monotonic()
            if now - looked >= (POLL_HEARING if hearing() else POLL_DEAF):
                looked = now
                self.poke_all()
            await self._check_sessions(now)

    async def _check_sessions(self, now: float) -> None:
        stale = [x for group in self._groups.values() for x in group.links if now - x.checked_at >= SESSION_CHECK]
        for link in stale:
            link.checked_at = now
            try:
                if await webchat.who(self._community, link.token) is None:
                    self._end(link)
            except Exception as error:
                log.warning("session not checked", error=type(error).__name__)

    def _end(self, link: Link) -> None:
        link.push({"type": "expired"})
        link.push(None)

    async def _serve(self, resident_id: int, group: _Group) -> None:
        while True:
            await group.due.wait()
            await asyncio.sleep(GATHER)
            group.due.clear()
            try:
                await self._look(resident_id, group)
            except Exception as error:
                # The database is away: the next hint or poll looks again.
                log.error("cannot look for news", exc_info=error)
                await asyncio.sleep(1)

    async def _look(self, resident_id: int, group: _Group) -> None:
        """Push new lines, then the ends of messages that were handled before the lines were read.

        The order of the two reads is what makes 'handled' come after all replies: replies and end are one transaction.
        """
        known = set(group.pending)
        left = set(await inbound.unfinished(self._community, resident_id)) if known else set()
        lines = await self._news(resident_id, group)
        for link in tuple(group.links):
            for line in lines:
                if line.key not in link.seen:
                    link.push({"type": "message", "message": wire.message(line)})
            link.seen = {line.key for line in lines}
        for message_id in sorted(known - left):
            for link in tuple(group.links):
                link.push({"type": "handled", "id": message_id})
        group.pending -= known - left
        found = {i for line in lines if (i := wire.inbox_id(line)) and i > group.newest_in}
        if found:
            # Taken in elsewhere, and the hint was lost: whether they are handled is only known at a look that follows.
            group.pending |= found
            group.newest_in = max(found)
            group.due.set()

    async def _news(self, resident_id: int, group: _Group) -> list[HistoryLine]:
        lines = await outbound.history(self._community, resident_id, WINDOW)
        keys = {line.key for line in lines}
        if len(lines) == WINDOW and any(keys.isdisjoint(link.seen) for link in group.links):
            # So much came at once that the window may not reach back to what was pushed last.
            return await outbound.history(self._community, resident_id, WIDE_WINDOW)
        return lines
