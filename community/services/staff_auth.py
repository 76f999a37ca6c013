"""Staff sign-in: argon2, lock-out, sessions that expire."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import timedelta

from community.errors import NotSignedIn
from community.model.people import Role, Staff
from community.ports import Community, UnitOfWork
from community.services.sessions import open_session, token_hash

KIND = "console"
LIFE = timedelta(hours=12)
"""A working day: a session left open at the desk is gone by the next morning."""
MAX_FAILURES = 5
LOCK = timedelta(minutes=15)

# Verified against when the login is unknown, so that an unknown login takes as long as a known one.
_DECOY = "$argon2id$v=19$m=65536,t=3,p=4$c29tZXNhbHRzb21lc2FsdA$kVJpMnZpbG9hZGRlY295ZGVjb3lkZWNveWRlY295ZGU"


@dataclass(frozen=True)
class StaffView:
    id: int
    login: str
    name: str
    role: Role
    role_name: str
    place_name: str


async def sign_in(c: Community, login: str, password: str) -> tuple[str, StaffView]:
    """A session token for right credentials. Raises NotSignedIn; five failures in a row lock for 15 minutes."""
    # Verified before the writer opens, and off the event loop: argon2 is slow on purpose, and nobody else should wait for it.
    async with c.reading() as uow:
        known = await uow.people.staff_by_login(login.strip()[:64])
        hashed = known.password_hash if known is not None and known.active else _DECOY
    right = await asyncio.to_thread(c.passwords.verify, hashed, password[:256])
    async with c.uow() as uow:
        now = c.clock.now()
        member = await uow.people.staff_by_login(login.strip()[:64], for_update=True)
        if member is None or not member.active:
            raise NotSignedIn("账号或密码不对。")
        if member.locked_until is not None and member.locked_until > now:
            minutes = int((member.locked_until - now).total_seconds() // 60) + 1
            raise NotSignedIn(f"密码错误次数太多，请{minutes}分钟后再试。")
        if not right or member.password_hash != hashed:
            member.failed_logins += 1
            if member.failed_logins >= MAX_FAILURES:
                member.locked_until, member.failed_logins = now + LOCK, 0
            await uow.commit()
            raise NotSignedIn("账号或密码不对。")
        member.failed_logins, member.locked_until = 0, None
        token = await open_session(uow, KIND, member.id, now, LIFE)
        view = await _view(uow, member)
        await uow.commit()
        return token, view


async def who(c: Community, token: str) -> StaffView | None:
    """The member of staff of a session, or None when it is unknown, expired, or they were made inactive."""
    if not token or len(token) > 200:
        return None
    async with c.reading() as uow:
        subject = await uow.sessions.subject(token_hash(token), KIND, c.clock.now())
        member = await uow.people.staff(subject) if subject is not None else None
        if member is None or not member.active:
            return None
        return await _view(uow, member)


async def _view(uow: UnitOfWork, member: Staff) -> StaffView:
    place = await uow.places.get(member.place_id) if member.place_id else None
    company = await uow.people.company(member.company_id) if member.company_id else None
    where = company.name if company else place.name if place else ""
    return StaffView(member.id, member.login, member.name, member.role, member.role_name, where)


async def sign_out(c: Community, token: str) -> None:
    async with c.uow() as uow:
        await uow.sessions.remove(token_hash(token))
        await uow.commit()
