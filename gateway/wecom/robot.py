"""The group robots of WeCom: what is to be said in a community's room, said there. Outbound only; nobody can answer a robot."""

from __future__ import annotations

import asyncio
import json
from collections import defaultdict
from collections.abc import Callable, Mapping
from datetime import timedelta

import aiohttp
import structlog

from community.ports import Community
from community.services import rooms
from community.services.rooms import Note
from gateway.loops import set_within
from gateway.names import worker_name

log = structlog.get_logger("gateway.wecom.robot")

POLL = 2.0
TIMEOUT = 5.0
TOO_OFTEN = 45009
"""Twenty a minute [I]."""
NO_ROBOT = 93000
"""The key is of no robot, or of one that was taken out of its room [G]."""
WAITS = {-1: timedelta(seconds=5), TOO_OFTEN: timedelta(seconds=60), NO_ROBOT: timedelta(minutes=10)}


class Robots:
    """`keys`: name of a community -> key of its robot. A key is in the address: nothing here logs addresses."""

    def __init__(
        self,
        community: Community,
        base: str,
        keys: Mapping[str, str],
        alarm: Callable[[str], None] = lambda reason: None,
        timeout: float = TIMEOUT,
    ) -> None:
        self.name = worker_name()
        self._community, self._base, self._keys, self._alarm = community, base.rstrip("/"), dict(keys), alarm
        self._timeout = aiohttp.ClientTimeout(total=timeout)
        self._session: aiohttp.ClientSession | None = None
        self._rooms: dict[str, dict[str, int]] = {}
        self._missing: frozenset[str] = frozenset()
        self._woken = asyncio.Event()

    async def open(self) -> None:
        self._session = aiohttp.ClientSession(timeout=self._timeout, trust_env=False)

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()

    def wake(self) -> None:
        self._woken.set()

    async def run(self) -> None:
        while True:
            self._woken.clear()
            try:
                await self.once()
            except Exception as error:
                log.error("cannot tell the rooms", exc_info=error)
            await set_within(self._woken, POLL)

    async def once(self) -> int:
        """Say what may be said now; returns how much was."""
        await self._find_rooms()
        notes = await rooms.claim(self._community, self.name, self._rooms)
        by_key: dict[str, list[Note]] = defaultdict(list)
        for note in notes:
            by_key[self._keys[note.community]].append(note)
        said = await asyncio.gather(*(self._say_all(key, theirs) for key, theirs in by_key.items()))
        return sum(said)

    async def _find_rooms(self) -> None:
        """The communities of our robots. One that is not there yet may be added while we run."""
        known = {name for theirs in self._rooms.values() for name in theirs}
        if known == set(self._keys):
            return
        found = await rooms.ids_of(self._community, self._keys)
        missing = frozenset(self._keys) - set(found)
        if missing and missing != self._missing:
            log.warning("a robot of no community", communities=sorted(missing))
        self._missing = missing
        grouped: dict[str, dict[str, int]] = defaultdict(dict)
        for name, place_id in found.items():
            grouped[self._keys[name]][name] = place_id
        self._rooms = dict(grouped)

    async def _say_all(self, key: str, notes: list[Note]) -> int:
        """In order. Once one has to wait, those behind it do too: a slow platform must not hold them past their lease."""
        said = 0
        behind: timedelta | None = None
        for note in notes:
            if behind is not None:
                await self._failed(note, "behind another", pause=behind)
                continue
            try:
                code = await self._say(key, note.text)
            except (aiohttp.ClientError, TimeoutError, ValueError) as error:
                # Of the error only its kind: its text may have the address in it, and the address has the key.
                behind = timedelta(seconds=5)
                await self._failed(note, type(error).__name__)
                continue
            if code == 0:
                await rooms.sent(self._community, self.name, note.id)
                said += 1
            elif code in WAITS:
                behind = WAITS[code]
                if code == NO_ROBOT:
                    self._alarm(str(code))
                await self._failed(note, str(code), pause=behind)
            else:
                await self._failed(note, str(code), ours=True)
        return said

    async def _failed(self, note: Note, error: str, *, ours: bool = False, pause: timedelta | None = None) -> None:
        log.warning("not said in a room", note=note.id, error=error)
        await rooms.failed(self._community, self.name, note.id, error, ours=ours, pause=pause)

    async def _say(self, key: str, text: str) -> int:
        if self._session is None:
            raise aiohttp.ClientConnectionError("not open")
        body = json.dumps({"msgtype": "text", "text": {"content": text}}, ensure_ascii=False).encode()
        headers = {"Content-Type": "application/json; charset=utf-8"}
        async with self._session.post(
            self._base + "/cgi-bin/webhook/send", data=body, params={"key": key}, headers=headers, allow_redirects=False
        ) as response:
            if response.status != 200:
                raise aiohttp.ClientPayloadError(f"status {response.status}")
            answer = json.loads(await response.content.read(64 * 1024))
        if not isinstance(answer, dict):
            raise ValueError("not an object")
        return int(answer.get("errcode") or 0)
