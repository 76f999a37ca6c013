"""Somebody who follows and reports for an old person: asked for, agreed to by the elder, ended by a word of either, every use kept."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from community.errors import InvalidInput, NotFound
from community.model.audit import SAME_LOOK
from community.model.household import Carer, CarerState, CarerUse
from community.model.message import Button
from community.model.people import Resident
from community.model.ticket import Ticket
from community.ports import Community, UnitOfWork
from community.services.notify import tell
from community.services.phones import phone_in

ASK_AGAIN = timedelta(days=7)
"""After a no, or no answer, the elder is not asked again by the same person for this long."""
MOST = 8
ASKED = "我去问本人了。点了同意，我马上告诉您。（没登记过这个电话的话就问不到，请先帮老人关注我们、留下电话。）"
LISTED, READ, ACTED, REPORTED, SET = "看工单列表", "看工单", "催办或补充", "替报", "改大字设置"


@dataclass(frozen=True)
class CarerView:
    """`name` is the other person's; `mine` says that the asker is the carer."""

    id: int
    name: str
    mine: bool
    agreed: bool
    since: datetime | None


@dataclass(frozen=True)
class UseView:
    at: datetime
    name: str
    what: str
    number: str


async def ask(c: Community, carer_id: int, who: str, key: str) -> str:
    """Ask the elder whose phone number (or, in the same home, whose name) this is. What comes back never says whether there is one."""
    async with c.uow() as uow:
        now = c.clock.now()
        if await uow.keys.ref(key) is not None:
            return ASKED
        carer = await _resident(uow, carer_id)
        if len(await uow.carers.of_carer(carer_id)) >= MOST:
            raise InvalidInput(f"一个人最多照看{MOST}位，请先解除一位。")
        elder = await _meant(uow, c, carer, who)
        await uow.keys.put(key, str(carer_id), now)
        if elder is not None:
            link = await uow.carers.between(carer_id, elder.id)
            if link is None:
                link = Carer(0, carer_id, elder.id, now)
                await uow.homes.add(link)
                await _put(uow, carer, link, now)
            elif link.state is not CarerState.AGREED and now - link.asked_at >= ASK_AGAIN:
                link.state, link.asked_at, link.answered_at, link.ended_at = CarerState.ASKED, now, None, None
                await _put(uow, carer, link, now)
        await uow.commit()
        return ASKED


async def _meant(uow: UnitOfWork, c: Community, carer: Resident, who: str) -> Resident | None:
    if phone := phone_in(who):
        ids = await uow.people.residents_with_phone(c.vault.fingerprint(phone))
        found = [one for one in ids if one != carer.id]
        return await uow.people.resident(found[0]) if len(found) == 1 else None
    if len(who.strip()) < 2:
        raise InvalidInput("请说老人登记的手机号；住在一起的，说名字也行。")
    if carer.room_id is None or not carer.home_verified:
        raise InvalidInput("请说老人登记的手机号。（住址核实以后，住一起的说名字就行。）")
    living = await uow.people.residents_of_room(carer.room_id)
    named = [r for r in living if r.id != carer.id and r.home_verified and len(r.name) >= 2 and r.name in who]
    return named[0] if len(named) == 1 else None


async def _put(uow: UnitOfWork, carer: Resident, link: Carer, now: datetime) -> None:
    await uow.flush()
    buttons = [
        Button(title, f'/link_person{{"do":"answer","link_id":"{link.id}","answer":"{answer}"}}')
        for title, answer in (("同意", "yes"), ("不同意", "no"))
    ]
    text = (
        f"{carer.name or '一位邻居'}想帮您看工单、替您报事，同意吗？同意后TA能看到您报的事和进展，每看一次都有记录。"
        "不认识就别点同意。以后说“取消授权”随时停。\n1 同意\n2 不同意"
    )
    key = f"carer-{link.id}:{now:%Y%m%d%H%M%S}"
    await tell(uow, link.elder_id, text, key=key, now=now, buttons=buttons, author="system")


async def answer(c: Community, elder_id: int, link_id: int, yes: bool) -> tuple[str, bool]:
    """(name of the carer, whether it is agreed now). The same answer again changes nothing; a late yes to what was ended is NotFound."""
    async with c.uow() as uow:
        link = await uow.carers.link(link_id, for_update=True)
        if link is None or link.elder_id != elder_id:
            raise NotFound("没有这个请求。")
        carer = await _resident(uow, link.carer_id)
        wanted = CarerState.AGREED if yes else CarerState.REFUSED
        if link.state is wanted:
            return carer.name or "对方", yes
        if link.state is CarerState.AGREED and not yes:
            await _end(uow, link, elder_id, c.clock.now())
        elif link.state is not CarerState.ASKED:
            raise NotFound("这个请求已经过去了。要重新授权，请对方再申请一次。")
        else:
            now = c.clock.now()
            link.state, link.answered_at = wanted, now
            elder = await _resident(uow, elder_id)
            said = f"{elder.name or '老人'}同意了。说“进度”能看TA的工单；要替TA报事，说“替家人报事”。"
            if not yes:
                said = "您要照看的那位这次没有同意。可以当面说一说，过几天再申请。"
            await tell(uow, link.carer_id, said, key=f"carer-{link.id}:{link.asked_at:%Y%m%d%H%M%S}:answer", now=now, author="system")
        await uow.commit()
        return carer.name or "对方", yes


async def end(c: Community, resident_id: int, link_id: int) -> None:
    """By either side. Ended again changes nothing."""
    async with c.uow() as uow:
        link = await uow.carers.link(link_id, for_update=True)
        if link is None or resident_id not in (link.carer_id, link.elder_id):
            raise NotFound("没有这位家人。")
        if link.state is not CarerState.ENDED:
            await _end(uow, link, resident_id, c.clock.now())
            await uow.commit()


async def _end(uow: UnitOfWork, link: Carer, by: int, now: datetime) -> None:
    link.state, link.ended_at = CarerState.ENDED, now
    other = link.carer_id if by == link.elder_id else link.elder_id
    key = f"carer-{link.id}:{now:%Y%m%d%H%M%S}:end"
    who = await _resident(uow, by)
    await tell(uow, other, f"{who.name or '对方'}解除了家人代办，从现在起互相看不到了。", key=key, now=now, author="system")


async def links(c: Community, resident_id: int) -> list[CarerView]:
    """Whom they look after (agreed), then who looks after them (also who has only asked)."""
    async with c.reading() as uow:
        found = []
        for link in await uow.carers.of_carer(resident_id):
            found.append(CarerView(link.id, (await _resident(uow, link.elder_id)).name or "家人", True, True, link.answered_at))
        for link in await uow.carers.of_elder(resident_id):
            name = (await _resident(uow, link.carer_id)).name or "没留姓名的人"
            found.append(CarerView(link.id, name, False, link.state is CarerState.AGREED, link.answered_at))
        return found


async def uses(c: Community, resident_id: int, limit: int = 10) -> list[UseView]:
    """What carers did for this elder, newest first: the elder's own to read."""
    async with c.reading() as uow:
        mine = {link.id: link for link in await uow.carers.of_elder(resident_id)}
        found = []
        for use in await uow.carers.uses(mine, limit):
            ticket = await uow.tickets.get(use.ticket_id) if use.ticket_id else None
            name = (await _resident(uow, mine[use.carer_link_id].carer_id)).name
            found.append(UseView(use.at, name or "家人", use.what, ticket.number if ticket else ""))
        return found


async def act_for(c: Community, carer_id: int, link_id: int) -> str:
    """The next report is this elder's. Returns their name."""
    async with c.uow() as uow:
        link = await uow.carers.link(link_id)
        if link is None or link.carer_id != carer_id or link.state is not CarerState.AGREED:
            raise NotFound("这位家人还没有同意您代办。")
        (await uow.privacy.settings_or_new(carer_id)).acting_for = link.id
        elder = await _resident(uow, link.elder_id)
        await uow.commit()
        return elder.name or "家人"


# Inside a unit of work ---------------------------------------------------------------------------------------------------


async def acting(uow: UnitOfWork, resident_id: int) -> Carer | None:
    """For whom the next report is, while that one still agrees."""
    settings = await uow.privacy.settings(resident_id)
    link = await uow.carers.link(settings.acting_for) if settings is not None and settings.acting_for else None
    return link if link is not None and link.state is CarerState.AGREED and link.carer_id == resident_id else None


async def link_to(uow: UnitOfWork, resident_id: int, ticket: Ticket) -> Carer | None:
    """By which this resident may see the ticket of another."""
    if ticket.resident_id is None or ticket.resident_id == resident_id:
        return None
    link = await uow.carers.between(resident_id, ticket.resident_id)
    return link if link is not None and link.state is CarerState.AGREED else None


async def tickets_followed(uow: UnitOfWork, resident_id: int, limit: int = 50) -> list[Ticket]:
    elders = [link.elder_id for link in await uow.carers.of_carer(resident_id)]
    return await uow.carers.tickets_of(elders, limit) if elders else []


async def acted(uow: UnitOfWork, resident_id: int, ticket: Ticket, now: datetime) -> None:
    """The line of an act, in its own transaction; nothing when the ticket is their own."""
    link = await link_to(uow, resident_id, ticket)
    if link is not None:
        await uow.homes.add(CarerUse(0, link.id, now, ACTED, ticket.id))


async def used(c: Community, resident_id: int, tickets: list[Ticket], what: str) -> None:
    """A line for each elder's ticket looked at, before it is shown; the same look within half an hour is one."""
    async with c.uow() as uow:
        now, written = c.clock.now(), False
        for ticket in tickets:
            link = await link_to(uow, resident_id, ticket)
            of = None if what == LISTED else ticket.id
            if link is not None and not await uow.carers.used_since(link.id, what, of, now - SAME_LOOK):
                await uow.homes.add(CarerUse(0, link.id, now, what, of))
                written = True
        if written:
            await uow.commit()


async def _resident(uow: UnitOfWork, resident_id: int) -> Resident:
    resident = await uow.people.resident(resident_id)
    if resident is None:
        raise NotFound("没有找到您的信息，请重新进入。")
    return resident
