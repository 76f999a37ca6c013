"""A resident's own home and phone."""

from __future__ import annotations

import re
from dataclasses import dataclass

from community.errors import InvalidInput, NotFound
from community.model.household import ResidentHome
from community.ports import Community
from community.services.phones import clean_phone, mask_phone, phone_in
from community.services.places import resolve_in

__all__ = ["HomeView", "bind_home", "clean_phone", "home_of", "mask_phone", "phone_in", "set_name", "set_phone"]

_NAME = re.compile(r"^[一-龥㐀-䶿·A-Za-z]{2,20}$")


@dataclass(frozen=True)
class HomeView:
    """`verified` is False when the resident only said so; staff or a code make it True later."""

    place_id: int
    text: str
    verified: bool


async def home_of(c: Community, resident_id: int) -> HomeView | None:
    async with c.reading() as uow:
        resident = await uow.people.resident(resident_id)
        if resident is None or resident.room_id is None:
            return None
        place = await uow.places.get(resident.room_id)
        return HomeView(place.id, place.full_name, resident.home_verified) if place else None


async def bind_home(c: Community, resident_id: int, text: str, key: str) -> HomeView:
    """Bind the room that `text` names. Raises InvalidInput that says what is missing.

    Only the room is taken from it: household, names and tickets of others there stay closed until it is verified.
    """
    async with c.uow() as uow:
        resident = await uow.people.resident(resident_id)
        if resident is None:
            raise NotFound("没有找到您的信息，请重新进入。")
        guess = await resolve_in(uow, text, resident_id)
        if guess.precise != "room" or guess.place_id is None:
            if guess.precise == "none" and guess.estate is None:
                raise InvalidInput("请告诉我小区、几幢、几单元、几室，比如：剡溪花园3幢2单元502。")
            if guess.precise == "none":
                raise InvalidInput(f"{guess.estate}里没有查到这个地址，请再核对一下几幢几单元几室。")
            raise InvalidInput(f"我记下了{guess.text}，还差门牌号没对上。请把几幢几单元几室说全，比如：3幢2单元502。")
        place = await uow.places.get(guess.place_id)
        if place is None:
            raise NotFound("没有查到这个地址。")
        if resident.room_id != place.id:
            there = await uow.homes.home(resident_id, place.id)
            if resident.room_id is not None and resident.home_verified and await uow.homes.home(resident_id, resident.room_id) is None:
                # A verified home stays one of theirs; one that was only said was perhaps a slip.
                await uow.homes.add(ResidentHome(0, resident_id, resident.room_id, True, c.clock.now()))
            resident.room_id, resident.home_verified, resident.household_id = place.id, bool(there and there.verified), None
            if there is not None:
                await uow.homes.remove(there)
        conversation = await uow.conversations.of_resident(resident_id, for_update=True)
        if conversation is not None:
            conversation.community_id, conversation.grid_id = place.community_id, place.grid_id
        view = HomeView(place.id, place.full_name, resident.home_verified)
        await uow.commit()
        return view


async def set_name(c: Community, resident_id: int, name: str) -> str:
    """Keep what they want to be called. Raises InvalidInput."""
    cleaned = re.sub(r"^(我叫|叫我|我的名字是|改成|改为|是)|[\s。，,.!！]", "", name.strip())
    if not _NAME.match(cleaned):
        raise InvalidInput("名字请写2到20个字，只用汉字或字母。")
    async with c.uow() as uow:
        resident = await uow.people.resident(resident_id)
        if resident is None:
            raise NotFound("没有找到您的信息，请重新进入。")
        resident.name = cleaned
        await uow.commit()
    return cleaned


async def set_phone(c: Community, resident_id: int, phone: str) -> str:
    """Keep a phone encrypted, with a keyed hash to match it. Returns it masked. Raises InvalidInput."""
    cleaned = clean_phone(phone)
    if cleaned is None:
        raise InvalidInput("这个电话号码好像不完整，请再核对一下。")
    async with c.uow() as uow:
        resident = await uow.people.resident(resident_id)
        if resident is None:
            raise NotFound("没有找到您的信息，请重新进入。")
        resident.phone_cipher = c.vault.encrypt(cleaned)
        resident.phone_hash = c.vault.fingerprint(cleaned)
        await uow.commit()
    return mask_phone(cleaned)
