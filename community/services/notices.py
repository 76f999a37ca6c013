"""通知 for staff: whom one would reach, sending it, who has read it, sending it again, putting it right."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from community.errors import Forbidden, IllegalMove, InvalidInput, NotFound
from community.model.audit import Viewed
from community.model.message import Button
from community.model.notice import (
    KIND_NAMES,
    LONGEST,
    MAX_TEXT,
    MAX_TITLE,
    Kind,
    Notice,
    NoticeEvent,
    NoticeState,
    Receipt,
    dated,
    goes_at,
    when_text,
)
from community.model.people import Role, Staff
from community.model.place import Place, PlaceKind
from community.model.reply_check import check_reply
from community.ports import Community, Scope, UnitOfWork
from community.services.access import communities_of, scope_of, staff_of
from community.services.audit import looked
from community.services.broadcasts import staff_phones
from community.services.notify import tell

PUBLISHES = frozenset({Role.COMMUNITY_STAFF, Role.PROPERTY, Role.GRID_WORKER, Role.OPERATOR})
BACK = timedelta(days=60)
SAME_LOOK = timedelta(minutes=10)
"""An open page asks again by itself: one look for so long."""
SHORTEST = 6
MOST_SHOWN = 100


@dataclass(frozen=True)
class Area:
    """What a notice may be about: an estate with its buildings, or a grid."""

    id: int
    name: str
    kind: str
    of: int
    """Id of the estate a building stands in; 0 otherwise."""


@dataclass(frozen=True)
class NewNotice:
    """As written. Aware times. `why_urgent`: why it must not wait until the morning, '' when it may."""

    kind: Kind
    title: str
    text: str
    begins_at: datetime
    ends_at: datetime
    place_ids: tuple[int, ...]
    why_urgent: str = ""


@dataclass(frozen=True)
class NoticePreview:
    """`text` is exactly what each reads; `refused` why it cannot go as it is. `by_building`: (building, residents, reachable)."""

    text: str
    residents: int
    reachable: int
    by_building: tuple[tuple[str, int, int], ...]
    goes_at: datetime
    waits: bool
    refused: str
    remarks: tuple[str, ...]


@dataclass(frozen=True)
class NoticeView:
    id: int
    kind: str
    kind_name: str
    title: str
    text: str
    when: str
    area: str
    state: str
    """waiting, coming, current, over or recalled."""
    by: str
    send_at: datetime
    sent_at: datetime | None
    begins_at: datetime
    ends_at: datetime
    correction: str
    late: tuple[str, ...]
    resends: int
    sent: int = 0
    read: int = 0


@dataclass(frozen=True)
class Unread:
    """Somebody who has not answered, to be called or knocked at: those who are old and alone first."""

    name: str
    home: str
    alone: bool


@dataclass(frozen=True)
class NoticeDetail:
    view: NoticeView
    by_building: tuple[tuple[str, int, int], ...]
    """(building, told, read)."""
    unread: tuple[Unread, ...]
    events: tuple[NoticeEvent, ...] = field(default=())


async def areas(c: Community, staff_id: int) -> list[Area]:
    """What this member may tell: estates with their buildings, and grids, of their scope."""
    async with c.reading() as uow:
        member, scope = await _publisher(uow, staff_id)
        found: list[Area] = []
        communities = await communities_of(uow, member)
        for estate in await uow.places.estates():
            if not _covered(scope, estate, communities):
                buildings = [b for b in await uow.places.children(estate.id, PlaceKind.BUILDING) if _covered(scope, b, communities)]
            else:
                buildings = await uow.places.children(estate.id, PlaceKind.BUILDING)
                found.append(Area(estate.id, estate.name, "estate", 0))
            buildings.sort(key=lambda one: (len(one.key), one.key))
            found += [Area(one.id, one.full_name or one.name, "building", estate.id) for one in buildings]
        return found


async def preview(c: Community, staff_id: int, new: NewNotice) -> NoticePreview:
    """How it would arrive, at whom, when. Changes nothing."""
    async with c.reading() as uow:
        member, scope = await _publisher(uow, staff_id)
        now = c.clock.now()
        places = await _places(uow, scope, member, new.place_ids)
        homes, addresses, buildings = await _people(uow, [place.id for place in places])
        phones = await staff_phones(uow)
        refused = _refused(new, places, now, phones)
        if not refused and homes and not addresses:
            refused = "这里还没有人绑定住址、用过聊天，通知发不到。请贴告示，或者打电话。"
        if not refused and not homes:
            refused = "这里还没有人绑定住址，通知发不到。请贴告示，或者打电话。"
        counts: Counter[int] = Counter(buildings[room] for room in homes.values())
        reached: Counter[int] = Counter(buildings[homes[who]] for who in addresses)
        names = {one: (await _name(uow, one)) for one in counts}
        at = goes_at(now, bool(new.why_urgent.strip()))
        remarks = check_reply(new.text, now=now, known_phones=phones)
        return NoticePreview(
            text=_as_read(new.kind, new.title, new.text, new.begins_at, new.ends_at, _area(places), member),
            residents=len(homes),
            reachable=len(addresses),
            by_building=tuple(sorted((names[one], counts[one], reached[one]) for one in counts)),
            goes_at=at,
            waits=at > now,
            refused=refused,
            remarks=tuple(remark.text for remark in remarks),
        )


async def publish(c: Community, staff_id: int, new: NewNotice, key: str) -> NoticeView:
    """Keep it, and send it now or when the quiet hours end. The same `key` again changes nothing.

    Raises InvalidInput with the reason, Forbidden for who may not, NotFound for a place that is not theirs.
    """
    async with c.uow() as uow:
        member, scope = await _publisher(uow, staff_id)
        if (ref := await uow.keys.ref(key)) is not None:
            known = await uow.notices.get(int(ref))
            if known is not None:
                return await _view(uow, known, c.clock.now())
        now = c.clock.now()
        places = await _places(uow, scope, member, new.place_ids)
        if why := _refused(new, places, now, await staff_phones(uow)):
            raise InvalidInput(why)
        homes, addresses, _ = await _people(uow, [place.id for place in places])
        if not addresses:
            raise InvalidInput("这里还没有人绑定住址、用过聊天，通知发不到。请贴告示，或者打电话。")
        notice = Notice(
            0,
            new.kind,
            new.title.strip(),
            new.text.strip(),
            new.begins_at,
            new.ends_at,
            places[0].community_id or places[0].id,
            member.id,
            f"{member.role_name}{member.name}",
            now,
            goes_at(now, bool(new.why_urgent.strip())),
            _area(places),
            why_urgent=new.why_urgent.strip()[:200],
            place_ids=[place.id for place in places],
        )
        await uow.notices.add(notice)
        why = f"，夜里发：{notice.why_urgent}" if notice.why_urgent else ""
        await _note(uow, notice, now, notice.by_name, f"写了通知，{len(homes)}位住户{why}")
        if notice.send_at <= now:
            await send_in(uow, notice, now)
        await uow.keys.put(key, str(notice.id), now)
        uow.announce("tickets", community_id=notice.community_id)
        view = await _view(uow, notice, now)
        await uow.commit()
        return view


async def send_due(c: Community) -> int:
    """The clock's part: what waited for the morning goes. How many notices went."""
    async with c.reading() as uow:
        due = await uow.notices.due(c.clock.now())
    sent = 0
    for notice_id in due:
        async with c.uow() as uow:
            notice = await uow.notices.get(notice_id, for_update=True)
            if notice is None or notice.state is not NoticeState.WAITING:
                continue
            now = c.clock.now()
            if now >= notice.ends_at:  # nobody ran at its time: it tells of nothing any more
                notice.recall("到了能发的时候，已经过了")
                await _note(uow, notice, now, "系统", "没有发：到了能发的时候已经过了")
            else:
                await send_in(uow, notice, now)
                sent += 1
            await uow.commit()
    return sent


async def send_in(uow: UnitOfWork, notice: Notice, now: datetime) -> None:
    """To everybody with a home there, once each."""
    homes, addresses, _ = await _people(uow, notice.place_ids)
    member = await uow.people.staff(notice.by_id)
    text = _as_read(notice.kind, notice.title, notice.text, notice.begins_at, notice.ends_at, notice.area, member)
    for resident_id in sorted(addresses):
        await tell(uow, resident_id, text, key=f"notice-{notice.id}-{resident_id}", now=now, buttons=[_read_button(notice)], author="staff",
                   author_name=notice.by_name)  # fmt: skip
    await uow.notices.tell([Receipt(0, notice.id, who, now) for who in sorted(addresses)])
    notice.state, notice.sent_at = NoticeState.SENT, now
    await _note(uow, notice, now, "系统", f"发给{len(addresses)}人，另有{len(homes) - len(addresses)}人没有用过聊天")


async def resend(c: Community, staff_id: int, notice_id: int) -> int:
    """Again to who has not answered; how many. Raises IllegalMove with the reason where it may not go again."""
    async with c.uow() as uow:
        member, notice = await _theirs(uow, staff_id, notice_id, for_update=True)
        now = c.clock.now()
        if goes_at(now, bool(notice.why_urgent)) > now:
            raise IllegalMove("夜里不打扰，早上七点以后再补发。")
        notice.resend(now)
        unread = [one.resident_id for one in await uow.notices.receipts(notice.id) if one.read_at is None]
        text = _as_read(notice.kind, notice.title, notice.text, notice.begins_at, notice.ends_at, notice.area, member)
        for resident_id in unread:
            await tell(uow, resident_id, f"（再提醒一次）{text}", key=f"notice-{notice.id}-{resident_id}-again{notice.resends}", now=now,
                       buttons=[_read_button(notice)], author="staff", author_name=notice.by_name)  # fmt: skip
        await _note(uow, notice, now, f"{member.role_name}{member.name}", f"补发给{len(unread)}位没回的")
        await uow.commit()
        return len(unread)


async def recall(c: Community, staff_id: int, notice_id: int, text: str) -> int:
    """Take it back, and tell everybody who has it why; how many were told. One that waits is simply not sent."""
    text = text.strip()
    if not SHORTEST <= len(text) <= MAX_TEXT:
        raise InvalidInput("请写清楚更正的内容，居民会看到。")
    async with c.uow() as uow:
        member, notice = await _theirs(uow, staff_id, notice_id, for_update=True)
        now = c.clock.now()
        if why := _private(text, now, await staff_phones(uow)):
            raise InvalidInput(why)
        notice.recall(text)
        told = await uow.notices.receipts(notice.id)
        for one in told:
            said = f"【更正】之前发的“{notice.title}”不作数了：{text}\n——{member.role_name}{member.name}"
            await tell(uow, one.resident_id, said, key=f"notice-{notice.id}-{one.resident_id}-recall", now=now, author="staff",
                       author_name=f"{member.role_name}{member.name}")  # fmt: skip
        await _note(uow, notice, now, f"{member.role_name}{member.name}", f"撤回并告诉{len(told)}人：{text}")
        await uow.commit()
        return len(told)


async def move_end(c: Community, staff_id: int, notice_id: int, ends_at: datetime) -> int:
    """It lasts longer, or is over sooner; everybody who has it is told. How many."""
    async with c.uow() as uow:
        member, notice = await _theirs(uow, staff_id, notice_id, for_update=True)
        now = c.clock.now()
        if notice.state is not NoticeState.SENT or ends_at <= notice.begins_at or ends_at - notice.begins_at > LONGEST:
            raise InvalidInput("请选一个合适的结束时间。")
        if ends_at == notice.ends_at:
            raise InvalidInput("时间没有变。")
        notice.ends_at = ends_at
        changes = len(await uow.notices.events(notice.id))
        over = ends_at <= now
        told = await uow.notices.receipts(notice.id)
        news = "已经恢复了" if over else f"时间改为{dated(notice.begins_at, ends_at)}"
        for one in told:
            said = f"【{notice.area}】{notice.title}：{news}。\n——{member.role_name}{member.name}"
            await tell(uow, one.resident_id, said, key=f"notice-{notice.id}-{one.resident_id}-end{changes}", now=now,
                       author="staff", author_name=f"{member.role_name}{member.name}")  # fmt: skip
        await _note(uow, notice, now, f"{member.role_name}{member.name}", f"{news}，告诉了{len(told)}人")
        await uow.commit()
        return len(told)


async def list_notices(c: Community, staff_id: int) -> list[NoticeView]:
    """Of the member's communities, the newest first."""
    async with c.reading() as uow:
        member, scope = await _publisher(uow, staff_id)
        now = c.clock.now()
        ids = None if scope.everything else await communities_of(uow, member)
        found = await uow.notices.of_places(ids, now - BACK, MOST_SHOWN)
        theirs = [one for one in found if await _may(uow, scope, member, one.place_ids, whole=False)]
        counts = await uow.notices.counts([one.id for one in theirs])
        return [view_of(one, now, *counts.get(one.id, (0, 0))) for one in theirs]


async def look(c: Community, staff_id: int, notice_id: int) -> NoticeDetail:
    """A notice, with those of the member's own places who have not answered: who they are is a look that is written down."""
    async with c.uow() as uow:
        member, notice = await _theirs(uow, staff_id, notice_id)
        scope, communities = await scope_of(uow, member), await communities_of(uow, member)
        now = c.clock.now()
        receipts = await uow.notices.receipts(notice.id)
        homes, _, buildings = await _people(uow, notice.place_ids)
        told: Counter[int] = Counter()
        read: Counter[int] = Counter()
        unread: list[Unread] = []
        for one in receipts:
            room = homes.get(one.resident_id)
            building = buildings.get(room, 0) if room else 0
            told[building] += 1
            if one.read_at is not None:
                read[building] += 1
                continue
            place = await uow.places.get(room) if room else None
            if place is not None and _covered(scope, place, communities):
                unread.append(await _unread(uow, one.resident_id, place))
        names = {one: (await _name(uow, one)) if one else "别处" for one in told}
        page = f"/notices/{notice.id}"
        if unread and not await uow.view_log.seen_since(member.id, Viewed.HOUSEHOLD, now - SAME_LOOK, note=f"通知{notice.id}"):
            await looked(uow, member, Viewed.HOUSEHOLD, now, page=page, note=f"通知{notice.id}")
        detail = NoticeDetail(
            view=await _view(uow, notice, now),
            by_building=tuple(sorted((names[one], told[one], read[one]) for one in told)),
            unread=tuple(sorted(unread, key=lambda one: (not one.alone, one.home))),
            events=tuple(await uow.notices.events(notice.id)),
        )
        await uow.commit()
        return detail


async def _unread(uow: UnitOfWork, resident_id: int, room: Place) -> Unread:
    resident = await uow.people.resident(resident_id)
    verified = resident is not None and resident.home_verified and resident.room_id == room.id
    household = await uow.people.household_of_room(room.id) if verified else None
    return Unread(masked_name(resident.name if resident else ""), room.full_name, household is not None and household.elderly_alone)


def masked_name(name: str) -> str:
    """李秀英 -> 李**: who knocks at the door knows the door."""
    return name[:1] + "*" * max(1, len(name) - 1) if name else "住户"


async def _publisher(uow: UnitOfWork, staff_id: int) -> tuple[Staff, Scope]:
    member = await staff_of(uow, staff_id)
    if member.role not in PUBLISHES:
        raise Forbidden("通知由社区、网格员或物业来发。")
    return member, await scope_of(uow, member)


async def _theirs(uow: UnitOfWork, staff_id: int, notice_id: int, *, for_update: bool = False) -> tuple[Staff, Notice]:
    member, scope = await _publisher(uow, staff_id)
    notice = await uow.notices.get(notice_id, for_update=for_update)
    if notice is None or not await _may(uow, scope, member, notice.place_ids, whole=False):
        raise NotFound("没有找到这条通知。")
    if for_update and not await _may(uow, scope, member, notice.place_ids, whole=True):
        raise Forbidden("这条通知还发给了别的地方，由社区来改。")
    return member, notice


async def _may(uow: UnitOfWork, scope: Scope, member: Staff, place_ids: Collection[int], *, whole: bool) -> bool:
    """Whether all (`whole`) or any of these places are this member's."""
    communities = await communities_of(uow, member)
    found = [await uow.places.get(one) for one in place_ids]
    theirs = [place is not None and _covered(scope, place, communities) for place in found]
    return all(theirs) if whole else any(theirs)


async def _places(uow: UnitOfWork, scope: Scope, member: Staff, ids: Sequence[int]) -> list[Place]:
    """Raises NotFound for one that is not theirs to speak to."""
    communities = await communities_of(uow, member)
    found = []
    for one in dict.fromkeys(ids):
        place = await uow.places.get(one)
        if place is None or not _covered(scope, place, communities):
            raise NotFound("这个范围不归您管，请重新选。")
        found.append(place)
    return found


def _covered(scope: Scope, place: Place, communities: Collection[int]) -> bool:
    return (
        scope.everything
        or place.community_id in scope.community_ids
        or place.id in scope.community_ids
        or place.grid_id in scope.grid_ids
        or place.id in scope.grid_ids
        or place.estate_id in scope.estate_ids
        or place.id in scope.estate_ids
    )


async def _people(uow: UnitOfWork, place_ids: Collection[int]) -> tuple[dict[int, int], dict[int, tuple[str, str]], dict[int, int]]:
    """(resident: room; address of who can be reached; room: building)."""
    rooms = await uow.notices.rooms_below(place_ids) if place_ids else {}
    homes = await uow.notices.living_at(rooms.keys())
    addresses = await uow.people.addresses_of(homes.keys()) if homes else {}
    return homes, addresses, rooms


async def _name(uow: UnitOfWork, place_id: int) -> str:
    place = await uow.places.get(place_id)
    return (place.full_name or place.name) if place else ""


def _area(places: Sequence[Place]) -> str:
    names = [place.full_name or place.name for place in places]
    return "、".join(names[:6]) + (f"等{len(names)}处" if len(names) > 6 else "")


def _refused(new: NewNotice, places: Sequence[Place], now: datetime, phones: frozenset[str]) -> str:
    if not places:
        return "请选发给哪里。"
    if len({place.community_id for place in places}) > 1:
        return "一条通知只发一个社区，请分开发。"
    if not 2 <= len(new.title.strip()) <= MAX_TITLE:
        return f"标题请写2到{MAX_TITLE}个字。"
    if not SHORTEST <= len(new.text.strip()) <= MAX_TEXT:
        return f"内容请写{SHORTEST}到{MAX_TEXT}个字。"
    if new.ends_at <= new.begins_at:
        return "结束要在开始之后。"
    if new.ends_at <= now:
        return "这个时间已经过了。"
    if new.ends_at - new.begins_at > LONGEST:
        return "时间太长了，最多60天。"
    if goes_at(now, bool(new.why_urgent.strip())) >= new.ends_at:
        return "等到早上再发就过了。要紧的话勾上“急，夜里也发”，写一句为什么。"
    return _private(f"{new.title}\n{new.text}", now, phones)


def _private(text: str, now: datetime, phones: frozenset[str]) -> str:
    if any(remark.kind in ("private", "hole") for remark in check_reply(text, now=now, known_phones=phones)):
        return "里面有居民的号码，或者没填上的空。"
    return ""


def _as_read(
    kind: Kind, title: str, text: str, begins: datetime, ends: datetime, area: str, member: Staff | None
) -> str:
    who = f"{member.role_name}{member.name}" if member is not None else "社区"
    head = title.strip() if kind in (Kind.EVENT, Kind.OTHER) or KIND_NAMES[kind] in title else f"{KIND_NAMES[kind]}：{title.strip()}"
    return f"【{area}】{head}\n时间：{dated(begins, ends)}\n{text.strip()}\n——{who}\n1 知道了"


def _read_button(notice: Notice) -> Button:
    return Button("知道了", f'/answer_invitation{{"ticket_number":"{notice.id}","answer":"notice_yes"}}')


async def _note(uow: UnitOfWork, notice: Notice, now: datetime, who: str, did: str) -> None:
    await uow.flush()
    await uow.notices.add_event(NoticeEvent(0, notice.id, now, who[:64], did[:400]))


async def _view(uow: UnitOfWork, notice: Notice, now: datetime) -> NoticeView:
    return view_of(notice, now, *(await uow.notices.counts([notice.id])).get(notice.id, (0, 0)))


def view_of(notice: Notice, now: datetime, sent: int = 0, read: int = 0) -> NoticeView:
    state = str(notice.state)
    if notice.state is NoticeState.SENT:
        state = "over" if now >= notice.ends_at else "current" if now >= notice.begins_at else "coming"
    return NoticeView(
        id=notice.id,
        kind=str(notice.kind),
        kind_name=KIND_NAMES[notice.kind],
        title=notice.title,
        text=notice.text,
        when=when_text(notice.begins_at, notice.ends_at, now),
        area=notice.area,
        state=state,
        by=notice.by_name,
        send_at=notice.send_at,
        sent_at=notice.sent_at,
        begins_at=notice.begins_at,
        ends_at=notice.ends_at,
        correction=notice.correction,
        late=tuple(notice.late),
        resends=notice.resends,
        sent=sent,
        read=read,
    )


