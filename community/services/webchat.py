"""Residents of the web chat: who they are, their sessions and photos."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from community.errors import Forbidden, NotFound
from community.model.media import Media
from community.model.people import ChannelIdentity, Resident
from community.ports import Community
from community.services.sessions import open_session, token_hash

CHANNEL = "webchat"
LIFE = timedelta(days=30)


@dataclass(frozen=True)
class DemoResident:
    key: str
    code: str
    name: str
    home: str


async def start(c: Community) -> tuple[str, Resident]:
    """A new resident nobody knows yet, and a session for them. The home is bound in chat."""
    async with c.uow() as uow:
        now = c.clock.now()
        resident = Resident(0, "r" + secrets.token_hex(12), "", created_at=now)
        await uow.people.add_resident(resident)
        await uow.people.add_identity(ChannelIdentity(0, resident.id, CHANNEL, secrets.token_hex(16)))
        token = await open_session(uow, CHANNEL, resident.id, now, LIFE)
        await uow.commit()
        return token, resident


async def demo_residents(c: Community) -> list[DemoResident]:
    """The fictional residents one can be. Empty outside demo mode."""
    if not c.demo:
        return []
    async with c.reading() as uow:
        found = []
        for resident in await uow.people.demo_residents():
            identity = await uow.people.identity_of(resident.id)
            room = await uow.places.get(resident.room_id) if resident.room_id else None
            code = identity.external_id if identity else ""
            found.append(DemoResident(resident.key, code, resident.name, room.full_name if room else ""))
        return found


async def demo_login(c: Community, who: str) -> tuple[str, Resident]:
    """Be a demo resident, by code, key or name. Raises Forbidden outside demo mode."""
    if not c.demo:
        raise Forbidden("演示身份只能在演示模式下使用。")
    wanted = who.strip()
    for known in await demo_residents(c):
        if wanted and wanted in (known.code, known.key, known.name):
            async with c.uow() as uow:
                resident = await uow.people.resident_by_key(known.key)
                if resident is not None:
                    token = await open_session(uow, CHANNEL, resident.id, c.clock.now(), LIFE)
                    await uow.commit()
                    return token, resident
    raise NotFound("没有这位演示居民。")


async def who(c: Community, token: str) -> Resident | None:
    """The resident of a session, or None when it is unknown or expired."""
    if not token or len(token) > 200:
        return None
    async with c.reading() as uow:
        subject = await uow.sessions.subject(token_hash(token), CHANNEL, c.clock.now())
        return await uow.people.resident(subject) if subject is not None else None


async def logout(c: Community, token: str) -> None:
    async with c.uow() as uow:
        await uow.sessions.remove(token_hash(token))
        await uow.commit()


async def store_photo(c: Community, resident_id: int, raw: bytes) -> Media:
    """Keep a photo and let this resident see it. Raises InvalidInput when it is none or too large."""
    kept = await c.media_files.put(raw, c.clock.now())
    async with c.uow() as uow:
        await uow.media.add(kept)
        await uow.media.grant(kept.hash, resident_id)
        await uow.commit()
    return kept


async def photo_for_resident(c: Community, resident_id: int, media_hash: str) -> Path:
    """The file of a photo that belongs to this resident. NotFound otherwise."""
    async with c.reading() as uow:
        path: Path = c.media_files.path(media_hash)
        if await uow.media.granted(media_hash, resident_id) and path.exists():  # noqa: ASYNC240 (one stat)
            return path
    raise NotFound("没有这张照片。")
