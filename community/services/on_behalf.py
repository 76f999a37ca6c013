"""Reports that reach staff by telephone or at the counter, filed for whoever brought them."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from community.errors import Forbidden, InvalidInput, NotFound
from community.model.calendar import day_text
from community.model.category import Category, Urgency
from community.model.people import Actor, Resident, Role, Staff
from community.model.place import Place
from community.model.ticket import Ticket
from community.ports import Community, UnitOfWork
from community.services.access import communities_of, staff_of
from community.services.contacts import searched_by_phone
from community.services.homes import clean_phone
from community.services.inbound import danger_in
from community.services.notify import tell
from community.services.places import PlaceGuess, resolve_in
from community.services.tickets import FileTicket, detail_of, file_in
from community.services.views import TicketDetail

FILES = frozenset({Role.GRID_WORKER, Role.COMMUNITY_STAFF, Role.OPERATOR})
"""Who takes calls for a community. Property people and mediators are called about what is theirs already."""
SOURCES = {"phone": "电话", "walk_in": "来访"}
"""What a clerk chooses from. `diary` is written by services/diary_ticket.py: a note of a visit became a ticket;
`group` by services/intake_acts.py."""
HOW_TOLD = {"phone": "按您电话里说的", "walk_in": "按您当面说的", "diary": "走访时听您说的", "group": "按您在群里说的"}
Source = Literal["phone", "walk_in"]
MAX_PERSON = 20


@dataclass(frozen=True)
class Known:
    """A resident who may be the caller. Outside the asker's communities only that they are known is said: no name, no home."""

    resident_id: int
    name: str
    home: str
    in_chat: bool


@dataclass(frozen=True)
class Report:
    """What was brought. `resident_id` when the clerk picked one of the known; else `name` and `phone` are kept of a new one.

    `photos` are hashes that staff stored. `key` makes it once.
    """

    source: Source
    words: str
    category: Category
    place_text: str
    key: str
    resident_id: int | None = None
    name: str = ""
    phone: str = ""
    photos: tuple[str, ...] = ()


async def known(c: Community, staff_id: int, phone: str = "", name: str = "") -> list[Known]:
    """Who this may be: by the phone's fingerprint (nobody's number is decrypted for it), else by the exact name among those
    who live in the asker's communities.
    """
    digits = clean_phone(phone)
    async with c.reading() as uow:
        member = await _clerk(uow, staff_id)
    if digits:
        await searched_by_phone(c, member, c.vault.fingerprint(digits), "/tickets/new")
    async with c.reading() as uow:
        theirs = await communities_of(uow, member)
        if digits:
            people = await uow.desk.residents_with_phone(c.vault.fingerprint(digits))
        elif name.strip():
            people = await uow.desk.residents_named(name.strip()[:MAX_PERSON], theirs)
        else:
            return []
        return [await _known(uow, person, theirs) for person in people]


async def place_of(c: Community, staff_id: int, text: str, resident_id: int | None = None) -> PlaceGuess:
    """Where `text` is, read as a resident's own words are. A resident's home fills in what was not said, when it is near."""
    async with c.reading() as uow:
        member = await _clerk(uow, staff_id)
        near = resident_id is not None and await _lives_near(uow, member, await uow.people.resident(resident_id))
        return await resolve_in(uow, text, resident_id if near else None)


async def file(c: Community, staff_id: int, report: Report) -> TicketDetail:
    """File what somebody called or came about. A resident who is in a channel is told there, with the number.

    Raises InvalidInput for what is missing, Forbidden for a place of another community (or a role that takes no calls).
    """
    if report.source not in SOURCES:
        raise InvalidInput("请选是电话还是来访。")
    if not report.words.strip():
        raise InvalidInput("请写一句是什么事。")
    if report.phone.strip() and clean_phone(report.phone) is None:
        raise InvalidInput("这个电话号码好像不完整，请再核对一下。")
    verdict = await danger_in(c, report.words)
    async with c.uow() as uow:
        member = await _clerk(uow, staff_id)
        now = c.clock.now()
        ref = await uow.keys.ref(report.key)
        done = await uow.tickets.get(int(ref)) if ref else None
        if done is not None:
            return await detail_of(uow, done, now, staff=True)
        guess, place = await _place(uow, member, report)
        resident = await _resident(uow, c, member, report)
        for photo in report.photos:
            if await uow.media.get(photo) is None:
                raise InvalidInput("照片没有上传成功，请重新上传。")
            await uow.media.grant(photo, resident.id)
        command = FileTicket(
            resident.id,
            report.category,
            report.words,
            guess.text or report.place_text.strip(),
            guess.place_id,
            report.key,
            contact=clean_phone(report.phone) or "",
            photos=report.photos,
            urgency=Urgency.DANGER if verdict.alarm else None,
            source=report.source,
        )
        otherwise = await uow.places.get(member.place_id) if member.place_id else None
        ticket = await file_in(uow, c, command, resident, by=Actor.of_staff(member), otherwise=otherwise)
        await uow.keys.put(report.key, str(ticket.id), now)
        await tell_filed(uow, member, resident, ticket, report.key, now)
        detail = await detail_of(uow, ticket, now, staff=True)
        await uow.commit()
        return detail


async def tell_filed(
    uow: UnitOfWork, member: Staff, resident: Resident, ticket: Ticket, key: str, now: datetime
) -> None:
    """Say to a resident who is in a channel what was filed for them, and how it came to it."""
    if await uow.people.identity_of(resident.id) is None:
        return
    holder = await uow.people.staff(ticket.holder_id) if ticket.holder_id else None
    went = f"已派给{holder.role_name}{holder.name}，" if holder else ""
    text = (
        f"{member.role_name}{member.name}{HOW_TOLD[ticket.source]}，替您登记了："
        f"“{ticket.title}”（工单{ticket.number}）。{went}承诺{day_text(ticket.resolve_by, now)}前办好。"
        "说“进度”可以随时查。"
    )
    await tell(uow, resident.id, text, key=f"{key}:told", now=now, author="system", topic=f"ticket:{ticket.number}")


async def _clerk(uow: UnitOfWork, staff_id: int) -> Staff:
    member = await staff_of(uow, staff_id)
    if member.role not in FILES:
        raise Forbidden("代居民登记由社区工作者和网格员来做。")
    return member


async def _place(uow: UnitOfWork, member: Staff, report: Report) -> tuple[PlaceGuess, Place | None]:
    picked = await uow.people.resident(report.resident_id) if report.resident_id is not None else None
    near = await _lives_near(uow, member, picked)
    guess = await resolve_in(uow, report.place_text, report.resident_id if near else None)
    place = await uow.places.get(guess.place_id) if guess.place_id else None
    if place is not None and place.community_id and place.community_id not in await communities_of(uow, member):
        other = await uow.places.get(place.community_id)
        raise Forbidden(f"这个地点归{other.name if other else '别的社区'}管，请转告那边的社区来登记。")
    return guess, place


async def _resident(uow: UnitOfWork, c: Community, member: Staff, report: Report) -> Resident:
    """The one who was picked, or a new one who has no channel yet: the phone's fingerprint finds them the next time."""
    if report.resident_id is not None:
        return await _may_be_named(uow, member, report.resident_id, phone_hash=_hash(c, report.phone))
    name, digits = report.name.strip()[:MAX_PERSON], clean_phone(report.phone)
    if not name and not digits:
        raise InvalidInput("请留下来电人的姓名或电话，办好了才找得到人。")
    resident = Resident(0, "r" + secrets.token_hex(12), name, created_at=c.clock.now())
    if digits:
        resident.phone_cipher, resident.phone_hash = c.vault.encrypt(digits), c.vault.fingerprint(digits)
    await uow.people.add_resident(resident)
    return resident


async def _may_be_named(uow: UnitOfWork, member: Staff, resident_id: int, phone_hash: str = "") -> Resident:
    """A resident this member may file for: one of their communities, or one whose phone they were told."""
    resident = await uow.people.resident(resident_id)
    near = await _lives_near(uow, member, resident)
    if resident is None or not (near or (phone_hash and resident.phone_hash == phone_hash)):
        raise NotFound("没有找到这位居民，请重新查一下。")
    return resident


async def _lives_near(uow: UnitOfWork, member: Staff, resident: Resident | None) -> bool:
    room = await uow.places.get(resident.room_id) if resident is not None and resident.room_id else None
    return room is not None and room.community_id in await communities_of(uow, member)


async def _known(uow: UnitOfWork, person: Resident, theirs: frozenset[int]) -> Known:
    room = await uow.places.get(person.room_id) if person.room_id else None
    in_chat = await uow.people.identity_of(person.id) is not None
    if room is not None and room.community_id not in theirs:
        return Known(person.id, "已登记的居民", "不在您的社区", in_chat)
    return Known(person.id, person.name or "未登记姓名", room.full_name if room else "未绑定住址", in_chat)


def _hash(c: Community, phone: str) -> str:
    digits = clean_phone(phone)
    return c.vault.fingerprint(digits) if digits else ""
