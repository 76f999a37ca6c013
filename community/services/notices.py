"""通知 by staff: whom one would reach, sending it, sending it again, putting it right. What they see of it: notice_views.py."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from community.errors import IllegalMove, InvalidInput
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
)
from community.model.people import Staff
from community.model.place import Place, PlaceKind
from community.model.reply_check import check_reply
from community.ports import Community, UnitOfWork
from community.services.access import communities_of
from community.services.broadcasts import staff_phones
from community.services.notice_scope import (
    area_of,
    covered,
    people_of,
    place_name,
    places_of,
    publisher,
    theirs_of,
)
from community.services.notice_views import NoticeView, as_view
from community.services.notify import tell

SHORTEST = 6
SWEPT = "notices.swept"
"""Until when notices that are over were looked for."""


@dataclass(frozen=True)
class Area:
    """What a notice may be about: an estate, or one of its buildings."""

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


async def areas(c: Community, staff_id: int) -> list[Area]:
    """What this member may tell: estates with their buildings, of their scope."""
    async with c.reading() as uow:
        member, scope = await publisher(uow, staff_id)
        found: list[Area] = []
        communities = await communities_of(uow, member)
        for estate in await uow.places.estates():
            if not covered(scope, estate, communities):
                buildings = [b for b in await uow.places.children(estate.id, PlaceKind.BUILDING) if covered(scope, b, communities)]
            else:
                buildings = await uow.places.children(estate.id, PlaceKind.BUILDING)
                found.append(Area(estate.id, estate.name, "estate", 0))
            buildings.sort(key=lambda one: (len(one.key), one.key))
            found += [Area(one.id, one.full_name or one.name, "building", estate.id) for one in buildings]
        return found


async def preview(c: Community, staff_id: int, new: NewNotice) -> NoticePreview:
    """How it would arrive, at whom, when. Changes nothing."""
    async with c.reading() as uow:
        member, scope = await publisher(uow, staff_id)
        now = c.clock.now()
        places = await places_of(uow, scope, member, new.place_ids)
        homes, addresses, buildings = await people_of(uow, [place.id for place in places])
        phones = await staff_phones(uow)
        refused = _refused(new, places, now, phones)
        if not refused and homes and not addresses:
            refused = "这里还没有人绑定住址、用过聊天，通知发不到。请贴告示，或者打电话。"
        if not refused and not homes:
            refused = "这里还没有人绑定住址，通知发不到。请贴告示，或者打电话。"
        counts: Counter[int] = Counter(buildings[room] for room in homes.values())
        reached: Counter[int] = Counter(buildings[homes[who]] for who in addresses)
        names = {one: (await place_name(uow, one)) for one in counts}
        at = goes_at(now, bool(new.why_urgent.strip()))
        remarks = check_reply(new.text, now=now, known_phones=phones)
        return NoticePreview(
            text=_as_read(new.kind, new.title, new.text, new.begins_at, new.ends_at, area_of(places), member),
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
        member, scope = await publisher(uow, staff_id)
        if (ref := await uow.keys.ref(key)) is not None:
            known = await uow.notices.get(int(ref))
            if known is not None:
                return await as_view(uow, known, c.clock.now())
        now = c.clock.now()
        places = await places_of(uow, scope, member, new.place_ids)
        if why := _refused(new, places, now, await staff_phones(uow)):
            raise InvalidInput(why)
        homes, addresses, _ = await people_of(uow, [place.id for place in places])
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
            area_of(places),
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
        view = await as_view(uow, notice, now)
        await uow.commit()
        return view


async def send_due(c: Community) -> int:
    """The clock's part: what waited for the morning goes; what is over and waits in a closed window never will. How many notices went."""
    async with c.reading() as uow:
        due = await uow.notices.due(c.clock.now())
        swept = await uow.facts.get(SWEPT)
        now = c.clock.now()
        over = await uow.notices.over(datetime.fromisoformat(swept) if swept else now - LONGEST, now)
    if over:
        async with c.uow() as uow:
            for notice_id in over:
                await uow.outbox.forget_waiting(f"notice-{notice_id}-")
            await uow.facts.put(SWEPT, now.isoformat())
            await uow.commit()
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
    homes, addresses, _ = await people_of(uow, notice.place_ids)
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
        member, notice = await theirs_of(uow, staff_id, notice_id, for_update=True)
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
        member, notice = await theirs_of(uow, staff_id, notice_id, for_update=True)
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
        member, notice = await theirs_of(uow, staff_id, notice_id, for_update=True)
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
