"""Danger: the number first, then an urgent ticket and the people who must know, in one transaction."""

from __future__ import annotations

from dataclasses import dataclass

from community.errors import NotFound
from community.model.category import Urgency
from community.model.conversation import Topic
from community.model.danger import DangerRule
from community.ports import Community
from community.services import chats
from community.services.conversations import queue_up
from community.services.notify import tell
from community.services.places import resolve_in
from community.services.routing import duty_phone
from community.services.tickets import FileTicket, file_in, view_of


@dataclass(frozen=True)
class Alarm:
    number: str
    said: str


async def raise_alarm(c: Community, message_id: int, resident_id: int, text: str, rule: DangerRule) -> Alarm:
    """Answer a danger message: the number to call, an urgent ticket, the duty phone, a person asked for.

    Idempotent by the message's id. Where the place is not said, the resident's home is taken and named, and asked for.
    """
    key = f"in-{message_id}:danger"
    async with c.uow() as uow:
        now = c.clock.now()
        if ref := await uow.keys.ref(key):
            known = await uow.tickets.get(int(ref))
            if known is not None:
                return Alarm(known.number, "")
        resident = await uow.people.resident(resident_id)
        if resident is None:
            raise NotFound("没有找到您的信息，请重新进入。")
        guess = await resolve_in(uow, text, resident_id)
        home = await uow.places.get(resident.room_id) if resident.room_id else None
        place_id = guess.place_id or (home.id if home else None)
        place_text = guess.text or (f"{home.full_name}（按您的住址）" if home else "")
        ticket = await file_in(
            uow,
            c,
            FileTicket(
                resident_id=resident_id,
                category=rule.category,
                words=text,
                place_text=place_text or "地点待核实",
                place_id=place_id,
                key=key,
                detail=f"危急：{rule.name}",
                urgency=Urgency.DANGER,
                source="danger",
            ),
            resident,
        )
        place = await uow.places.get(place_id) if place_id else None
        name, phone = await duty_phone(uow, place)
        worker = (await view_of(uow, ticket, now)).holder_name
        where = f"地点按“{place_text}”，不对请马上说。" if place_text else "请马上告诉我您在哪里：小区、几幢几单元。"
        said = (
            f"{rule.number_first}\n"
            f"我已同时报给{f'网格员{worker}和' if worker else ''}社区值班"
            f"{f'（{name} {phone}）' if phone else ''}，紧急工单{ticket.number}。{where}"
        )
        await tell(uow, resident_id, said, key=key, now=now, in_reply_to=message_id)
        await queue_up(uow, resident, Topic.DANGER, f"危急：{rule.name}", now)
        await chats.handed(uow, resident_id, now)
        await uow.keys.put(key, str(ticket.id), now)
        await uow.commit()
        return Alarm(ticket.number, said)
