"""A resident's own data: what is kept, a copy of it, its deletion after some days to think; elder mode; what was agreed to."""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import Enum
from typing import Any

from community.errors import InvalidInput, NotFound
from community.model.calendar import local
from community.model.household import (
    CONSENT_VERSION,
    LINK_LIFE,
    LINK_TIMES,
    SERVICE,
    CarerState,
    CarerUse,
    Consent,
    DataLink,
    Deletion,
    DeletionState,
)
from community.model.people import Resident
from community.model.retention import RULES
from community.ports import Community, UnitOfWork
from community.services import carers
from community.services.contacts import masked_phone, own_copy
from community.services.home_binding import deciding, homes_in
from community.services.homes import HomeView
from community.services.notify import tell


@dataclass(frozen=True)
class Profile:
    """How to speak to somebody. `notice` says that the consent text was not shown yet."""

    elder: bool
    notice: bool


@dataclass(frozen=True)
class Mine:
    """`counts` by the name of the kind; `phone` is masked; `deletion_due` when one waits."""

    name: str
    phone: str
    homes: list[HomeView]
    counts: dict[str, int]
    elder: bool
    carers: list[carers.CarerView]
    consent_at: datetime | None
    deletion_due: datetime | None


@dataclass(frozen=True)
class DeletionView:
    id: int
    name: str
    asked_at: datetime
    due_at: datetime
    state: DeletionState
    ended_at: datetime | None
    done: str


async def profile(c: Community, resident_id: int, message_id: str = "") -> Profile:
    """One row by its key: asked for every answer. A message that is answered once more gets the consent text once more."""
    async with c.reading() as uow:
        settings = await uow.privacy.settings(resident_id)
        if settings is None:
            return Profile(False, True)
        again = bool(message_id) and settings.notice_for == message_id[:64]
        return Profile(settings.elder, settings.notice != CONSENT_VERSION or again)


async def noticed(c: Community, resident_id: int, how: str, message_id: str = "") -> bool:
    """The consent text is shown under the answer to this message: once a version. False when it was shown under another."""
    async with c.uow() as uow:
        settings = await uow.privacy.settings_or_new(resident_id)
        if settings.notice == CONSENT_VERSION:
            return bool(message_id) and settings.notice_for == message_id[:64]
        settings.notice, settings.notice_for = CONSENT_VERSION, message_id[:64]
        await uow.homes.add(Consent(0, resident_id, SERVICE, CONSENT_VERSION, c.clock.now(), how[:40]))
        await uow.commit()
        return True


async def withdraw_consent(c: Community, resident_id: int) -> bool:
    """False when there was none standing."""
    async with c.uow() as uow:
        standing = [one for one in await uow.privacy.consents(resident_id) if one.withdrawn_at is None]
        for one in standing:
            one.withdrawn_at = c.clock.now()
        await uow.commit()
        return bool(standing)


async def set_elder(c: Community, resident_id: int, on: bool, link_id: int | None = None) -> str:
    """For oneself, or with `link_id` for an elder who agreed to be looked after. Returns the elder's name, '' for oneself."""
    async with c.uow() as uow:
        who, name = resident_id, ""
        if link_id is not None:
            link = await uow.carers.link(link_id)
            if link is None or link.carer_id != resident_id or link.state is not CarerState.AGREED:
                raise NotFound("这位家人还没有同意您代办。")
            who, now = link.elder_id, c.clock.now()
            elder = await uow.people.resident(who)
            name = elder.name if elder is not None and elder.name else "家人"
            await uow.homes.add(CarerUse(0, link.id, now, carers.SET))
            said = "家人帮您开了大字模式：一次说一样，回数字就行。" if on else "家人帮您关了大字模式。"
            key = f"elder-{link.id}:{now.timestamp()}"
            await tell(uow, who, f"{said}不要的话，说“关掉大字”或“字大一点”。", key=key, now=now, author="system")
        (await uow.privacy.settings_or_new(who)).elder = on
        await uow.commit()
        return name


async def mine(c: Community, resident_id: int) -> Mine:
    linked = await carers.links(c, resident_id)
    async with c.reading() as uow:
        resident = await _resident(uow, resident_id)
        settings = await uow.privacy.settings(resident_id)
        standing = [one for one in await uow.privacy.consents(resident_id) if one.withdrawn_at is None]
        waiting = await uow.privacy.deletion(resident_id)
        return Mine(
            resident.name,
            masked_phone(c, resident),
            await homes_in(uow, resident_id),
            await uow.erasure.counts(resident_id),
            settings is not None and settings.elder,
            linked,
            standing[-1].at if standing else None,
            waiting.due_at if waiting else None,
        )


# A copy ------------------------------------------------------------------------------------------------------------------


def _signature(c: Community, link: DataLink) -> str:
    return c.vault.fingerprint(f"data-link:{link.resident_id}:{link.nonce}:{int(link.expires_at.timestamp())}")[:32]


async def make_link(c: Community, resident_id: int) -> str:
    """A token for the address of their own copy: signed, good for a day and a few times."""
    async with c.uow() as uow:
        now = c.clock.now()
        link = DataLink(0, resident_id, secrets.token_hex(16), now, now.replace(microsecond=0) + LINK_LIFE)
        await uow.homes.add(link)
        await uow.commit()
        return f"{link.nonce}.{_signature(c, link)}"


async def fetch(c: Community, token: str) -> dict[str, Any]:
    """What is kept about the person the link was made for, as JSON can carry it. NotFound for any link that is not good (any more)."""
    nonce, _, signed = token.partition(".")
    async with c.uow() as uow:
        link = await uow.privacy.data_link(nonce[:32], for_update=True)
        good = link is not None and hmac.compare_digest(_signature(c, link).encode(), signed.encode())
        if link is None or not good or c.clock.now() >= link.expires_at or link.fetched >= LINK_TIMES:
            raise NotFound("这个链接不对，或者已经过期了。请回到对话里说“导出我的资料”，再要一个。")
        link.fetched += 1
        resident = await _resident(uow, link.resident_id)
        rows = await uow.erasure.rows(resident.id)
        copy: dict[str, Any] = {
            "说明": "这是邻舍存着的您的资料。时间都是世界时（UTC）。",
            "生成时间": c.clock.now().isoformat(),
            "姓名": resident.name,
            "电话": own_copy(c, resident.phone_cipher),
            "住址": [home.text for home in await homes_in(uow, resident.id)],
        }
        for name, found in rows.items():
            copy[name] = [{key: _plain(c, name, key, value) for key, value in row.items()} for row in found]
        await uow.commit()
        return copy


_SEALED = {
    (RULES["consultations.resident_id"].name, "question"),
    (RULES["signups.resident_id"].name, "party"),
    (RULES["group_drafts.resident_id"].name, "who"),
    (RULES["group_drafts.resident_id"].name, "words"),
}
"""(kind, column) of ciphers whose owner reads them in plain."""
_THEIRS = {(RULES["consultations.resident_id"].name, "note"): "律师写给自己看的，不在这份资料里"}


def _plain(c: Community, kind: str, key: str, value: Any) -> Any:
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, (datetime, date)):
        return value.isoformat()
    if (kind, key) in _THEIRS:
        return _THEIRS[kind, key] if value else ""
    return own_copy(c, value) if key == "contact" or (kind, key) in _SEALED else value


# Deletion ------------------------------------------------------------------------------------------------------------------


def kept_and_why() -> list[tuple[str, str]]:
    """(what stays, why), as residents are told before."""
    found: dict[str, list[str]] = {}
    for rule in RULES.values():
        if rule.name and rule.why:
            found.setdefault(rule.why, []).append(rule.name)
    return [("、".join(names), why) for why, names in found.items()]


async def ask_deletion(c: Community, resident_id: int) -> datetime:
    """When it will be done. Asked again while it waits, the day stays."""
    async with c.uow() as uow:
        resident = await _resident(uow, resident_id)
        await uow.privacy.settings_or_new(resident_id)  # locked: asked twice at once is asked once
        waiting = await uow.privacy.deletion(resident_id)
        if waiting is None:
            now = c.clock.now()
            home = await uow.places.get(resident.room_id) if resident.room_id else None
            days = c.extras["settings"].delete_after_days
            waiting = Deletion(0, resident_id, home.community_id if home else None, now, now + timedelta(days=days))
            await uow.homes.add(waiting)
            uow.announce("privacy", community_id=waiting.community_id)
            await uow.commit()
        return waiting.due_at


async def withdraw_deletion(c: Community, resident_id: int) -> None:
    async with c.uow() as uow:
        waiting = await uow.privacy.deletion(resident_id, for_update=True)
        if waiting is None:
            raise InvalidInput("您没有要删除资料，一切照旧。")
        waiting.state, waiting.ended_at = DeletionState.WITHDRAWN, c.clock.now()
        uow.announce("privacy", community_id=waiting.community_id)
        await uow.commit()


# Staff -------------------------------------------------------------------------------------------------------------------


async def deletions(c: Community, staff_id: int) -> list[DeletionView]:
    """By their due day, for community staff: the name as long as there is one."""
    async with c.reading() as uow:
        _, scope = await deciding(uow, staff_id)
        found = await uow.privacy.waiting(None if scope.everything else scope.community_ids, 100)
        views = []
        for one in found:
            resident = await _resident(uow, one.resident_id)
            done = f"{sum(one.report.values())}处" if one.report else ""
            name = (resident.name[:1] + "*" * len(resident.name[1:])) if resident.name else "已匿名" if one.report else "没留姓名"
            views.append(DeletionView(one.id, name, one.asked_at, one.due_at, one.state, one.ended_at, done))
        return views


async def consent_figures(c: Community, staff_id: int) -> list[tuple[str, str, int, int]]:
    """(what, version of the text, standing, withdrawn)."""
    async with c.reading() as uow:
        _, scope = await deciding(uow, staff_id)
        return await uow.privacy.consent_figures(None if scope.everything else scope.community_ids)


def day_of(at: datetime) -> str:
    return f"{local(at).month}月{local(at).day}日"


async def _resident(uow: UnitOfWork, resident_id: int) -> Resident:
    resident = await uow.people.resident(resident_id)
    if resident is None:
        raise NotFound("没有找到您的信息，请重新进入。")
    return resident
